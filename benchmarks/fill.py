"""Fills a database with long conversations, through the log itself, before a server runs.

Owns the making of histories. Must not know SQL: what `execute` stores is what is measured.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import anyio

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Request, Stored
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.commands import Admit, Command, Post
from jupyter_collab.protocol.ids import ConversationId, MemberId
from jupyter_collab.protocol.members import Member

from .ledger import tagged

__all__ = ["fill", "fill_chat", "filled"]

BATCH = 1000
AUTHORS = 5
SPACING_S = 60.0  # between two messages of the past


def filled(messages: int) -> ConversationId:
    """The conversation that `fill` gives so many messages."""
    return ConversationId(f"filled-{messages}")


def fill(database: Path, histories: tuple[int, ...]) -> float:
    """Makes a conversation with each of `histories` messages; gives the seconds it took."""
    started = time.perf_counter()
    anyio.run(_fill, database, histories)
    return time.perf_counter() - started


def fill_chat(path: Path, messages: int) -> None:
    """Makes a conversation of jupyterlab-chat, as its own `save` writes it."""
    started = time.time() - messages * SPACING_S
    authors = [f"author-{n}" for n in range(AUTHORS)]
    kept = {
        "messages": [
            {
                "id": f"{number:026}",
                "body": tagged(number),
                "time": started + number * SPACING_S,
                "sender": author,
                "type": "msg",
                "raw_time": False,
            }
            for number, author in zip(range(messages), cycle(authors), strict=False)
        ],
        "users": {name: {"username": name, "name": name, "display_name": name} for name in authors},
        "attachments": {},
        "metadata": {"id": path.stem},
    }
    path.write_text(json.dumps(kept, indent=2))


async def _fill(database: Path, histories: tuple[int, ...]) -> None:
    log = SqliteLog(database, Limits())
    try:
        for messages in histories:
            requests = _requests(filled(messages), messages)
            while batch := list(islice(requests, BATCH)):
                for outcome in await log.execute(batch):
                    assert isinstance(outcome, Stored), outcome
    finally:
        await log.close()


def _requests(conversation: ConversationId, messages: int) -> Iterator[Request]:
    people = [Member(MemberId(f"user:author-{n}"), f"Author {n}") for n in range(AUTHORS)]
    started = time.time() - messages * SPACING_S

    def request(author: Member, command: Command, at: float) -> Request:
        return Request(conversation=conversation, author=author, command=command, at=at)

    for person in people:
        yield request(person, Admit(person), started)
    for number, author in zip(range(messages), cycle(people), strict=False):
        post = Post(command_id=f"{number:026}", text=tagged(number))
        yield request(author, post, started + number * SPACING_S)
