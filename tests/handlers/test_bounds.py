"""What a client can make a server keep, over REST."""

from __future__ import annotations

from tests.fakes import TEAM
from tests.servers import API, Server

ENTRIES = "conversations/team/entries"
MESSAGES = "conversations/team/messages"


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
