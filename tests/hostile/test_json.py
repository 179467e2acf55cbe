"""Strict JSON over the real socket: what closes, what is answered, and who does not notice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.servers import Peer, Server, command

ULID = "01JDA0000000000000000000AA"
POST = f'{{"type":"post","command_id":"{ULID}","text":"hi"}}'
TYPING = '"type":"typing","active":true'

POISON = {
    "nothing": "",
    "space": "  ",
    "not JSON": "{",
    "a text": '"hello"',
    "a number": "1",
    "null": "null",
    "a list": f"[{POST}]",
    "two objects": POST + POST,
    "trailing comma": POST[:-1] + ",}",
    "comment": POST[:-1] + "/* */}",
    "single quotes": POST.replace('"', "'"),
    "NaN": f'{{{TYPING},"x":NaN}}',
    "Infinity": f'{{{TYPING},"x":-Infinity}}',
    "overflowing number": '{"type":"sync","after":1e999}',
    "huge integer": '{"type":"sync","after":' + "9" * 4000 + "}",
    "integer beyond 2^53": '{"type":"sync","after":9007199254740992}',
    "negative seq": '{"type":"sync","after":-1}',
    "fraction": '{"type":"sync","after":1.5}',
    "duplicate key": f'{{{TYPING},"active":false}}',
    "duplicate type": f'{{"type":"pong",{TYPING}}}',
    "NUL in a key": f'{{{TYPING},"\\u0000":1}}',
    "NUL": '{"type":"hello","protocol":1,"client":"\\u0000"}',
    "raw control character": '{"type":"post","text":"\x01"}',
    "lone surrogate": '{"type":"hello","protocol":1,"client":"\\ud800"}',
    "reversed surrogates": '{"type":"hello","protocol":1,"client":"\\udc00\\ud800"}',
    "deep list": '{"type":"typing","active":' + "[" * 60 + "]" * 60 + "}",
    "very deep list": '{"a":' + "[" * 20_000,
    "byte order mark": "\ufeff" + POST,
    "unknown type": '{"type":"launch"}',
    "frame of a server": '{"type":"ack","command_id":"x","seq":1}',
    "type of the server's own": '{"type":"admit","member":{"id":"user:bo","name":"Bo"}}',
    "type is a list": '{"type":["post"]}',
    "no type": '{"text":"hi"}',
    "prototype": '{"__proto__":{"type":"typing","active":true}}',
    "unknown field": f'{{{TYPING},"extra":1}}',
    "text for a boolean": '{"type":"typing","active":"true"}',
    "number for a boolean": '{"type":"typing","active":1}',
    "second hello": '{"type":"hello","protocol":1}',
    "unknown state": '{"type":"activity","state":"offline"}',
    "page too large": '{"type":"history","before":1,"limit":501}',
    "page too small": '{"type":"sync","after":0,"limit":0}',
    "command without id": '{"type":"post","text":"hi"}',
    "command id is no ULID": '{"type":"post","command_id":"1","text":"hi"}',
    "command id too large": f'{{"type":"post","command_id":"8{ULID[1:]}","text":"hi"}}',
    "command id in lower case": f'{{"type":"post","command_id":"{ULID.lower()}","text":"hi"}}',
    "command id with newline": f'{{"type":"post","command_id":"{ULID}\\n","text":"hi"}}',
    "binary": POST.encode(),
}


async def farewell(peer: Peer) -> dict[str, Any]:
    """Reads to the end; the last frame must be `goodbye` with the code of the close."""
    code = await peer.closed()
    last = peer.seen[-1]
    assert (last["type"], last["code"]) == ("goodbye", code)
    return last


async def test_poison_closes_with_4000_and_changes_nothing(server: Server) -> None:
    """[FR1] [FR3] [FR7] Each on a socket of its own; a bystander stays."""
    bystander = await server.join("team", user="bo")
    await (await server.join("team", user="ada")).answer(command("post", text="first"))
    before = server.stored()
    for name, poison in POISON.items():
        peer = await server.join("team", user="ada")
        await peer.send(poison)
        assert (await farewell(peer))["code"] == 4000, name
    assert server.stored() == before
    assert (await bystander.answer(command("post", text="still here")))["type"] == "ack"


async def test_poison_before_hello_closes_as_well(server: Server) -> None:
    """[FR1] [FR5]"""
    for name, poison in POISON.items():
        if name != "second hello":
            peer = await server.connect("team", user="ada")
            await peer.send(poison)
            assert (await farewell(peer))["code"] == 4000, name


async def test_first_frame_must_be_hello(server: Server) -> None:
    """[FR5]"""
    for frame in (command("post", text="hi"), {"type": "pong", "n": 1}):
        peer = await server.connect("team", user="ada")
        await peer.send(frame)
        assert (await farewell(peer))["code"] == 4000
    assert (await server.ask("conversations"))["conversations"] == []


@pytest.mark.parametrize("protocol", [0, 2, 2**53 - 1])
async def test_other_protocol_closes_with_4001(server: Server, protocol: int) -> None:
    """[FR6]"""
    peer = await server.connect("team", user="ada")
    await peer.send({"type": "hello", "protocol": protocol})
    assert (await farewell(peer))["code"] == 4001


async def test_wrong_command_is_answered_and_the_socket_stays(server: Server) -> None:
    """[FR2]"""
    peer = await server.join("team")
    before = server.stored()
    for fields in (
        {"text": 1},
        {"text": None},
        {"text": ["hi"]},
        {"text": {"$ne": ""}},
        {"text": True},
        {},
        {"text": "hi", "reply_to": "2"},
        {"text": "hi", "reply_to": 1.5},
        {"text": "hi", "reply_to": -1},
        {"text": "hi", "reply_to": 2**53},
        {"text": "hi", "extra": 1},
    ):
        answer = await peer.answer(command("post", **fields))
        assert (answer["type"], answer["code"]) == ("refused", "malformed"), fields
    assert server.stored() == before
    assert (await peer.answer(command("post", text="hi")))["type"] == "ack"


async def test_strings_come_back_as_they_were_sent(server: Server) -> None:
    """[FR1] Through the socket, the file and REST, byte for byte."""
    peer = await server.join("team")
    texts = [
        "x\u2028\u2029\u0085x",
        "x\x01\x02\x1f\x7fx",
        "👩‍👩‍👧‍👦 🏳️‍🌈 \U0010ffff \uffff \ufdd0",
        "e\u0301 é \u202etxet\u202c",
        '\\u0000 \\ud800 "\\"',
        "</script><!-- ]]> ${x} {{x}} %s %00",
        "a\r\nb\rc\n\td",
        "\U0001d4b3" * 50,
    ]
    for text in texts:
        assert (await peer.answer(command("post", text=text)))["type"] == "ack", text
    page = await server.ask("conversations/team/messages")
    assert [message["text"] for message in page["messages"]] == texts
    await peer.send({"type": "history", "before": 2**53 - 1})
    frame = await peer.until("page")
    assert [message["text"] for message in frame["messages"]] == texts


async def test_escaped_surrogate_pair_is_one_character(server: Server) -> None:
    """[FR1]"""
    peer = await server.join("team")
    await peer.send(json.dumps(command("post", text="🎉"), ensure_ascii=True))
    await peer.until("ack")
    page = await server.ask("conversations/team/messages")
    assert page["messages"][0]["text"] == "🎉"
