"""The header of a frame, against RFC 6455 and against Tornado's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_collab.protocol.framing import PING, text_frame


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (0, b"\x81\x00"),
        (1, b"\x81\x01"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_the_header_tells_the_length_in_the_shortest_form(size: int, header: bytes) -> None:
    """[FO1] RFC 6455, section 5.2: final, text, no mask, lengths at each edge."""
    payload = b"x" * size
    assert text_frame(payload) == header + payload


def test_a_ping_is_a_control_frame_without_a_payload() -> None:
    """[FO5] RFC 6455, sections 5.2 and 5.5.2: final, opcode 9, no mask, no length."""
    assert bytes([0b1000_1001, 0]) == PING


@given(st.text(max_size=300))
def test_a_frame_is_read_back_as_it_was(text: str) -> None:
    """[FO1]"""
    payload = text.encode()
    frame = text_frame(payload)
    assert frame[0] == 0b1000_0001
    start = 2 if frame[1] < 126 else 4
    size = frame[1] if frame[1] < 126 else int.from_bytes(frame[2:4], "big")
    assert frame[start:] == payload
    assert size == len(payload)
