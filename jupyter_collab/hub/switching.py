"""How soon a thread that computes gives Python's lock to the event loop [FO17].

Owns one setting of the process, and gives it back. Must not know the threads. A log's thread is
in SQLite for microseconds at a time, too short for the loop to get the lock meanwhile: whenever
the loop had given it away, for a socket say, it waited the whole interval of 5 ms.
"""

from __future__ import annotations

import sys

__all__ = ["SWITCH_S", "restore_switching", "switch_sooner"]

SWITCH_S = 0.0005

_before: list[float] = []


def switch_sooner() -> None:
    """Shortens the interval, unless it is as short already. Idempotent."""
    interval_s = sys.getswitchinterval()
    if interval_s > SWITCH_S:
        _before.append(interval_s)
        sys.setswitchinterval(SWITCH_S)


def restore_switching() -> None:
    """Sets the interval as it was, unless someone else has set it since."""
    if _before:
        interval_s = _before.pop()
        if abs(sys.getswitchinterval() - SWITCH_S) < SWITCH_S / 100:  # it is kept in microseconds
            sys.setswitchinterval(interval_s)
