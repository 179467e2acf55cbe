"""The hub's end: nothing that was taken is lost, and nothing is left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import anyio
import pytest

from jupyter_collab.broker.memory import MemoryBroker
from jupyter_collab.errors import Unavailable
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import LastSeen, LiveStretch
from jupyter_collab.log.sqlite import SqliteLog
from tests.fakes import TEAM, FakeTransport, command, member
from tests.hubs import PATIENCE_S, Visitor, eventually, hub_on, settled, sqlite
from tests.rooms import ADA, BO


async def test_what_is_under_way_is_stored_and_acknowledged_before_goodbye(
    tmp_path: Path,
) -> None:
    """[FO6] [FR7] And shown to the others; what comes later is not taken."""
    log = sqlite(tmp_path)
    hub = Hub(log, MemoryBroker(), Limits())
    ada, bo = await Visitor.join(hub), await Visitor.join(hub, "bo")
    log.before_commit.shut()
    taken = await ada.send("post", text="taken")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hub.stop)
        await eventually(lambda: log.before_commit.waiting)
        late = await ada.send("post", text="late")
        assert not ada.find("goodbye")
        log.before_commit.open()
    assert (await ada.answered(taken))["type"] == "ack"
    assert ada.answers(late) == []
    assert ada.types[-1] == bo.types[-1] == "goodbye"
    assert ada.texts == bo.texts == ["taken"]
    assert ada.transport.closed is not None
    assert ada.transport.closed[0] == 4101
    async with hub_on(SqliteLog(tmp_path / "log.db", Limits())) as again:
        ada = await Visitor.join(again)
        assert [m["text"] for m in ada.find("snapshot")[0]["messages"]] == ["taken"]


async def test_an_ack_reaches_one_whose_network_is_busy(tmp_path: Path) -> None:
    """[FO6] [FR7]"""
    hub = Hub(sqlite(tmp_path), MemoryBroker(), Limits())
    busy = FakeTransport()
    ada = await Visitor.connect(hub, transport=busy)
    await ada.hello()
    await ada.until("live")
    busy.is_stuck = True
    await ada.send("sync", after=0)
    await ada.send("typing", active=True)
    id_ = await ada.send("post", text="hi")
    await hub.stop()
    assert ada.answers(id_)[0]["type"] == "ack"
    assert ada.types[-1] == "goodbye"


async def test_goodbye_spreads_the_return(tmp_path: Path) -> None:
    """[FO6]"""
    hub = Hub(sqlite(tmp_path), MemoryBroker(), Limits(drain_s=4.0))
    visitors = [await Visitor.join(hub, f"p{number}") for number in range(8)]
    await hub.stop()
    waits = [visitor.find("goodbye")[0]["retry_after_s"] for visitor in visitors]
    assert sorted(waits) == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]


async def test_who_was_here_is_stored(tmp_path: Path) -> None:
    """[PR4] [LG15] Those in their grace as well."""
    log = sqlite(tmp_path)
    hub = Hub(log, MemoryBroker(), Limits())
    await Visitor.join(hub)
    bo = await Visitor.join(hub, "bo")
    bo.leave("broken")
    await hub.stop()
    assert {note.member for note in log.noted if isinstance(note, LastSeen)} == {ADA, BO}
    last = [note for note in log.noted if isinstance(note, LiveStretch)][-1]
    assert last.ended is not None
    assert (last.peak, last.total) == (2, 2)


async def test_stopping_twice_is_stopping_once_and_leaves_no_task(tmp_path: Path) -> None:
    hub = Hub(sqlite(tmp_path), MemoryBroker(), Limits())
    ada = await Visitor.join(hub)
    await ada.send("post", text="hi")
    await hub.stop()
    await hub.stop()
    await settled()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert hub._sessions == {}
    ada.leave()


async def test_nothing_begins_after_the_end(tmp_path: Path) -> None:
    log = sqlite(tmp_path)
    hub = Hub(log, MemoryBroker(), Limits())
    ada = await Visitor.join(hub)
    await hub.stop()
    frames = len(ada.frames)
    await ada.send("post", text="hi")
    assert len(ada.frames) == frames
    for begin in (
        lambda: Visitor.connect(hub),
        lambda: hub.command(TEAM, member("ada"), command("post", text="hi")),
        lambda: hub.look_at(TEAM),
        lambda: hub.mark_read(TEAM, member("ada"), 1),
    ):
        with pytest.raises(Unavailable) as refused:
            await begin()
        assert refused.value.code == "going_away"
    with pytest.raises(Unavailable):
        await log.load(TEAM)


async def test_a_hub_that_nobody_used_only_closes_its_log(tmp_path: Path) -> None:
    log = sqlite(tmp_path)
    await Hub(log, MemoryBroker(), Limits()).stop()
    assert log.batches == []
    with pytest.raises(Unavailable):
        await log.load(TEAM)


async def test_two_who_start_it_at_once_start_it_once(tmp_path: Path) -> None:
    async with hub_on(sqlite(tmp_path)) as hub, anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(hub.start)
        await settled()
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert names.count("jupyter_collab hub") == 1


async def test_a_stop_while_it_starts_ends_all_the_same(tmp_path: Path) -> None:
    """[FO6] Who came in the meantime is sent away."""
    hub = Hub(sqlite(tmp_path), MemoryBroker(), Limits())
    refused: list[Unavailable] = []

    async def come() -> None:
        try:
            await hub.command(TEAM, member("ada"), command("post", text="hi"))
        except Unavailable as unavailable:
            refused.append(unavailable)

    with anyio.fail_after(PATIENCE_S):
        async with anyio.create_task_group() as tasks:
            for begin in (come, come, hub.stop):
                tasks.start_soon(begin)
    assert len(refused) == 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_log_that_is_stuck_holds_up_no_stop(tmp_path: Path) -> None:
    """[FO6] Whoever waits for an answer is told; the client keeps its command and asks again."""
    log = sqlite(tmp_path)
    limits = Limits(drain_s=0.05, commands_in_flight=1)
    hub = Hub(log, MemoryBroker(), limits)
    ada = await Visitor.join(hub)
    log.before_commit.shut()
    answers: list[object] = []

    async def ask() -> None:
        answers.append(await hub.command(TEAM, member("ada"), command("post", text="hi")))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        await eventually(lambda: log.before_commit.waiting)
        await ada.send("post", text="waits for the commit")
        tasks.start_soon(lambda: ada.send("post", text="waits for its turn"))
        await settled()
        await hub.stop()
    assert [getattr(answer, "code", None) for answer in answers] == ["going_away"]
    assert ada.types[-1] == "goodbye"
    await settled()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_one_who_is_joining_at_the_end_is_sent_away(tmp_path: Path) -> None:
    """[FO6]"""
    log = sqlite(tmp_path)
    hub = Hub(log, MemoryBroker(), Limits())
    await Visitor.join(hub, "bo")
    hub._rooms.unload(TEAM)
    log.after_load.shut()
    ada = await Visitor.connect(hub)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ada.hello)
        await eventually(lambda: log.after_load.waiting)
        tasks.start_soon(hub.stop)
        await ada.until("goodbye")
        log.after_load.open()
    assert ada.types == ["goodbye"]


# Two servers


async def test_two_servers_on_one_file_tell_one_story(tmp_path: Path) -> None:
    """[RS5] [FO3] [LG1] Own and foreign entries take the same path."""
    broker, limits = MemoryBroker(), Limits(posts_per_window=0)
    async with (
        hub_on(sqlite(tmp_path), limits, broker) as one,
        hub_on(sqlite(tmp_path), limits, broker) as two,
    ):
        ada, bo = await Visitor.join(one), await Visitor.join(two, "bo")
        sent: list[tuple[Visitor, str]] = []
        for number in range(80):
            who = (ada, bo)[number % 2]
            sent.append((who, await who.send("post", text=str(number))))
            if number % 7 == 0:
                await settled()
        acks = [await who.answered(id_) for who, id_ in sent]
        assert sorted(ack["seq"] for ack in acks) == list(range(3, 83))
        for who in (ada, bo):
            await who.at(82)
            assert who.seqs[-80:] == list(range(3, 83))
            assert sorted(set(who.seqs)) == who.seqs
            frames = who.frames
            own = {frame["seq"] for frame in frames if frame["type"] == "ack"}
            assert len(own) == 40
            for frame in frames:
                if frame["type"] == "ack":
                    own.remove(frame["seq"])
                assert own.isdisjoint(entry["seq"] for entry in frame.get("entries", ()))


async def test_a_server_that_stops_leaves_the_other_its_hints(tmp_path: Path) -> None:
    broker = MemoryBroker()
    async with (
        hub_on(sqlite(tmp_path), broker=broker) as one,
        hub_on(sqlite(tmp_path), broker=broker) as two,
    ):
        ada, bo = await Visitor.join(one), await Visitor.join(two, "bo")
        third = Hub(sqlite(tmp_path), broker, Limits())
        cam = await Visitor.join(third, "cam")
        await third.stop()
        assert cam.types[-1] == "goodbye"
        await ada.do("post", text="hi")
        await eventually(lambda: bo.texts == ["hi"])
