"""What Python's garbage collection need not look through: what is there to stay.

Owns when it is told so. Must not know what the objects are. A round of it stops everyone for
0.3 µs per object, more at once than anything else does. What is left out and becomes garbage
in a cycle later is not found any more, so it is done a bounded number of times; connections
leave no cycles [FO14].
"""

from __future__ import annotations

import gc
import logging

__all__ = ["CONNECTIONS_PER_STEP", "Residents", "leave_out"]

logger = logging.getLogger(__name__)

CONNECTIONS_PER_STEP = 250  # with some 100 objects each: a round of 10 ms


class Residents:
    """The open connections: left out whenever they are so many more than they ever were."""

    def __init__(self) -> None:
        self._most = 0

    def note(self, connections: int) -> None:
        """Says how many there are now."""
        if connections >= self._most + CONNECTIONS_PER_STEP:
            self._most = connections
            gc.collect(1)  # the young, which are few: no garbage is to be kept
            gc.freeze()


def leave_out() -> None:
    """Leaves out all that is there now, garbage apart. To be called when a server has started.

    A quarter of a million objects were made by then, and stay.
    """
    gc.collect()
    gc.freeze()
    logger.debug("%d objects are left out of garbage collection", gc.get_freeze_count())
