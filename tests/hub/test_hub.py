"""The hub over a real log: joining, commands and queries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.limits import Limits
from tests.fakes import TEAM
from tests.hubs import Visitor, eventually, hub_on, settled, sqlite, stopped_clock

# Joining


async def test_hello_gets_welcome_snapshot_live(tmp_path: Path) -> None:
    """[RS1] [RU2] [RU11] The first visit makes the conversation."""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        assert ada.types == ["welcome", "snapshot", "live"]
        welcome = ada.frames[0]
        assert welcome["you"]["id"] == "user:ada"
        assert welcome["connection"] == ada.session.id
        assert welcome["conversation"]["head"] == welcome["read"] == 1  # [RS8]


async def test_a_post_is_acknowledged_and_seen_by_all_in_order(tmp_path: Path) -> None:
    """[FO3] [LG6]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada, bo = await Visitor.join(hub), await Visitor.join(hub, "bo")
        answer = await ada.do("post", text="hello")
        assert answer["type"] == "ack"
        await bo.at(answer["seq"])
        await ada.at(answer["seq"])
        assert bo.texts == ["hello"]
        own = [f for f in ada.frames if f["type"] in ("ack", "entries")][-2:]
        assert [frame["type"] for frame in own] == ["ack", "entries"]
        assert own[1]["entries"][0]["author"] == "user:ada"


async def test_ack_and_entry_leave_in_one_write(tmp_path: Path) -> None:
    """[FO1]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        await eventually(lambda: ada.find("presence"))
        writes = len(ada.transport.writes)
        await ada.do("post", text="hello")
        await settled()
        assert len(ada.transport.writes) == writes + 1


async def test_everything_a_client_says_before_hello_closes(tmp_path: Path) -> None:
    """[FR5] Also a command, also a wrong one."""
    async with hub_on(sqlite(tmp_path)) as hub:
        first_frames: list[tuple[str, dict[str, Any]]] = [
            ("post", {"text": "hi"}),
            ("post", {"text": 5}),
            ("sync", {"after": 0}),
            ("pong", {"n": 1}),
        ]
        for type_, fields in first_frames:
            visitor = await Visitor.connect(hub)
            await visitor.send(type_, **fields)
            assert visitor.transport.closed is not None
            assert visitor.transport.closed[0] == 4000
            assert visitor.types == ["goodbye"]


async def test_a_second_hello_closes(tmp_path: Path) -> None:
    """[FR5]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        await ada.hello()
        assert ada.find("goodbye")[0]["code"] == 4000


async def test_another_protocol_closes(tmp_path: Path) -> None:
    """[FR6]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.connect(hub)
        await ada.hello(protocol=2)
        assert ada.find("goodbye")[0]["code"] == 4001


async def test_who_says_nothing_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[FR5] While the others stay."""
    clock = stopped_clock(monkeypatch)
    async with hub_on(sqlite(tmp_path)) as hub:
        mute, ada = await Visitor.connect(hub, "mute"), await Visitor.join(hub)
        clock.later(10.0)
        late = await Visitor.connect(hub, "late")
        assert (await mute.until("goodbye"))["code"] == 4000
        assert ada.transport.closed is late.transport.closed is None


