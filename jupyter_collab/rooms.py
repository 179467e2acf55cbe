"""The conversations in memory: opened from the log, kept in step with it, let go of.

Owns which rooms there are. Must not know sockets or frames. Invariant: a room that is in
memory misses no entry, whoever wrote it and whenever it was opened.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any

import anyio
from msgspec.structs import replace

from .answer import Answer
from .clock import Instant
from .committer import Committer, Ticket
from .effect import Effect
from .errors import Refused, Unavailable
from .limits import Limits
from .log.base import Log, Request
from .protocol.commands import Admit
from .protocol.entries import Entry
from .protocol.ids import ConversationId, Seq
from .protocol.members import Member
from .room import Room

__all__ = ["Rooms"]

logger = logging.getLogger(__name__)


class Rooms:
    """The rooms of one hub.

    `perform` carries out a room's effects; `spawn` starts a task that the hub owns.
    """

    def __init__(
        self,
        log: Log,
        committer: Committer,
        limits: Limits,
        perform: Callable[[Room, Iterable[Effect]], None],
        spawn: Callable[[Callable[[], Coroutine[Any, Any, None]]], None],
    ) -> None:
        self._log = log
        self._committer = committer
        self._limits = limits
        self._perform = perform
        self._spawn = spawn
        self._rooms: dict[ConversationId, Room] = {}
        self._opening: dict[ConversationId, anyio.Lock] = {}
        self._heads: dict[ConversationId, Seq] = {}  # heard of while opening or catching up
        self._catching_up: set[ConversationId] = set()

    def all(self) -> list[Room]:
        return list(self._rooms.values())

    def get(self, conversation: ConversationId) -> Room | None:
        return self._rooms.get(conversation)

    def joined(self, conversation: ConversationId) -> Room:
        """The room of a session that has joined: it can't have been let go of."""
        return self._rooms[conversation]

    def unload(self, conversation: ConversationId) -> None:
        del self._rooms[conversation]

    async def open(self, conversation: ConversationId) -> Room | None:
        """The room, read from the log by one caller at a time; None if there is none."""
        if (room := self._rooms.get(conversation)) is not None:
            return room
        opening = self._opening.setdefault(conversation, anyio.Lock())
        async with opening:
            room = self._rooms.get(conversation)
            if room is None and (loaded := await self._log.load(conversation)) is not None:
                now = Instant(time.monotonic(), time.time())
                room = self._rooms[conversation] = Room(loaded, self._limits, now)
        if not opening.statistics().tasks_waiting:
            self._opening.pop(conversation, None)
        if (head := self._heads.pop(conversation, None)) is not None:
            self.catch_up(conversation, head)  # it grew while it was read [RS5]
        return room

    async def enter(self, conversation: ConversationId, member: Member) -> Room:
        """The room, with `member` admitted and up to date [RU2] [RU11].

        Raises:
            NotFound: there is no such conversation and the member may not create it.
            Unavailable: the log can't be reached.
        """
        room = await self.open(conversation)
        if room is None or not _is_known(room, member):
            await self._admit(conversation, member)
            room = await self.open(conversation)
        assert room is not None, "admitting a member leaves a conversation"
        return room

    def apply(self, conversation: ConversationId, entries: Sequence[Entry]) -> None:
        """Takes entries that are in the log, own or foreign, in order."""
        room = self._rooms.get(conversation)
        if room is None or entries[0].seq > room.head + 1:  # opening, or another hub wrote too
            self.catch_up(conversation, entries[-1].seq)
        else:
            self._perform(room, room.applied(entries))

    def catch_up(self, conversation: ConversationId, head: Seq) -> None:
        """Reads what is missing up to `head`, of which a hint told."""
        room = self._rooms.get(conversation)
        if room is None:
            if conversation in self._opening:
                self._heads[conversation] = head
        elif head > room.head and conversation not in self._catching_up:
            self._catching_up.add(conversation)
            self._spawn(partial(self._read_on, conversation))

    async def _read_on(self, conversation: ConversationId) -> None:
        try:
            while (room := self._rooms.get(conversation)) is not None:
                entries = await self._log.entries(
                    conversation, room.head, self._limits.entries_per_page
                )
                if not entries:
                    return
                self.apply(conversation, entries)
        except Unavailable as unavailable:
            logger.warning("can't read what another hub wrote: %s", unavailable)
        finally:
            self._catching_up.discard(conversation)

    async def _admit(self, conversation: ConversationId, member: Member) -> None:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def resolve(answer: Answer) -> None:
            if not answered.done():
                answered.set_result(answer)

        request = Request(
            conversation=conversation, author=member, command=Admit(member), at=time.time()
        )
        self._committer.submit(Ticket(request, resolve))
        answer = await answered
        if isinstance(answer, Unavailable):
            raise answer
        if isinstance(answer, Refused) and answer.code != "no_change":
            raise answer


def _is_known(room: Room, member: Member) -> bool:
    """Says whether the conversation's record of a member, roles apart, is what it is now."""
    known = room.member(member.id)
    return known is not None and replace(known, role=member.role) == member
