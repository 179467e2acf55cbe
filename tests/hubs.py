"""Hubs for the tests of the core: real logs that can be held up, and visitors without sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from anyio.lowlevel import checkpoint

from jupyter_collab.answer import FAILED, goodbye
from jupyter_collab.broker.base import Broker
from jupyter_collab.broker.memory import MemoryBroker
from jupyter_collab.errors import ProtocolError
from jupyter_collab.hub.hub import Hub
from jupyter_collab.hub.session import Session
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Loaded, Log, MessagePage, Note, Outcome, Request
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.commands import COMMAND_TYPES
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.frames import ConversationSummary
from jupyter_collab.protocol.ids import ConversationId, MemberId
from jupyter_collab.protocol.members import Role
from jupyter_collab.room.presence import Departure
from tests.fakes import TEAM, Clock, FakeTransport, command_id, member

__all__ = [
    "PATIENCE_S",
    "Gate",
    "HeldLog",
    "Visitor",
    "eventually",
    "hub_on",
    "settled",
    "sqlite",
    "stopped_clock",
]

PATIENCE_S = 20.0  # a test that waits for longer has failed


async def eventually(condition: Callable[[], object]) -> None:
    """Waits until something is true."""
    with anyio.fail_after(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # nobody announces it
            await anyio.sleep(0.002)


async def settled() -> None:
    """Lets everything happen that waits for nothing but its turn."""
    for _ in range(20):
        await checkpoint()


def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """From now on hubs go by this clock. They look at it as often as ever."""
    clock = Clock()
    for module in ("admission", "door", "hub", "rooms"):
        monkeypatch.setattr(f"jupyter_collab.hub.{module}._now", lambda: clock.now)
    return clock


@asynccontextmanager
async def hub_on(
    log: Log, limits: Limits | None = None, broker: Broker | None = None
) -> AsyncIterator[Hub]:
    """A hub, stopped at the end."""
    hub = Hub(log, broker or MemoryBroker(), limits or Limits())
    try:
        yield hub
    finally:
        await hub.stop()


@dataclass(slots=True)
class Gate:
    """Who comes waits while it is shut; `waiting` says how many do."""

    is_shut: bool = False
    waiting: int = 0
    _opened: anyio.Event = field(default_factory=anyio.Event)

    async def go_through(self) -> None:
        if not self.is_shut:
            return
        self.waiting += 1
        try:
            await self._opened.wait()
        finally:
            self.waiting -= 1

    def shut(self) -> None:
        self.is_shut = True

    def open(self) -> None:
        self.is_shut = False
        self._opened.set()
        self._opened = anyio.Event()


class HeldLog:
    """A real log with gates before and after its transactions, and failures on demand."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.before_commit, self.after_commit = Gate(), Gate()
        self.after_load, self.after_read = Gate(), Gate()
        self.batches: list[list[Request]] = []
        self.noted: list[Note] = []
        self.reads = 0
        self.write_error: Exception | None = None
        self.note_error: Exception | None = None
        self.read_error: Exception | None = None

    @property
    def replaced(self) -> Callable[[], None]:
        return self._log.replaced

    @replaced.setter
    def replaced(self, call: Callable[[], None]) -> None:
        self._log.replaced = call

    async def execute(self, requests: Sequence[Request]) -> list[Outcome]:
        self.batches.append(list(requests))
        await self.before_commit.go_through()
        if self.write_error is not None:
            raise self.write_error
        outcomes = await self._log.execute(requests)
        await self.after_commit.go_through()
        return outcomes

    async def note(self, notes: Sequence[Note]) -> None:
        if self.note_error is not None:
            raise self.note_error
        self.noted += notes
        await self._log.note(notes)

    async def load(self, conversation: ConversationId) -> Loaded | None:
        self._read()
        loaded = await self._log.load(conversation)
        await self.after_load.go_through()
        return loaded

    async def entries(
        self, conversation: ConversationId, after: int, limit: int
    ) -> tuple[Entry, ...]:
        self._read()
        entries = await self._log.entries(conversation, after, limit)
        await self.after_read.go_through()
        return entries

    async def messages(
        self, conversation: ConversationId, before: int | None, limit: int
    ) -> MessagePage:
        self._read()
        return await self._log.messages(conversation, before, limit)

    async def conversations(self, member: MemberId) -> list[ConversationSummary]:
        self._read()
        return await self._log.conversations(member)

    async def close(self) -> None:
        await self._log.close()

    def _read(self) -> None:
        self.reads += 1
        if self.read_error is not None:
            raise self.read_error


