"""Where any failure stops: the hub's edge, so that one part's fault is not everyone's.

Owns the hub's only broad `except`s. Must not know what failed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Contained", "attempt", "contained"]

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


@dataclass(slots=True)
class Contained:
    """Whether what was done inside has failed."""

    has_failed: bool = False


def attempt(what: str, act: Callable[[_T], object], subject: _T) -> None:
    """As `contained`, for one call among many: it costs less."""
    try:
        act(subject)
    except Exception:
        logger.exception("%s failed", what)


@contextmanager
def contained(what: str) -> Iterator[Contained]:
    """Logs any exception of what is done inside, and goes on after it; cancellation passes."""
    outcome = Contained()
    try:
        yield outcome
    except Exception:
        outcome.has_failed = True
        logger.exception("%s failed", what)
