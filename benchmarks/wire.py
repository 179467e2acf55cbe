"""A WebSocket client by hand (RFC 6455), with as little work per frame as Python allows.

Owns the handshake, masking and where frames end. Must not know what frames say, but for the
heartbeat of Engine.IO, which is a frame. It is for measuring servers we start ourselves: it
answers pings, and fails on anything unexpected.
"""

from __future__ import annotations

import base64
import errno
import os
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from .job import Step

__all__ = ["Broken", "Connection", "masked", "until_live", "whole_frames"]

READ_BYTES: Final = 64 * 1024  # twice that, and malloc maps memory for every read
JOIN_S: Final = 30.0
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A  # each with FIN set
HEARTBEAT, BEAT_BACK = b"2", b"3"  # Engine.IO 4: the server asks with a text frame
_COOKIE = re.compile(rb"(?mi)^set-cookie:\s*([^;\r]+)")
_END = b"\r\n\r\n"


class Broken(Exception):
    """The connection ended, or did what no server here should do; the run is void."""


class Connection:
    """One client's socket. Connects and joins by `advance`, never blocks.

    Attributes:
        cookie: what the server set during the handshake; given again, it is the same person.
        is_live: whether every step of joining is done.
        greeting: the frames that came while joining.
        received_bytes: all whole frames so far, headers included.
    """

    def __init__(
        self, host: str, port: int, path: str, *, steps: Iterable[Step] = (), cookie: str = ""
    ) -> None:
        self.cookie = cookie
        self.is_live = False
        self.greeting = b""
        self.received_bytes = 0
        self._request = _request(f"{host}:{port}", path, cookie)
        self._steps = deque(steps)
        self._head: bytes | None = b""  # of the answer to the request, until it is whole
        self._chunks: list[bytes] = []  # the beginning of a frame whose end is not here yet
        self._held = self._needed = 0
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if (error := self.socket.connect_ex((host, port))) not in {0, errno.EINPROGRESS}:
            self.socket.close()
            raise Broken(f"connecting failed: {os.strerror(error)}")

    @property
    def waits_for(self) -> int:
        """What must happen on the socket before `advance` is of use."""
        return selectors.EVENT_WRITE if self._request else selectors.EVENT_READ

    def advance(self) -> None:
        """Takes the next step of joining, after what `waits_for` names."""
        if self._request:
            if error := self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise Broken(f"connecting failed: {os.strerror(error)}")
            self.send(self._request)
            self._request = b""
        elif self._head is not None:
            self._upgrade(self._head + self._read())
        else:
            self._greet(self.receive())

    def _upgrade(self, answer: bytes) -> None:
        self._head = answer
        if _END not in answer:
            return
        head, _, rest = answer.partition(_END)
        if not head.startswith(b"HTTP/1.1 101"):
            raise Broken(f"the server did not upgrade: {head[:200]!r}")
        self._head = None
        self.cookie = b"; ".join(_COOKIE.findall(head)).decode() or self.cookie
        self._start_step()
        if rest:
            self._greet(self._whole(rest))

    def _start_step(self) -> None:
        """Sends what comes next, as long as nothing must be waited for."""
        while self._steps:
            if self._steps[0].send:
                self.send(masked(self._steps[0].send.encode()))
            if self._steps[0].until:
                return
            self._steps.popleft()
        self.is_live = True

    def _greet(self, frames: bytes) -> None:
        self.greeting += frames
        if self._steps and self._steps[0].until.encode() in frames:
            self._steps.popleft()
            self._start_step()

    def send(self, frame: bytes) -> None:
        """Sends one frame at once; a full socket buffer is a failure."""
        try:
            sent = self.socket.send(frame)
        except OSError as exc:
            raise Broken(f"sending failed: {exc}") from exc
        if sent != len(frame):
            raise Broken("the server does not read what it is sent")

    def receive(self) -> bytes:
        """Reads once; returns the frames that are whole now, headers included."""
        return self._whole(self._read())

    def read(self) -> bytes:
        """Reads once; returns what came, behind the beginning of a frame that came before.

        Then either `cut` takes it, or `keep` is told what of it is whole.
        """
        data = self._read()
        return b"".join((*self._chunks, data)) if self._chunks else data

    def cut(self, data: bytes) -> list[int]:
        """Where the whole frames in `data` end; answers those that want it."""
        ends, control = whole_frames(data)
        self.keep(data, ends[-1] if ends else 0)
        for start in control:
            self._answer(data, start)
        return ends

    def keep(self, data: bytes, end: int) -> None:
        """Holds what is behind the last whole frame."""
        rest = data[end:]
        self._chunks = [rest] if rest else []
        self._held, self._needed = len(rest), _frame_bytes(rest, 0)
        self.received_bytes += end

    def _read(self) -> bytes:
        try:
            read = self.socket.recv(READ_BYTES)
        except OSError as exc:
            raise Broken(f"receiving failed: {exc}") from exc
        if not read:
            raise Broken("the server hung up")
        return read

    def _whole(self, data: bytes) -> bytes:
        if self._chunks:  # joined once, when the frame is whole, however large it is
            self._chunks.append(data)
            self._held += len(data)
            if self._held < self._needed:
                return b""
            data = b"".join(self._chunks)
        ends = self.cut(data)
        return data[: ends[-1]] if ends else b""

    def close(self) -> None:
        """Says goodbye without waiting for the answer."""
        with suppress(OSError):  # gone already, which is what we want
            self.socket.send(masked(b"\x03\xe8", opcode=CLOSE))  # 1000, normal
        self.socket.close()

    def _answer(self, data: bytes, start: int) -> None:
        opcode, payload = data[start], data[start + 2 : start + 2 + data[start + 1]]
        match opcode:
            case 0x81:
                if payload == HEARTBEAT:
                    self.send(masked(BEAT_BACK))
            case 0x89:
                self.send(masked(payload, opcode=PONG))
            case 0x8A:
                pass
            case 0x88:
                code = int.from_bytes(payload[:2], "big")
                raise Broken(f"the server closed with {code}: {payload[2:]!r}")
            case _:
                raise Broken(f"unexpected frame 0x{opcode:02x}")


