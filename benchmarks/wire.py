"""A WebSocket client by hand (RFC 6455), with as little work per frame as Python allows.

Owns the handshake, masking and where frames end. Must not know what frames say. It is for
measuring servers we start ourselves: it answers pings, and fails on anything unexpected.
"""

from __future__ import annotations

import base64
import os
import re
import socket
from contextlib import suppress
from typing import Final

__all__ = ["Broken", "Connection", "masked", "whole_frames"]

READ_BYTES: Final = 64 * 1024  # twice that, and malloc maps memory for every read
CONNECT_S: Final = 20.0
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A  # each with FIN set
_COOKIE = re.compile(rb"(?mi)^set-cookie:\s*([^;\r]+)")


class Broken(Exception):
    """The connection ended, or did what no server here should do; the run is void."""


class Connection:
    """One client's socket, after the handshake.

    Attributes:
        cookie: what the server set during the handshake; given again, it is the same person.
        received_bytes: all whole frames so far, headers included.
    """

    def __init__(self, host: str, port: int, target: str, *, cookie: str = "") -> None:
        self.socket = socket.create_connection((host, port), timeout=CONNECT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received_bytes = 0
        try:
            head, self._rest = self._upgrade(f"{host}:{port}", target, cookie)
        except BaseException:
            self.socket.close()
            raise
        cookies = b"; ".join(_COOKIE.findall(head)).decode()
        self.cookie = cookies or cookie

    def _upgrade(self, host: str, target: str, cookie: str) -> tuple[bytes, bytes]:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {target} HTTP/1.1",
            f"Host: {host}",
            f"Origin: http://{host}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            *([f"Cookie: {cookie}"] if cookie else []),
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            if not (read := self.socket.recv(READ_BYTES)):
                raise Broken(f"the server hung up during the handshake: {answer!r}")
            answer += read
        head, _, rest = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise Broken(f"the server did not upgrade: {head[:200]!r}")
        return head, rest

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
        try:
            read = self.socket.recv(READ_BYTES)
        except OSError as exc:
            raise Broken(f"receiving failed: {exc}") from exc
        if not read:
            raise Broken("the server hung up")
        data = self._rest + read if self._rest else read
        end, control = whole_frames(data)
        self._rest = data[end:]
        for start in control:
            self._answer(data, start)
        self.received_bytes += end
        return data if end == len(data) else data[:end]

    def receive_until(self, text: bytes) -> None:
        """Reads until a frame holds `text`; for joining."""
        while text not in self.receive():
            pass

    def close(self) -> None:
        """Says goodbye without waiting for the answer."""
        with suppress(OSError):  # gone already, which is what we want
            self.socket.send(masked(b"\x03\xe8", opcode=CLOSE))  # 1000, normal
        self.socket.close()

    def _answer(self, data: bytes, start: int) -> None:
        opcode, payload = data[start], data[start + 2 : start + 2 + data[start + 1]]
        match opcode:
            case 0x89:
                self.send(masked(payload, opcode=PONG))
            case 0x8A:
                pass
            case 0x88:
                code = int.from_bytes(payload[:2], "big")
                raise Broken(f"the server closed with {code}: {payload[2:]!r}")
            case _:
                raise Broken(f"unexpected frame 0x{opcode:02x}")


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


def whole_frames(data: bytes) -> tuple[int, list[int]]:
    """Where the last whole frame ends, and where frames other than text begin."""
    position, size, others = 0, len(data), list[int]()
    while size - position >= 2:
        length = data[position + 1]  # a server's frames are not masked
        end = position + 2 + length
        if length == 126:
            end = position + 4 + int.from_bytes(data[position + 2 : position + 4], "big")
        elif length == 127:
            end = position + 10 + int.from_bytes(data[position + 2 : position + 10], "big")
        if end > size or (length > 125 and size - position < 4):
            break
        if data[position] != TEXT:
            others.append(position)
        position = end
    return position, others
