"""Where any failure stops: the hub's edge, so that one part's fault is not everyone's.

Owns the hub's only broad `except`. Must not know what failed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Contained", "contained"]

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Contained:
    """Whether what was done inside has failed."""

    has_failed: bool = False


@contextmanager
def contained(what: str) -> Iterator[Contained]:
    """Logs any exception of what is done inside, and goes on after it; cancellation passes."""
    outcome = Contained()
    try:
        yield outcome
    except Exception:
        outcome.has_failed = True
        logger.exception("%s failed", what)
