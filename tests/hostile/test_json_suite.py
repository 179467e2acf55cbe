"""Each case of JSONTestSuite as a part of a frame: what is JSON, and what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_collab.errors import ProtocolError
from jupyter_collab.protocol.codec import InvalidCommand, decode_client

SUITE = Path(__file__).parents[1] / "fixtures" / "json" / "suite.json"
CASES: dict[str, str] = {
    **json.loads(SUITE.read_text()),
    "n_structure_100000_opening_arrays": "[" * 100_000,
    "n_structure_open_array_object": '[{"":' * 50_000 + "\n",
}
# A frame may not have these anywhere, though they are JSON.
NUL = {"y_object_escaped_null_in_key", "y_string_null_escape"}


def _is_json(name: str) -> bool:
    """Numbers that overflow are JSON; lone surrogates, other encodings and 500 levels are not."""
    return name.startswith(("y_", "i_number_")) and name not in NUL


def test_the_suite_is_whole() -> None:
    assert len(CASES) == 318


@pytest.mark.parametrize("name", CASES)
def test_what_is_json_is_answered_and_what_is_not_closes(name: str) -> None:
    """[FR1] [FR2] In a field that no command has: the answer tells which of the two it was."""
    head = b'{"type":"post","command_id":"01KAPX3Z9QG8V5T0W2RDJ7N4BC","text":"hi","x":'
    frame = head + CASES[name].encode("latin-1") + b"}"
    with pytest.raises(InvalidCommand if _is_json(name) else ProtocolError):
        decode_client(frame, max_depth=32)


@pytest.mark.parametrize("name", CASES)
def test_no_case_is_a_frame_by_itself(name: str) -> None:
    """[FR1] [FR3]"""
    with pytest.raises(ProtocolError):
        decode_client(CASES[name].encode("latin-1"), max_depth=32)
