"""What Python's garbage collection need not look through: what is there to stay.

Owns when it is told so. Must not know what the objects are. A round of it stops everyone for
0.3 µs per object, more at once than anything else does. What is left out and becomes garbage
in a cycle later is not found any more, so it is done once for many connections that stay, each
time after a whole round; connections leave no cycles [FO14].
"""

from __future__ import annotations

import gc

from ..protocol.ids import SessionId

__all__ = ["CONNECTIONS_PER_STEP", "Residents", "leave_out"]

CONNECTIONS_PER_STEP = 150  # with some 100 objects each: a round of 5 ms


class Residents:
    """The open connections: left out whenever so many of them came since the last time."""

    def __init__(self) -> None:
        self._new: set[SessionId] = set()  # they are open, and still looked through

    def came(self, session: SessionId) -> None:
        """A connection was opened."""
        self._new.add(session)
        if len(self._new) >= CONNECTIONS_PER_STEP:
            self._new.clear()
            leave_out()

    def went(self, session: SessionId) -> None:
        """A connection was closed."""
        self._new.discard(session)


def leave_out() -> None:
    """Leaves out all that is there now, garbage apart; what was left out before costs nothing.

    When a server has started these are a quarter of a million objects, which stay.
    """
    gc.collect()
    gc.freeze()
