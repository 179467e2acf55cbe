"""A moment, on both clocks.

Owns nothing but the pair. Durations are measured on `mono`, which never steps; `wall` is for
people and for the log.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Instant"]


class Instant(NamedTuple):
    """`mono`: monotonic seconds. `wall`: UTC epoch seconds, which may step either way."""

    mono: float
    wall: float
