"""Floods: the flooder is slowed or closed, everybody else goes on."""

from __future__ import annotations

import json
from asyncio import get_running_loop
from typing import Any

import pytest
from tornado.websocket import WebSocketProtocol13

from tests.hostile.raw import CONTINUATION, PING, TEXT, frame, raw_socket
from tests.hubs import eventually
from tests.servers import Server, command


@pytest.fixture
def collab_config() -> dict[str, Any]:
    return {"frames_per_window": 300, "queries_per_window": 5, "window_s": 60.0}


async def test_flood_of_posts_gets_an_answer_for_each(server: Server) -> None:
    """[RA1] [RA5] [LG6] As many as the window holds are stored, the others refused."""
    canary = await server.join("team", user="bo")
    flooder = await server.join("team", user="ada")
    posts = [command("post", text=str(number)) for number in range(200)]
    for post in posts:
        await flooder.send(post)
    assert (await canary.answer(command("post", text="still here")))["type"] == "ack"
    answers = [await flooder.until("ack", "refused") for _ in posts]
    assert [answer["command_id"] for answer in answers] == [post["command_id"] for post in posts]
    acks = [answer for answer in answers if answer["type"] == "ack"]
    refusals = [answer for answer in answers if answer["type"] == "refused"]
    assert len(acks) == 10
    assert {answer["code"] for answer in refusals} == {"rate_limited"}
    assert all(0 < answer["retry_after_s"] <= 60 for answer in refusals)
    page = await server.ask("conversations/team/messages")
    assert sorted(message["author"] for message in page["messages"]) == ["user:ada"] * 10 + [
        "user:bo"
    ]


async def test_flood_over_several_tabs_and_rest_is_one_flood(server: Server) -> None:
    """[RA1] The window is the person's, not the connection's."""
    tabs = [await server.join("team", user="ada") for _ in range(3)]
    answers = [
        await tab.answer(command("post", text=f"{number}")) for number in range(4) for tab in tabs
    ]
    assert [answer["type"] for answer in answers].count("ack") == 10
    path = "jupyter_collab/api/v1/conversations/team/commands"
    response = await server.fetch(path, method="POST", body=command("post", text="over"))
    assert response.code == 429


async def test_flood_of_frames_closes_with_4103(server: Server) -> None:
    """[RA5] [FR7]"""
    canary = await server.join("team", user="bo")
    flooder = await server.join("team", user="ada")
    for _ in range(301):
        await flooder.send({"type": "typing", "active": True})
    assert await flooder.closed() == 4103
    assert (flooder.seen[-1]["type"], flooder.seen[-1]["code"]) == ("goodbye", 4103)
    assert (await canary.answer(command("post", text="still here")))["type"] == "ack"


@pytest.mark.parametrize(
    "flood",
    [
        frame(b'{"type":"typing","active":true}') * 2000,
        frame(b"", PING) * 5000,
        frame(b"{", TEXT, fin=False) + frame(b"", CONTINUATION, fin=False) * 5000,
    ],
    ids=["frames", "pings", "fragments"],
)
async def test_a_flood_that_has_come_leaves_turns_to_others(
    server: Server, flood: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[RA5] Though all of it can be read at once, and Tornado reads some of it after the close."""
    loop, read = get_running_loop(), 0
    in_turns = [0]
    receive = WebSocketProtocol13._receive_frame

    def turn() -> None:
        in_turns.append(read - sum(in_turns))
        loop.call_soon(turn)

    async def count(connection: WebSocketProtocol13) -> None:
        nonlocal read
        await receive(connection)
        read += 1

    async with raw_socket(server) as mallory:
        await mallory.send(frame(json.dumps({"type": "hello", "protocol": 1}).encode()))
        await mallory.until("live")
        monkeypatch.setattr(WebSocketProtocol13, "_receive_frame", count)
        turn()
        await mallory.send(flood)
        await eventually(lambda: read > 300)
    assert max(in_turns) <= 256


async def test_flood_of_malformed_commands_closes_as_well(server: Server) -> None:
    """[RA5] A refused frame is a frame."""
    flooder = await server.join("team", user="ada")
    for _ in range(301):
        await flooder.send(command("post", text=1))
    assert await flooder.closed() == 4103


async def test_flood_of_the_largest_malformed_commands_stops_nobody(server: Server) -> None:
    """[FR2] [LG6] Each is answered, and so is everybody else meanwhile."""
    canary = await server.join("team", user="bo")
    flooder = await server.join("team", user="viewer")
    wrong = [command("post", text="\u0001", x=[""] * 21_000) for _ in range(200)]
    for number, one in enumerate(wrong):
        await flooder.send(json.dumps(one, separators=(",", ":")))
        if number % 50 == 25:
            assert (await canary.answer(command("post", text=f"{number}")))["type"] == "ack"
    codes = [(await flooder.until("refused", "goodbye"))["code"] for _ in wrong]
    assert codes == ["malformed"] * 200


async def test_flood_of_queries_is_refused_and_the_socket_stays(server: Server) -> None:
    """[RA5]"""
    peer = await server.join("team", user="ada")
    for _ in range(7):
        await peer.send({"type": "history", "before": 9})
    answers = [await peer.until("page", "refused") for _ in range(7)]
    assert [answer["type"] for answer in answers] == ["page"] * 5 + ["refused"] * 2
    assert {answer["code"] for answer in answers[5:]} == {"rate_limited"}
    assert (await peer.answer(command("post", text="hi")))["type"] == "ack"


async def test_flood_of_reactions_on_one_message_stops_at_twenty_emoji(server: Server) -> None:
    """[RU8]"""
    seq = await server.post("team", "hi")
    peer = await server.join("team", user="ada")
    emoji = [chr(code) for code in range(0x1F600, 0x1F600 + 22)]
    answers = [await peer.answer(command("react", target=seq, emoji=one)) for one in emoji]
    assert [answer["type"] for answer in answers] == ["ack"] * 20 + ["refused"] * 2
    assert answers[-1]["code"] == "too_many_reactions"


@pytest.mark.parametrize(
    "emoji",
    ["__proto__", "constructor", "🎉🎉", "x", "<b>", " ", "🎉 ", "\u200d", "🎉\u202e", "a" * 50],
)
async def test_reaction_that_is_no_emoji_is_refused(server: Server, emoji: str) -> None:
    """[RU8]"""
    seq = await server.post("team", "hi")
    peer = await server.join("team", user="ada")
    before = server.stored()
    answer = await peer.answer(command("react", target=seq, emoji=emoji))
    assert (answer["type"], answer["code"]) == ("refused", "bad_emoji")
    assert server.stored() == before
