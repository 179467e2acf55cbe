"""Where any failure stops: the hub's edge, so that one part's fault is not everyone's.

Owns what is done about it. Must not know what failed.
"""

from __future__ import annotations

import logging
from types import TracebackType

__all__ = ["Contained", "contained"]

logger = logging.getLogger(__name__)


class Contained:
    """Logs any exception of what is done inside, and goes on after it; cancellation passes.

    Attributes:
        has_failed: whether there was one.
    """

    __slots__ = ("_what", "has_failed")

    def __init__(self, what: str) -> None:
        self._what = what
        self.has_failed = False

    def __enter__(self) -> Contained:
        return self

    def __exit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.has_failed = isinstance(error, Exception)
        if self.has_failed:
            logger.error("%s failed", self._what, exc_info=error)
        return self.has_failed


def contained(what: str) -> Contained:
    """Says of what is done inside what it is."""
    return Contained(what)