async def test_who_may_not_create_is_told_no_more_than_that(tmp_path: Path) -> None:
    """[RU2]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        viewer = await Visitor.connect(hub, role="viewer")
        await viewer.hello()
        assert (await viewer.until("goodbye"))["code"] == 4004


async def test_a_full_conversation_closes_with_4005(tmp_path: Path) -> None:
    """[PR7]"""
    async with hub_on(sqlite(tmp_path), Limits(people_per_conversation=1)) as hub:
        await Visitor.join(hub)
        await Visitor.join(hub)
        bo = await Visitor.connect(hub, "bo")
        await bo.hello()
        assert (await bo.until("goodbye"))["code"] == 4005
        assert bo.session.id not in hub._sessions


async def test_nobody_joins_while_the_log_is_away_and_all_do_when_it_is_back(
    tmp_path: Path,
) -> None:
    """[LG13]"""
    log = sqlite(tmp_path)
    async with hub_on(log) as hub:
        log.read_error = Unavailable("The disk is broken.", retry_after_s=3.0)
        ada = await Visitor.connect(hub)
        await ada.hello()
        goodbye = await ada.until("goodbye")
        assert (goodbye["code"], goodbye["retry_after_s"]) == (4100, 3.0)
        log.read_error = None
        await Visitor.join(hub)


async def test_one_who_goes_while_joining_is_not_there(tmp_path: Path) -> None:
    """[PR1] Neither in the room nor among the sessions."""
    log = sqlite(tmp_path)
    async with hub_on(log) as hub:
        bo = await Visitor.join(hub, "bo")
        hub._rooms.unload(TEAM)
        bo.leave()
        log.after_load.shut()
        ada = await Visitor.connect(hub)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ada.hello)
            await eventually(lambda: log.after_load.waiting)
            ada.leave("broken")
            log.after_load.open()
        assert ada.types == []
        assert list(hub._rooms.joined(TEAM).sessions()) == []
        assert hub._sessions == {}


async def test_resuming_gets_what_is_missing_and_is_live(tmp_path: Path) -> None:
    """[RS2] [RS5]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        epoch = ada.frames[0]["conversation"]["epoch"]
        for number in range(3):
            await ada.do("post", text=str(number))
        back = await Visitor.join(hub, after=2, epoch=epoch)
        assert back.types[:3] == ["welcome", "entries", "live"]
        assert back.seqs == [3, 4]
        await ada.do("post", text="3")
        await back.at(5)
        assert back.seqs == [3, 4, 5]


# Group commit


async def test_commands_that_wait_share_a_commit(tmp_path: Path) -> None:
    """[LG10] [FO4] Each has its own answer, and each connection's are in order."""
    log = sqlite(tmp_path)
    async with hub_on(log) as hub:
        ada, bo = await Visitor.join(hub), await Visitor.join(hub, "bo")
        before = len(log.batches)
        log.before_commit.shut()
        first = await ada.send("post", text="0")
        await eventually(lambda: log.before_commit.waiting)
        rest = [await who.send("post", text="x") for who in (ada, bo, ada, bo, ada)]
        empty = await bo.send("post", text=" ")
        log.before_commit.open()
        assert (await bo.answered(empty))["code"] == "empty"
        assert [len(batch) for batch in log.batches[before:]] == [1, 6]
        acks = [
            await who.answered(id_) for who, id_ in zip((ada, bo, ada, bo, ada), rest, strict=True)
        ]
        assert [ack["seq"] for ack in acks] == [4, 5, 6, 7, 8]
        assert (await ada.answered(first))["seq"] == 3
        await settled()
        assert ada.seqs[-6:] == bo.seqs[-6:] == [3, 4, 5, 6, 7, 8]


async def test_a_log_that_can_not_store_refuses_and_recovers(tmp_path: Path) -> None:
    """[LG13] [RA3] Reading goes on, and the try cost nothing."""
    log = sqlite(tmp_path)
    async with hub_on(log, Limits(posts_per_window=1)) as hub:
        ada = await Visitor.join(hub)
        log.write_error = Unavailable("The disk is full.", retry_after_s=2.0)
        refused = await ada.do("post", text="hi")
        assert (refused["code"], refused["retry_after_s"]) == ("unavailable", 2.0)
        await ada.send("sync", after=0)
        assert (await ada.until("entries"))["entries"][0]["kind"] == "joined"
        log.write_error = None
        assert (await ada.do("post", text="hi"))["type"] == "ack"


async def test_one_connection_waits_when_it_has_too_much_in_flight(tmp_path: Path) -> None:
    """Its next frame is not read before; others go on."""
    log = sqlite(tmp_path)
    async with hub_on(log, Limits(commands_in_flight=2)) as hub:
        ada, bo = await Visitor.join(hub), await Visitor.join(hub, "bo")
        log.before_commit.shut()
        for _ in range(2):
            await ada.send("post", text="hi")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: ada.send("post", text="third"))
            await bo.send("post", text="bo's")
            await eventually(lambda: log.before_commit.waiting)
            log.before_commit.open()
        await eventually(lambda: "third" in bo.texts)
        assert ada.session.in_flight.value == 2


async def test_a_repeated_command_is_answered_as_at_first(tmp_path: Path) -> None:
    """[LG3] [RA3]"""
    async with hub_on(sqlite(tmp_path), Limits(posts_per_window=2, window_s=1000.0)) as hub:
        ada = await Visitor.join(hub)
        id_ = await ada.send("post", text="hi")
        first = await ada.answered(id_)
        for _ in range(3):
            await ada.send("post", text="hi", command_id=id_)
            await hub._committer.drained()
        await settled()
        assert ada.answers(id_) == [first, *[first | {"duplicate": True}] * 3]
        assert (await ada.do("post", text="other"))["type"] == "ack"
        assert (await ada.do("post", text="more"))["code"] == "rate_limited"


