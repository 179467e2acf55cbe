"""Is a database whole: pages, numbers, and tables that are what their entries come to.

Owns what is looked at. Must not know how the answer is shown. It works on a file that nobody
else uses, a copy say, since it needs minutes where there are millions of entries. Invariant:
the file is afterwards what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, DatabaseError

from ..errors import Unavailable
from ..limits import Limits
from .connection import open_private, upgrade
from .kind import why_not_ours
from .projection import Unreadable, rebuild
from .search_index import index_all

__all__ = ["Problem", "find_problems"]

MOST_OF_A_KIND = 10  # of a thousand damaged pages, ten tell enough


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it must be.

    Attributes:
        code: `damaged`, `foreign`, `schema`, `reference`, `entries`, `table` or `index`.
        text: one sentence for the operator.
    """

    code: str
    text: str


def find_problems(path: Path) -> list[Problem]:
    """Looks at everything in a database that nobody else uses."""
    try:
        connection = open_private(path, Limits())
        try:
            connection.execute("PRAGMA temp_store = FILE")  # memory may be too small
            connection.execute("BEGIN IMMEDIATE")
            return list(_find(connection))
        finally:
            connection.rollback()  # also what looking has changed
            connection.close()
    except DatabaseError as error:
        return [Problem("damaged", f"SQLite can't read it: {error}.")]


def _find(connection: Connection) -> Iterator[Problem]:
    broken = list(_find_damage(connection))
    yield from broken
    if broken:
        return  # what it holds can't be relied on
    if why := why_not_ours(connection):
        yield Problem("foreign", why)
        return
    try:
        upgrade(connection)
    except Unavailable as unavailable:
        yield Problem("schema", unavailable.message)
        return
    yield from _find_dangling(connection)
    yield from _find_in_entries(connection)
    yield from _find_in_tables(connection)


def _find_damage(connection: Connection) -> Iterator[Problem]:
    for (text,) in connection.execute(f"PRAGMA integrity_check({MOST_OF_A_KIND})"):
        if text != "ok":
            yield Problem("damaged", f"{text}.")


def _find_dangling(connection: Connection) -> Iterator[Problem]:
    found = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_OF_A_KIND)
    for table, row, _, _ in found:
        yield Problem("reference", f"Row {row} of {table} is of a conversation that is not there.")


def _find_in_entries(connection: Connection) -> Iterator[Problem]:
    """From its floor to its head, a conversation has every number once."""
    rows = connection.execute(
        """
        SELECT id, floor, head, last_activity,
            (SELECT count(*) FROM entries WHERE conversation = id AND seq >= floor),
            (SELECT max(seq) FROM entries WHERE conversation = id),
            (SELECT at FROM entries WHERE conversation = id AND seq = head),
            (SELECT count(*) FROM entries WHERE conversation = id AND seq < floor
             AND kind IN ('posted', 'edited', 'redacted', 'reacted', 'unreacted'))
        FROM conversations ORDER BY id
        """
    )
    for name, floor, head, active, count, last, at, left_over in rows.fetchall():
        if last is not None and last > head:
            yield Problem("entries", f"{name} has entry {last}, but its counter is at {head}.")
        elif count != head - floor + 1:
            missing = _first_missing(connection, name, floor, head)
            yield Problem("entries", f"{name} lacks entry {missing} of {floor} to {head}.")
        if at is not None and at != active:
            yield Problem("entries", f"The last activity in {name} is not its last entry's time.")
        if left_over:
            yield Problem("entries", f"{name} has entries of messages before {floor}.")


def _first_missing(connection: Connection, conversation: str, floor: int, head: int) -> int:
    seqs = connection.execute(
        """
        SELECT seq FROM entries
        WHERE conversation = :conversation AND seq >= :floor ORDER BY seq
        """,
        {"conversation": conversation, "floor": floor},
    )
    for expected, (seq,) in enumerate(seqs, start=floor):
        if seq != expected:
            return expected
    return head


_TABLES = {
    "messages": """
        SELECT conversation, seq, author, at, text, edited_at, redacted, reply_to FROM messages
    """,
    "reactions": "SELECT * FROM reactions",
    "members": "SELECT * FROM members",
    "titles": "SELECT id AS conversation, title FROM conversations",
}


def _find_in_tables(connection: Connection) -> Iterator[Problem]:
    """Folds all entries anew, and compares; first the search index, with the messages."""
    try:
        index_all(connection)
        connection.execute(
            "INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)"
        )
    except DatabaseError:
        yield Problem("index", "The search index does not agree with the messages.")
    for table, select in _TABLES.items():
        connection.execute(f"CREATE TEMP TABLE was_{table} AS {select}")
    try:
        rebuild(connection)
    except Unreadable as unreadable:
        yield Problem("entries", str(unreadable))
        return
    for table, select in _TABLES.items():
        yield from _differences(connection, table, select)


def _differences(connection: Connection, table: str, select: str) -> Iterator[Problem]:
    was = f"SELECT * FROM was_{table}"  # noqa: S608  # our own names
    found = connection.execute(
        f"""
        SELECT conversation, count(*) FROM (
            SELECT * FROM ({was} EXCEPT {select})
            UNION ALL SELECT * FROM ({select} EXCEPT {was})
        ) GROUP BY conversation
        """  # noqa: S608  # our own names
    )
    for name, count in found.fetchmany(MOST_OF_A_KIND):
        yield Problem("table", f"{count} rows of {table} in {name} are not what its entries say.")
