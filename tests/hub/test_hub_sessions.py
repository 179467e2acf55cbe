"""The hub over a real log: who is here, who is slow or silent, and rooms that come and go."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from jupyter_collab import metrics
from jupyter_collab.broker.memory import MemoryBroker
from jupyter_collab.errors import NotFound, ProtocolError, RateLimited, Unavailable
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from jupyter_collab.log.memory import MemoryLog
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.frames import Ack
from jupyter_collab.protocol.ids import ConversationId
from jupyter_collab.protocol.members import Role
from tests.fakes import TEAM, FakeTransport, command, member
from tests.hubs import Visitor, eventually, hub_on, settled, sqlite, stopped_clock


def _presence(visitor: Visitor) -> dict[str, tuple[str, int]]:
    seen: dict[str, tuple[str, int]] = {}
    for frame in visitor.frames:
        news: list[dict[str, Any]] = frame.get("presence") or frame.get("members") or []
        if frame["type"] in ("welcome", "presence"):
            seen |= {m["id"]: (m["state"], m["connections"]) for m in news}
    return seen


# What is not stored


async def test_typing_presence_and_read_marks_reach_whom_they_should(tmp_path: Path) -> None:
    """[PR5] [PR6] [RS9]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada, tab = await Visitor.join(hub), await Visitor.join(hub)
        bo = await Visitor.join(hub, "bo")
        await ada.send("typing", active=True)
        assert (await bo.until("ephemeral"))["member"] == "user:ada"
        await ada.send("activity", state="idle")
        await tab.send("activity", state="hidden")
        await eventually(lambda: _presence(bo).get("user:ada") == ("idle", 2))
        await ada.send("mark_read", seq=2)
        assert (await tab.until("read"))["seq"] == 2
        await ada.send("pong", n=1)
        await settled()
        assert [tab.find("ephemeral"), ada.find("ephemeral")] == [[], []]
        assert [ada.find("read"), bo.find("read")] == [[], []]
        bo.leave()
        await eventually(lambda: hub._sessions.keys() == {ada.session.id, tab.session.id})


async def test_a_storm_of_joins_shares_its_presence(tmp_path: Path) -> None:
    """[PR5] Not one frame for each who comes."""
    log = sqlite(tmp_path)
    async with hub_on(log) as hub:
        ada = await Visitor.join(hub)
        await ada.until("presence")
        log.before_commit.shut()
        async with anyio.create_task_group() as tasks:
            for number in range(30):
                tasks.start_soon(Visitor.join, hub, f"p{number}")
            await eventually(lambda: log.before_commit.waiting)
            await settled()
            log.before_commit.open()
        await eventually(lambda: len(_presence(ada)) == 31)
        assert len(ada.find("presence")) <= 3  # there were two commits


