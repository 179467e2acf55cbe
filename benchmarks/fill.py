"""Fills a database with one long conversation, through the log itself, before a server runs.

Owns the making of histories. What `execute` stores is what is measured, so it must not know
SQL, but for how far the search index is, which the log may bring up beside its commits.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
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
LOOK_S = 0.05
SPACING_S = 60.0  # between two messages of the past


def filled(messages: int) -> ConversationId:
    """The conversation that `fill` gives so many messages."""
    return ConversationId(f"filled-{messages}")


def fill(database: Path, messages: int) -> float:
    """Makes a database with a conversation of so many messages; gives the seconds it took.

    Its directory is made too. Nothing is left to do when a server opens it.
    """
    started = time.perf_counter()
    database.parent.mkdir(parents=True, exist_ok=True)
    anyio.run(_fill, database, messages)
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


async def _fill(database: Path, messages: int) -> None:
    log = SqliteLog(database, Limits())
    try:
        requests = _requests(filled(messages), messages)
        while batch := list(islice(requests, BATCH)):
            for outcome in await log.execute(batch):
                assert isinstance(outcome, Stored), outcome
        while not _is_indexed(database):  # noqa: ASYNC110  the log tells nobody
            await anyio.sleep(LOOK_S)
    finally:
        await log.close()


def _is_indexed(database: Path) -> bool:
    """Whether the last message can be searched for."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as file:
        last, indexed = file.execute(
            "SELECT (SELECT max(id) FROM messages), (SELECT max(id) FROM messages_fts_docsize)"
        ).fetchone()
    return bool(last == indexed)


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
