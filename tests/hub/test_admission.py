"""At what pace people come into conversations, and change there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import pytest

from jupyter_collab.answer import goodbye
from jupyter_collab.errors import RateLimited, Unavailable
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from jupyter_collab.protocol.entries import Joined, ProfileChanged
from jupyter_collab.protocol.frames import Ack
from jupyter_collab.protocol.ids import ConversationId
from jupyter_collab.protocol.members import Member
from tests.fakes import TEAM, Clock, FakeTransport, command, member
from tests.hubs import HeldLog, Visitor, hub_on, sqlite, stopped_clock
from tests.rooms import ADA

QUIET = Limits(heartbeat_s=4000.0, silence_s=4000.0)  # a clock that is moved closes nobody


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch)


@dataclass(slots=True)
class Book:
    """What a log says of people."""

    log: HeldLog

    async def joined(self) -> list[str]:
        entries = await self.log.entries(TEAM, 0, 5000)
        return [entry.author for entry in entries if isinstance(entry, Joined)]

    async def names(self) -> list[str]:
        """Ada's, in their order."""
        entries = await self.log.entries(TEAM, 0, 5000)
        return [
            entry.body.member.name
            for entry in entries
            if isinstance(entry, Joined | ProfileChanged) and entry.author == ADA
        ]


async def come_as(hub: Hub, name: str) -> Visitor:
    """Ada comes in under a name."""
    session = await hub.connect(TEAM, Member(ADA, name), FakeTransport())
    visitor = Visitor(hub, session, session._transport)  # type: ignore[arg-type]  # made above
    await visitor.hello()
    await visitor.until("live")
    return visitor


async def test_newcomers_have_a_rate(tmp_path: Path, clock: Clock) -> None:
    """[RA8] [RA2] Past it they are told when to come back; who is known comes in."""
    log = sqlite(tmp_path)
    async with hub_on(log, replace(QUIET, newcomers_per_minute=3)) as hub:
        ada = await Visitor.join(hub)
        for name in ("bo", "cam"):
            clock.later(10.0)
            await Visitor.join(hub, name)
        clock.later(10.0)
        late = await Visitor.connect(hub, "dee")
        await late.hello()
        told = await late.until("goodbye")
        assert (told["code"], told["retry_after_s"]) == (4103, 30.0)
        assert told["message"] == "You can join in 30.0 s."
        with pytest.raises(RateLimited) as caught:
            await hub.command(TEAM, member("dee"), command("post", text="hi"))
        assert caught.value.retry_after_s == 30.0
        ada.leave()
        await Visitor.join(hub)
        other = await Visitor.connect(hub, "dee", conversation=ConversationId("other"))
        await other.hello()
        await other.until("live")
        clock.later(29.0)
        with pytest.raises(RateLimited):
            await hub._rooms.enter(TEAM, member("dee"))
        clock.later(1.0)
        await Visitor.join(hub, "dee")
        assert await Book(log).joined() == [f"user:{name}" for name in ("ada", "bo", "cam", "dee")]


async def test_a_class_comes_at_once(tmp_path: Path) -> None:
    """[RA8] 300 students, each with four pages, are no flood."""
    log, limits = sqlite(tmp_path), Limits(people_per_conversation=0)
    async with hub_on(log, limits) as hub:
        await hub.start()
        async with anyio.create_task_group() as tasks:
            for number in range(1200):
                tasks.start_soon(hub._rooms.enter, TEAM, member(f"s{number // 4}"))
        assert len(await Book(log).joined()) == 300


async def test_what_wrote_nothing_takes_no_place(tmp_path: Path, clock: Clock) -> None:
    """[RA8] [RA3] Neither a second tab, nor one that another server let in, nor a full disk."""
    log = sqlite(tmp_path)
    limits = replace(QUIET, newcomers_per_minute=3, profile_changes_per_window=1)
    async with hub_on(log, limits) as hub, hub_on(sqlite(tmp_path), limits) as other:
        log.write_error = Unavailable("The disk is full.")
        for _ in range(5):
            with pytest.raises(Unavailable):
                await hub.command(TEAM, member("ada"), command("post", text="hi"))
        log.write_error = None
        async with anyio.create_task_group() as tasks:
            for name in ("ada", "bo") * 4:
                tasks.start_soon(Visitor.join, hub, name)
        for name in ("cam", "dee"):
            await Visitor.join(other, name)
            await hub.command(TEAM, member(name), command("post", text="hi"))
        await Visitor.join(hub, "eve")
        with pytest.raises(RateLimited):
            await hub._rooms.enter(TEAM, member("fay"))


async def test_changes_of_a_profile_have_a_rate(tmp_path: Path, clock: Clock) -> None:
    """[RA8] [RU11] What exceeds it is not written now, but by a later visit; everyone comes in."""
    log = sqlite(tmp_path)
    async with hub_on(log, replace(QUIET, profile_changes_per_window=2)) as hub:
        for name in ("Ada", "A1", "A2"):
            (await come_as(hub, name)).leave()
        for name in ("A3", "A4", "A5"):
            visitor = await come_as(hub, name)
            (welcome,) = visitor.find("welcome")
            assert welcome["you"]["name"] == "A2"
            assert (await visitor.do("post", text="hi"))["type"] == "ack"
            visitor.leave()
        answer = await hub.command(TEAM, Member(ADA, "A6"), command("post", text="hi"))
        assert isinstance(answer, Ack)
        assert await Book(log).names() == ["Ada", "A1", "A2"]
        bo = await hub._rooms.enter(TEAM, Member(member("bo").id, "B1"))
        await hub._rooms.enter(TEAM, Member(member("bo").id, "B2"))
        assert bo.member(member("bo").id) == Member(member("bo").id, "B2")
        clock.later(10.0)
        last = await come_as(hub, "A7")
        assert last.find("welcome")[0]["you"]["name"] == "A7"
        assert await Book(log).names() == ["Ada", "A1", "A2", "A7"]


async def test_a_rate_of_0_counts_nobody(tmp_path: Path, clock: Clock) -> None:
    """[RA4] [RA8]"""
    log = sqlite(tmp_path)
    limits = Limits(newcomers_per_minute=0, profile_changes_per_window=0)
    async with hub_on(log, limits) as hub:
        await hub.start()
        async with anyio.create_task_group() as tasks:
            for number in range(1010):
                tasks.start_soon(hub._rooms.enter, TEAM, member(f"p{number}"))
        assert len(await Book(log).joined()) == 1010
        for number in range(10):
            await hub._rooms.enter(TEAM, Member(ADA, f"A{number}"))
        assert await Book(log).names() == [f"A{number}" for number in range(10)]


async def test_who_must_wait_is_told_as_of_other_rates() -> None:
    """[RA8] The page comes back by itself."""
    assert goodbye(RateLimited(12.34, "join")).code == 4103
    assert str(RateLimited(12.34, "join").message) == "You can join in 12.3 s."
