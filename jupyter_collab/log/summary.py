"""What a database holds, in numbers: for an operator who looks at it.

Owns the counting. Must not know how it is shown. Reads only, beside whoever uses the file.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, OperationalError

from ..errors import NotFound, Unavailable
from ..limits import Limits
from .alone import alone_with
from .connection import open_reader
from .kind import EMPTY, NEWER, is_empty, schema_of, why_not_ours
from .transaction import reading

__all__ = ["Summary", "demand_ours", "no_database", "summarize"]


@dataclass(frozen=True, slots=True)
class ConversationCount:
    """One conversation: `active` is UTC epoch seconds, `floor` from where on it is whole."""

    id: str
    title: str
    entries: int
    messages: int
    floor: int
    active: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A database: `schema` is its newest migration, `erasures` what is not yet gone.

    `is_in_use` is None where who asks may not know, for want of permission.
    """

    bytes: int
    wal_bytes: int
    is_in_use: bool | None
    schema: str
    schema_number: int
    schema_state: str
    erasures: int
    conversations: tuple[ConversationCount, ...]

    @property
    def names(self) -> set[str]:
        return {conversation.id for conversation in self.conversations}


def summarize(path: Path) -> Summary:
    """Counts what is in the database `path`, of whichever schema.

    Raises:
        NotFound: it is no database of ours.
        Unavailable: its schema is too new to be counted.
    """
    _demand_bytes(path)
    is_in_use = _is_in_use(path)
    wal = path.with_name(path.name + "-wal")
    wal_bytes = wal.stat().st_size if wal.exists() else 0
    with closing(open_reader(path, Limits())) as connection, reading(connection):
        _demand_ours(connection, path)
        schema = schema_of(connection)
        try:
            erasures, counts = _count(connection)
        except OperationalError as error:
            if schema.state != "newer":
                raise
            raise Unavailable(NEWER) from error
        return Summary(
            path.stat().st_size,
            wal_bytes,
            is_in_use,
            schema.name,
            schema.number,
            schema.state,
            erasures,
            counts,
        )


def demand_ours(path: Path) -> None:
    """Makes sure that there are conversations in a file.

    Raises:
        NotFound: it is empty, or another program's.
    """
    _demand_bytes(path)
    with closing(open_reader(path, Limits())) as connection:
        _demand_ours(connection, path)


def no_database(path: Path, why: str) -> str:
    """What is said about a file of something else."""
    return (
        f"{path} is no database of jupyter_collab. {why} Is it the right file? Name another "
        "with --database."
    )


def _demand_bytes(path: Path) -> None:
    if is_empty(path):
        raise NotFound(no_database(path, EMPTY))


def _demand_ours(connection: Connection, path: Path) -> None:
    if why := why_not_ours(connection):
        raise NotFound(no_database(path, why))


def _count(connection: Connection) -> tuple[int, tuple[ConversationCount, ...]]:
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(conversations)")}
    floor = "floor" if "floor" in columns else "1"  # it came with pruning
    counts = connection.execute(
        f"""
        SELECT id, title, (SELECT count(*) FROM entries WHERE conversation = conversations.id),
            (SELECT count(*) FROM messages WHERE conversation = conversations.id),
            {floor}, last_activity
        FROM conversations ORDER BY last_activity DESC, id
        """  # noqa: S608  # our own names
    )
    (erasures,) = connection.execute("SELECT count(*) FROM erasures").fetchone()
    return erasures, tuple(ConversationCount(*row) for row in counts)


def _is_in_use(path: Path) -> bool | None:
    try:
        with alone_with(path):
            return False
    except Unavailable:
        return True
    except OSError:  # who may not write to a file may not lock it
        return None