async def test_a_silent_session_is_closed_and_the_others_are_pinged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[PR3] [FO5] A pong or any frame is a sign of life."""
    clock = stopped_clock(monkeypatch)
    async with hub_on(sqlite(tmp_path)) as hub:
        ada, bo, cam = [await Visitor.join(hub, name) for name in ("ada", "bo", "cam")]
        clock.later(20.0)
        await eventually(lambda: all(who.find("ping") for who in (ada, bo, cam)))
        assert ada.transport.pings == bo.transport.pings == 1
        hub.heard(bo.session)
        await cam.send("pong", n=1)
        clock.later(10.0)
        assert (await ada.until("goodbye"))["code"] == 4200
        await eventually(lambda: _presence(bo).get("user:ada") == ("offline", 0))
        assert bo.transport.closed is cam.transport.closed is None


async def test_a_slow_session_is_dismissed_and_nobody_else_notices(tmp_path: Path) -> None:
    """[FO2]"""
    async with hub_on(sqlite(tmp_path), Limits(outbox_frames=5, posts_per_window=0)) as hub:
        stuck = FakeTransport()
        slow = await Visitor.connect(hub, "slow", transport=stuck)
        await slow.hello()
        await slow.until("live")
        ada = await Visitor.join(hub)
        stuck.is_stuck = True
        for number in range(20):
            await ada.do("post", text=str(number))
        assert stuck.closed is not None
        assert stuck.closed[0] == 4102
        assert slow.types[-1] == "goodbye"
        await eventually(lambda: len(ada.texts) == 20)
        assert ada.transport.closed is None
        assert slow.session.id not in hub._sessions
        assert "user:slow" in _presence(ada)


async def test_one_who_never_reads_is_dismissed_whatever_else_they_say(tmp_path: Path) -> None:
    """[FO7] Silence is something else."""
    limits = Limits(heartbeat_s=0.2, silence_s=1000.0, stall_s=0.1)
    async with hub_on(sqlite(tmp_path), limits) as hub:
        slow, ada = await Visitor.join(hub, "slow"), await Visitor.join(hub)
        slow.transport.is_stuck = True
        await ada.do("post", text="to a wall")
        assert (await slow.until("goodbye"))["code"] == 4102
        assert ada.transport.closed is None


async def test_a_greeting_always_fits(tmp_path: Path) -> None:
    """[RS1] [FO2] However many have ever been here, and however the limits are set."""
    limits = Limits(outbox_bytes=100, outbox_frames=1)
    async with hub_on(sqlite(tmp_path), limits) as hub:
        ada = await Visitor.connect(hub)
        await ada.hello()
        await ada.until("live")
        assert ada.types[:3] == ["welcome", "snapshot", "live"]
        assert ada.session.phase == "joined"


async def test_one_who_asks_but_does_not_read_is_dismissed(tmp_path: Path) -> None:
    """[FO2]"""
    async with hub_on(sqlite(tmp_path), Limits(outbox_frames=5)) as hub:
        ada = await Visitor.join(hub)
        await settled()
        ada.transport.is_stuck = True
        for _ in range(10):
            await ada.send("post", text=5)
            await settled()
        assert ada.find("goodbye")[0]["code"] == 4102


async def test_everyone_slow_at_once_is_dismissed_in_one_broadcast(tmp_path: Path) -> None:
    """[FO2] The first to go does not trip over the next, though going is news as well."""
    async with hub_on(sqlite(tmp_path), Limits(outbox_frames=4, posts_per_window=0)) as hub:
        visitors = [await Visitor.join(hub, f"p{number}") for number in range(6)]
        ada = await Visitor.join(hub)
        for visitor in visitors:
            await visitor.send("typing", active=True)
        await settled()
        for visitor in visitors:
            visitor.transport.is_stuck = True
        for _ in range(20):
            await ada.do("post", text="hi")
        assert {v.transport.closed and v.transport.closed[0] for v in visitors} == {4102}
        assert hub._sessions.keys() == {ada.session.id}
        await ada.at(27)


# Rooms


async def test_a_room_without_anyone_leaves_memory_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[RS11] After 30 minutes, whole."""
    clock = stopped_clock(monkeypatch)
    async with hub_on(sqlite(tmp_path), Limits(heartbeat_s=0.2)) as hub:
        ada = await Visitor.join(hub)
        await ada.do("post", text="hi")
        ada.leave()
        clock.later(3.0)
        await eventually(lambda: not hub._rooms.joined(TEAM)._presence.people)
        clock.later(1800.0)
        await eventually(lambda: hub._rooms.all() == [])
        back = await Visitor.join(hub)
        assert [m["text"] for m in back.find("snapshot")[0]["messages"]] == ["hi"]


