"""How sockets of a real server end, and how they come back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import anyio
import pytest

from jupyter_collab.extension import CollabExtension
from jupyter_collab.hub.hub import Hub
from jupyter_collab.log.sqlite import SqliteLog
from tests.fakes import TEAM
from tests.hubs import HeldLog, eventually, stopped_clock
from tests.servers import Peer, Server, command

HELLO = {"type": "hello", "protocol": 1}


@pytest.fixture
def collab_config() -> dict[str, Any]:
    return {
        "people_per_conversation": 2,
        "connections_per_person": 3,
        "frames_per_window": 20,
        "window_s": 1000.0,
        "resume_entries": 4,
        "posts_per_window": 0,
    }


def hub_of(server: Server) -> Hub:
    hub: Hub = server.app.web_app.settings["jupyter_collab_hub"]
    return hub


async def ends_with(peer: Peer, code: int) -> dict[str, Any]:
    """Reads to the end: the last frame is a goodbye with the code of the close [FR7]."""
    assert await peer.closed() == code
    last = peer.seen[-1]
    assert (last["type"], last["code"]) == ("goodbye", code)
    assert last["message"].endswith(".")
    assert peer.connection.close_reason == last["message"][:30]
    return last


# Ends


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4000),
        (b"binary", 4000),
        ({"type": "unheard-of"}, 4000),
        ({"type": "typing", "active": True, "more": 1}, 4000),
        ({"type": "post", "command_id": "no ulid", "text": "hi"}, 4000),
        (HELLO, 4000),
        ('{"type":"sync","after":1e999}', 4000),
    ],
)
async def test_what_is_wrong_closes_with_4000(server: Server, frame: Any, code: int) -> None:
    """[FR1] [FR3] [FR5] [FR7]"""
    ada = await server.join("team")
    await ada.send(frame)
    await ends_with(ada, code)


async def test_a_command_with_wrong_fields_is_refused_and_the_socket_stays(
    server: Server,
) -> None:
    """[FR2]"""
    ada = await server.join("team")
    refused = await ada.answer(command("post", txet="hi"))
    assert refused["code"] == "malformed"
    assert (await ada.answer(command("post", text="hi")))["type"] == "ack"


async def test_the_first_frame_is_a_hello_of_this_protocol_in_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[FR5] [FR6]"""
    clock = stopped_clock(monkeypatch)
    early, old, mute = [await server.connect("team") for _ in range(3)]
    await early.send(command("post", text="hi"))
    await ends_with(early, 4000)
    await old.send(HELLO | {"protocol": 2})
    await ends_with(old, 4001)
    clock.later(10.0)
    await ends_with(mute, 4000)


async def test_who_may_not_create_is_sent_away(server: Server) -> None:
    """[RU2]"""
    viewer = await server.connect("team", user="viewer1")
    await viewer.send(HELLO)
    await ends_with(viewer, 4004)


async def test_a_viewer_reads_and_does_not_write(server: Server) -> None:
    """[RU3] [RU12]"""
    await server.join("team")
    viewer = await server.join("team", user="viewer1")
    assert viewer.seen[0]["you"]["role"] == "viewer"
    assert (await viewer.answer(command("post", text="hi")))["code"] == "read_only"


async def test_a_full_conversation_sends_people_away_but_not_tabs(server: Server) -> None:
    """[PR7]"""
    for user in ("ada", "bo", "bo", "bo"):
        await server.join("team", user=user)
    for user in ("cam", "bo"):
        peer = await server.connect("team", user=user)
        await peer.send(HELLO)
        await ends_with(peer, 4005)
    await server.join("other", user="cam")


async def test_too_many_frames_close_with_4103(server: Server) -> None:
    """[RA5]"""
    ada = await server.join("team")
    for _ in range(20):
        await ada.send({"type": "typing", "active": True})
    await ends_with(ada, 4103)


async def test_too_many_pings_close_with_4103(server: Server) -> None:
    """[RA5] Each is answered, whether its answer is read or not: a flood of them ends too."""
    ada = await server.join("team")
    for _ in range(20):
        ada.connection.ping(b"?" * 100)
    await ends_with(ada, 4103)


