"""Databases of every released schema, as text: `python -m tests.schemas 0.2.0` keeps today's.

Owns what such a database holds: every kind of entry, and everything beside the log. A kept
file is never made again: it is what servers in the world have.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import anyio

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import LastSeen, LiveStretch, ReadMark
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.ids import MemberId, Seq
from jupyter_collab.protocol.members import Member
from tests.fakes import TEAM
from tests.log.talk import Talk

__all__ = ["SCHEMAS", "load_schema", "main", "talk_of_every_kind"]

SCHEMAS = Path(__file__).parent / "fixtures" / "schemas"
ADA = MemberId("user:ada")


async def talk_of_every_kind(talk: Talk) -> None:
    """Two conversations that have one entry of every kind at least."""
    await talk.admit("ada", "bo")
    await talk.admit(Member(ADA, "Ada Lovelace", color="#123456"))
    plan = await talk.post("ada", "A plan: “naïve” Ωmega 🎉")
    gone = await talk.post("bo", "soon deleted", reply_to=plan)
    await talk.do("bo", "edit", target=gone, text="soon deleted, but edited")
    await talk.do("bo", "redact", target=gone)
    await talk.do("ada", "edit", target=plan, text="A better plan")
    for name in ("ada", "bo"):
        await talk.do(name, "react", target=plan, emoji="🎉")
    await talk.do("ada", "unreact", target=plan, emoji="🎉")
    await talk.do("bo", "rename", title="Plans")
    await talk.admit("bo", conversation="other")
    await talk.post("bo", "elsewhere", conversation="other")
    stretch = LiveStretch(conversation=TEAM, started=1.5, ended=9.5, peak=2, total=2)
    await talk.log.note([ReadMark(TEAM, ADA, Seq(4)), LastSeen(TEAM, ADA, 9.5), stretch])


def load_schema(kept: Path, path: Path) -> None:
    """Makes the database `path` of a kept text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(kept.read_text())


def main() -> None:
    """Keeps the schema of today under the version that is given."""
    kept = SCHEMAS / f"{sys.argv[1]}.sql"
    if kept.exists():
        sys.exit(f"{kept} is kept already; what is released does not change.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conversations.db"
        anyio.run(_fill, path)
        with closing(sqlite3.connect(path)) as database:
            kept.write_text("\n".join(_statements(database)) + "\n")


async def _fill(path: Path) -> None:
    log = SqliteLog(path, Limits())
    await talk_of_every_kind(Talk(log))
    await log.close()


def _statements(database: sqlite3.Connection) -> Iterator[str]:
    """A dump that can be run: the search index's own tables come back by rebuilding it."""
    (index,) = database.execute(
        "SELECT sql FROM sqlite_schema WHERE name = 'messages_fts'"
    ).fetchone()
    for statement in database.iterdump():
        if statement == "COMMIT;":
            yield f"{index};"
            yield "INSERT INTO messages_fts (messages_fts) VALUES ('rebuild');"
        if "messages_fts" not in statement and "writable_schema" not in statement:
            yield statement


if __name__ == "__main__":
    main()
