"""Two servers on one file, a broker that loses hints, and people and servers that come and go.

A seed that fails is its own repetition: `-k "storm and 7"`.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from anyio.lowlevel import checkpoint

from jupyter_collab.broker.base import Hear
from jupyter_collab.broker.memory import MemoryBroker
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Loaded, Outcome, Request
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.frames import Message
from jupyter_collab.protocol.ids import ConversationId, Seq
from jupyter_collab.rules import default_title
from jupyter_collab.state import ConversationState, fold
from tests.fakes import TEAM
from tests.hubs import Visitor, eventually, stopped_clock

_T = TypeVar("_T")

LIMITS = Limits(
    posts_per_window=0,
    edits_per_window=0,
    reactions_per_window=0,
    redacts_per_window=0,
    queries_per_window=0,
    frames_per_window=0,
    page_messages=5,
    resume_entries=12,
    entries_per_page=3,
    connections_per_person=0,
)


class JitteryLog(SqliteLog):
    """Everything takes a while, before it is done and before it is told."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        super().__init__(path, LIMITS)
        self._chance = chance

    async def execute(self, requests: Sequence[Request]) -> list[Outcome]:
        return await self._jitter(lambda: SqliteLog.execute(self, requests))

    async def load(self, conversation: ConversationId) -> Loaded | None:
        return await self._jitter(lambda: SqliteLog.load(self, conversation))

    async def entries(
        self, conversation: ConversationId, after: int, limit: int
    ) -> tuple[Entry, ...]:
        return await self._jitter(lambda: SqliteLog.entries(self, conversation, after, limit))

    async def _jitter(self, work: Callable[[], Awaitable[_T]]) -> _T:
        await self._dawdle()
        done = await work()
        await self._dawdle()
        return done

    async def _dawdle(self) -> None:
        for _ in range(self._chance.choice((0, 0, 1, 5, 50))):
            await checkpoint()


class LossyBroker(MemoryBroker):
    """Half of its hints get lost."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def hint(self, conversation: ConversationId, head: Seq, *, sender: Hear) -> None:
        if self._chance.random() < 0.5:
            super().hint(conversation, head, sender=sender)


@dataclass(slots=True)
class Page:
    """A client that complains of any entry it misses or gets twice."""

    visitor: Visitor
    state: ConversationState = field(default_factory=ConversationState)
    epoch: str = ""
    taken: int = 0

    def take_all(self) -> None:
        frames = self.visitor.frames
        for frame in frames[self.taken :]:
            self._take(frame)
        self.taken = len(frames)

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.epoch = frame["conversation"]["epoch"]
                self.state.title = frame["conversation"]["title"]
            case "snapshot":
                messages = msgspec.convert(frame["messages"], list[Message])
                self.state.head = frame["head"]
                self.state.messages = {message.seq: message for message in messages}
            case "entries":
                entries = msgspec.convert(frame["entries"], list[Entry])
                assert entries[0].seq == self.state.head + 1, "missed or repeated"
                fold(entries, self.state)
            case "live":
                assert frame["head"] == self.state.head
            case "goodbye":
                assert frame["code"] == 4101, frame
            case "reset":
                raise AssertionError(frame)


async def begin(hub: Hub, name: str, before: Page | None) -> Page:
    """Joins, with what an earlier page had, if any."""
    page = Page(await Visitor.connect(hub, name))
    hello: dict[str, Any] = {}
    if before is not None:
        before.take_all()
        page.state = before.state
        if before.epoch:
            hello = {"after": before.state.head, "epoch": before.epoch}
    await page.visitor.hello(**hello)
    await page.visitor.until("live")
    return page


async def act(page: Page, chance: random.Random) -> None:
    """Does something that may be refused."""
    target = chance.randint(1, page.state.head + 1)
    asked: dict[str, Any] = chance.choice(
        (
            {"type": "post", "text": chance.choice(("hi", "no", "x" * 3000))},
            {"type": "post", "text": "again"},
            {"type": "edit", "target": target, "text": f"edited {chance.random()}"},
            {"type": "redact", "target": target},
            {"type": "react", "target": target, "emoji": chance.choice("🎉👍")},
            {"type": "rename", "title": f"Title {chance.random()}"},
            {"type": "typing", "active": True},
            {"type": "mark_read", "seq": target},
        )
    )
    await page.visitor.send(**asked)


@dataclass(slots=True)
class Storm:
    """Two servers, their people, and every ack that anyone was given."""

    path: Path
    chance: random.Random
    broker: LossyBroker
    hubs: list[Hub] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    acks: dict[str, int] = field(default_factory=dict)

    def start(self) -> Hub:
        return Hub(JitteryLog(self.path, self.chance), self.broker, LIMITS)

    async def restart(self) -> None:
        """One server stops, and another takes its place."""
        place = self.chance.randrange(len(self.hubs))
        await self.hubs[place].stop()
        self.hubs[place] = self.start()

    async def turn(self) -> None:
        """Somebody does something, or goes and comes back."""
        place = self.chance.randrange(len(self.pages))
        page = self.pages[place]
        self.note(page)
        is_open = page.visitor.transport.closed is None
        if is_open and self.chance.random() > 0.1:
            await act(page, self.chance)
            return
        if is_open:
            page.visitor.leave(self.chance.choice(("clean", "broken")))
        name = page.visitor.session.member.id.removeprefix("user:")
        before = page if self.chance.random() < 0.7 else None
        self.pages[place] = await begin(self.chance.choice(self.hubs), name, before)

    def note(self, page: Page) -> None:
        page.take_all()
        self.acks |= {f["command_id"]: f["seq"] for f in page.visitor.find("ack")}


@pytest.mark.parametrize("seed", range(10))
async def test_storm_leaves_everyone_with_the_same_log(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[RS1] [RS2] [RS3] [RS5] [FO3] [FO6] [LG1] [LG3] [LG6] [LG7]"""
    chance, clock = random.Random(seed), stopped_clock(monkeypatch)  # a seeded test
    storm = Storm(tmp_path / "log.db", chance, LossyBroker(chance))
    storm.hubs = [storm.start(), storm.start()]
    storm.pages = [await begin(chance.choice(storm.hubs), name, None) for name in "abc"]
    for number in range(150):
        await storm.turn()
        if number % 50 == 49:
            await storm.restart()
        await checkpoint()
    for hub in storm.hubs:
        await hub._committer.drained()
    for place, page in enumerate(storm.pages):
        if page.visitor.transport.closed is not None:
            storm.pages[place] = await begin(storm.hubs[0], "abc"[place], page)
    entries, truth = await whole(storm.path)
    clock.later(20.0)  # every heartbeat asks the log
    for page in storm.pages:
        await eventually(partial(caught_up, page, truth.head))
        storm.note(page)
        assert page.state.title == truth.title
        window = {seq: truth.messages[seq] for seq in page.state.messages}
        assert page.state.messages == window
        assert list(window)[-1:] == list(truth.messages)[-1:]
    assert storm.acks.items() <= {entry.command_id: entry.seq for entry in entries}.items()
    for hub in storm.hubs:
        await hub.stop()


def caught_up(page: Page, head: int) -> bool:
    page.take_all()
    return page.state.head == head


async def whole(path: Path) -> tuple[list[Entry], ConversationState]:
    """Everything in the log, and its fold."""
    log, entries = SqliteLog(path, LIMITS), list[Entry]()
    while page := await log.entries(TEAM, len(entries), 500):
        entries += page
    await log.close()
    return entries, fold(entries, ConversationState(title=default_title(TEAM)))