def until_live(
    connections: Iterable[Connection], meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Lets all of them join at the same time, and returns when the last is live.

    `meanwhile` is called often.
    """
    deadline = time.perf_counter() + JOIN_S
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, connection.waits_for, connection)
        while selector.get_map():
            if not (ready := selector.select(deadline - time.perf_counter())):
                raise Broken(f"{len(selector.get_map())} clients did not get in")
            meanwhile()
            for key, _ in ready:
                waited_for = key.data.waits_for
                key.data.advance()
                if key.data.is_live:
                    selector.unregister(key.fileobj)
                elif key.data.waits_for != waited_for:
                    selector.modify(key.fileobj, key.data.waits_for, key.data)


def _request(host: str, path: str, cookie: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def masked(payload: bytes, *, opcode: int = TEXT) -> bytes:
    """One frame from a client, masked with the zero key, which leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    return bytes([opcode]) + length + b"\0\0\0\0" + payload


def whole_frames(data: bytes) -> tuple[list[int], list[int]]:
    """Where whole frames end, and where frames begin that may want an answer.

    Those are all but text, and texts of one byte, which are Engine.IO's heartbeats.
    """
    position, size, ends, others = 0, len(data), list[int](), list[int]()
    while size - position >= 2:
        length = data[position + 1]  # a server's frames are not masked
        end = position + 2 + length
        if length > 125:
            if size - position < 10:  # such a frame has more
                break
            end = position + _frame_bytes(data, position)
        if end > size:
            break
        if data[position] != TEXT or length == 1:
            others.append(position)
        ends.append(end)
        position = end
    return ends, others


def _frame_bytes(data: bytes, start: int) -> int:
    """The whole length of the frame that begins at `start`; 0 if that can't be known yet."""
    if len(data) - start < 10:
        return 0
    match data[start + 1]:
        case 126:
            return 4 + int.from_bytes(data[start + 2 : start + 4], "big")
        case 127:
            return 10 + int.from_bytes(data[start + 2 : start + 10], "big")
        case length:
            return 2 + length
