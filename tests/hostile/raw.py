"""A WebSocket client that breaks the rules: it sends any bytes after the handshake."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio

from tests.identities import token_of
from tests.servers import API, PATIENCE_S, Server

__all__ = [
    "BINARY",
    "CONTINUATION",
    "PING",
    "TEXT",
    "RawSocket",
    "frame",
    "raw_connection",
    "raw_socket",
]

CONTINUATION, TEXT, BINARY, CLOSE, PING = 0x0, 0x1, 0x2, 0x8, 0x9


def frame(
    payload: bytes,
    opcode: int = TEXT,
    *,
    fin: bool = True,
    reserved: int = 0,
    declared: int | None = None,
) -> bytes:
    """One masked frame of RFC 6455, section 5.2; may declare another length than it has."""
    size = len(payload) if declared is None else declared
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + bytes(4) + payload  # a mask of zeros changes nothing


class RawSocket:
    """A connection after its handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.seen: list[dict[str, Any]] = []

    async def send(self, data: bytes) -> None:
        """Sends bytes; the server may have closed already."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:
            pass

    async def until(self, kind: str) -> dict[str, Any]:
        """Reads on to a frame of this type."""
        with anyio.fail_after(PATIENCE_S):  # pings come for ever
            while True:
                opcode, payload = await self._frame()
                assert opcode == TEXT, (opcode, payload)
                self.seen.append(json.loads(payload))
                if self.seen[-1]["type"] == kind:
                    return self.seen[-1]

    async def ended(self, patience_s: float = PATIENCE_S) -> int | None:
        """Reads to the end: the code of the close frame, or None if there was none."""
        code: int | None = None
        try:
            with anyio.fail_after(patience_s):
                while code is None:
                    opcode, payload = await self._frame()
                    if opcode == TEXT:
                        self.seen.append(json.loads(payload))
                    elif opcode == CLOSE:
                        code = int.from_bytes(payload[:2])
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return code

    async def _frame(self) -> tuple[int, bytes]:
        first, size = await self._reader.readexactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first & 0xF, await self._reader.readexactly(size)


def raw_socket(
    server: Server, conversation: str = "team"
) -> AbstractAsyncContextManager[RawSocket]:
    """Shakes hands for the socket of a conversation, as Mallory."""
    return raw_connection(server.port, server.app.base_url, conversation)


@asynccontextmanager
async def raw_connection(
    port: int, base_url: str = "/", conversation: str = "team"
) -> AsyncIterator[RawSocket]:
    """As `raw_socket`, to whatever listens on a port of the loopback."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    path = f"{base_url}{API}/conversations/{conversation}/socket"
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Authorization: token {token_of('mallory')}",
    )
    try:
        writer.write("\r\n".join((*lines, "", "")).encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101"), answer
        yield RawSocket(reader, writer)
    finally:
        writer.close()
