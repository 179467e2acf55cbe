"""Bytes to frames and back: what a client may send, and how the server's frames look."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_collab.errors import CloseCode, ProtocolError
from jupyter_collab.protocol import commands, frames
from jupyter_collab.protocol.codec import (
    InvalidCommand,
    decode_client,
    decode_command,
)
from jupyter_collab.protocol.commands import COMMAND_TYPES, ClientCommand
from jupyter_collab.protocol.ids import MAX_SAFE_INTEGER, MemberId, is_conversation_id

ULID = "01KAPX3Z9QG8V5T0W2RDJ7N4BC"
DEPTH = 32

FRAMES: dict[str, tuple[str, msgspec.Struct]] = {
    "first hello": (
        '{"type":"hello","protocol":1}',
        frames.Hello(protocol=1),
    ),
    "hello again": (
        '{"type":"hello","protocol":1,"after":41,"epoch":"e7","client":"web/0.1.0"}',
        frames.Hello(protocol=1, after=41, epoch="e7", client="web/0.1.0"),
    ),
    "post": (
        f'{{"type":"post","command_id":"{ULID}","text":"**hello**","reply_to":40}}',
        commands.Post(command_id=ULID, text="**hello**", reply_to=40),
    ),
    "edit": (
        f'{{"type":"edit","command_id":"{ULID}","target":61,"text":"…"}}',
        commands.Edit(command_id=ULID, target=61, text="…"),
    ),
    "redact": (
        f'{{"type":"redact","command_id":"{ULID}","target":61}}',
        commands.Redact(command_id=ULID, target=61),
    ),
    "react": (
        f'{{"type":"react","command_id":"{ULID}","target":61,"emoji":"🎉"}}',
        commands.React(command_id=ULID, target=61, emoji="🎉"),
    ),
    "unreact": (
        f'{{"type":"unreact","command_id":"{ULID}","target":61,"emoji":"🎉"}}',
        commands.Unreact(command_id=ULID, target=61, emoji="🎉"),
    ),
    "rename": (
        f'{{"type":"rename","command_id":"{ULID}","title":"Plans"}}',
        commands.Rename(command_id=ULID, title="Plans"),
    ),
    "sync": ('{"type":"sync","after":41,"limit":500}', frames.Sync(after=41, limit=500)),
    "history": ('{"type":"history","before":11}', frames.History(before=11, limit=50)),
    "who": (
        '{"type":"who","ids":["user:bo"]}',
        frames.Who(ids=(MemberId("user:bo"),), after=0, limit=500),
    ),
    "who, all": ('{"type":"who","after":64,"limit":64}', frames.Who(after=64, limit=64)),
    "mark_read": ('{"type":"mark_read","seq":61}', frames.MarkRead(seq=61)),
    "typing": ('{"type":"typing","active":true}', frames.Typing(active=True)),
    "activity": ('{"type":"activity","state":"idle"}', frames.Activity(state="idle")),
    "pong": ('{"type":"pong","n":88}', frames.Pong(n=88)),
}

# After the cases of JSONTestSuite: https://github.com/nst/JSONTestSuite
NOT_STRICT = {
    "nothing": "",
    "white space": " \n",
    "open object": '{"type":"typing","active":true',
    "two values": '{"type":"pong","n":1}{"type":"pong","n":1}',
    "something after": '{"type":"pong","n":1}x',
    "trailing comma": '{"type":"pong","n":1,}',
    "leading comma": '{,"type":"pong","n":1}',
    "comment": '{"type":"pong","n":1/**/}',
    "single quotes": "{'type':'pong','n':1}",
    "no quotes": '{type:"pong","n":1}',
    "missing colon": '{"type" "pong","n":1}',
    "missing value": '{"type":"pong","n":}',
    "NaN": '{"type":"pong","n":NaN}',
    "Infinity": '{"type":"pong","n":Infinity}',
    "-Infinity": '{"type":"pong","n":-Infinity}',
    "leading zero": '{"type":"pong","n":01}',
    "plus sign": '{"type":"pong","n":+1}',
    "hexadecimal": '{"type":"pong","n":0x1}',
    "bare point": '{"type":"pong","n":1.}',
    "bare minus": '{"type":"pong","n":-}',
    "full-width digit": '{"type":"pong","n":\uff11}',
    "True": '{"type":"typing","active":True}',
    "raw newline in a string": '{"type":"hello","protocol":1,"client":"a\nb"}',
    "raw tab in a string": '{"type":"hello","protocol":1,"client":"a\tb"}',
    "raw NUL in a string": '{"type":"hello","protocol":1,"client":"a\x00b"}',
    "NUL between": '{"type":"pong",\x00"n":1}',
    "form feed between": '{"type":"pong",\x0c"n":1}',
    "no-break space between": '{"type":"pong",\u00a0"n":1}',
    "unknown escape": '{"type":"hello","protocol":1,"client":"\\x41"}',
    "short escape": '{"type":"hello","protocol":1,"client":"\\u12"}',
    "bad escape": '{"type":"hello","protocol":1,"client":"\\u12G4"}',
    "lone backslash": '{"type":"hello","protocol":1,"client":"\\"}',
    "byte order mark": '\ufeff{"type":"pong","n":1}',
    "duplicate key": '{"type":"pong","n":1,"n":1}',
    "duplicate key, escaped": '{"type":"pong","n":1,"\\u006e":2}',
    "duplicate type": '{"type":"pong","type":"pong","n":1}',
    "duplicate key of a command": f'{{"type":"post","command_id":"{ULID}","text":"","text":""}}',
    "escaped NUL": f'{{"type":"post","command_id":"{ULID}","text":"\\u0000"}}',
    "escaped NUL after a backslash": '{"type":"hello","protocol":1,"client":"\\\\\\u0000"}',
    "escaped NUL in a key": f'{{"type":"post","command_id":"{ULID}","text":{{"\\u0000":[]}}}}',
    "high surrogate": f'{{"type":"post","command_id":"{ULID}","text":"\\ud83c"}}',
    "low surrogate": f'{{"type":"post","command_id":"{ULID}","text":"\\udf89"}}',
    "surrogates in reverse": f'{{"type":"post","command_id":"{ULID}","text":"\\udf89\\ud83c"}}',
    "surrogate in a list": f'{{"type":"post","command_id":"{ULID}","text":["\\ud83c"]}}',
    "raw surrogate": '{"type":"hello","protocol":1,"client":"\ud83c"}',
    "null": "null",
    "number": "1",
    "string": '"pong"',
    "list": '[{"type":"pong","n":1}]',
    "very long number": '{"type":"pong","n":' + "9" * 5000 + "}",
    "beyond 2^53": '{"type":"pong","n":9007199254740992}',
    "a protocol beyond 2^53": '{"type":"hello","protocol":9007199254740992}',
    "below zero": '{"type":"pong","n":-1}',
    "overflow": '{"type":"pong","n":1e999}',
    "fraction": '{"type":"pong","n":0.5}',
}

WRONG_FRAMES = {
    "no type": '{"n":1}',
    "empty": "{}",
    "unknown type": '{"type":"shutdown"}',
    "type in another case": '{"type":"PONG","n":1}',
    "type is no text": '{"type":1}',
    "type is null": '{"type":null}',
    "a server's frame": '{"type":"live","head":1}',
    "a server's own command": f'{{"type":"admit","command_id":"{ULID}","member":{{}}}}',
    "unknown field": '{"type":"pong","n":1,"m":1}',
    "field of another type": '{"type":"typing","active":1}',
    "missing field": '{"type":"typing"}',
    "unknown state": '{"type":"activity","state":"away"}',
    "page of none": '{"type":"sync","after":1,"limit":0}',
    "page too long": '{"type":"history","before":1,"limit":501}',
    "more ids than a query may have": json.dumps({"type": "who", "ids": ["user:a"] * 501}),
    "epoch too long": '{"type":"hello","protocol":1,"epoch":"' + "e" * 65 + '"}',
    "client too long": '{"type":"hello","protocol":1,"client":"' + "c" * 65 + '"}',
    "command without an id": '{"type":"post","text":"hi"}',
    "id is no text": '{"type":"post","command_id":1,"text":"hi"}',
    "id in lower case": f'{{"type":"post","command_id":"{ULID.lower()}","text":"hi"}}',
    "id too short": f'{{"type":"post","command_id":"{ULID[1:]}","text":"hi"}}',
    "id too long": f'{{"type":"post","command_id":"{ULID}0","text":"hi"}}',
    "id with a newline": f'{{"type":"post","command_id":"{ULID}\\n","text":"hi"}}',
    "id beyond 128 bits": f'{{"type":"post","command_id":"8{ULID[1:]}","text":"hi"}}',
    "id with the letter I": f'{{"type":"post","command_id":"{ULID[:-1]}I","text":"hi"}}',
}

WRONG_COMMANDS = {
    "missing field": {"type": "post"},
    "unknown field": {"type": "post", "text": "hi", "extra": None},
    "forged author": {"type": "post", "text": "hi", "author": "user:root"},
    "forged time": {"type": "post", "text": "hi", "at": 1.5},
    "forged seq": {"type": "post", "text": "hi", "seq": 1},
    "text is a number": {"type": "post", "text": 1},
    "text is null": {"type": "edit", "target": 1, "text": None},
    "text is an object": {"type": "post", "text": {"$ne": ""}},
    "text is many truths": {"type": "post", "text": [True] * 99},
    "target below zero": {"type": "redact", "target": -1},
    "target beyond 2^53": {"type": "redact", "target": MAX_SAFE_INTEGER + 1},
    "target is text": {"type": "redact", "target": "1"},
    "target is a fraction": {"type": "redact", "target": 1.5},
    "target is a truth": {"type": "redact", "target": True},
    "no emoji": {"type": "react", "target": 1, "emoji": ""},
    "emoji too long": {"type": "unreact", "target": 1, "emoji": "🎉" * 51},
    "title is a list": {"type": "rename", "title": ["Plans"]},
}


@pytest.mark.parametrize(("text", "frame"), FRAMES.values(), ids=FRAMES)
def test_each_frame_of_a_client_is_understood(text: str, frame: msgspec.Struct) -> None:
    """[FR1] As text and as bytes."""
    assert decode_client(text, max_depth=DEPTH) == frame
    assert decode_client(text.encode(), max_depth=DEPTH) == frame


def test_every_type_of_a_client_has_a_golden_frame() -> None:
    """[FR1]"""
    types = {kind.__struct_config__.tag for kind in frames.ClientFrame.__args__}
    assert {json.loads(text)["type"] for text, _ in FRAMES.values()} == types
    assert {kind.__struct_config__.tag for kind in ClientCommand.__args__} == COMMAND_TYPES


@pytest.mark.parametrize("text", NOT_STRICT.values(), ids=NOT_STRICT)
def test_what_is_not_strict_closes(text: str) -> None:
    """[FR1] Even around a command: an answer would need a frame that can be trusted."""
    with pytest.raises(ProtocolError) as caught:
        decode_client(text, max_depth=DEPTH)
    assert caught.value.close_code == CloseCode.MALFORMED


@pytest.mark.parametrize("data", [b"\xff", b'{"type":"\xc3"}', b"\xed\xa0\xbd", b"\xfe\xff\0{"])
def test_what_is_not_utf8_closes(data: bytes) -> None:
    """[FR1]"""
    with pytest.raises(ProtocolError, match="UTF-8"):
        decode_client(data, max_depth=DEPTH)


@pytest.mark.parametrize("text", WRONG_FRAMES.values(), ids=WRONG_FRAMES)
def test_a_wrong_frame_closes(text: str) -> None:
    """[FR3]"""
    with pytest.raises(ProtocolError) as caught:
        decode_client(text, max_depth=DEPTH)
    assert caught.value.close_code == CloseCode.MALFORMED


@pytest.mark.parametrize("fields", WRONG_COMMANDS.values(), ids=WRONG_COMMANDS)
def test_a_wrong_command_can_be_answered(fields: dict[str, Any]) -> None:
    """[FR2] [LG2]"""
    text = json.dumps({**fields, "command_id": ULID})
    for decode in (decode_client, decode_command):
        with pytest.raises(InvalidCommand) as caught:
            decode(text, max_depth=DEPTH)
        assert (caught.value.command_id, caught.value.code) == (ULID, "malformed")
        assert len(caught.value.message) < 300


@pytest.mark.parametrize("text", ['{"type":"pong","n":1}', '{"type":"hello","protocol":1}'])
def test_where_commands_are_expected_nothing_else_is_taken(text: str) -> None:
    """[AP1] [FR3]"""
    with pytest.raises(ProtocolError):
        decode_command(text, max_depth=DEPTH)
    text, expected = FRAMES["post"]
    assert decode_command(text, max_depth=DEPTH) == expected


def test_a_backslash_before_an_escape_is_a_backslash() -> None:
    """[FR1] Six characters, and not a NUL."""
    post = decode_client(
        f'{{"type":"post","command_id":"{ULID}","text":"\\\\u0000"}}', max_depth=DEPTH
    )
    assert isinstance(post, commands.Post)
    assert post.text == "\\u0000"


def test_a_wrong_command_is_not_searched_for_its_keys() -> None:
    """[FR2] It is refused in any case."""
    with pytest.raises(InvalidCommand):
        decode_client(
            f'{{"type":"post","command_id":"{ULID}","text":{{"a":1,"a":1}}}}', max_depth=DEPTH
        )


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_is_bounded(opening: str, closing: str) -> None:
    """[FR1] Brackets in a text are none; the frame's own object is the first level."""

    def nested(levels: int) -> str:
        inside = opening * levels + "1" + closing * levels
        return f'{{"type":"post","command_id":"{ULID}","text":{inside},"x":"{"[{" * 99}"}}'

    with pytest.raises(InvalidCommand):
        decode_client(nested(DEPTH - 1), max_depth=DEPTH)
    for levels in (DEPTH, 500, 30_000):
        with pytest.raises(ProtocolError):
            decode_client(nested(levels), max_depth=DEPTH)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50))
