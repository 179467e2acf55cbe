"""What a database is: one of ours at all, and of which schema.

Owns these two answers, and the words for a wrong file. Must not know what is stored. Reads
only; `connection.upgrade` is what brings an older one up to date.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Literal

from sqlite_utils import Database

from .migrations import migrations

__all__ = ["EMPTY", "NEWER", "Schema", "is_empty", "known_and_applied", "schema_of", "why_not_ours"]

NEWER = "A newer jupyter_collab made this database; please upgrade the server's."
EMPTY = "It is empty."


@dataclass(frozen=True, slots=True)
class Schema:
    """How far the tables are: `number` counts migrations, `name` is the newest of them."""

    number: int
    name: str
    state: Literal["current", "older", "newer"]


def is_empty(path: Path) -> bool:
    """Whether a file has no bytes: SQLite would delete a write-ahead log beside it."""
    return path.stat().st_size == 0


def why_not_ours(connection: Connection) -> str | None:
    """Says in a sentence why a file is no database of conversations, None if it is one."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if {"_sqlite_migrations", "conversations"} <= names:
        return None
    return "Another program made it." if names else EMPTY


def schema_of(connection: Connection) -> Schema:
    """The schema of one of ours."""
    known, applied = known_and_applied(connection)
    older: Literal["current", "older"] = "current" if set(applied) == set(known) else "older"
    return Schema(len(applied), applied[-1], "newer" if set(applied) - set(known) else older)


def known_and_applied(connection: Connection) -> tuple[list[str], list[str]]:
    """The migrations of this program, and those that a database has been through."""
    database = Database(connection, execute_plugins=False)
    with Database(memory=True, execute_plugins=False) as empty:
        known = [migration.name for migration in migrations.pending(empty)]
    return known, [migration.name for migration in migrations.applied(database)]
