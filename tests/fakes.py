"""Stand-ins for what the core touches: time, sockets, and members and entries to feed it."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec

from jupyter_collab.clock import Instant
from jupyter_collab.protocol.commands import ClientCommand
from jupyter_collab.protocol.entries import (
    Body,
    Entry,
    JoinedBody,
    PostedBody,
    entry_of,
)
from jupyter_collab.protocol.framing import PING
from jupyter_collab.protocol.ids import CommandId, ConversationId, MemberId, Seq
from jupyter_collab.protocol.members import Member, Role

__all__ = [
    "TEAM",
    "Clock",
    "FakeTransport",
    "command",
    "command_id",
    "entry",
    "frames_in",
    "joined",
    "member",
    "posted",
]

TEAM = ConversationId("team")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ids = count(1)


@dataclass(slots=True)
class Clock:
    """Time that stands still until it is told to pass. Its seconds are exact in binary."""

    mono: float = 4096.0
    wall: float = 1_700_000_000.0

    @property
    def now(self) -> Instant:
        return Instant(self.mono, self.wall)

    def later(self, seconds: float) -> Instant:
        """Lets time pass, and says what time it is then."""
        self.mono += seconds
        self.wall += seconds
        return self.now


def command_id() -> CommandId:
    """A ULID that was not given before."""
    number, text = next(_ids), ""
    while number:
        number, digit = divmod(number, 32)
        text = _CROCKFORD[digit] + text
    return CommandId(text.rjust(26, "0"))


def command(type: str, **fields: Any) -> ClientCommand:
    """A command with a new id."""
    given = {"type": type, "command_id": command_id(), **fields}
    made: ClientCommand = msgspec.convert(given, ClientCommand)
    return made


def member(name: str, *, role: Role = "member") -> Member:
    return Member(MemberId(f"user:{name}"), name.title(), role=role)


def entry(seq: int, body: Body, *, by: str = "ada") -> Entry:
    return entry_of(
        body, seq=Seq(seq), author=MemberId(f"user:{by}"), at=float(seq), command_id=command_id()
    )


def posted(seq: int, text: str = "hi", *, by: str = "ada") -> Entry:
    return entry(seq, PostedBody(text), by=by)


def joined(seq: int, *, by: str = "ada", role: Role = "member") -> Entry:
    return entry(seq, JoinedBody(member(by, role=role)), by=by)


@dataclass(slots=True)
class FakeTransport:
    """A socket that remembers. While `is_stuck`, no write ends until `release`."""

    is_stuck: bool = False
    is_gone: bool = False
    writes: list[bytes] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    _pending: list[Future[None]] = field(default_factory=list)

    def write(self, frames: bytes) -> Future[None] | None:
        assert self.closed is None, "written after the close"
        if self.is_gone:
            return None
        self.writes.append(frames)
        written: Future[None] = Future()
        self._pending.append(written)
        if not self.is_stuck:
            self.release()
        return written

    def close(self, code: int, reason: str) -> None:
        self.closed = code, reason

    def release(self, error: Exception | None = None) -> None:
        """Ends every write under way."""
        pending, self._pending = self._pending, []
        for written in pending:
            if error is None:
                written.set_result(None)
            else:
                written.set_exception(error)

    @property
    def frames(self) -> list[dict[str, Any]]:
        """Every frame that was written, decoded."""
        return frames_in(b"".join(self.writes))

    @property
    def pings(self) -> int:
        """How often it was asked for a sign of life, below the protocol."""
        return sum(data == PING for data in _split(b"".join(self.writes)))


def frames_in(data: bytes) -> list[dict[str, Any]]:
    """Reads WebSocket text frames as a client does, by RFC 6455, section 5.2; passes pings by."""
    return [msgspec.json.decode(payload) for payload in _split(data) if payload != PING]


def _split(data: bytes) -> Iterator[bytes]:
    """The payload of each text frame; a ping whole."""
    while data:
        if data.startswith(PING):
            yield PING
            data = data[len(PING) :]
            continue
        assert data[0] == 0x81, "a final text frame, no extension"
        size, start = data[1], 2
        assert size < 128, "a server does not mask"
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start], "big")
        yield data[start : start + size]
        data = data[start + size :]
