"""The socket of a real server: what two people and their tabs say and see."""

from __future__ import annotations

from asyncio import Future
from socket import SO_RCVBUF, SO_SNDBUF, SOL_SOCKET
from typing import Any

import anyio
import pytest
from tornado.iostream import IOStream

from jupyter_collab.handlers.socket import SocketTransport
from jupyter_collab.hub.hub import Hub
from jupyter_collab.hub.session import Session
from jupyter_collab.protocol.ids import SessionId
from tests.fakes import TEAM
from tests.hubs import eventually, stopped_clock
from tests.servers import Peer, Server, command


@pytest.fixture
def collab_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A test names its own by `@limits`."""
    config: dict[str, Any] = getattr(request, "param", {})
    return {"leave_grace_s": 0.0, **config}


def limits(**config: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("collab_config", [config], indirect=True)


def kinds(peer: Peer) -> list[str]:
    return [frame["type"] for frame in peer.seen]


def presence(peer: Peer) -> dict[str, tuple[str, int]]:
    """Who is here, from the welcome and every change since."""
    seen: dict[str, tuple[str, int]] = {}
    for frame in peer.seen:
        news = {"welcome": "presence", "presence": "members"}.get(frame["type"])
        if news is not None:
            seen |= {m["id"]: (m["state"], m["connections"]) for m in frame[news]}
    return seen


def hub_of(server: Server) -> Hub:
    hub: Hub = server.app.web_app.settings["jupyter_collab_hub"]
    return hub


def sessions(server: Server) -> list[Session]:
    """Who the server holds to be connected."""
    return list(hub_of(server)._sessions.values())


def stream_of(peer: Peer) -> IOStream:
    """What a broken network breaks."""
    assert peer.connection.protocol is not None
    stream: IOStream | None = peer.connection.protocol.stream
    assert stream is not None
    return stream


async def caught_up(peer: Peer, seq: int) -> None:
    while seq not in [entry["seq"] for entry in peer.entries()]:
        await peer.until("entries")


async def until_presence(peer: Peer, **people: tuple[str, int]) -> None:
    wanted = {f"user:{name}": state for name, state in people.items()}.items()
    while not wanted <= presence(peer).items():
        await peer.until("presence")


# The conversation


async def test_hello_gets_welcome_snapshot_live(server: Server) -> None:
    """[RS1] [RS7] [RS8]"""
    ada = await server.join("team")
    assert kinds(ada)[:3] == ["welcome", "snapshot", "live"]
    welcome, snapshot, live = ada.seen[:3]
    assert welcome["protocol"] == 1
    assert welcome["you"]["id"] == "user:ada"
    assert welcome["you"]["role"] == "member"
    assert [member["id"] for member in welcome["members"]] == ["user:ada"]
    assert welcome["conversation"]["id"] == "team"
    assert welcome["conversation"]["head"] == welcome["read"] == live["head"] == 1
    assert (snapshot["head"], snapshot["messages"], snapshot["before"]) == (1, [], None)


async def test_everything_two_people_do_is_seen_by_both_and_by_who_comes_later(
    server: Server,
) -> None:
    """[FO3] [LG7] [RS1]"""
    ada, bo = await server.join("team"), await server.join("team", user="bo")
    first = (await ada.answer(command("post", text="helo")))["seq"]
    reply = (await bo.answer(command("post", text="what?", reply_to=first)))["seq"]
    done = [
        (ada, command("edit", target=first, text="hello")),
        (bo, command("react", target=first, emoji="🎉")),
        (bo, command("react", target=first, emoji="👍")),
        (bo, command("unreact", target=first, emoji="👍")),
        (ada, command("rename", title="The  team")),
        (bo, command("redact", target=reply)),
    ]
    for peer, asked in done:
        answer = await peer.answer(asked)
        assert answer["type"] == "ack", answer
    for peer in (ada, bo):
        await caught_up(peer, 10)
        assert [(e["seq"], e["kind"]) for e in peer.entries() if e["seq"] > 2] == [
            (3, "posted"),
            (4, "posted"),
            (5, "edited"),
            (6, "reacted"),
            (7, "reacted"),
            (8, "unreacted"),
            (9, "renamed"),
            (10, "redacted"),
        ]
    cam = await server.join("team", user="cam")
    welcome, snapshot = cam.seen[:2]
    assert welcome["conversation"]["title"] == "The team"
    assert [(m["seq"], m["text"], m["redacted"]) for m in snapshot["messages"]] == [
        (3, "hello", False),
        (4, "", True),
    ]
    message = snapshot["messages"][0]
    assert message["reactions"] == [{"emoji": "🎉", "members": ["user:bo"]}]
    assert message["edited_at"] is not None
    assert snapshot["messages"][1]["reply_to"] == 3


async def test_the_ack_comes_before_the_entry(server: Server) -> None:
    """[FO3]"""
    ada = await server.join("team")
    ack = await ada.answer(command("post", text="hi"))
    assert ada.entries() == []
    await caught_up(ada, ack["seq"])


async def test_commands_of_one_connection_are_taken_in_order(server: Server) -> None:
    """[FO4] [LG10] Sent without waiting for any answer."""
    ada = await server.join("team")
    asked = [command("post", text=str(number)) for number in range(8)]
    for one in asked:
        await ada.send(one)
    while len([f for f in ada.seen if f["type"] == "ack"]) < 8:
        await ada.until("ack")
    acks = [frame for frame in ada.seen if frame["type"] == "ack"]
    assert [ack["command_id"] for ack in acks] == [one["command_id"] for one in asked]
    assert [ack["seq"] for ack in acks] == list(range(2, 10))


@limits(page_messages=2, entries_per_page=3)
async def test_older_entries_and_messages_are_paged(server: Server) -> None:
    """[RS6]"""
    ada = await server.join("team")
    for number in range(5):
        await ada.answer(command("post", text=str(number)))
    late = await server.join("team", user="bo")
    snapshot = late.seen[1]
    assert ([m["seq"] for m in snapshot["messages"]], snapshot["before"]) == ([5, 6], 5)
    await late.send({"type": "history", "before": 5})
    page = await late.until("page")
    assert ([m["text"] for m in page["messages"]], page["before"]) == (["1", "2"], 3)
    await late.send({"type": "history", "before": 3, "limit": 50})
    page = await late.until("page")
    assert ([m["text"] for m in page["messages"]], page["before"]) == (["0"], None)
    late.seen.clear()
    await late.send({"type": "sync", "after": 1})
    await late.until("entries")
    await late.send({"type": "sync", "after": 6, "limit": 1})
    await late.until("entries")
    assert [entry["seq"] for entry in late.entries()] == [2, 3, 4, 7]


# What is not stored in the log


async def test_typing_is_told_to_others_only(server: Server) -> None:
    """[PR6]"""
    ada, tab = await server.join("team"), await server.join("team")
    bo = await server.join("team", user="bo")
    await ada.send({"type": "typing", "active": True})
    told = await bo.until("ephemeral")
    assert told == {
        "type": "ephemeral",
        "kind": "typing",
        "member": "user:ada",
        "active": True,
        "ttl_s": 6.0,
    }
    await ada.send({"type": "typing", "active": False})
    assert (await bo.until("ephemeral"))["active"] is False
    await ada.answer(command("post", text="hi"))
    await caught_up(tab, 3)
    assert "ephemeral" not in kinds(ada) + kinds(tab)


async def test_a_read_mark_is_told_to_ones_own_tabs_only(server: Server) -> None:
    """[RS9] [LG14] And is there in the next welcome."""
    ada, tab = await server.join("team"), await server.join("team")
    bo = await server.join("team", user="bo")
    seq = (await bo.answer(command("post", text="hi")))["seq"]
    await ada.send({"type": "mark_read", "seq": seq})
    assert (await tab.until("read"))["seq"] == seq
    again = await server.join("team")
    assert again.seen[0]["read"] == seq
    await ada.answer(command("post", text="x"))
    await caught_up(bo, seq + 1)
    assert "read" not in kinds(bo) + kinds(ada)


async def test_presence_of_people_with_several_tabs(server: Server) -> None:
    """[PR1] [PR5]"""
    bo = await server.join("team", user="bo")
    ada, tab = await server.join("team"), await server.join("team")
    await until_presence(bo, ada=("active", 2))
    await ada.send({"type": "activity", "state": "hidden"})
    await ada.answer(command("post", text="still here"))
    assert presence(bo)["user:ada"] == ("active", 2)
    await tab.send({"type": "activity", "state": "idle"})
    await until_presence(bo, ada=("idle", 2))
    await tab.send({"type": "activity", "state": "active"})
    await until_presence(bo, ada=("active", 2))
    tab.connection.close(1000)
    await until_presence(bo, ada=("idle", 1))
    ada.connection.close(1001)
    await until_presence(bo, ada=("offline", 0))


@limits(leave_grace_s=0.0, break_grace_s=1000.0)
async def test_a_clean_close_is_one_and_a_broken_one_is_not(server: Server) -> None:
    """[PR2] A tab that closes goes at once here; a cable that is cut is waited for."""
    bo = await server.join("team", user="bo")
    ada = await server.join("team")
    cam = await server.join("team", user="cam")
    await until_presence(bo, ada=("active", 1), cam=("active", 1))
    stream_of(cam).close()
    ada.connection.close(1001)
    await until_presence(bo, ada=("offline", 0))
    await eventually(lambda: len(sessions(server)) == 1)
    assert presence(bo)["user:cam"] == ("active", 1)


@limits(leave_grace_s=1000.0)
async def test_a_reload_is_not_seen_by_others(server: Server) -> None:
    """[PR2] [PR5]"""
    bo, ada = await server.join("team", user="bo"), await server.join("team")
    await until_presence(bo, ada=("active", 1))
    bo.seen.clear()
    ada.connection.close(1001)
    await eventually(lambda: len(sessions(server)) == 1)
    again = await server.join("team")
    ack = await again.answer(command("post", text="back"))
    await caught_up(bo, ack["seq"])
    assert "presence" not in kinds(bo)


@limits(heartbeat_s=0.1, silence_s=1000.0)
async def test_the_server_pings_below_and_above(server: Server) -> None:
    """[FO5]"""
    ada = await server.join("team")
    pings: list[bytes] = []
    ada.connection.on_ping = pings.append  # type: ignore[method-assign, assignment]  # to see them
    first, second = await ada.until("ping"), await ada.until("ping")
    assert second["n"] == first["n"] + 1
    assert second["head"] == 1
    await ada.send({"type": "pong", "n": second["n"]})
    await ada.until("ping")
    assert len(pings) >= 2


async def test_a_peer_that_answers_pings_is_not_silent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[PR3] Its WebSocket answers by itself, whatever its page does."""
    clock = stopped_clock(monkeypatch)
    ada, bo = await server.join("team"), await server.join("team", user="bo")
    stream_of(bo).write = lambda *_: Future()  # type: ignore[method-assign]  # its answers get lost
    clock.later(20.0)
    await ada.until("ping")
    room = hub_of(server)._rooms.joined(TEAM)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bo.closed)
        heard = room._connections[SessionId(ada.seen[0]["connection"])]
        await eventually(lambda: heard.heard == clock.mono)
        clock.later(15.0)
        await until_presence(ada, bo=("offline", 0))
    assert (bo.close_code, bo.seen[-1]["code"]) == (4200, 4200)
    assert (await ada.answer(command("post", text="still here")))["type"] == "ack"


