"""A light client that only counts: it keeps no messages, so that a run of any length fits.

Owns one socket. Invariant: entries came one after another, or `take` has failed.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import anyio
import msgspec
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError
from ulid import ULID

from jupyter_collab.handshake import open_socket
from jupyter_collab.protocol.commands import Post
from jupyter_collab.protocol.entries import Posted
from jupyter_collab.protocol.frames import (
    Ack,
    ClientFrame,
    Entries,
    Goodbye,
    Hello,
    Ping,
    Pong,
    ServerFrame,
    Snapshot,
    Welcome,
)
from jupyter_collab.protocol.lenient import decode_server
from tests.identities import token_of

__all__ = ["Reader", "readers_of"]


@dataclass(slots=True)
class Reader:
    """Attributes:
    latencies_s: from each post, which says when it was sent, to its arrival here.
    is_over: the socket has closed; `goodbye` is its last word, if it came.
    """

    socket: WebSocketClientConnection
    head: int = 0
    epoch: str = ""
    acked: int = 0
    latencies_s: array[float] = field(default_factory=lambda: array("d"))  # millions
    goodbye: Goodbye | None = None
    is_over: bool = False
    _changed: anyio.Event = field(default_factory=anyio.Event)

    async def send(self, frame: ClientFrame) -> None:
        await self.socket.write_message(msgspec.json.encode(frame).decode())

    async def run(self) -> None:
        while (data := await self.socket.read_message()) is not None:
            frame, _ = decode_server(data)
            if isinstance(frame, Ping):
                try:
                    await self.send(Pong(n=frame.n))
                except WebSocketClosedError:
                    break
            elif frame is not None:
                self._take(frame)
                self._note()
        self.is_over = True
        self._note()

    async def reaches(self, head: int) -> None:
        while self.head < head:
            assert not self.is_over, (self.goodbye, self.head)
            await self._changed.wait()

    async def ends(self) -> None:
        while not self.is_over:
            await self._changed.wait()

    async def is_acked(self, posts: int) -> None:
        while self.acked < posts:
            assert not self.is_over, self.goodbye
            await self._changed.wait()

    async def post(self, posts: int, size: int, burst: int = 50) -> None:
        """Posts so often, so many at once, and waits for the answers of each burst."""
        for _ in range(posts // burst):
            expected = self.acked + burst
            for _ in range(burst):
                text = f"{time.perf_counter()} ".ljust(size, "x")
                await self.send(Post(command_id=str(ULID()), text=text))
            await self.is_acked(expected)

    def _take(self, frame: ServerFrame) -> None:
        match frame:
            case Welcome():
                self.epoch = frame.conversation.epoch
            case Snapshot():
                self.head = frame.head
            case Entries():
                for entry in frame.entries:
                    assert entry.seq == self.head + 1, (self.head, entry.seq)
                    self.head = entry.seq
                    if isinstance(entry, Posted):
                        sent = float(entry.body.text.split()[0])
                        self.latencies_s.append(time.perf_counter() - sent)
            case Ack():
                self.acked += 1
            case Goodbye():
                self.goodbye = frame

    def _note(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


@asynccontextmanager
async def readers_of(url: str) -> AsyncIterator[Callable[..., Awaitable[Reader]]]:
    """Lets readers in, `come(name, conversation, before)`; all leave at the end."""
    came: list[Reader] = []
    async with anyio.create_task_group() as tasks:

        async def come(
            name: str, conversation: str = "team", before: Reader | None = None, url: str = url
        ) -> Reader:
            socket = await open_socket(url, conversation, token_of(name), {}, SimpleCookie())
            reader = Reader(socket, *(() if before is None else (before.head, before.epoch)))
            after = None if before is None else before.head
            await reader.send(Hello(protocol=1, after=after, epoch=reader.epoch or None))
            tasks.start_soon(reader.run)
            came.append(reader)
            await reader.reaches(1)
            return reader

        yield come
        for reader in came:
            reader.socket.close()
        tasks.cancel_scope.cancel()
