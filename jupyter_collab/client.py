"""The Python client of a conversation's socket, for scripts, kernels, bots and tests.

Owns one connection: hello, answers to commands, pongs, and asking for what is missing. Must
not know the server's code. Invariant: no command waits for ever, however the socket ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie

import anyio
import msgspec
from msgspec.structs import replace
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError
from ulid import ULID

from . import __version__
from .errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    ProtocolError,
    RateLimited,
    Refused,
    Unavailable,
)
from .handshake import open_socket
from .limits import Limits
from .protocol.commands import ClientCommand, Edit, Post, React, Redact, Rename, Unreact
from .protocol.frames import (
    PROTOCOL_VERSION,
    Ack,
    Activity,
    ActivityState,
    ClientFrame,
    Entries,
    Goodbye,
    Hello,
    History,
    MarkRead,
    Members,
    Page,
    Ping,
    Pong,
    Query,
    Refusal,
    ServerFrame,
    Snapshot,
    Sync,
    Typing,
    Who,
)
from .protocol.ids import MemberId, Seq
from .protocol.lenient import Received, decode_server
from .protocol.members import Member
from .question import Answer, Question
from .replica import Replica
from .state import ConversationState

__all__ = ["Connection", "Disconnected", "connect"]

ANSWER_S = 15.0  # a page, too, takes a message for failed after as long
CLOSE_S = 2.0  # a server that is there answers a close at once
MOST_STRANGERS = 500  # that one query may name
KEPT_FRAMES = 10_000  # for whoever iterates; the state is whole without them
_ERRORS: Mapping[str, type[Refused | Unavailable]] = {
    "not_allowed": NotAllowed,
    "read_only": NotAllowed,
    "not_found": NotFound,
    "conflict": Conflict,
    "id_reused": Conflict,
    "no_change": Conflict,
    "unavailable": Unavailable,
    "going_away": Unavailable,
}


class Disconnected(Unavailable):
    """The socket is closed; whether a command under way was stored is not known.

    Attributes:
        close_code: the code of the close, or None if there was none.
        is_final: True if connecting again would be refused again (40xx).
    """

    code = "disconnected"

    def __init__(self, close_code: int | None, goodbye: Goodbye | None) -> None:
        self.close_code = goodbye.code if goodbye else close_code
        self.is_final = self.close_code is not None and (
            self.close_code == 1009 or 4000 <= self.close_code < 4100
        )
        wait_s = goodbye.retry_after_s if goodbye and goodbye.retry_after_s is not None else 0.5
        message = goodbye.message if goodbye else f"The connection closed ({close_code})."
        super().__init__(message, retry_after_s=wait_s)


@asynccontextmanager
async def connect(
    url: str,
    conversation: str,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    cookies: SimpleCookie | None = None,
    state: ConversationState | None = None,
    epoch: str | None = None,
    client: str = f"python/{__version__}",
) -> AsyncIterator[Connection]:
    """Joins a conversation; once inside, the connection is caught up and live.

    Args:
        url: the Jupyter server's base URL, `http://localhost:8888/`.
        conversation: its id.
        token: the server's, or a person's own.
        headers: more headers of the handshake.
        cookies: kept up to date here; give the same ones again to be the same person where
            the server makes up one for whoever brings its token alone [ID10].
        state: what an earlier connection had folded: only what is newer is asked for.
        epoch: the earlier connection's.
        client: the program's name and version.

    Raises:
        NotAllowed: the server does not let this caller in.
        Disconnected: it turned the caller away with a close code.
        Unavailable: it can't be reached, or does not answer.
    """
    jar: SimpleCookie = SimpleCookie() if cookies is None else cookies
    connection = Connection(await open_socket(url, conversation, token, headers or {}, jar), state)
    after = None if state is None else state.head
    hello = Hello(protocol=PROTOCOL_VERSION, after=after, epoch=epoch, client=client)
    try:
        async with anyio.create_task_group() as reader:
            reader.start_soon(connection._receive)
            try:
                await connection._greet(hello)
                yield connection
            finally:
                await connection._leave()
                reader.cancel_scope.cancel()
    except BaseExceptionGroup as group:  # the reader never raises, so it has one: the body's
        raise group.exceptions[0] from group.exceptions[0].__cause__


class Connection(Replica):
    """A replica that a socket keeps up to date; made by `connect`.

    Iterating gives every frame of a known type, from `welcome` on, and ends when the socket
    closes. Whoever does not iterate misses nothing: the oldest unread frames are dropped,
    and `state` has them folded in.

    Attributes:
        closed: why the socket is closed, or None while it is open.
    """

    def __init__(
        self, socket: WebSocketClientConnection, state: ConversationState | None = None
    ) -> None:
        super().__init__(state)
        self.closed: Disconnected | None = None
        self._socket = socket
        self._synced_from: Seq | None = None
        self._goodbye: Goodbye | None = None
        self._frames: deque[ServerFrame] = deque(maxlen=KEPT_FRAMES)
        self._changed = anyio.Event()
        self._questions: list[Question] = []  # in the order of asking

    def __aiter__(self) -> AsyncIterator[ServerFrame]:
        return self

    async def __anext__(self) -> ServerFrame:
        while not self._frames:
            if self.closed is not None:
                raise StopAsyncIteration
            await self._changed.wait()
        return self._frames.popleft()

    async def until(self, condition: Callable[[ConversationState], bool]) -> ConversationState:
        """Waits until `condition(state)` holds; has no time-out of its own.

        Raises:
            Disconnected: the socket closed first.
        """
        while not condition(self.state):
            if self.closed is not None:
                raise self.closed
            await self._changed.wait()
        return self.state

    async def post(
        self, text: str, reply_to: int | None = None, *, command_id: str | None = None
    ) -> Ack:
        """Posts a message; returns once it is stored. All commands raise as `command` does.

        With the `command_id` of an earlier try, the message is there once all the same.
        """
        return await self.command(
            Post(command_id=command_id or str(ULID()), text=text, reply_to=reply_to)
        )

    async def edit(self, target: int, text: str) -> Ack:
        """Replaces the text of your message `target`."""
        return await self.command(Edit(command_id=str(ULID()), target=target, text=text))

    async def redact(self, target: int) -> Ack:
        """Deletes the message `target`."""
        return await self.command(Redact(command_id=str(ULID()), target=target))

    async def react(self, target: int, emoji: str) -> Ack:
        """Reacts to the message `target`."""
        return await self.command(React(command_id=str(ULID()), target=target, emoji=emoji))

    async def unreact(self, target: int, emoji: str) -> Ack:
        """Takes your reaction to the message `target` back."""
        return await self.command(Unreact(command_id=str(ULID()), target=target, emoji=emoji))

    async def rename(self, title: str) -> Ack:
        """Gives the conversation another title."""
        return await self.command(Rename(command_id=str(ULID()), title=title))

    async def command(self, command: ClientCommand) -> Ack:
        """Has one command done; safe to repeat as it is after any failure.

        Raises:
            Refused: it may not be done; the subclass and `code` say why.
            Unavailable: the log can't do it now, or there was no answer.
            Disconnected: the socket closed first.
        """
        answer = await self._ask(command)
        assert isinstance(answer, Ack), "a page answers no command"
        return answer

    async def history(self, before: int, limit: int = 50) -> Page:
        """Fetches messages older than the seq `before`, the newest of them last."""
        answer = await self._ask(History(before=before, limit=limit))
        assert isinstance(answer, Page), "a page answers this query"
        return answer

    async def members(self) -> Mapping[MemberId, Member]:
        """Fetches everyone who ever took part into `state`, and when each was last seen."""
        after: int | None = 0
        while after is not None:
            answer = await self._ask(Who(after=after))
            assert isinstance(answer, Members), "members answer this query"
            after = answer.after
        return self.state.members

    async def sync(self, after: int | None = None, limit: int = 500) -> None:
        """Asks for the entries after a seq, by default those that are missing here."""
        after = self.state.head if after is None else after
        await self._put(Question(Sync(after=after, limit=limit)))

    async def mark_read(self, seq: int) -> None:
        """Tells that everything up to `seq` was read."""
        await self._send(MarkRead(seq=seq))

    async def typing(self, active: bool = True) -> None:
        """Shows you as typing, until it expires or your message arrives."""
        await self._send(Typing(active=active))

    async def activity(self, state: ActivityState) -> None:
        """Shows you as active or idle."""
        await self._send(Activity(state=state))

    async def _ask(self, asked: ClientCommand | Query) -> Ack | Members | Page:
        question = Question(asked)
        try:
            with anyio.fail_after(ANSWER_S):
                await self._put(question)
                await question.came.wait()
        except TimeoutError as exc:
            raise Unavailable(f"There was no answer in {ANSWER_S:.0f} s.") from exc
        finally:
            if question.key is not None and question in self._questions:
                self._questions.remove(question)  # a query keeps its place for a late answer
        match question.answer:
            case None:
                assert self.closed is not None, "only a close answers with nothing"
                raise self.closed
            case Refusal() as refusal:
                raise _error_of(refusal)
            case done:
                return done

    async def _put(self, question: Question) -> None:
        self._questions.append(question)
        await self._send(question.asked)

    async def _send(self, frame: ClientFrame) -> None:
        try:
            await self._socket.write_message(msgspec.json.encode(frame).decode())
        except WebSocketClosedError as exc:
            raise self.closed or Disconnected(self._socket.close_code, self._goodbye) from exc

    async def _greet(self, hello: Hello) -> None:
        await self._send(hello)
        try:
            with anyio.fail_after(ANSWER_S):
                await self.until(lambda _: self.is_live)
        except TimeoutError as exc:
            raise Unavailable(f"The server said nothing in {ANSWER_S:.0f} s.") from exc

    async def _receive(self) -> None:
        """Reads until the socket closes, or has been silent for as long as a dead one."""
        try:
            while (data := await self._next()) is not None:
                await self._take(decode_server(data))
        except Disconnected:  # it closed under a pong or a sync of ours
            pass
        except ProtocolError as wrong:
            self._goodbye = Goodbye(code=wrong.close_code, message=wrong.message)
            self._socket.close(wrong.close_code)
        finally:
            self.closed = Disconnected(self._socket.close_code, self._goodbye)
            for question in self._questions:
                question.came.set()
            self._note_change()

    async def _next(self) -> str | bytes | None:
        limits = self.welcome.limits if self.is_live else Limits()
        with anyio.move_on_after(limits.silence_s):
            return await self._socket.read_message()
        return None

    async def _leave(self) -> None:
        """Closes cleanly: waits for the server's own close, but not for ever."""
        self._socket.close(1000)
        with anyio.move_on_after(CLOSE_S, shield=True):
            while self.closed is None:
                await self._changed.wait()

    async def _take(self, received: Received) -> None:
        frame, unknown = received
        if frame is None:
            return
        settled = self._settle(frame) if isinstance(frame, Answer) else None
        if isinstance(frame, Goodbye):
            self._goodbye = frame
        self.take(frame, unknown)
        self._frames.append(frame)
        self._note_change()
        if isinstance(frame, Ping):
            await self._send(Pong(n=frame.n))
        if self.is_behind and self._synced_from != self.state.head:
            self._synced_from = self.state.head
            await self.sync()
        if self.is_live:
            await self._ask_who(settled)

    async def _ask_who(self, settled: Question | None) -> None:
        """Asks who those are that something named and nobody has told of [RS15]."""
        if strangers := self.strangers():
            await self._put(Question(Who(ids=strangers[:MOST_STRANGERS])))
            self.name(strangers[MOST_STRANGERS:])
        match settled:
            case Question(asked=Who(ids=tuple(ids)) as who, answer=Members(after=int(after))):
                await self._put(Question(replace(who, after=after)))
            case Question(asked=Who(ids=tuple(ids)), answer=Refusal()):
                self.name(ids)  # to be asked for with the next frame, a ping if no other

    def _note_change(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _settle(self, frame: Answer) -> Question | None:
        for question in list(self._questions):
            if question.is_settled_by(frame):
                self._questions.remove(question)
                question.answer = None if isinstance(frame, Entries | Snapshot) else frame
                question.came.set()
                return question
            if question.key is None and isinstance(frame, Entries):
                return None  # another query is first: these are news
            if question.is_over_with(frame):
                self._questions.remove(question)  # its entries came before this page
        return None


def _error_of(refusal: Refusal) -> Refused | Unavailable:
    if refusal.code == RateLimited.code:
        return RateLimited(refusal.retry_after_s or 0.0)
    error = _ERRORS.get(refusal.code, Invalid)(refusal.message, code=refusal.code)
    if refusal.retry_after_s is not None:
        error.retry_after_s = refusal.retry_after_s
    return error
