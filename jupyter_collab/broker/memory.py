"""Hints between hubs of one process: the broker of a single Jupyter server.

Owns the listeners, nothing else.
"""

from __future__ import annotations

from ..log.base import Log
from ..protocol.ids import ConversationId, Seq
from .base import Followed, Hear

__all__ = ["MemoryBroker"]


class MemoryBroker:
    """Calls every other listener directly."""

    def __init__(self, *, log: Log | None = None) -> None:
        """`log` is not needed; every broker is made with it."""
        self._listeners: list[Hear] = []

    def listen(self, hear: Hear, followed: Followed) -> None:
        self._listeners.append(hear)

    def hint(self, conversation: ConversationId, head: Seq, *, sender: Hear) -> None:
        for hear in self._listeners:
            if hear != sender:
                hear(conversation, head)

    async def leave(self, hear: Hear) -> None:
        if hear in self._listeners:
            self._listeners.remove(hear)
