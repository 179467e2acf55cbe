"""The conversations in memory: opened from the log, written to, kept in step, let go of.

Owns which rooms there are, and the committer. Must not know sessions or sockets. Invariant:
a room that is in memory misses no entry, whoever wrote it and whenever it was opened.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from operator import attrgetter
from typing import NamedTuple

import anyio
from msgspec.structs import replace

from .. import metrics
from ..answer import OUTDATED, REPLACED, Answer, answer_frame, kind_of, result_of
from ..broker.base import Broker
from ..clock import Instant
from ..errors import Pruned, RateLimited, Refused, Unavailable
from ..limits import Limits
from ..log.base import Log, Request, Stored
from ..protocol.commands import ClientCommand
from ..protocol.entries import Entry
from ..protocol.frames import Ack, Goodbye, Refusal
from ..protocol.ids import MAX_SAFE_INTEGER, ConversationId, Seq
from ..protocol.members import Member
from ..room.room import Room
from .admission import Admission
from .committer import Committer, Ticket
from .crew import Work

__all__ = ["EVERYTHING", "Rooms"]

logger = logging.getLogger(__name__)

EVERYTHING = Seq(MAX_SAFE_INTEGER)  # no log has that many entries
LOOK_S = 0.1  # between two looks for more than was told of


class _End(NamedTuple):
    """A read of a log that found its end: its number, and when it began (monotonic seconds)."""

    read: int
    at: float


class _Asked(NamedTuple):
    """A command, and whom to tell of its answer."""

    room: Room
    member: Member
    command: ClientCommand
    resolve: Callable[[Ack | Refusal], None]


class Rooms:
    """The rooms of one hub.

    `take` hands a room its new entries; `spawn` starts a task that the hub owns; `lost` lets
    go of a room, with a last word to its people, that can't catch up with the log.
    """

    def __init__(
        self,
        log: Log,
        broker: Broker,
        limits: Limits,
        take: Callable[[Room, Sequence[Entry]], None],
        spawn: Callable[[Work], None],
        lost: Callable[[Room, Goodbye], None],
    ) -> None:
        self.committer = Committer(log, self._delivered)
        self._log = log
        self._broker = broker
        self._limits = limits
        self._take = take
        self._spawn = spawn
        self._lost = lost
        self._rooms: dict[ConversationId, Room] = {}
        self._admission = Admission(self.committer, limits)
        self._reading: dict[ConversationId, anyio.Lock] = {}  # of who reads one now, or waits
        self._heads: dict[ConversationId, Seq] = {}  # heard of since the last read of one began
        log.replaced = self._start_over
        self._reads = 0  # how many have begun
        self._ends: dict[ConversationId, _End] = {}  # of the last reads that found nothing more
        self._loads = 0  # since it was last looked who has no use any more

    def listen(self) -> None:
        """Hears from now on what other hubs write."""
        self._broker.listen(self.catch_up, lambda: (*self._rooms, *self._reading))

    async def leave(self) -> None:
        await self._broker.leave(self.catch_up)

    def all(self) -> list[Room]:
        return list(self._rooms.values())

    def get(self, conversation: ConversationId) -> Room | None:
        return self._rooms.get(conversation)

    def joined(self, conversation: ConversationId) -> Room:
        """The room of a session that has joined: it can't have been let go of."""
        return self._rooms[conversation]

    def forget_idle(self, now: float) -> None:
        """Drops what no longer changes an answer; `now` is in monotonic seconds."""
        self._make_space()
        self._admission.forget_idle(now)
        self._ends = {name: end for name, end in self._ends.items() if end.at > now - LOOK_S}

    def unload(self, conversation: ConversationId) -> None:
        self._rooms.pop(conversation, None)

    async def open(self, conversation: ConversationId, *, at_least: int = 0) -> Room | None:
        """The room, read from the log by one caller at a time; None if there is none.

        It has entry `at_least` and what was committed before, if the log has them. It may be
        let go of again as soon as its caller waits for something else.
        """
        room = await self._reach(conversation, at_least)
        if room is not None:
            room.used = _now().mono
        return room

    def ready(self, conversation: ConversationId, member: Member, *, at_least: int) -> Room | None:
        """The room, if `enter` would neither read nor write anything for it."""
        room = self._rooms.get(conversation)
        is_ready = room is not None and room.head >= at_least and _is_known(room, member)
        return room if is_ready else None

    async def enter(
        self, conversation: ConversationId, member: Member, *, at_least: int = 0
    ) -> Room:
        """The room, with `member` admitted and up to date [RU2] [RU11].

        Raises:
            NotFound: there is no such conversation and the member may not create it.
            RateLimited: the member creates too many [RA7], or too many come [RA8].
            Unavailable: the log can't be reached.
        """
        room = await self._look(conversation, at_least)
        if room is None:
            self._admission.check_creation(member)
        if room is None or not _is_known(room, member):
            is_new = room is None or room.member(member.id) is None
            admitted = await self._admission.admit(conversation, member, is_new=is_new)
            room = await self._look(conversation, admitted or EVERYTHING)  # another hub may have
        assert room is not None, "admitting a member leaves a conversation"
        return room

    async def _look(self, conversation: ConversationId, at_least: int) -> Room | None:
        """As `open`, but all who ask for more than there is share a read of the log [RS12]."""
        room = await self.open(conversation)
        if room is None or room.head >= at_least:
            return room
        come = self._reads
        if (end := self._ends.get(conversation)) is not None:
            await anyio.sleep(max(0.0, end.at + LOOK_S - _now().mono))
        async with self._alone_with(conversation):
            end = self._ends.get(conversation)
            if end is None or end.read <= come:  # else it began after this one had come
                await self._read_on(conversation, at_least)
        return await self.open(conversation)

    def submit(
        self,
        room: Room,
        member: Member,
        command: ClientCommand,
        resolve: Callable[[Ack | Refusal], None],
    ) -> None:
        """Queues a command; `resolve` is told when it is stored for good, or why not."""
        now = _now()
        asked = _Asked(room, member, command, resolve)
        self._ask(asked, now, room.take_rate(member.id, command, now))

    def catch_up(self, conversation: ConversationId, head: Seq) -> None:
        """Reads what is missing up to `head`, of which a hint told, or all that is there."""
        room = self._rooms.get(conversation)
        if conversation in self._reading:
            self._heads[conversation] = max(head, self._heads.get(conversation, head))
        elif room is not None and head > room.head:
            self._spawn(partial(self._reach, conversation, head))

    async def check_floors(self) -> None:
        """Lets every room know what was removed from the log, whoever did it [LC4].

        Raises:
            Unavailable: the log can't be read.
        """
        for room in self.all():
            try:
                await self._log.entries(room.id, room.info.floor - 1, 1)
            except Pruned as pruned:
                room.pruned(Seq(pruned.floor))

    def _delivered(self, answered: list[tuple[Ticket, Answer]]) -> None:
        """Tells the rooms what was stored; the authors have their answers already [FO3]."""
        stored: dict[ConversationId, list[Entry]] = {}
        for ticket, answer in answered:
            if isinstance(answer, Stored):
                stored.setdefault(ticket.request.conversation, []).append(answer.entry)
        for conversation, entries in stored.items():
            self._apply(conversation, entries)
            self._broker.hint(conversation, entries[-1].seq, sender=self.catch_up)

    def _apply(self, conversation: ConversationId, entries: Sequence[Entry]) -> None:
        room = self._rooms.get(conversation)
        if room is None or entries[0].seq > room.head + 1:  # opening, or another hub wrote too
            self.catch_up(conversation, entries[-1].seq)
        else:
            self._take(room, entries)

    def _ask(self, asked: _Asked, now: Instant, retry_after_s: float) -> None:
        request = Request(
            conversation=asked.room.id,
            author=asked.member,
            command=asked.command,
            at=now.wall,
            retry_after_s=retry_after_s,
        )
        told = partial(self._answered, asked, now, retry_after_s)
        self.committer.submit(Ticket(request, told))

    def _answered(self, asked: _Asked, then: Instant, retry_after_s: float, answer: Answer) -> None:
        room, member, command, resolve = asked
        if retry_after_s == 0 and not isinstance(answer, Stored):
            room.give_back_rate(member.id, command, then.mono)
        if isinstance(answer, RateLimited):
            # By now a place may be free, of what was before it and turned out a repeat [RA3].
            now = _now()
            retry_after_s = room.take_rate(member.id, command, now)
            if retry_after_s == 0:
                self._ask(asked, now, 0.0)
                return
            answer = RateLimited(retry_after_s)
        metrics.count_command(kind_of(command), result_of(answer))
        if isinstance(answer, Refused | Unavailable):
            logger.info("refused %s of %r: %s", kind_of(command), member.id, answer.code)
        resolve(answer_frame(command, answer))

    def _make_space(self) -> None:
        """Lets go of rooms that nobody uses, but for the last `idle_rooms` [RS16]."""
        self._loads = 0
        if len(self._rooms) <= self._limits.idle_rooms:
            return
        unused = [it for it in self.all() if it.is_empty and it.id not in self._reading]
        unused.sort(key=attrgetter("used"), reverse=True)
        under_way = self.committer.under_way()
        for room in unused[self._limits.idle_rooms :]:
            if room.id not in under_way:
                self.unload(room.id)

    async def _reach(self, conversation: ConversationId, at_least: int) -> Room | None:
        """As `open`, but for no use that somebody has of it."""
        room = self._rooms.get(conversation)
        if room is not None and room.head >= at_least:
            return room
        async with self._alone_with(conversation):
            if conversation not in self._rooms:
                await self._load(conversation)
            await self._read_on(conversation, at_least)
        return self._rooms.get(conversation)

    @asynccontextmanager
    async def _alone_with(self, conversation: ConversationId) -> AsyncIterator[None]:
        reading = self._reading.setdefault(conversation, anyio.Lock())
        try:
            async with reading:
                yield
        finally:
            if not reading.locked():  # nobody waits for it either
                self._reading.pop(conversation, None)
                if (head := self._heads.pop(conversation, None)) is not None:
                    self.catch_up(conversation, head)  # that none of them has read

    def _start_over(self) -> None:
        """Lets go of all that was read from a log that is another one now [LG16]."""
        for room in self.all():
            self._lost(room, REPLACED)

    async def _load(self, conversation: ConversationId) -> None:
        if (loaded := await self._log.load(conversation)) is not None:
            self._rooms[conversation] = Room(loaded, self._limits, _now())
            self._loads += 1
            if self._loads > self._limits.idle_rooms:  # many may come within a second
                self._make_space()

    async def _read_on(self, conversation: ConversationId, at_least: int) -> None:
        """Takes what the log has and the room has not, also what is heard of meanwhile [RS5]."""
        page = self._limits.entries_per_page
        while (room := self._rooms.get(conversation)) is not None:
            at_least = max(at_least, self._heads.pop(conversation, 0))
            if room.head >= at_least:
                return
            self._reads += 1
            this, began = self._reads, _now().mono
            try:
                entries = await self._log.entries(conversation, room.head, page)
            except Pruned:
                self._lost(room, OUTDATED)
                await self._load(conversation)
                continue
            await self.committer.settled()  # whose entries they are was told so before [FO3]
            if entries:
                self._take(room, entries)
            elif conversation not in self._heads:
                self._ends[conversation] = _End(this, began)
                return  # that is all there is


def _now() -> Instant:
    return Instant(time.monotonic(), time.time())


def _is_known(room: Room, member: Member) -> bool:
    """Says whether the conversation's record of a member, roles apart, is what it is now."""
    known = room.member(member.id)
    return known is not None and replace(known, role=member.role) == member
