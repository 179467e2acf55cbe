"""REST after messages were removed for good."""

from __future__ import annotations

import json
import time

import anyio

from tests.log.files import prune
from tests.servers import API, Server

TEAM = "conversations/team"


async def test_entries_that_were_removed_are_gone(server: Server) -> None:
    """[LC3] The answer, and the conversation, say from where on none is missing."""
    for number in range(3):
        await server.post("team", str(number))
    await anyio.to_thread.run_sync(prune, server.database, time.time() + 1)
    await server.post("team", "new")
    gone = await server.fetch(f"{API}/{TEAM}/entries?after=0")
    refused = json.loads(gone.body)
    assert (gone.code, refused["code"], "from 5 on" in refused["message"]) == (410, "pruned", True)
    whole = await server.ask(f"{TEAM}/entries?after=4")
    assert [entry["seq"] for entry in whole["entries"]] == [5]
    messages = await server.ask(f"{TEAM}/messages")
    assert ([m["text"] for m in messages["messages"]], messages["before"]) == (["new"], None)
