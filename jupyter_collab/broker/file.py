"""Hints between servers that share a database file: the log sees that another one wrote.

Owns the way from there to a hint: one read of how far the open conversations have come. Must
not know what was written, or by whom.
"""

from __future__ import annotations

import asyncio

from ..log.sqlite import SqliteLog
from ..protocol.ids import ConversationId, Seq
from .base import Followed, Hear

__all__ = ["FileBroker"]


class FileBroker:
    """Has the log look while anyone listens. Within one process it tells directly."""

    def __init__(self, *, log: SqliteLog) -> None:
        self._log = log
        self._listeners: dict[Hear, Followed] = {}

    def listen(self, hear: Hear, followed: Followed) -> None:
        self._listeners[hear] = followed
        self._log.listen(self._ask)

    def hint(self, conversation: ConversationId, head: Seq, *, sender: Hear) -> None:
        for hear in list(self._listeners):
            if hear != sender:
                hear(conversation, head)

    async def leave(self, hear: Hear) -> None:
        self._listeners.pop(hear, None)
        if not self._listeners:
            self._log.listen(None)

    def _ask(self) -> None:
        followed = {c for followed in self._listeners.values() for c in followed()}
        if followed:
            self._log.heads(followed).add_done_callback(self._tell)

    def _tell(self, heads: asyncio.Future[dict[ConversationId, Seq]]) -> None:
        if heads.cancelled() or heads.exception() is not None:
            return  # logged; the next hint or the next ping tells of the same
        for conversation, head in heads.result().items():
            for hear in list(self._listeners):
                hear(conversation, head)
