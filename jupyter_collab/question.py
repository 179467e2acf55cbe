"""What a client's command or query waits for, and which frame answers it.

Owns one question. Must not know how it was sent. Invariant: a command is answered by its id, a
query in its turn.
"""

from __future__ import annotations

from typing import assert_never

import anyio

from .protocol.commands import ClientCommand
from .protocol.frames import (
    Ack,
    Entries,
    History,
    Members,
    Page,
    Query,
    Refusal,
    Snapshot,
    Sync,
    Who,
)
from .protocol.ids import CommandId

__all__ = ["Answer", "Question"]

Answer = Ack | Entries | Members | Page | Refusal | Snapshot


class Question:
    """What one command or query waits for; stays without an answer if the connection ends first.

    A query is answered in its turn, also when nobody waits for it any more. That of a sync is
    taken in like news, and kept nowhere.
    """

    def __init__(self, asked: ClientCommand | Query) -> None:
        self.key = None if isinstance(asked, Query) else CommandId(asked.command_id)
        self.asked = asked
        self.came = anyio.Event()
        self.answer: Ack | Members | Page | Refusal | None = None

    def is_settled_by(self, frame: Answer) -> bool:
        match frame:
            case Page():
                return isinstance(self.asked, History)
            case Members():
                return isinstance(self.asked, Who)
            case Entries():  # or they are news, which nobody asked for
                first = frame.entries[:1]
                return isinstance(self.asked, Sync) and all(
                    entry.seq == self.asked.after + 1 for entry in first
                )
            case Snapshot():  # what was asked for was removed
                return isinstance(self.asked, Sync)
            case Ack() | Refusal():
                return self.key == frame.command_id
            case _:
                assert_never(frame)

    def is_over_with(self, frame: Answer) -> bool:
        """Says whether an answer to a later query shows that the one to this has come."""
        return isinstance(self.asked, Sync) and isinstance(frame, Members | Page)
