"""What a database holds, in numbers: for an operator who looks at it.

Owns the counting. Must not know how it is shown. Reads only, beside whoever uses the file.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..errors import Unavailable
from ..limits import Limits
from .alone import alone_with
from .connection import open_reader
from .transaction import reading

__all__ = ["Summary", "summarize"]


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
    """A database: `schema` is its newest migration, `erasures` what is not yet gone."""

    bytes: int
    wal_bytes: int
    is_in_use: bool
    schema: str
    erasures: int
    conversations: tuple[ConversationCount, ...]

    @property
    def names(self) -> set[str]:
        return {conversation.id for conversation in self.conversations}


def summarize(path: Path) -> Summary:
    """Counts what is in the database `path`; its schema must be today's."""
    is_in_use = _is_in_use(path)
    wal = path.with_name(path.name + "-wal")
    wal_bytes = wal.stat().st_size if wal.exists() else 0
    with closing(open_reader(path, Limits())) as connection, reading(connection):
        schema = connection.execute(
            "SELECT name FROM _sqlite_migrations ORDER BY id DESC LIMIT 1"
        ).fetchone()
        counts = connection.execute(
            """
            SELECT id, title, (SELECT count(*) FROM entries WHERE conversation = conversations.id),
                (SELECT count(*) FROM messages WHERE conversation = conversations.id),
                floor, last_activity
            FROM conversations ORDER BY last_activity DESC, id
            """
        )
        return Summary(
            path.stat().st_size,
            wal_bytes,
            is_in_use,
            schema[0],
            connection.execute("SELECT count(*) FROM erasures").fetchone()[0],
            tuple(ConversationCount(*row) for row in counts),
        )


def _is_in_use(path: Path) -> bool:
    try:
        with alone_with(path):
            return False
    except Unavailable:
        return True
