"""What a frame costs the server: no more than its size, and nothing for each of its parts."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from types import FrameType

import pytest

from jupyter_collab.errors import ProtocolError
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.codec import InvalidCommand, decode_client

ULID = "01KAPX3Z9QG8V5T0W2RDJ7N4BC"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 40 + '"' + '\\"' * 30_000,
        "[" * 64_000,
        '{"a":' * 12_000,
        '{"type":"pong","n":1' + " " * 64_000,
        '"' * 64_000,
        "\\" * 64_000,
        "[" + "1," * 32_000,
        '{"type":"post","text":"' + "\\u0001" * 10_000 + '"',
        "{" + ",".join(f'"{number}":[]' for number in range(6000)) + "}",
    ],
    ids=range(9),
)
def test_hostile_frames_take_no_more_than_linear_time(text: str) -> None:
    """[FR1] They take milliseconds; in quadratic time, 40 s in which nobody else is served."""
    began = time.thread_time()
    with pytest.raises(ProtocolError):
        decode_client(text, max_depth=32)
    assert time.thread_time() - began < 5


def _filled(start: str, piece: str, end: str) -> str:
    """A command of the size that a frame may have at most, full of `piece`."""
    head = f'{{"type":"post","command_id":"{ULID}",{start}'
    return head + piece * ((65_536 - len(head) - len(end)) // len(piece)) + end


@pytest.mark.parametrize(
    "text",
    [
        _filled('"text":"', "x", '"}'),
        _filled('"text":"', "\\u0041", '"}'),
        _filled('"text":"', "\\\\", '"}'),
        _filled('"text":"","text":"', "x", '"}'),
        _filled('"text":""', ',"text":""', "}"),
        _filled('"text":"\\u0041","x":[0', ",{}", "]}"),
        _filled('"text":"\\u0041","x":[0', ',{"":0}', "]}"),
        _filled('"text":"\\u0041","x":[0', ',""', "]}"),
        _filled('"text":"\\u0041","x":[0', "," + "[" * 29 + "]" * 29, "]}"),
        _filled('"text":"\\u0041","x":' + "[" * 29 + '""', ',""', "]" * 29 + "}"),
        _filled('"text":"\\u0000","x":[0', ',"\\u0000"', "]}"),
        _filled('"x":', "[", "}"),
    ],
    ids=range(12),
)
def test_no_frame_makes_python_work_for_each_of_its_parts(text: str) -> None:
    """[FR1] [FR2] One of 64 KiB takes as many steps as a small one: msgspec reads it."""
    steps = 0

    def count(at: FrameType, *_: object) -> None:
        nonlocal steps
        steps += at.f_code.co_filename == codec.__file__  # and not of a debugger or collector

    sys.setprofile(count)
    try:
        with suppress(ProtocolError, InvalidCommand):
            decode_client(text, max_depth=32)
    finally:
        sys.setprofile(None)
    assert 0 < steps < 100