def test_any_text_arrives_as_it_was_sent(text: str) -> None:
    """[FR1] Escaped or not, by any encoder."""
    for ensure_ascii in (True, False):
        sent = json.dumps(
            {"type": "post", "command_id": ULID, "text": text}, ensure_ascii=ensure_ascii
        )
        post = decode_client(sent.encode(), max_depth=DEPTH)
        assert isinstance(post, commands.Post)
        assert post.text == text


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_anything_at_all_is_a_frame_or_refused(data: bytes | str) -> None:
    """[FR1] [FR3] No other exception comes out."""
    with suppress(ProtocolError, InvalidCommand):
        decode_client(data, max_depth=DEPTH)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("type", "text", "target", "é")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from([text for text, _ in FRAMES.values()]),
    st.dictionaries(
        st.sampled_from(("type", "command_id", "text", "target", "emoji", "seq", "n", "x")),
        _json,
        min_size=1,
        max_size=2,
    ),
)
def test_a_frame_with_anything_in_it_is_a_frame_or_refused(
    text: str, changes: dict[str, Any]
) -> None:
    """[FR2] [FR3] Nor for frames that are nearly right."""
    with suppress(ProtocolError, InvalidCommand):
        decode_client(json.dumps({**json.loads(text), **changes}), max_depth=DEPTH)


@pytest.mark.parametrize("name", ["a", "0", "team", "a.b_c-d", "a" * 64, "0-_."])
def test_names_of_conversations(name: str) -> None:
    """[RU1]"""
    assert is_conversation_id(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 65,
        "Team",
        "-a",
        ".a",
        "..",
        "_a",
        "a/b",
        "a b",
        "a\n",
        "\na",
        "é",
        "\uff41",
        "a\x00",
    ],
)
def test_what_is_no_name_of_a_conversation(name: str) -> None:
    """[RU1]"""
    assert not is_conversation_id(name)
