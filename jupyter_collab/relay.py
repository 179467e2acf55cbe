"""Carries frames between pages that can't reach the server and the conversations' sockets.

Owns a thread of its own, and one socket for each connection that a page asks for. Must not know
what the frames say. Invariant: a page's frames leave in the order in which it sent them, and a
page that is gone keeps no socket open.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from functools import cache
from http.cookies import SimpleCookie
from queue import SimpleQueue

import anyio
from anyio.from_thread import BlockingPortal
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError

from .edge import contained
from .errors import CloseCode, NotAllowed, Unavailable
from .handshake import open_socket
from .limits import Limits
from .own_server import TOKEN, find_own_server

__all__ = ["Relay", "the_relay"]

CLEAN = 1000
LOST = 1006

Tell = Callable[[Mapping[str, object]], None]
Closing = tuple[int, str]  # code and reason, as a browser has them


@cache
def the_relay() -> Relay:
    """The one of this kernel, whichever widget asks for it."""
    return Relay()


class Relay:
    """Opens, carries and closes connections as pages ask; what it tells comes from its thread.

    Args:
        silence_s: a page that says nothing for so long, not even pong, is gone.
    """

    def __init__(self, silence_s: float = Limits().silence_s) -> None:
        self._silence_s = silence_s
        self._cookies: SimpleCookie = SimpleCookie()  # one identity, however often it connects
        self._lines: dict[str, _Line] = {}
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._portal: BlockingPortal | None = None

    def take(self, content: Mapping[str, object], tell: Tell) -> None:
        """Takes a page's message, on any thread; `tell` answers the page."""
        match content:
            case {"kind": "open", "connection": str(name), "conversation": str(conversation)}:
                self._running().start_task_soon(self._carry, _Line(name, tell), conversation)
            case {"kind": "frame", "connection": str(name), "n": int(n), "data": str(data)}:
                self._running().start_task_soon(self._forward, name, n, data)
            case {"kind": "close", "connection": str(name), "n": int(n)}:
                self._running().start_task_soon(self._forward, name, n, None)

    def stop(self) -> None:
        """Closes every connection and ends the thread; a kernel that ends needs no such call."""
        if self._portal is not None and self._thread is not None:
            self._portal.call(self._hang_up)
            self._portal.call(self._portal.stop)
            self._thread.join()

    def _running(self) -> BlockingPortal:
        with self._starting:
            if self._portal is None:
                started: SimpleQueue[BlockingPortal] = SimpleQueue()
                self._thread = threading.Thread(
                    target=anyio.run,
                    args=(self._serve, started.put),
                    name="jupyter_collab relay",
                    daemon=True,  # the kernel's end is its end
                )
                self._thread.start()
                self._portal = started.get()
            return self._portal

    async def _serve(self, started: Callable[[BlockingPortal], None]) -> None:
        async with BlockingPortal() as portal:
            started(portal)
            await portal.sleep_until_stopped()

    async def _carry(self, line: _Line, conversation: str) -> None:
        self._lines[line.name] = line
        line.tell("took", n=0)
        closing: Closing = (CloseCode.INTERNAL, "The relay in the kernel failed.")
        with contained("a relayed connection"):
            closing = await self._connected(line, conversation)
        del self._lines[line.name]
        line.end(*closing)

    async def _connected(self, line: _Line, conversation: str) -> Closing:
        """Keeps one connection until either side ends it."""
        try:
            server = find_own_server()
        except (NotAllowed, Unavailable) as missing:
            return CloseCode.NOT_ALLOWED, missing.message
        try:
            socket = await open_socket(server.url, conversation, server.token, {}, self._cookies)
        except NotAllowed:
            return (
                CloseCode.NOT_ALLOWED,
                f"The server does not let the kernel in. Is {TOKEN} right?",
            )
        except Unavailable as away:
            return LOST, away.message
        line.tell("opened")
        async with anyio.create_task_group() as group:
            group.start_soon(line.send_all, socket, self._silence_s)
            while (data := await socket.read_message()) is not None:
                line.tell("frame", data=data)
            group.cancel_scope.cancel()
        socket.close()  # also what the server has closed is ours to let go
        return socket.close_code or LOST, socket.close_reason or ""

    async def _hang_up(self) -> None:
        for line in list(self._lines.values()):
            line.hang_up()
            await line.ended.wait()

    def _forward(self, name: str, n: int, data: str | None) -> None:
        line = self._lines.get(name)
        if line is not None:
            line.put(n, data)


class _Line:
    """One connection of a page: what it has said that has not left yet.

    Two messages of a page may come on two threads, in either order: each is numbered, from 1.
    """

    def __init__(self, name: str, tell: Tell) -> None:
        self.name = name
        self.ended = anyio.Event()
        self._tell = tell
        self._next = 1
        self._early: dict[int, str | None] = {}
        self._put, self._taken = anyio.create_memory_object_stream[str | None](math.inf)

    def tell(self, kind: str, **fields: object) -> None:
        self._tell({"type": "relay", "kind": kind, "connection": self.name, **fields})

    def hang_up(self) -> None:
        self._put.send_nowait(None)

    def end(self, code: int, reason: str) -> None:
        """Tells the page that it is over, as a browser's WebSocket would."""
        self._put.close()
        self._taken.close()
        self.tell("closed", code=int(code), reason=reason)
        self.ended.set()

    def put(self, n: int, data: str | None) -> None:
        """Takes a frame, or None for the wish to close."""
        self._early[n] = data
        while self._next in self._early:
            self._put.send_nowait(self._early.pop(self._next))
            self.tell("took", n=self._next)
            self._next += 1

    async def send_all(self, socket: WebSocketClientConnection, silence_s: float) -> None:
        """Passes on what the page says; closes when it wants to, or says nothing any more."""
        try:
            while True:
                with anyio.fail_after(silence_s):
                    data = await self._taken.receive()
                if data is None:
                    return socket.close(CLEAN)
                await socket.write_message(data)
        except TimeoutError:
            socket.close(CloseCode.HEARTBEAT, "The page said nothing any more.")
        except WebSocketClosedError:
            return None  # the reader sees it, too