async def test_repeats_take_no_place_from_what_is_new(tmp_path: Path) -> None:
    """[RA3] [RA1] Not even until they are answered: in one turn, or behind a slow commit."""
    log = sqlite(tmp_path)
    limits = Limits(posts_per_window=5, edits_per_window=1, window_s=1000.0)
    async with hub_on(log, limits) as hub:
        ada = await Visitor.join(hub)
        stored = [await ada.send("post", text="hi") for _ in range(4)]
        await hub._committer.drained()
        log.before_commit.shut()
        for id_ in stored * 2:
            await ada.send("post", text="hi", command_id=id_)
        new = await ada.send("post", text="new")
        await eventually(lambda: log.before_commit.waiting)
        late = await ada.send("post", text="late")
        edit = await ada.send("edit", target=2, text="ho")
        log.before_commit.open()
        assert (await ada.answered(new))["type"] == "ack"
        assert (await ada.answered(edit))["type"] == "ack"
        refused = await ada.answered(late)
        assert refused["code"] == "rate_limited"
        assert 900.0 < refused["retry_after_s"] <= 1000.0
        assert all(len(ada.answers(id_)) == 3 for id_ in stored)
        await ada.at(7)
        assert ada.texts[-2:] == ["hi", "new"]


async def test_what_was_refused_takes_no_place_from_what_is_behind_it(tmp_path: Path) -> None:
    """[RA3] Sent in one turn, they are stored in their order."""
    async with hub_on(sqlite(tmp_path), Limits(posts_per_window=3, window_s=1000.0)) as hub:
        ada = await Visitor.join(hub)
        empty = [await ada.send("post", text="") for _ in range(3)]
        good = [await ada.send("post", text=text) for text in "abcd"]
        answers = [await ada.answered(id_) for id_ in (*empty, *good)]
        codes = [answer.get("code", "ack") for answer in answers]
        assert codes == ["empty"] * 3 + ["ack"] * 3 + ["rate_limited"]
        await ada.at(4)
        assert ada.texts == ["a", "b", "c"]


async def test_a_wrong_command_is_refused_and_the_session_stays(tmp_path: Path) -> None:
    """[FR2] [LG2]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        for wrong in ({"text": 5}, {"text": "hi", "author": "user:bo"}, {"text": "hi", "seq": 1}):
            assert (await ada.do("post", **wrong))["code"] == "malformed"
        assert (await ada.do("post", text="hi"))["type"] == "ack"


async def test_too_many_frames_close_with_4103(tmp_path: Path) -> None:
    """[RA5] Wrong commands count as well."""
    async with hub_on(sqlite(tmp_path), Limits(frames_per_window=5, window_s=1000.0)) as hub:
        ada = await Visitor.join(hub)
        for _ in range(5):
            await ada.send("post", text=5)
        assert (await ada.until("goodbye"))["code"] == 4103
        assert len(ada.find("refused")) == 4
        await ada.send("post", text="hi")
        await settled()
        assert ada.texts == []


async def test_too_many_queries_are_refused(tmp_path: Path) -> None:
    """[RA5] With the exact time to wait."""
    async with hub_on(sqlite(tmp_path), Limits(queries_per_window=2, window_s=1000.0)) as hub:
        ada = await Visitor.join(hub)
        await ada.send("sync", after=0)
        await ada.send("history", before=9)
        await ada.send("sync", after=0)
        refused = await ada.until("refused")
        assert (refused["command_id"], refused["code"]) == (None, "rate_limited")
        assert 900.0 < refused["retry_after_s"] <= 1000.0
        assert ada.find("page") == [{"type": "page", "messages": [], "before": None}]


async def test_a_query_of_a_log_that_is_away_is_refused(tmp_path: Path) -> None:
    """[LG13]"""
    log = sqlite(tmp_path)
    async with hub_on(log) as hub:
        ada = await Visitor.join(hub)
        log.read_error = Unavailable("The disk is broken.")
        await ada.send("history", before=9)
        assert (await ada.until("refused"))["code"] == "unavailable"