async def test_a_failure_of_ours_tells_no_details(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """[FR8]"""

    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    ada = await server.join("team")
    monkeypatch.setattr(hub_of(server)._rooms.get(TEAM), "typing", fail)
    await ada.send({"type": "typing", "active": True})
    last = await ends_with(ada, 4104)
    assert "secret" not in str(last)
    assert any(record.exc_info for record in caplog.records)


async def test_a_frame_that_is_too_large_closes_with_1009(server: Server) -> None:
    """[FR4] By Tornado, before it is read."""
    ada = await server.join("team")
    await ada.send(command("post", text="x" * 70_000))
    assert await ada.closed() == 1009


async def test_one_who_comes_while_the_server_stops_is_told_so(server: Server) -> None:
    """[FO6] [FR7]"""
    ada = await server.join("team")
    bo = await server.connect("team", user="bo")
    hub = hub_of(server)
    await hub.stop()
    assert (await ends_with(ada, 4101))["retry_after_s"] <= 5.0
    await ends_with(bo, 4101)
    late = await server.connect("team")
    await late.send(HELLO)
    assert (await ends_with(late, 4101))["retry_after_s"] == 5.0


# Returns


async def test_who_comes_back_gets_what_is_missing(server: Server) -> None:
    """[RS2] [RS5]"""
    ada, bo = await server.join("team"), await server.join("team", user="bo")
    epoch = ada.seen[0]["conversation"]["epoch"]
    await ada.answer(command("post", text="before"))
    bo.close()
    for text in ("1", "2", "3"):
        await ada.answer(command("post", text=text))
    back = await server.join("team", user="bo", after=3, epoch=epoch)
    assert [frame["type"] for frame in back.seen][:3] == ["welcome", "entries", "live"]
    assert [entry["seq"] for entry in back.entries()] == [4, 5, 6]
    await ada.answer(command("post", text="4"))
    await back.until("entries")
    assert [entry["seq"] for entry in back.entries()] == [4, 5, 6, 7]


async def test_a_long_gap_gets_a_snapshot(server: Server) -> None:
    """[RS3]"""
    ada = await server.join("team")
    epoch = ada.seen[0]["conversation"]["epoch"]
    for number in range(5):
        await ada.answer(command("post", text=str(number)))
    exact = await server.join("team", after=2, epoch=epoch)
    assert exact.seen[1]["type"] == "entries"
    longer = await server.join("team", after=1, epoch=epoch)
    assert [frame["type"] for frame in longer.seen][:3] == ["welcome", "snapshot", "live"]


@pytest.mark.parametrize("hello", [{"after": 99}, {"after": 1, "epoch": "other"}, {"after": 0}])
async def test_a_cursor_of_another_log_is_reset(server: Server, hello: dict[str, Any]) -> None:
    """[RS4]"""
    ada = await server.join("team")
    epoch = ada.seen[0]["conversation"]["epoch"]
    known = {"epoch": epoch} if hello == {"after": 99} else {}
    back = await server.join("team", **known, **hello)
    assert [frame["type"] for frame in back.seen][:4] == ["welcome", "reset", "snapshot", "live"]
    assert back.seen[1]["epoch"] == epoch


async def restart(server: Server) -> None:
    """Another server process would find what this one left, no more."""
    extension: CollabExtension = server.app.web_app.settings["jupyter_collab"]
    await extension.stop_extension()
    extension.initialize_settings()
    server.app.web_app.settings["jupyter_collab_hub"] = extension.hub


async def test_everything_is_there_after_a_restart(server: Server) -> None:
    """[RS2] [LG3] [LG14] [PR4] Also the answer to a command whose ack was lost."""
    ada, bo = await server.join("team"), await server.join("team", user="bo")
    epoch = ada.seen[0]["conversation"]["epoch"]
    asked = command("post", text="kept")
    ack = await ada.answer(asked)
    await bo.send({"type": "mark_read", "seq": 3})
    assert (await bo.answer(command("post", text=" ")))["code"] == "empty"  # it was taken
    await restart(server)
    await ends_with(ada, 4101)
    back = await server.join("team", after=2, epoch=epoch)
    assert [frame["type"] for frame in back.seen][:3] == ["welcome", "entries", "live"]
    assert [entry["body"]["text"] for entry in back.entries()] == ["kept"]
    assert await back.answer(asked) == ack | {"duplicate": True}
    seen = {m["id"]: m for m in back.seen[0]["presence"]}
    assert seen["user:bo"]["state"] == "offline"
    assert seen["user:bo"]["last_seen"] is not None
    assert (await server.join("team", user="bo")).seen[0]["read"] == 3


async def test_a_log_that_was_replaced_is_another(server: Server) -> None:
    """[RS4] A backup was restored, or the file was lost: nobody mixes the two."""
    ada = await server.join("team")
    epoch = ada.seen[0]["conversation"]["epoch"]
    await ada.answer(command("post", text="gone"))
    extension: CollabExtension = server.app.web_app.settings["jupyter_collab"]
    await extension.stop_extension()
    server.database.unlink()
    extension.initialize_settings()
    server.app.web_app.settings["jupyter_collab_hub"] = extension.hub
    back = await server.join("team", after=1, epoch=epoch)
    assert [frame["type"] for frame in back.seen][:4] == ["welcome", "reset", "snapshot", "live"]
    assert back.seen[1]["epoch"] != epoch
    assert back.seen[2]["messages"] == []


async def test_stopping_with_sockets_open_stores_what_was_taken(server: Server) -> None:
    """[FO6] [LG15] And the file is closed: nothing of it is left but itself."""
    ada, bo = await server.join("team"), await server.join("team", user="bo")
    hub = hub_of(server)
    assert isinstance(hub.log, SqliteLog)
    held = HeldLog(hub.log)
    hub._committer._log = held
    held.before_commit.shut()
    asked = command("post", text="last words")
    await ada.send(asked)
    await eventually(lambda: held.before_commit.waiting)
    extension: CollabExtension = server.app.web_app.settings["jupyter_collab"]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(extension.stop_extension)
        held.before_commit.open()
        await ends_with(ada, 4101)
        await ends_with(bo, 4101)
    await extension.stop_extension()
    assert [f["command_id"] for f in ada.seen if f["type"] == "ack"] == [asked["command_id"]]
    assert [entry["body"]["text"] for entry in bo.entries() if entry["kind"] == "posted"] == [
        "last words"
    ]
    with closing(sqlite3.connect(server.database)) as db:
        stretches = db.execute("SELECT ended, peak, total FROM collaboration_sessions").fetchall()
        people = db.execute("SELECT count(*) FROM presence").fetchall()
    assert [(ended is not None, peak, total) for ended, peak, total in stretches] == [(True, 2, 2)]
    assert people == [(2,)]
    assert [path.name for path in server.database.parent.iterdir()] == [server.database.name]