async def test_a_room_that_fails_is_let_go_of_and_the_others_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[FR8] Its people are sent away with 4104, and find everything when they come back."""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        elsewhere = await Visitor.connect(hub, "bo", conversation=ConversationId("other"))
        await elsewhere.hello()
        await elsewhere.until("live")
        broken = hub._rooms.joined(TEAM)
        monkeypatch.setattr(broken, "_trim", lambda: 1 / 0)
        assert (await ada.do("post", text="hi"))["type"] == "ack"
        assert (await ada.until("goodbye"))["code"] == 4104
        assert "division" not in str(ada.frames)
        assert (await elsewhere.do("post", text="fine"))["type"] == "ack"
        back = await Visitor.join(hub)
        assert hub._rooms.joined(TEAM) is not broken
        assert [m["text"] for m in back.find("snapshot")[0]["messages"]] == ["hi"]
    assert [r.exc_info is not None for r in caplog.records if r.levelno == logging.ERROR] == [True]


async def test_news_of_a_room_that_was_let_go_of_are_nobodys(tmp_path: Path) -> None:
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        hub._rooms.unload(TEAM)
        told = ada.find("presence")
        hub._presence_due.soon(TEAM)
        await eventually(lambda: not hub._presence_due.keys)
        assert ada.find("presence") == told
        ada.leave()


async def test_a_ping_asks_the_log_in_case_a_hint_was_lost(tmp_path: Path) -> None:
    """[RS5] Another server wrote, and nobody told us."""
    limits = Limits(heartbeat_s=0.04)
    other = SqliteLog(tmp_path / "log.db", limits)
    async with hub_on(sqlite(tmp_path), limits) as hub, hub_on(other, limits) as deaf:
        ada = await Visitor.join(hub)
        bo = await Visitor.join(deaf, "bo")
        await bo.do("post", text="hi")
        await eventually(lambda: "hi" in ada.texts)
        assert ada.seqs == [2, 3]


# Without a socket


async def test_commands_without_a_socket_are_seen_by_those_with_one(tmp_path: Path) -> None:
    """[AP1]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        ack = await hub.command(TEAM, member("bo"), command("post", text="hi"))
        assert isinstance(ack, Ack)
        await eventually(lambda: ada.texts == ["hi"])
        await hub.mark_read(TEAM, member("ada"), 3)
        assert (await ada.until("read"))["seq"] == 3
        room = await hub.look_at(TEAM)
        assert room is not None
        assert (room.head, room.read_mark(member("ada").id)) == (3, 3)
        assert await hub.look_at(ConversationId("none")) is None
        viewer = member("cam", role="viewer")
        with pytest.raises(NotFound):
            await hub.command(ConversationId("none"), viewer, command("post", text="hi"))


async def test_a_command_without_a_socket_makes_a_conversation_only_by_a_post_or_a_rename(
    tmp_path: Path,
) -> None:
    """[RA7]"""
    log = sqlite(tmp_path)
    async with hub_on(log) as hub:
        for kind, fields in (
            ("edit", {"text": "hi"}),
            ("redact", {}),
            ("react", {"emoji": "\N{PARTY POPPER}"}),
        ):
            with pytest.raises(NotFound):
                await hub.command(TEAM, member("ada"), command(kind, target=1, **fields))
        assert await log.conversations(member("ada").id) == []
        assert isinstance(await hub.command(TEAM, member("ada"), command("rename", title="T")), Ack)


async def test_new_conversations_have_a_rate(tmp_path: Path) -> None:
    """[RA7] Whoever comes to one that is there is not counted."""
    limits = Limits(new_conversations_per_window=2, window_s=1000.0)
    first, second, third = map(ConversationId, ("first", "second", "third"))
    async with hub_on(sqlite(tmp_path), limits) as hub:
        for conversation in (first, second, first):
            await hub.command(conversation, member("ada"), command("post", text="hi"))
        with pytest.raises(RateLimited) as caught:
            await hub.command(third, member("ada"), command("post", text="hi"))
        assert caught.value.retry_after_s == pytest.approx(1000.0, abs=100.0)
        late = await Visitor.connect(hub, conversation=third)
        await late.hello()
        assert (await late.until("goodbye"))["code"] == 4103
        await hub.command(third, member("bo"), command("post", text="hi"))


async def test_who_is_turned_away_leaves_no_trace(tmp_path: Path) -> None:
    """[PR7]"""
    log = sqlite(tmp_path)
    async with hub_on(log, Limits(people_per_conversation=1)) as hub:
        await Visitor.join(hub)
        written = len(log.batches)
        late = await Visitor.connect(hub, "bo")
        await late.hello()
        assert (await late.until("goodbye"))["code"] == 4005
        assert len(log.batches) == written
        assert len(await log.entries(TEAM, 0, 500)) == 1