def sqlite(path: Path, limits: Limits | None = None) -> HeldLog:
    """The log of a server whose data is in `path`."""
    return HeldLog(SqliteLog(path / "log.db", limits or Limits()))


@dataclass(slots=True)
class Visitor:
    """A session of a hub over a transport that remembers; feeds frames as a handler does."""

    hub: Hub
    session: Session
    transport: FakeTransport

    @classmethod
    async def connect(
        cls,
        hub: Hub,
        name: str = "ada",
        *,
        conversation: ConversationId = TEAM,
        role: Role = "member",
        transport: FakeTransport | None = None,
    ) -> Visitor:
        transport = transport or FakeTransport()
        session = await hub.connect(conversation, member(name, role=role), transport)
        return cls(hub, session, transport)

    @classmethod
    async def join(cls, hub: Hub, name: str = "ada", **hello: Any) -> Visitor:
        """Says hello and waits until it is live."""
        visitor = await cls.connect(hub, name)
        await visitor.hello(**hello)
        await visitor.until("live")
        return visitor

    async def hello(self, **hello: Any) -> None:
        await self.send("hello", **{"protocol": 1, **hello})

    async def send(self, type: str, **fields: Any) -> str:
        """Sends a frame; returns its command id, a new one if none was given."""
        if type in COMMAND_TYPES:
            fields = {"command_id": command_id(), **fields}
        try:
            if self.hub.allow(self.session):
                await self._take(msgspec.json.encode({"type": type, **fields}))
        except ProtocolError as wrong:
            self.hub.dismiss(self.session, goodbye(wrong))
        except Exception:  # as the handler does
            self.hub.dismiss(self.session, FAILED)
            raise
        return str(fields.get("command_id", ""))

    async def _take(self, data: bytes) -> None:
        try:
            frame = codec.decode_client(data, max_depth=32)
        except codec.InvalidCommand as invalid:
            self.hub.refuse(self.session, invalid)
        else:
            if (waiting := self.hub.receive(self.session, frame)) is not None:
                await waiting

    async def until(self, type: str, **fields: Any) -> dict[str, Any]:
        """Waits for a frame of this type with these fields."""
        await eventually(lambda: self.find(type, **fields))
        return self.find(type, **fields)[0]

    async def answered(self, id_: str) -> dict[str, Any]:
        """Waits for the answer to a command."""
        await eventually(lambda: self.answers(id_))
        (answer,) = self.answers(id_)
        return answer

    async def do(self, type: str, **fields: Any) -> dict[str, Any]:
        """Does a command and waits for its answer."""
        return await self.answered(await self.send(type, **fields))

    async def at(self, head: int) -> None:
        """Waits until it has heard of entry `head`."""
        await eventually(lambda: head in self.seqs)

    def find(self, type: str, **fields: Any) -> list[dict[str, Any]]:
        """Every frame of this type with these fields."""
        return [
            frame
            for frame in self.frames
            if frame["type"] == type and all(frame[name] == fields[name] for name in fields)
        ]

    def answers(self, id_: str) -> list[dict[str, Any]]:
        return [
            f for f in self.frames if f["type"] in ("ack", "refused") and f["command_id"] == id_
        ]

    @property
    def frames(self) -> list[dict[str, Any]]:
        return self.transport.frames

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Every entry that was heard of, in order."""
        return [entry for frame in self.find("entries") for entry in frame["entries"]]

    @property
    def seqs(self) -> list[int]:
        return [entry["seq"] for entry in self.entries]

    @property
    def texts(self) -> list[str]:
        return [entry["body"]["text"] for entry in self.entries if entry["kind"] == "posted"]

    @property
    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def leave(self, how: Departure = "clean") -> None:
        """The socket closes."""
        self.hub.leave(self.session, how)
