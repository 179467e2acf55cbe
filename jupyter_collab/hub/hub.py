"""The hub: runs rooms, performs their effects, and owns every task of the server side.

Owns sessions, rooms and the crew. Must not know HTTP or where identities come from.
Invariant: an entry is in the log before anyone hears of it, and own and foreign entries
reach a room through the same method.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import Context
from functools import partial
from typing import assert_never

import anyio

from .. import metrics
from ..answer import FAILED, SLOW, going_away, refusal
from ..broker.base import Broker
from ..clock import Instant
from ..edge import contained
from ..errors import CloseCode, NotFound, ProtocolError
from ..limits import Limits
from ..log.base import Log
from ..protocol import codec
from ..protocol.commands import ClientCommand, Post, Rename
from ..protocol.entries import Entry
from ..protocol.frames import (
    Ack,
    Activity,
    ClientFrame,
    Goodbye,
    Hello,
    MarkRead,
    Ping,
    Pong,
    Query,
    Refusal,
    Sync,
    Typing,
)
from ..protocol.ids import ConversationId, SessionId
from ..protocol.members import Member
from ..protocol.ready import Frame
from ..rate import RateWindows
from ..room.effect import Broadcast, Close, Effect, Keep, Send
from ..room.presence import Departure, shows_a_person
from ..room.room import Room
from .crew import Crew
from .door import Door
from .fanout import Fanout
from .lag import watch_lag
from .query import answer_session
from .review import close_late, farewells, review
from .rooms import EVERYTHING, Rooms
from .session import AskRole, Session, Transport
from .throttle import Throttle
from .upkeep import keep_up

__all__ = ["Hub"]

logger = logging.getLogger(__name__)

PRESENCE_DELAY_S = 0.05  # joins of a storm share one presence frame


class Hub:
    """Runs the conversations of one server. Starts at its first use; `stop` is idempotent."""

    def __init__(
        self,
        log: Log,
        broker: Broker,
        limits: Limits,
        *,
        used: Callable[[], None] = lambda: None,
    ) -> None:
        """`used` is called for whatever a person does here [FO11]."""
        self.log = log
        self.limits = limits
        self._used = used
        self._crew = Crew()
        self._rooms = Rooms(log, broker, limits, self._take, self._crew.spawn, self._abandon)
        self._committer = self._rooms.committer
        self._fanout = Fanout()
        self._sessions = self._fanout.sessions
        self._door = Door(self._rooms, self._perform, self.dismiss)
        self._reads = RateWindows(limits.window_s)
        self._presence_due = Throttle(PRESENCE_DELAY_S, self._tell_presence)
        self._running: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def start(self) -> None:
        """Starts the hub's tasks; does nothing if they run."""
        if self._running is None and not self._is_stopping:
            self._rooms.listen()
            started = anyio.Event()
            watch = partial(review, self._sessions.values, self.limits, self.dismiss)
            keep = partial(keep_up, self.log, self._rooms, self.limits.upkeep_s)
            lag = partial(watch_lag, self.limits.lag_warning_s, lambda: self._fanout.stirs)
            run = self._crew.run(self._committer.run, self._tick, watch, keep, lag, started=started)
            # The one task that nothing else owns. It outlives the request whose context this is.
            self._running = asyncio.create_task(run, name="jupyter_collab hub", context=Context())
            await started.wait()
        if self._is_stopping:  # maybe only since it waits
            raise going_away(self.limits.drain_s)

    async def stop(self) -> None:
        """Stores and answers what is under way, says goodbye, closes everything [FO6]."""
        if self._is_stopping:
            return
        self._is_stopping = True  # from here on no frame is taken
        try:
            if self._running is not None:
                await self._wind_down(self._running)
        finally:
            self._fanout.crowd.end()
            await self._rooms.leave()
            await self.log.close()

    # Sessions

    async def connect(
        self,
        conversation: ConversationId,
        member: Member,
        transport: Transport,
        *,
        can_rename_self: bool = False,
        ask_role: AskRole | None = None,
    ) -> Session:
        """Takes in a socket that has been authenticated; it must say hello in time [FR5].

        Raises:
            ProtocolError: the person has too many connections.
            Unavailable: the server has, or it stops.
        """
        await self.start()
        self._fanout.check_space(member.id, self.limits)
        session = Session(
            SessionId(secrets.token_hex(8)),
            conversation,
            member,
            transport,
            limits=self.limits,
            now=_now().mono,
            can_rename_self=can_rename_self,
            ask_role=ask_role,
        )
        self._fanout.add(session)
        metrics.connections.inc()
        return session

    def heard(self, session: Session) -> None:
        """A sign of life came from the session's peer."""
        if (room := self._rooms.get(session.conversation)) is not None:
            room.heard(session.id, _now())

    def allow(self, session: Session) -> bool:
        """Says whether a frame that came is to be looked at.

        Raises:
            ProtocolError: it is one too many [RA5].
        """
        if session.phase == "closed" or self._is_stopping:
            return False
        self._fanout.stirs += 1
        if session.frames.take(_now().mono) > 0:
            raise ProtocolError("Too many frames at once.", close_code=CloseCode.RATE)
        self.heard(session)
        return True

    def receive(self, session: Session, frame: ClientFrame) -> Awaitable[None] | None:
        """Takes an allowed frame, and returns what to wait for before the next is read.

        That is the back-pressure. Most often it is nothing, None, and needs no task.

        Raises:
            ProtocolError: the frame closes the socket. What is returned may raise it as well.
        """
        if isinstance(frame, Hello):
            return self._door.hello(session, frame)
        room = self._room_of(session)
        if shows_a_person(frame):
            self._used()
        if isinstance(frame, Query):
            return self._query(session, room, frame)
        match frame:
            case MarkRead():
                self._perform(room, room.mark_read(session.member.id, frame.seq, session.id))
            case Typing():
                self._perform(room, room.typing(session.member.id, frame.active, _now()))
            case Activity():
                self._perform(room, room.activity(session.id, frame.state, _now()))
            case Pong():
                pass
            case _:
                return self._command(session, room, frame)
        return None

    def refuse(self, session: Session, refused: codec.InvalidCommand) -> None:
        """Answers a command whose fields are wrong [FR2].

        Raises:
            ProtocolError: it came before the hello.
        """
        self._room_of(session)
        metrics.count_command("other", refused.code)
        logger.info("refused a command of %r: %s", session.member.id, refused.code)
        self._push(session, refusal(refused.command_id, refused))

    def leave(self, session: Session, how: Departure) -> None:
        """The session's socket is closed."""
        session.phase = "closed"
        if not self._fanout.remove(session):
            return
        metrics.connections.dec()
        if (room := self._rooms.get(session.conversation)) is not None:
            self._perform(room, room.leave(session.id, how, _now()))

    def dismiss(self, session: Session, goodbye: Goodbye) -> None:
        """Says goodbye to a session and closes it [FR7]."""
        if session.phase == "closed":
            return
        self._fanout.close(session, goodbye)
        self.leave(session, "dead" if goodbye.code == CloseCode.HEARTBEAT else "broken")

    # Without a socket

    async def command(
        self, conversation: ConversationId, member: Member, command: ClientCommand
    ) -> Ack | Refusal:
        """Does one command and waits for its answer.

        Raises:
            NotFound: there is no such conversation, and the command or the member can't create it.
            RateLimited: the member creates too many.
            Unavailable: the log can't be reached.
        """
        await self.start()
        if not isinstance(command, Post | Rename) and not await self._rooms.open(conversation):
            raise NotFound("There is no such conversation.")
        room = await self._rooms.enter(conversation, member)
        answered: asyncio.Future[Ack | Refusal] = asyncio.get_running_loop().create_future()

        def resolve(answer: Ack | Refusal) -> None:
            if not answered.done():
                answered.set_result(answer)

        self._used()
        self._rooms.submit(room, member, command, resolve)
        return await answered

    def allow_read(self, member: Member) -> None:
        """Counts a read over REST.

        Raises:
            RateLimited: it is one too many [RA5].
        """
        self._reads.check(member.id, self.limits.queries_per_window, _now().mono)

    async def look_at(self, conversation: ConversationId) -> Room | None:
        """A conversation as it is now, or None if there is none; to be asked, not to be told."""
        await self.start()
        return await self._rooms.open(conversation)

    async def mark_read(self, conversation: ConversationId, member: Member, seq: int) -> None:
        """Moves a member's read mark forward."""
        await self.start()
        room = await self._rooms.enter(conversation, member)
        self._perform(room, room.mark_read(member.id, seq))

    @property
    def at_work(self) -> int:
        """How many pages have a person at them, as far as they told."""
        return sum(room.at_work for room in self._rooms.all())

    # Tasks

    async def _wind_down(self, running: asyncio.Task[None]) -> None:
        with anyio.move_on_after(self.limits.drain_s):
            await self._committer.drained()
        for session, farewell in farewells(self._sessions.values(), self.limits):
            self.dismiss(session, farewell)
        for room in self._rooms.all():
            self._perform(room, room.shut(_now()))
        with anyio.move_on_after(self.limits.drain_s):
            await self._committer.drained()
        self._crew.stop()
        await running

    async def _tick(self) -> None:
        """Gives time to every room, and closes who never said hello."""
        period_s = min(1.0, self.limits.heartbeat_s / 4, self.limits.silence_s / 4)
        while True:
            await anyio.sleep(period_s)
            now = _now()
            for room in self._rooms.all():
                self._survive(room, partial(self._tick_room, room, now))
            self._fanout.crowd.tick(now.mono)
            self._reads.forget_idle(now.mono)
            self._rooms.forget_idle(now.mono)
            metrics.rooms.set(len(self._rooms.all()))
            close_late(self._sessions.values(), self.limits, now.mono, self.dismiss)
            if self.at_work:
                self._used()

    def _tick_room(self, room: Room, now: Instant) -> None:
        self._perform(room, room.tick(now))
        if room.is_idle(now):
            self._rooms.unload(room.id)

    # What a session asks for

    def _room_of(self, session: Session) -> Room:
        if session.phase != "joined":
            raise ProtocolError("The first frame must be hello.")
        return self._rooms.joined(session.conversation)

    def _command(
        self, session: Session, room: Room, command: ClientCommand
    ) -> Awaitable[None] | None:
        try:
            session.in_flight.acquire_nowait()
        except anyio.WouldBlock:
            return self._command_later(session, room, command)
        self._submit(session, room, command)
        return None

    async def _command_later(self, session: Session, room: Room, command: ClientCommand) -> None:
        await session.in_flight.acquire()
        self._submit(session, room, command)

    def _submit(self, session: Session, room: Room, command: ClientCommand) -> None:
        def resolve(answer: Ack | Refusal) -> None:
            session.in_flight.release()
            self._push(session, answer)

        self._rooms.submit(room, session.member, command, resolve)

    async def _query(self, session: Session, room: Room, query: Query) -> None:
        answer = await answer_session(self.log, self.limits, session, room, query, _now().mono)
        if isinstance(query, Sync):
            await self._committer.settled()  # whose entries they are was told so before [FO3]
        self._push(session, answer)

    # Effects

    def _take(self, room: Room, entries: Sequence[Entry]) -> None:
        self._survive(room, lambda: self._perform(room, room.applied(entries)))

    def _survive(self, room: Room, act: Callable[[], None]) -> None:
        with contained(f"the room of {room.id}") as outcome:
            act()
        if outcome.has_failed:
            self._abandon(room)

    def _abandon(self, room: Room, farewell: Goodbye = FAILED) -> None:
        """Lets go of a room that may be wrong; its people come back to a new one [FR8]."""
        self._rooms.unload(room.id)
        for session in list(self._sessions.values()):
            if session.conversation == room.id:
                self.dismiss(session, farewell)

    def _perform(self, room: Room, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Broadcast():
                    ids = list(room.sessions(besides=effect.besides))
                    if isinstance(effect.frame, Ping):
                        self._fanout.ping(ids)
                        self._rooms.catch_up(room.id, EVERYTHING)  # a hint may be lost
                    for slow in self._fanout.broadcast(ids, effect.frame, effect.key):
                        self.dismiss(slow, SLOW)
                case Send():
                    self._push(self._sessions[effect.session], effect.frame)
                case Close():
                    self.dismiss(self._sessions[effect.session], effect.goodbye)
                case Keep():
                    self._committer.keep(effect.note)
                case _:
                    assert_never(effect)
        if room.has_presence_news:
            self._presence_due.soon(room.id)

    def _push(self, session: Session, frame: Frame) -> None:
        if not self._fanout.send(session, frame):
            self.dismiss(session, SLOW)

    def _tell_presence(self, conversation: ConversationId) -> None:
        if (room := self._rooms.get(conversation)) is not None:
            self._survive(room, lambda: self._perform(room, room.presence_news()))


def _now() -> Instant:
    return Instant(time.monotonic(), time.time())