# Rates


@limits(posts_per_window=3)
async def test_the_rate_of_posts_is_exact(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """[RA1] [RA2] After `retry_after_s`, not before, the next passes."""
    clock = stopped_clock(monkeypatch)
    ada = await server.join("team")
    for _ in range(3):
        assert (await ada.answer(command("post", text="hi")))["type"] == "ack"
        clock.later(2.0)
    waits = []
    while (answer := await ada.answer(command("post", text="hi")))["type"] == "refused":
        assert answer["code"] == "rate_limited"
        waits.append(answer["retry_after_s"])
        clock.later(min(answer["retry_after_s"], 1.25))
    assert waits == [4.0, 2.75, 1.5, 0.25]


@limits(posts_per_window=10, window_s=1000.0)
async def test_the_eleventh_post_is_refused_and_a_repeat_is_free(server: Server) -> None:
    """[RA1] [RA3] Whichever tab it comes from; other people and kinds have their own."""
    ada, tab, bo = [await server.join("team", user=user) for user in ("ada", "ada", "bo")]
    asked = [command("post", text=str(number)) for number in range(10)]
    for number, one in enumerate(asked):
        assert (await (ada, tab)[number % 2].answer(one))["type"] == "ack"
    refused = await tab.answer(command("post", text="one more"))
    assert refused["code"] == "rate_limited"
    assert 900.0 < refused["retry_after_s"] <= 1000.0
    for one in asked:
        assert (await ada.answer(one))["duplicate"] is True
    assert (await bo.answer(command("post", text="hi")))["type"] == "ack"
    assert (await ada.answer(command("react", target=5, emoji="🎉")))["type"] == "ack"


@limits(posts_per_window=0)
async def test_a_rate_of_0_is_off(server: Server) -> None:
    """[RA4]"""
    ada = await server.join("team")
    for _ in range(50):
        assert (await ada.answer(command("post", text="hi")))["type"] == "ack"


# Slow readers


@limits(posts_per_window=0, outbox_bytes=64 * 1024)
async def test_one_who_does_not_read_is_sent_away_and_nobody_else_notices(
    server: Server,
) -> None:
    """[FO2] When the network's own buffers are full, and 64 KiB more."""
    slow = await server.join("team", user="slow")
    stream = stream_of(slow)
    (session,) = sessions(server)
    assert isinstance(session._transport, SocketTransport)
    connection = session._transport._handler.ws_connection
    assert connection is not None
    assert connection.stream is not None
    connection.stream.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096)  # else 4 MB fit into it
    stream.socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
    stream.io_loop.remove_handler(stream.fileno())  # it reads no more
    ada = await server.join("team")
    await until_presence(ada, slow=("active", 1))
    for _ in range(2_000):
        if len(sessions(server)) == 1:
            break
        assert (await ada.answer(command("post", text="x" * 32_000)))["type"] == "ack"
    assert [session.member.id for session in sessions(server)] == ["user:ada"]
    seqs = [entry["seq"] for entry in ada.entries()]
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    back = await server.join(
        "team", user="slow", after=1, epoch=ada.seen[0]["conversation"]["epoch"]
    )
    assert back.seen[1]["type"] in ("entries", "snapshot")
