"""The WebSocket of a conversation: signs in, decodes, and hands frames to the hub.

Owns the upgrade and the mapping of errors to close codes. Must not know what a frame does.
Invariant: no exception leaves `on_message`, and nothing is read before the frame before it
was taken.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable
from functools import partial
from types import TracebackType

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado.iostream import IOStream, SSLIOStream, StreamClosedError
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from .. import metrics
from ..answer import FAILED, goodbye
from ..errors import ProtocolError, Unavailable
from ..hub.hub import Hub
from ..hub.session import Session
from ..hub.turnstile import Turnstile
from ..protocol import codec
from ..protocol.ids import CONVERSATION_PATTERN, ConversationId
from ..room.presence import Departure
from .access import RESOURCE, caller_of, may_rename_self, role_of
from .fault import FaultLog

__all__ = ["ConversationSocket", "SocketTransport", "socket_handlers"]

READ_BYTES = 8192  # at once; Tornado clears so much memory first, by default 64 KiB for each frame
MAX_REASON_CHARS = 30  # a close frame carries 123 bytes, and a character is up to 4
_CLEAN_CODES = {1000, 1001}  # closed by the page, or by its unloading


class ConversationSocket(FaultLog, WebSocketHandler, JupyterHandler):
    """`<base>/jupyter_collab/api/v1/conversations/<id>/socket`."""

    auth_resource = RESOURCE
    session: Session | None = None

    @property
    def hub(self) -> Hub:
        hub: Hub = self.settings["jupyter_collab_hub"]
        return hub

    # The hub sends the pings, so that one frame serves a whole room.
    @property
    def ping_interval(self) -> float:
        return 0.0

    @property
    def ping_timeout(self) -> float:
        return 0.0

    @property
    def max_message_size(self) -> int:
        return self.hub.limits.frame_bytes

    def set_default_headers(self) -> None:
        """A 101 answer has no body to describe."""

    def get_compression_options(self) -> None:
        """Off, so that one encoded frame serves every session."""

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """As the server does for its own API: the same host, `allow_origin`, or a token."""
        return JupyterHandler.check_origin(self, origin_to_satisfy_tornado)

    async def prepare(  # type: ignore[override]  # tornado and jupyter_server declare it apart
        self, *, _redirect_to_login: bool = False
    ) -> Awaitable[None] | None:
        """A socket that is not signed in gets 403: a log-in page would mean nothing to it."""
        turnstile: Turnstile = self.settings["jupyter_collab_turnstile"]
        if (turn := turnstile.enter()) is not None:
            await turn
        return await JupyterHandler.prepare(self, _redirect_to_login=_redirect_to_login)

    @ws_authenticated
    async def get(self, conversation: str) -> None:
        if self.request.headers.get("Origin") is None and not self.token_authenticated:
            raise HTTPError(403, "A WebSocket without an Origin needs a token.")
        self.member = await caller_of(self)
        await super().get(conversation)

    async def open(self, conversation: str) -> None:
        self.set_nodelay(True)
        if self.ws_connection is not None and self.ws_connection.stream is not None:
            self.ws_connection.stream.read_chunk_size = READ_BYTES
        try:
            session = await self.hub.connect(
                ConversationId(conversation),
                self.member,
                SocketTransport(self),
                can_rename_self=may_rename_self(self),
                ask_role=partial(role_of, self),
            )
        except (ProtocolError, Unavailable) as error:
            last = goodbye(error)
            await self.write_message(codec.encode(last).decode())
            SocketTransport(self).close(last.code, last.message)
            return
        self.session = session
        self.log.info("connected %s: %r to %s", session.id, session.member.id, conversation)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Takes a frame; what it returns is waited for before the next is read."""
        with _Guard(self):
            if (waiting := self._take(message)) is not None:
                return self._wait_for(waiting)
        return None

    async def _wait_for(self, waiting: Awaitable[None]) -> None:
        with _Guard(self):
            await waiting

    def _take(self, message: str | bytes) -> Awaitable[None] | None:
        session = self.session
        if session is None or not self.hub.allow(session):
            return None  # it was closed as soon as it opened
        if isinstance(message, bytes):
            raise ProtocolError("Binary frames are reserved.")
        try:
            frame = codec.decode_client(message, max_depth=self.hub.limits.frame_depth)
        except codec.InvalidCommand as invalid:
            self.hub.refuse(session, invalid)
            return None
        return self.hub.receive(session, frame)

    def fail(self, error: Exception) -> None:
        """Closes the session for what went wrong."""
        last = goodbye(error) if isinstance(error, ProtocolError) else FAILED
        if last is FAILED:
            name = self.session and self.session.id
            self.log.error("a frame of %s failed", name, exc_info=error)
        if self.session is not None:
            self.hub.dismiss(self.session, last)

    def _heard(self) -> None:
        with _Guard(self):  # a flood: each ping is answered, whether that is read or not
            if self.session is not None:
                self.hub.allow(self.session)

    def on_ping(self, data: bytes) -> None:
        self._heard()

    def on_pong(self, data: bytes) -> None:
        self._heard()

    def on_close(self) -> None:
        session, self.session = self.session, None  # they know each other: a cycle
        if session is None:
            return
        exits: Turnstile = self.settings["jupyter_collab_exits"]
        if (turn := exits.enter()) is None:
            self._left(session)
        else:
            turn.add_done_callback(lambda _: self._left(session))

    def _left(self, session: Session) -> None:
        code = self.close_code if session.close_code is None else session.close_code
        how: Departure = "clean" if code in _CLEAN_CODES else "broken"
        self.hub.leave(session, how)
        metrics.count_close(code)
        self.log.info("disconnected %s: %s", session.id, code)


class _Guard:
    """Closes a socket for what goes wrong inside: escaping, it would abort without a word."""

    __slots__ = ("_socket",)

    def __init__(self, socket: ConversationSocket) -> None:
        self._socket = socket

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self._socket.fail(error)
            return True
        return False


class SocketTransport:
    """Carries a session's frames over a handler's stream."""

    __slots__ = ("_handler",)

    def __init__(self, handler: WebSocketHandler) -> None:
        self._handler = handler

    def write(self, frames: bytes) -> Future[None] | None:
        """Writes framed bytes past `write_message`, which would frame each of them again."""
        connection = self._handler.ws_connection
        if connection is None or connection.stream is None or connection.stream.closed():
            return None
        left = _send_at_once(connection.stream, frames)
        try:
            return connection.stream.write(left) if left else None
        except StreamClosedError:
            return None

    def close(self, code: int, reason: str) -> None:
        self._handler.close(code, reason[:MAX_REASON_CHARS])


def _send_at_once(stream: IOStream, data: bytes) -> bytes | memoryview:
    """Gives the kernel what it takes if nothing waits before it; returns the rest.

    That is most often nothing, and a buffer, a future and a callback are spared for each write.
    """
    if stream.writing() or isinstance(stream, SSLIOStream):
        return data
    try:
        sent = stream.socket.send(data)
    except OSError:  # full, or broken, which the stream's own write finds out and deals with
        return data
    return data if sent == 0 else memoryview(data)[sent:]


def socket_handlers() -> list[tuple[str, type[ConversationSocket]]]:
    """The routes of this module, without the base URL."""
    route = rf"/jupyter_collab/api/v1/conversations/({CONVERSATION_PATTERN})/socket"
    return [(route, ConversationSocket)]
