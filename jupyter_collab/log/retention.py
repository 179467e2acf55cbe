"""When a running server removes old messages by itself.

Owns what "old" means, and whether the clock that says so is to be believed. Must not know how
they are removed. Invariant: a clock that is set while a server runs costs nobody a message.
"""

from __future__ import annotations

import logging
import sys
import time
from sqlite3 import Connection

from .prune import DAY_S, prune_for

__all__ = ["Retention"]

logger = logging.getLogger(__name__)

DRIFT_S = 3600.0  # what corrects a clock in passing comes to far less, a wrong date to more


class Retention:
    """Prunes what is older than `days`; 0 keeps everything."""

    def __init__(self, days: int) -> None:
        self._keep_s = days * DAY_S
        self._started = _offset()
        self._has_warned = False

    def prune(self, connection: Connection, budget_s: float) -> None:
        """Removes some of what is older, for about `budget_s` [LC6]."""
        if self._keep_s > 0 and self._trusts_the_clock():
            prune_for(connection, _wall() - self._keep_s, budget_s)

    def _trusts_the_clock(self) -> bool:
        drift_s = _offset() - self._started
        is_trusted = abs(drift_s) <= DRIFT_S
        if not (is_trusted or self._has_warned):
            logger.warning(
                "the clock was set by %+.0f s since this server's start: no old messages are "
                "removed. If it is right now, restart the server",
                drift_s,
            )
        self._has_warned = not is_trusted
        return is_trusted


def _offset() -> float:
    return _wall() - _steady()


def _wall() -> float:
    return time.time()


def _steady() -> float:
    """Seconds that nobody sets, and that pass while the machine sleeps."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()