async def test_connections_have_a_limit_per_person_and_in_all(tmp_path: Path) -> None:
    """[PR8] Whatever the conversation, and before any hello."""
    limits = Limits(connections_per_person_in_all=2, connections_in_all=3)
    async with hub_on(sqlite(tmp_path), limits) as hub:
        ada = await Visitor.connect(hub)
        await Visitor.connect(hub, conversation=ConversationId("other"))
        with pytest.raises(ProtocolError) as of_one:
            await Visitor.connect(hub)
        assert of_one.value.close_code == 4005
        await Visitor.connect(hub, "bo")
        with pytest.raises(Unavailable):
            await Visitor.connect(hub, "cam")
        ada.leave()
        await Visitor.connect(hub, "cam")


async def test_a_session_ends_when_its_rights_do(tmp_path: Path) -> None:
    """[ID9] A new hello tells what the person may do now; the others stay."""
    roles: dict[str, Role | None] = {"ada": "member", "bo": "member", "cam": "member"}
    async with hub_on(sqlite(tmp_path), Limits(review_s=0.01)) as hub:
        visitors = {name: await Visitor.join(hub, name) for name in roles}
        for name, visitor in visitors.items():
            visitor.session.ask_role = partial(_role, roles, name)
        roles["ada"], roles["bo"] = None, "viewer"
        assert (await visitors["ada"].until("goodbye"))["code"] == 4004
        assert (await visitors["bo"].until("goodbye"))["code"] == 4203
        assert (await visitors["cam"].do("post", text="hi"))["type"] == "ack"


async def test_an_authorizer_that_never_answers_for_one_keeps_no_other_in(tmp_path: Path) -> None:
    """[ID9] Nor that one: after twice the time they have to come back."""
    async with hub_on(sqlite(tmp_path), Limits(review_s=0.1)) as hub:
        ada, bo, cam = [await Visitor.join(hub, name) for name in ("ada", "bo", "cam")]
        bo.session.ask_role = partial(_role, {"bo": None}, "bo")
        ada.session.ask_role = anyio.sleep_forever
        assert (await bo.until("goodbye"))["code"] == 4004
        assert (await ada.until("goodbye"))["code"] == 4203
        assert (await cam.do("post", text="hi"))["type"] == "ack"


async def _role(roles: dict[str, Role | None], name: str) -> Role | None:
    return roles[name]


async def test_a_caller_who_gave_up_is_not_told(tmp_path: Path) -> None:
    log = sqlite(tmp_path)
    async with hub_on(log) as hub:
        await Visitor.join(hub)
        log.before_commit.shut()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hub.command, TEAM, member("ada"), command("post", text="hi"))
            await eventually(lambda: log.before_commit.waiting)
            tasks.cancel_scope.cancel()
        log.before_commit.open()
        await hub._committer.drained()
        ack = await hub.command(TEAM, member("ada"), command("post", text="yo"))
        assert isinstance(ack, Ack)
        assert ack.seq == 3


async def test_the_server_hears_that_people_are_at_work() -> None:
    """[FO11]"""
    used: list[None] = []
    limits = Limits(heartbeat_s=0.2)  # ticks often
    hub = Hub(MemoryLog(limits), MemoryBroker(), limits, used=lambda: used.append(None))
    ada = await Visitor.join(hub)
    for n in range(3):  # a page that is only open
        await ada.send("pong", n=n)
        await ada.send("activity", state="hidden")
        await ada.send("sync", after=0)
    assert (used, hub.at_work) == ([], 0)
    await ada.do("post", text="hi")
    await hub.command(TEAM, member("ada"), command("post", text="hi"))
    await ada.send("typing", active=True)
    await ada.send("mark_read", seq=1)
    await ada.send("history", before=3)
    assert len(used) == 5
    await ada.send("activity", state="active")
    assert hub.at_work == 1
    seen = len(used)
    await eventually(lambda: len(used) > seen)  # as long as the person is at it
    await ada.send("activity", state="idle")
    assert hub.at_work == 0
    await hub.stop()


async def test_open_connections_are_counted() -> None:
    """[ID8]"""

    def count() -> float:
        (family,) = metrics.connections.collect()
        return family.samples[0].value

    before = count()
    async with hub_on(MemoryLog(Limits())) as hub:
        ada = await Visitor.join(hub)
        await Visitor.connect(hub)
        assert count() == before + 2
        ada.leave()
        ada.leave()
        assert count() == before + 1
    assert count() == before
