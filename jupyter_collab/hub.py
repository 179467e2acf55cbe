"""The hub: runs rooms, performs their effects, and owns every task of the server side.

Owns sessions, rooms and the committer. Must not know Tornado, HTTP or where identities come
from. Invariant: an entry is in the log before anyone hears of it, and own and foreign entries
reach a room through the same method.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, assert_never

import anyio
from anyio.abc import TaskGroup

from . import metrics
from .answer import Answer, answer_frame, kind_of, refusal, result_of
from .broker.base import Broker
from .clock import Instant
from .committer import Committer, Ticket
from .effect import Broadcast, Close, Effect, Glimpse, Keep, Send
from .errors import CloseCode, ProtocolError, RateLimited, Refused, Unavailable
from .fanout import Fanout
from .limits import Limits
from .log.base import Log, Request, Stored
from .presence import Departure
from .protocol import codec
from .protocol.commands import ClientCommand
from .protocol.entries import Entry
from .protocol.frames import (
    PROTOCOL_VERSION,
    Ack,
    Activity,
    ClientFrame,
    Goodbye,
    Hello,
    History,
    MarkRead,
    Ping,
    Pong,
    Refusal,
    ServerFrame,
    Sync,
    Typing,
)
from .protocol.ids import ConversationId, Seq, SessionId
from .protocol.members import Member
from .query import answer_query
from .room import Room
from .rooms import Rooms
from .session import Session, Transport

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
        """`used` is called for every command: people are at work here."""
        self.log = log
        self.limits = limits
        self._broker = broker
        self._used = used
        self._committer = Committer(log, self._delivered)
        self._rooms = Rooms(log, self._committer, limits, self._perform, self._spawn)
        self._fanout = Fanout()
        self._sessions = self._fanout.sessions
        self._presence_due: set[ConversationId] = set()
        self._running: asyncio.Task[None] | None = None
        self._tasks: TaskGroup | None = None
        self._is_stopping = False

    # Life

    async def start(self) -> None:
        """Starts the hub's tasks; does nothing if they run."""
        if self._is_stopping:
            raise Unavailable("The server is shutting down.", code="going_away")
        if self._running is None:
            self._broker.listen(self._heard_hint)
            started = anyio.Event()
            # The one task that nothing else owns: it lives until `stop`.
            self._running = asyncio.create_task(self._run(started), name="jupyter_collab hub")
            await started.wait()

    async def stop(self) -> None:
        """Stores and answers what is under way, says goodbye, closes everything [FO6]."""
        if self._is_stopping:
            return
        self._is_stopping = True
        if self._running is not None:
            with anyio.move_on_after(self.limits.drain_s):
                await self._committer.drained()
            self._say_goodbye()
            for room in self._rooms.all():
                self._perform(room, room.shut(_now()))
            with anyio.move_on_after(self.limits.drain_s):
                await self._committer.drained()
            assert self._tasks is not None
            self._tasks.cancel_scope.cancel()
            await self._running
        await self._broker.close()
        await self.log.close()

    @property
    def connections(self) -> int:
        return len(self._sessions)

    # Sessions

    async def connect(
        self,
        conversation: ConversationId,
        member: Member,
        transport: Transport,
        *,
        can_rename_self: bool = False,
    ) -> Session:
        """Takes in a socket that has been authenticated; it must say hello in time [FR5]."""
        await self.start()
        session = Session(
            SessionId(secrets.token_hex(8)),
            conversation,
            member,
            transport,
            limits=self.limits,
            now=time.monotonic(),
            can_rename_self=can_rename_self,
        )
        self._sessions[session.id] = session
        metrics.connections.inc()
        return session

    def heard(self, session: Session) -> None:
        """A byte came from the session's peer."""
        if (room := self._rooms.get(session.conversation)) is not None:
            room.heard(session.id, _now())

    async def receive(self, session: Session, frame: ClientFrame) -> None:
        """Takes one frame. Returns when the next may be read, which is the back-pressure.

        Raises:
            ProtocolError: the frame closes the socket.
        """
        if session.phase == "closed":
            return
        if session.frames.take(time.monotonic()) > 0:
            raise ProtocolError("Too many frames at once.", close_code=CloseCode.RATE)
        if isinstance(frame, Hello):
            await self._hello(session, frame)
            return
        if session.phase != "joined":
            raise ProtocolError("The first frame must be hello.")
        room = self._rooms.joined(session.conversation)
        now = _now()
        room.heard(session.id, now)
        match frame:
            case Sync() | History():
                await self._answer_query(session, frame)
            case MarkRead():
                self._perform(room, room.mark_read(session.member.id, frame.seq, session.id))
            case Typing():
                self._perform(room, room.typing(session.member.id, frame.active, now))
            case Activity():
                self._perform(room, room.activity(session.id, frame.state, now))
            case Pong():
                pass
            case _:
                await self._command(session, room, frame)

    def refuse(self, session: Session, refused: codec.InvalidCommand) -> None:
        """Answers a command whose fields are wrong [FR2]."""
        metrics.count_command("other", refused.code)
        self._push(session, refusal(refused.command_id, refused))

    def leave(self, session: Session, how: Departure) -> None:
        """The session's socket is closed."""
        session.phase = "closed"
        if self._sessions.pop(session.id, None) is None:
            return
        metrics.connections.dec()
        if (room := self._rooms.get(session.conversation)) is not None:
            self._perform(room, room.leave(session.id, how, _now()))

    def dismiss(self, session: Session, goodbye: Goodbye) -> None:
        """Says goodbye to a session and closes it [FR7]."""
        if session.phase == "closed":
            return
        self._fanout.close(session, goodbye)
        logger.info("closed %s: %d", session.id, goodbye.code)
        self.leave(session, "dead" if goodbye.code == CloseCode.HEARTBEAT else "broken")

    # Without a socket

    async def command(
        self, conversation: ConversationId, member: Member, command: ClientCommand
    ) -> Ack | Refusal:
        """Does one command and waits for its answer.

        Raises:
            NotFound: there is no such conversation and the member may not create it.
            Unavailable: the log can't be reached.
        """
        await self.start()
        room = await self._rooms.enter(conversation, member)
        answered: asyncio.Future[Ack | Refusal] = asyncio.get_running_loop().create_future()

        def resolve(answer: Ack | Refusal) -> None:
            if not answered.done():
                answered.set_result(answer)

        self._submit(room, conversation, member, command, resolve)
        return await answered

    async def glimpse(self, conversation: ConversationId, member: Member) -> Glimpse | None:
        """What a member sees of a conversation, or None if there is none."""
        await self.start()
        room = await self._rooms.open(conversation)
        return None if room is None else room.glimpse(member.id)

    async def mark_read(self, conversation: ConversationId, member: Member, seq: int) -> None:
        """Moves a member's read mark forward."""
        await self.start()
        room = await self._rooms.enter(conversation, member)
        self._perform(room, room.mark_read(member.id, seq))

    # Tasks

    async def _run(self, started: anyio.Event) -> None:
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            tasks.start_soon(self._committer.run)
            tasks.start_soon(self._tick)
            started.set()

    async def _tick(self) -> None:
        """Gives time to every room, and closes who never said hello."""
        period_s = min(1.0, self.limits.heartbeat_s / 4, self.limits.silence_s / 4)
        while True:
            await anyio.sleep(period_s)
            now = _now()
            for room in self._rooms.all():
                self._survive(partial(self._tick_room, room, now))
            metrics.rooms.set(len(self._rooms.all()))
            self._close_speechless(now)

    def _tick_room(self, room: Room, now: Instant) -> None:
        self._perform(room, room.tick(now))
        if room.is_idle(now):
            self._rooms.unload(room.id)

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._tasks is not None:
            self._tasks.start_soon(work)

    def _close_speechless(self, now: Instant) -> None:
        late = now.mono - self.limits.hello_s
        for session in [s for s in self._sessions.values() if s.phase == "opened"]:
            if session.opened <= late:
                message = f"No hello came within {self.limits.hello_s:g} s."
                self.dismiss(session, Goodbye(code=CloseCode.MALFORMED, message=message))

    def _say_goodbye(self) -> None:
        sessions = list(self._sessions.values())
        for rank, session in enumerate(sessions, start=1):  # spread, so that no storm comes back
            retry_after_s = round(rank / len(sessions) * self.limits.drain_s, 2)
            goodbye = Goodbye(
                code=CloseCode.GOING_AWAY,
                message="The server is restarting; nothing is lost.",
                retry_after_s=retry_after_s,
            )
            self.dismiss(session, goodbye)

    # Entering

    async def _hello(self, session: Session, hello: Hello) -> None:
        if session.phase != "opened":
            raise ProtocolError("A connection says hello once.")
        if hello.protocol != PROTOCOL_VERSION:
            raise ProtocolError(
                f"This server speaks protocol {PROTOCOL_VERSION}. Reload to update.",
                close_code=CloseCode.VERSION,
            )
        session.phase = "joining"
        try:
            room = await self._rooms.enter(session.conversation, session.member)
        except Refused as refused:
            self.dismiss(session, Goodbye(code=CloseCode.NOT_ALLOWED, message=refused.message))
            return
        except Unavailable as unavailable:
            goodbye = Goodbye(
                code=CloseCode.OVERLOADED,
                message=unavailable.message,
                retry_after_s=unavailable.retry_after_s,
            )
            self.dismiss(session, goodbye)
            return
        if session.id not in self._sessions:
            return  # it went while the log was read
        session.phase = "joined"
        effects, mode = room.enter(
            session.id, session.member, hello, _now(), can_rename_self=session.can_rename_self
        )
        self._perform(room, effects)
        if mode is not None:
            metrics.count_resume(mode)

    # Commands and queries

    async def _command(self, session: Session, room: Room, command: ClientCommand) -> None:
        await session.in_flight.acquire()

        def resolve(answer: Ack | Refusal) -> None:
            session.in_flight.release()
            self._push(session, answer)

        self._submit(room, session.conversation, session.member, command, resolve)

    def _submit(
        self,
        room: Room,
        conversation: ConversationId,
        member: Member,
        command: ClientCommand,
        resolve: Callable[[Ack | Refusal], None],
    ) -> None:
        self._used()
        now = _now()
        retry_after_s = room.take_rate(member.id, command, now)

        def answered(answer: Answer) -> None:
            if not isinstance(answer, Stored) and retry_after_s == 0:
                room.give_back_rate(member.id, command, now.mono)
            metrics.count_command(kind_of(command), result_of(answer))
            if isinstance(answer, Refused | Unavailable):
                logger.info("refused %s of %s: %s", kind_of(command), member.id, answer.code)
            resolve(answer_frame(command.command_id, answer))

        request = Request(
            conversation=conversation,
            author=member,
            command=command,
            at=now.wall,
            retry_after_s=retry_after_s,
        )
        self._committer.submit(Ticket(request, answered))

    async def _answer_query(self, session: Session, query: Sync | History) -> None:
        if (retry_after_s := session.queries.take(time.monotonic())) > 0:
            self._push(session, refusal(None, RateLimited(retry_after_s)))
            return
        try:
            answer = await answer_query(self.log, self.limits, session.conversation, query)
        except Unavailable as unavailable:
            self._push(session, refusal(None, unavailable))
            return
        self._push(session, answer)

    # Effects

    def _delivered(self, answered: list[tuple[Ticket, Answer]]) -> None:
        """Tells the rooms what was stored; the authors have their answers already [FO3]."""
        stored: dict[ConversationId, list[Entry]] = {}
        for ticket, answer in answered:
            if isinstance(answer, Stored):
                stored.setdefault(ticket.request.conversation, []).append(answer.entry)
        for conversation, entries in stored.items():
            self._survive(partial(self._rooms.apply, conversation, entries))
            self._broker.hint(conversation, entries[-1].seq, sender=self._heard_hint)

    def _heard_hint(self, conversation: ConversationId, head: Seq) -> None:
        self._rooms.catch_up(conversation, head)

    def _survive(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:  # an edge: one room's failure must not stop the others
            logger.exception("a room failed")

    def _perform(self, room: Room, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Broadcast():
                    ids = list(room.sessions(besides=effect.besides))
                    if isinstance(effect.frame, Ping):
                        self._fanout.ping(ids)
                    for slow in self._fanout.broadcast(ids, effect.frame, effect.key):
                        self._dismiss_slow(slow)
                case Send():
                    if (session := self._sessions.get(effect.session)) is not None:
                        self._push(session, effect.frame)
                case Close():
                    if (session := self._sessions.get(effect.session)) is not None:
                        self.dismiss(session, effect.goodbye)
                case Keep():
                    self._committer.keep(effect.note)
                case _:
                    assert_never(effect)
        if room.has_presence_news:
            self._tell_presence_soon(room.id)

    def _push(self, session: Session, frame: ServerFrame) -> None:
        if not self._fanout.send(session, frame):
            self._dismiss_slow(session)

    def _dismiss_slow(self, session: Session) -> None:
        message = "This page reads too slowly; it will catch up."
        self.dismiss(session, Goodbye(code=CloseCode.SLOW, message=message))

    def _tell_presence_soon(self, conversation: ConversationId) -> None:
        if conversation not in self._presence_due:
            self._presence_due.add(conversation)
            asyncio.get_running_loop().call_later(
                PRESENCE_DELAY_S, self._tell_presence, conversation
            )

    def _tell_presence(self, conversation: ConversationId) -> None:
        self._presence_due.discard(conversation)
        if (room := self._rooms.get(conversation)) is not None:
            self._perform(room, room.presence_news())


def _now() -> Instant:
    return Instant(time.monotonic(), time.time())
