"""Reads a whole conversation over REST, as the oracle wants it."""

from __future__ import annotations

from typing import Any

from tests.chaos.history import Truth
from tests.chaos.process import JupyterProcess
from tests.servers import API

__all__ = ["whole"]


async def whole(server: JupyterProcess, conversation: str) -> Truth:
    """Every entry, every message and the title."""
    path = f"{API}/conversations/{conversation}"
    entries: list[Any] = []
    while page := (await server.ask(f"{path}/entries?after={len(entries)}"))["entries"]:
        entries += page
    messages: list[Any] = []
    before = ""
    while True:
        found = await server.ask(f"{path}/messages?{before}")
        messages[:0] = found["messages"]
        if found["before"] is None:
            break
        before = f"before={found['before']}"
    view = await server.ask(path)
    return Truth.of(conversation, entries, messages, view["conversation"]["title"])
