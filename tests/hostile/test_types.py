"""Frames of every kind, bent at random: each gets a definite answer, and harms nothing."""

from __future__ import annotations

import json
from asyncio import AbstractEventLoop
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_collab.protocol.commands import COMMAND_TYPES
from tests.servers import PATIENCE_S, Peer, Server, command

FRAMES: list[dict[str, Any]] = [
    {"type": "post", "text": "hi", "reply_to": None},
    {"type": "edit", "target": 2, "text": "edited"},
    {"type": "redact", "target": 2},
    {"type": "react", "target": 2, "emoji": "🎉"},
    {"type": "unreact", "target": 2, "emoji": "🎉"},
    {"type": "rename", "title": "Team"},
    {"type": "sync", "after": 0, "limit": 10},
    {"type": "history", "before": 9, "limit": 10},
    {"type": "mark_read", "seq": 1},
    {"type": "typing", "active": True},
    {"type": "activity", "state": "idle"},
    {"type": "pong", "n": 1},
    {"type": "hello", "protocol": 1, "after": 1, "epoch": "e", "client": "x"},
]
FIELDS = sorted({field for frame in FRAMES for field in frame} | {"command_id"})

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(["post", "user:bo", "1", "true", "__proto__", "' OR 1=1 --", "\x00", ""])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
changes = st.dictionaries(
    st.sampled_from(FIELDS) | st.text(max_size=8), values, min_size=0, max_size=3
)


@st.composite
def bent_frames(draw: st.DrawFn) -> dict[str, Any]:
    """A good frame with some fields taken away and some set to anything."""
    frame = draw(st.sampled_from(FRAMES))
    if frame["type"] in COMMAND_TYPES:
        frame = command(**frame)
    dropped = draw(st.sets(st.sampled_from(FIELDS), max_size=2))
    kept = {field: value for field, value in frame.items() if field not in dropped}
    return kept | draw(changes)


@pytest.fixture
def collab_config() -> dict[str, Any]:
    rates = ("posts", "edits", "redacts", "reactions", "renames", "queries", "frames")
    return {f"{rate}_per_window": 0 for rate in rates}


async def send_and_probe(peer: Peer, frame: dict[str, Any]) -> list[dict[str, Any]]:
    """Sends a frame and a command after it; returns what came of the first, closed or not.

    Answers come in the order of the commands [FO4], so nothing of the first is still due.
    """
    peer.seen.clear()
    probe = command("edit", target=10**15, text="not there")
    await peer.send(json.dumps(frame))
    await peer.send(probe)
    with anyio.fail_after(PATIENCE_S):
        while (read := await peer.read()) is not None:
            if read.get("command_id") == probe["command_id"]:
                break
    return [seen for seen in peer.seen if seen.get("command_id") != probe["command_id"]]


def test_bent_frame_gets_a_definite_answer(
    server: Server, jp_asyncio_loop: AbstractEventLoop
) -> None:
    """[FR1] [FR2] [FR3] [LG5] An answer by its id, or a close with 4000 and its goodbye."""
    peers: list[Peer] = []

    async def check(frame: dict[str, Any]) -> None:
        if not peers:
            peers.append(await server.join("team"))
            await peers[0].answer(command("post", text="first"))
        before = server.stored()
        came = await send_and_probe(peers[0], frame)
        answers = [seen for seen in came if seen["type"] in ("ack", "refused")]
        if peers[0].connection.protocol is None or peers[0].close_code is not None:
            last = came[-1]
            assert (last["type"], last["code"]) == ("goodbye", peers[0].close_code)
            assert last["code"] in (4000, 4001)
            assert server.stored() == before
            peers.clear()
        elif frame.get("type") in COMMAND_TYPES:
            (answer,) = answers
            assert answer["command_id"] == frame["command_id"]
            is_stored = answer["type"] == "ack" and not answer["duplicate"]
            assert (server.stored() != before) is is_stored
        else:
            assert answers == []
            assert server.stored() == before

    @settings(max_examples=150, deadline=None)
    @given(bent_frames())
    def run(frame: dict[str, Any]) -> None:
        jp_asyncio_loop.run_until_complete(check(frame))

    run()
