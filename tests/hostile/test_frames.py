"""Frames that are too large, broken, slow or never finished; nobody else notices."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.hostile.raw import BINARY, CONTINUATION, TEXT, RawSocket, frame, raw_socket
from tests.servers import Server, command

HELLO = json.dumps({"type": "hello", "protocol": 1}).encode()
LIMIT = 64 * 1024


@pytest.fixture
def collab_config() -> dict[str, Any]:
    return {"hello_s": 0.5, "heartbeat_s": 1.0, "leave_grace_s": 0.0, "break_grace_s": 0.0}


@asynccontextmanager
async def joined(server: Server) -> AsyncIterator[RawSocket]:
    """Mallory's socket, live; and in the end Bo's answer, who was there all the time."""
    bystander = await server.join("team", user="bo")
    async with raw_socket(server) as socket:
        await socket.send(frame(HELLO))
        await socket.until("live")
        before = server.stored()
        yield socket
        assert server.stored() == before
    assert (await bystander.answer(command("post", text="still here")))["type"] == "ack"


def post_of(size: int) -> bytes:
    """A command that is exactly `size` bytes long."""
    bare = len(json.dumps(command("post", text="")))
    return json.dumps(command("post", text="x" * (size - bare))).encode()


async def test_frame_at_the_limit_is_answered(server: Server) -> None:
    """[FR4] It is the text that is too long then."""
    async with joined(server) as socket:
        await socket.send(frame(post_of(LIMIT)))
        assert (await socket.until("refused"))["code"] == "text_too_long"


async def test_frame_over_the_limit_closes_with_1009(server: Server) -> None:
    """[FR4]"""
    async with joined(server) as socket:
        await socket.send(frame(post_of(LIMIT + 1)))
        assert await socket.ended() == 1009


async def test_fragments_over_the_limit_close_with_1009(server: Server) -> None:
    """[FR4] However small each of them is."""
    async with joined(server) as socket:
        await socket.send(frame(b'{"type":"post","text":"', fin=False))
        for _ in range(70):
            await socket.send(frame(b"x" * 1000, CONTINUATION, fin=False))
        assert await socket.ended() == 1009


@pytest.mark.parametrize("declared", [LIMIT + 1, 1 << 31, 1 << 62, (1 << 63) - 1])
async def test_declared_size_is_refused_before_it_comes(server: Server, declared: int) -> None:
    """[FR4] Nothing is set aside for bytes that were only announced."""
    async with joined(server) as socket:
        await socket.send(frame(b"", declared=declared))
        assert await socket.ended() in (1009, None)


async def test_fragments_of_a_good_frame_are_one_frame(server: Server) -> None:
    """[FR1]"""
    async with joined(server) as socket:
        data = json.dumps(command("edit", target=10**9, text="not there")).encode()
        await socket.send(frame(data[:10], fin=False))
        await socket.send(frame(data[10:], CONTINUATION))
        assert (await socket.until("refused"))["code"] == "not_found"


async def test_thousands_of_empty_fragments_are_one_frame(server: Server) -> None:
    """[FR1]"""
    async with joined(server) as socket:
        data = json.dumps(command("edit", target=10**9, text="not there")).encode()
        await socket.send(frame(data, fin=False))
        await socket.send(frame(b"", CONTINUATION, fin=False) * 5000)
        await socket.send(frame(b"", CONTINUATION))
        assert (await socket.until("refused"))["code"] == "not_found"


async def test_binary_frame_closes_with_4000(server: Server) -> None:
    """[FR3]"""
    async with joined(server) as socket:
        await socket.send(frame(post_of(200), BINARY))
        assert await socket.ended() == 4000


@pytest.mark.parametrize(
    "data",
    [
        frame(b"\xff\xfe\xfd"),
        frame(b'{"type":"pong","n":1,"\xc3\x28":1}'),
        frame(HELLO, reserved=0b100),  # compressed, though nothing of it was agreed
        frame(HELLO, reserved=0b010),
        frame(HELLO, opcode=0x3),
        frame(HELLO, opcode=0xB),
        frame(b"x", CONTINUATION),
        frame(b"x", fin=False) + frame(HELLO),
        frame(b"x" * 126, opcode=0x9),  # a ping that is too long
        frame(b"", opcode=0x9, fin=False),
    ],
    ids=[
        "not UTF-8",
        "UTF-8 broken inside",
        "compressed",
        "reserved bit",
        "reserved opcode",
        "reserved control opcode",
        "continuation of nothing",
        "new frame inside a frame",
        "long ping",
        "ping in fragments",
    ],
)
async def test_broken_frame_ends_the_socket(server: Server, data: bytes) -> None:
    """[FR1] At once, without a close frame, and for nobody else."""
    async with joined(server) as socket:
        await socket.send(data)
        assert await socket.ended() is None


async def test_compression_is_not_agreed_to(server: Server) -> None:
    """[FO1] One encoded frame serves all; and nothing small can unfold into something huge."""
    server.app.web_app.settings["websocket_compression_options"] = {}
    headers = {"Sec-WebSocket-Extensions": "permessage-deflate"}
    peer = await server.connect("team", headers=headers)
    assert peer.connection.headers is not None
    assert "Sec-WebSocket-Extensions" not in peer.connection.headers


async def test_half_a_frame_and_gone_leaves_nothing(server: Server) -> None:
    """[PR2]"""
    bystander = await server.join("team", user="bo")
    async with raw_socket(server) as socket:
        await socket.send(frame(HELLO))
        await socket.until("live")
        await socket.send(frame(post_of(5000))[:2500])
    while True:
        presence = await bystander.until("presence")
        states = {member["id"]: member["state"] for member in presence["members"]}
        if states.get("user:mallory") == "offline":
            break
    assert all(entry["kind"] == "joined" for entry in bystander.entries())


async def test_socket_that_says_nothing_is_closed(server: Server) -> None:
    """[FR5]"""
    async with raw_socket(server) as socket:
        assert await socket.ended() == 4000
        assert socket.seen[-1]["type"] == "goodbye"
    assert (await server.ask("conversations"))["conversations"] == []


async def test_half_a_hello_is_no_hello(server: Server) -> None:
    """[FR5]"""
    async with raw_socket(server) as socket:
        await socket.send(frame(HELLO)[:20])
        assert await socket.ended() == 4000


async def test_pings_are_no_hello(server: Server) -> None:
    """[FR5]"""
    async with raw_socket(server) as socket:
        await socket.send(frame(b"", opcode=0x9))
        assert await socket.ended() in (4000, None)


async def test_many_silent_sockets_do_not_keep_anyone_out(server: Server) -> None:
    """[FR5] [PR7] Who has not said hello takes no place in the conversation."""
    sockets = []
    for _ in range(60):
        context = raw_socket(server)
        sockets.append((context, await context.__aenter__()))
    bystander = await server.join("team", user="bo")
    assert (await bystander.answer(command("post", text="hi")))["type"] == "ack"
    for context, socket in sockets:
        assert await socket.ended() == 4000
        await context.__aexit__(None, None, None)


async def test_text_frame_opcode_is_what_is_read(server: Server) -> None:
    """[FR1] The helper's plain frame is a good one."""
    async with joined(server) as socket:
        await socket.send(frame(b'{"type":"sync","after":0}', TEXT))
        assert (await socket.until("entries"))["entries"][0]["seq"] == 1
