"""The tables that are folds: messages, reactions, members and titles, kept from entries.

Owns what each kind of entry does to them, and their rebuilding. Must not know how entries
come about. Invariant: they hold what `state.fold` gives for the same entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Connection, DatabaseError
from typing import Any, assert_never

from ..protocol.entries import (
    Edited,
    Entry,
    Joined,
    Posted,
    ProfileChanged,
    Reacted,
    Redacted,
    Renamed,
    Unreacted,
)
from ..protocol.ids import ConversationId
from ..rules import default_title
from .bulk import Row, insert
from .rows import entry_from
from .search_index import index_all, reindexing

__all__ = ["Unreadable", "insert_messages", "message_row", "project", "rebuild"]


class Unreadable(Exception):
    """Entry `seq` of `conversation` can't be read."""

    def __init__(self, conversation: str, seq: int) -> None:
        super().__init__(conversation, seq)
        self.conversation = conversation
        self.seq = seq

    def __str__(self) -> str:
        return f"Entry {self.seq} of {self.conversation} can't be read."


def project(connection: Connection, conversation: ConversationId, entry: Entry) -> None:
    """Brings the tables up to `entry`, in the caller's transaction.

    Advancing `head` and `last_activity` is the caller's, who does it once a transaction.
    """
    match entry:
        case Posted():
            insert_messages(connection, [message_row(conversation, entry)])
        case Edited():
            _edit(connection, conversation, entry)
        case Redacted():
            _redact(connection, conversation, entry)
        case Reacted():
            _react(connection, conversation, entry)
        case Unreacted():
            _unreact(connection, conversation, entry)
        case Joined() | ProfileChanged():
            _keep_member(connection, conversation, entry)
        case Renamed():
            _rename(connection, conversation, entry.body.title)
        case _:
            assert_never(entry)


def rebuild(connection: Connection) -> None:
    """Throws the tables away and folds every entry again, in the caller's transaction.

    Raises:
        Unreadable: an entry is not what any version has written.
    """
    connection.execute("INSERT INTO messages_fts (messages_fts) VALUES ('delete-all')")
    connection.execute("DELETE FROM reactions")
    connection.execute("DELETE FROM messages")
    connection.execute("DELETE FROM members")
    for (conversation,) in connection.execute("SELECT id FROM conversations").fetchall():
        _rename(connection, conversation, default_title(conversation))
        entries = connection.execute(
            """
            SELECT seq, kind, author, at, command_id, body FROM entries
            WHERE conversation = :conversation ORDER BY seq
            """,
            {"conversation": conversation},
        )
        for row in entries:
            project(connection, conversation, _entry(conversation, row))
    index_all(connection)


def message_row(conversation: ConversationId, entry: Posted) -> Row:
    """What `insert_messages` stores of a posted message."""
    body = entry.body
    return conversation, entry.seq, entry.author, entry.at, body.text, 0, body.reply_to


def insert_messages(connection: Connection, rows: Sequence[Row]) -> None:
    """Stores messages as they were posted, in the caller's transaction."""
    columns = "conversation, seq, author, at, text, redacted, reply_to"
    insert(connection, f"messages ({columns})", rows)


def _entry(conversation: ConversationId, row: tuple[Any, ...]) -> Entry:
    try:
        return entry_from(row)
    except DatabaseError as error:
        raise Unreadable(conversation, row[0]) from error


def _edit(connection: Connection, conversation: ConversationId, entry: Edited) -> None:
    with reindexing(connection, conversation, entry.body.target):
        connection.execute(
            """
            UPDATE messages SET text = :text, edited_at = :at
            WHERE conversation = :conversation AND seq = :target
            """,
            {
                "conversation": conversation,
                "target": entry.body.target,
                "text": entry.body.text,
                "at": entry.at,
            },
        )


def _redact(connection: Connection, conversation: ConversationId, entry: Redacted) -> None:
    target = {"conversation": conversation, "target": entry.body.target}
    with reindexing(connection, conversation, entry.body.target):
        connection.execute(
            """
            UPDATE messages SET text = '', redacted = 1
            WHERE conversation = :conversation AND seq = :target
            """,
            target,
        )
    connection.execute(
        "DELETE FROM reactions WHERE conversation = :conversation AND message = :target", target
    )


def _react(connection: Connection, conversation: ConversationId, entry: Reacted) -> None:
    # `first_seq` outlives its row: an emoji keeps its place while anyone holds it. A message
    # that was removed since has no reactions either.
    connection.execute(
        """
        INSERT INTO reactions (conversation, message, emoji, member, seq, first_seq)
        SELECT conversation, seq, :emoji, :member, :seq, coalesce(
            (SELECT first_seq FROM reactions
             WHERE conversation = :conversation AND message = :message AND emoji = :emoji),
            :seq
        )
        FROM messages WHERE conversation = :conversation AND seq = :message
        """,
        {
            "conversation": conversation,
            "message": entry.body.target,
            "emoji": entry.body.emoji,
            "member": entry.author,
            "seq": entry.seq,
        },
    )


def _unreact(connection: Connection, conversation: ConversationId, entry: Unreacted) -> None:
    connection.execute(
        """
        DELETE FROM reactions
        WHERE conversation = :conversation AND message = :message
          AND emoji = :emoji AND member = :member
        """,
        {
            "conversation": conversation,
            "message": entry.body.target,
            "emoji": entry.body.emoji,
            "member": entry.author,
        },
    )


def _keep_member(
    connection: Connection, conversation: ConversationId, entry: Joined | ProfileChanged
) -> None:
    member = entry.body.member
    connection.execute(
        """
        INSERT INTO members
            (conversation, id, name, kind, role, color, avatar_url, self_chosen, seq)
        VALUES
            (:conversation, :id, :name, :kind, :role, :color, :avatar_url, :self_chosen, :seq)
        ON CONFLICT (conversation, id) DO UPDATE SET
            name = excluded.name, kind = excluded.kind, role = excluded.role,
            color = excluded.color, avatar_url = excluded.avatar_url,
            self_chosen = excluded.self_chosen
        """,
        {
            "conversation": conversation,
            "id": member.id,
            "name": member.name,
            "kind": member.kind,
            "role": member.role,
            "color": member.color,
            "avatar_url": member.avatar_url,
            "self_chosen": member.self_chosen,
            "seq": entry.seq,
        },
    )


def _rename(connection: Connection, conversation: ConversationId, title: str) -> None:
    connection.execute(
        "UPDATE conversations SET title = :title WHERE id = :conversation",
        {"conversation": conversation, "title": title},
    )
