"""How long the event loop was busy with something else: a probe that should have come on time.

Owns the figures of it, one warning, and its worst cause. Must not know what else keeps it busy:
kernels, contents and other extensions share it. Invariant: at most one warning in a minute, and
nothing of a person or a conversation in it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

import anyio

from .. import metrics

__all__ = ["PROBE_AT_WORK_S", "PROBE_S", "LagMeter", "watch_lag"]

logger = logging.getLogger(__name__)

PROBE_S = 0.05  # while nobody does anything: each probe wakes the processor
PROBE_AT_WORK_S = 0.005  # by so much at most a busy spell is longer than it is seen to be
WORK_S = 0.1  # for so long after a frame others are to be expected
SPAN_S = 60.0  # over which the worst is told, and between two warnings
SLICES = 12  # of that span; the worst of each is kept


class LagMeter:
    """The worst of the last minute; times are monotonic seconds."""

    def __init__(self, warning_s: float) -> None:
        self._warning_s = warning_s
        self._warned = float("-inf")
        self._worst: deque[tuple[int, float]] = deque(maxlen=SLICES)  # slice of time, its worst

    def note(self, late_s: float, now: float) -> bool:
        """Takes one measurement; True if it is time for a warning."""
        current = int(now // (SPAN_S / SLICES))
        if self._worst and self._worst[-1][0] == current:
            self._worst[-1] = current, max(late_s, self._worst[-1][1])
        else:
            self._worst.append((current, late_s))
        is_due = 0 < self._warning_s <= late_s and now - self._warned >= SPAN_S
        if is_due:
            self._warned = now
        return is_due

    def worst(self, now: float) -> float:
        """The longest delay of the last minute, in seconds."""
        oldest = int(now // (SPAN_S / SLICES)) - SLICES
        return max((late_s for slice_, late_s in self._worst if slice_ > oldest), default=0.0)


async def watch_lag(warning_s: float, stirs: Callable[[], int]) -> None:
    """Measures for as long as it runs [FO10]; a `warning_s` of 0 warns of nothing.

    `stirs` grows while the loop is at work: short spells matter then, and cost no wake-up.
    """
    meter = LagMeter(warning_s)
    seen, stirred = stirs(), float("-inf")
    while True:
        begun = anyio.current_time()
        if (stirs_now := stirs()) != seen:
            seen, stirred = stirs_now, begun
        pause_s = PROBE_AT_WORK_S if begun - stirred < WORK_S else PROBE_S
        await asyncio.sleep(pause_s)  # half of what anyio's costs, 200 times a second
        now = anyio.current_time()
        late_s = max(0.0, now - begun - pause_s)
        metrics.loop_lag_seconds.observe(late_s)
        if meter.note(late_s, now):
            logger.warning(
                "the server's event loop was busy for %.2f s; pages and kernels waited so long",
                late_s,
            )
        metrics.worst_loop_lag_seconds.set(meter.worst(now))
