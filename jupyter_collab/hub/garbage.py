"""Python's garbage collection, whose whole rounds stop everyone for 0.3 µs per object [FO14].

Owns two settings of the process, and gives both back. Must not know what the objects are.
Invariant: what came after the start is looked through, at most a minute late. Of what was there
at the start a cycle that is dropped later stays until the stop: that is no more than was there
then, once, however long the server runs; its whole rounds would else be 60 ms, every time.
"""

from __future__ import annotations

import gc
from collections import deque
from math import inf

__all__ = ["MANY", "PUT_OFF_S", "WITHIN_S", "Crowd", "leave_out", "take_back"]

MANY = 100  # connections, with some 100 objects each: looking through them takes 3 ms and more
WITHIN_S = 10.0
PUT_OFF_S = 60.0  # whoever comes in a crowd has come and said something by then
_NEVER = 1 << 30


class Crowd:
    """Puts whole rounds off while many come at once; younger garbage is looked for as ever.

    Nothing is hidden: the next whole round finds what all others would have. It may come when the
    time is over, and no other crowd puts it off before it came or had as long a time to come.
    Times are monotonic seconds; whoever owns this calls `tick` about once a second.
    """

    def __init__(self) -> None:
        self._came: deque[float] = deque(maxlen=MANY)
        self._before: tuple[int, int, int] | None = None  # the thresholds, while put off
        self._until = -inf  # then, or since then
        self._rounds = 0  # there were when the last time was over

    def came(self, now: float) -> None:
        """A connection was opened."""
        self._came.append(now)
        is_crowd = len(self._came) == MANY and now - self._came[0] <= WITHIN_S
        if is_crowd and self._before is None and self._may_begin(now):
            self._begin(now)

    def tick(self, now: float) -> None:
        """Lets whole rounds come again if it is time."""
        if now >= self._until:
            self.end()

    def end(self) -> None:
        """Lets whole rounds come again now, when they come in Python."""
        if self._before is None:
            return
        if gc.get_threshold() == _without_whole_rounds(self._before):  # else someone else chose
            gc.set_threshold(*self._before)
        self._before = None
        self._rounds = _whole_rounds()

    def _may_begin(self, now: float) -> bool:
        return now >= self._until + PUT_OFF_S or _whole_rounds() > self._rounds

    def _begin(self, now: float) -> None:
        thresholds = gc.get_threshold()
        if thresholds[2] < _NEVER:  # else they are put off by someone else, who lets them come
            self._before, self._until = thresholds, now + PUT_OFF_S
            gc.set_threshold(*_without_whole_rounds(thresholds))


def leave_out() -> None:
    """Leaves out all that is there now, garbage apart: a quarter of a million objects."""
    gc.collect()
    gc.freeze()


def take_back() -> None:
    """Has everything looked through again that was left out."""
    gc.unfreeze()


def _without_whole_rounds(thresholds: tuple[int, int, int]) -> tuple[int, int, int]:
    return (*thresholds[:2], _NEVER)


def _whole_rounds() -> int:
    return int(gc.get_stats()[2]["collections"])
