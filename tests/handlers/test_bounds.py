"""What a client can make a server keep, in memory and for ever, over REST."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tests.fakes import TEAM
from tests.servers import API, Server, command

ENTRIES = "conversations/team/entries"
MESSAGES = "conversations/team/messages"


@pytest.fixture
def collab_config() -> dict[str, Any]:
    return {"newcomers_per_minute": 2}


async def test_reading_pages_brings_nothing_into_memory(server: Server) -> None:
    """[RS16] [AP2] What is not there is not found all the same; a page past the end is empty."""
    await server.post("team", "hi")
    rooms = server.app.web_app.settings["jupyter_collab_hub"]._rooms
    rooms.unload(TEAM)
    assert [m["text"] for m in (await server.ask(MESSAGES))["messages"]] == ["hi"]
    assert [e["seq"] for e in (await server.ask(ENTRIES))["entries"]] == [1, 2]
    assert (await server.ask(f"{ENTRIES}?after=2"))["entries"] == []
    assert (await server.ask(f"{MESSAGES}?before=1"))["messages"] == []
    for path in (ENTRIES, MESSAGES):
        assert (await server.fetch(f"{API}/{path.replace('team', 'nowhere')}")).code == 404
    assert rooms.all() == []
    await server.ask("conversations/team")  # which says who is here
    assert [room.id for room in rooms.all()] == ["team"]


async def test_a_newcomer_past_the_rate_is_told_when_to_come_back(server: Server) -> None:
    """[RA8] [AP1]"""
    for user in ("ada", "bo"):
        await server.post("team", "hi", user=user)
    path, body = f"{API}/conversations/team/commands", command("post", text="hi")
    response = await server.fetch(path, user="cam", method="POST", body=body)
    answer = json.loads(response.body)
    assert (response.code, answer["code"]) == (429, "rate_limited")
    assert 0 < answer["retry_after_s"] <= 60.0
    assert int(response.headers["Retry-After"]) == math.ceil(answer["retry_after_s"])
    await server.post("team", "again", user="bo")
    assert len((await server.ask(ENTRIES))["entries"]) == 5
