"""Frames to a socket of the system: at once where it takes them, in order where it does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.iostream import IOStream

from jupyter_collab.handlers.socket import SocketTransport


class Wire:
    """A transport over one end of a socket; the test reads the other."""

    def __init__(self) -> None:
        ours, self.theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        self.stream = IOStream(ours)
        handler: Any = SimpleNamespace(ws_connection=SimpleNamespace(stream=self.stream))
        self.transport = SocketTransport(handler)

    def close(self) -> None:
        self.stream.close()
        self.theirs.close()


@pytest.fixture
def wire(jp_asyncio_loop: Any) -> Iterator[Wire]:
    async def make() -> Wire:
        return Wire()

    made: Wire = jp_asyncio_loop.run_until_complete(make())
    yield made
    made.close()


async def test_what_the_system_takes_is_not_kept(wire: Wire) -> None:
    """[FO1] No buffer, no future: there is nothing to wait for."""
    assert wire.transport.write(b"one") is None
    assert wire.transport.write(b"two") is None
    assert wire.theirs.recv(100) == b"onetwo"
    assert not wire.stream.writing()


async def test_the_rest_follows_in_order(wire: Wire) -> None:
    """[FO3] Also what is written while some of it waits."""
    large, small = bytes(range(256)) * 4096, b"small"
    written = wire.transport.write(large)
    assert written is not None
    received = wire.theirs.recv(len(large))  # the system has room again, but it is not their turn
    behind = wire.transport.write(small)
    assert behind is not None
    reader = IOStream(wire.theirs)
    received += await reader.read_bytes(len(large) + len(small) - len(received))
    await written
    await behind
    assert received == large + small
    assert wire.transport.write(b"again") is None
    assert await reader.read_bytes(5) == b"again"


async def test_one_that_is_gone_is_written_nothing(wire: Wire) -> None:
    wire.theirs.close()
    wire.transport.write(b"lost")
    assert wire.stream.closed()
    assert wire.transport.write(b"more") is None
