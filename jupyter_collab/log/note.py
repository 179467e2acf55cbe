"""What the SQLite log keeps beside the entries: read marks, last seen, live stretches.

Owns how a note is merged with what is there. A note about a conversation that does not exist
is dropped.
"""

from __future__ import annotations

from sqlite3 import Connection
from typing import assert_never

from .base import LastSeen, LiveStretch, Note, ReadMark

__all__ = ["keep"]


def keep(connection: Connection, note: Note) -> None:
    """Stores one note in the caller's transaction."""
    match note:
        case ReadMark():
            _keep_read_mark(connection, note)
        case LastSeen():
            _keep_last_seen(connection, note)
        case LiveStretch():
            _keep_stretch(connection, note)
        case _:
            assert_never(note)


def _keep_read_mark(connection: Connection, note: ReadMark) -> None:
    """Keeps it within the log: a note that was late may be of a longer one, now replaced."""
    connection.execute(
        """
        INSERT INTO read_marks (conversation, member, seq)
        SELECT id, :member, min(:seq, head) FROM conversations WHERE id = :conversation
        ON CONFLICT (conversation, member) DO UPDATE SET seq = max(seq, excluded.seq)
        """,
        {"conversation": note.conversation, "member": note.member, "seq": note.seq},
    )


def _keep_last_seen(connection: Connection, note: LastSeen) -> None:
    connection.execute(
        """
        INSERT INTO presence (conversation, member, last_seen)
        SELECT id, :member, :at FROM conversations WHERE id = :conversation
        ON CONFLICT (conversation, member)
        DO UPDATE SET last_seen = max(last_seen, excluded.last_seen)
        """,
        {"conversation": note.conversation, "member": note.member, "at": note.at},
    )


def _keep_stretch(connection: Connection, note: LiveStretch) -> None:
    connection.execute(
        """
        INSERT INTO collaboration_sessions (conversation, started, ended, peak, total)
        SELECT id, :started, :ended, :peak, :total FROM conversations WHERE id = :conversation
        ON CONFLICT (conversation, started) DO UPDATE SET
            ended = excluded.ended,
            peak = max(peak, excluded.peak), total = max(total, excluded.total)
        """,
        {
            "conversation": note.conversation,
            "started": note.started,
            "ended": note.ended,
            "peak": note.peak,
            "total": note.total,
        },
    )
