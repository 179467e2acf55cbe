"""The words of the messages, for searching: brought up beside the commits.

Owns which messages are in the index, and how they come in. A message costs the index as many
pages as all the rest of its commit, and many at once hardly more: so no post waits for it.
Whoever searches or checks brings it up first. Invariant: the index holds all messages
up to some one, and none after it; so what a crash took from it is found and comes in again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection

from ..protocol.ids import ConversationId, Seq
from .transaction import without_syncing, writing

__all__ = ["DELAY_S", "index_all", "index_further", "reindexing", "remove_from_index"]

DELAY_S = 1.0  # from a post on: those of a second come in together
MESSAGES_PER_STEP = 200  # about 3 ms, for which a commit may have to wait
CHARS_PER_STEP = 100_000


def index_further(connection: Connection) -> float | None:
    """Takes some in; says after how many seconds to go on, None if nothing is left."""
    newest: int | None = connection.execute("SELECT max(id) FROM messages").fetchone()[0]
    if newest is None or newest <= _last_in(connection):
        return None
    with without_syncing(connection), writing(connection):  # what a power cut takes comes in again
        last_in = _last_in(connection)
        until = _end_of_step(connection, last_in)
        if until is not None:  # else another server was quicker
            _take_in(connection, last_in, until)
    return 0.0


def index_all(connection: Connection) -> None:
    """Takes in all that is not yet there, in the caller's transaction."""
    _take_in(connection, _last_in(connection), None)


def remove_from_index(
    connection: Connection, conversation: ConversationId, first: Seq, until: Seq
) -> None:
    """Takes messages out, the last one not, in the caller's transaction, which then removes them.

    What is not yet in is left alone: taking that out would spoil the index.
    """
    connection.execute(
        """
        INSERT INTO messages_fts (messages_fts, rowid, text)
        SELECT 'delete', id, text FROM messages
        WHERE conversation = :conversation AND seq >= :first AND seq < :until AND id <= :last_in
        """,
        {
            "conversation": conversation,
            "first": first,
            "until": until,
            "last_in": _last_in(connection),
        },
    )


@contextmanager
def reindexing(connection: Connection, conversation: ConversationId, seq: Seq) -> Iterator[None]:
    """Takes a message's words out and those that it has afterwards in, if it is in at all."""
    last_in = _last_in(connection)
    remove_from_index(connection, conversation, seq, Seq(seq + 1))
    yield
    connection.execute(
        """
        INSERT INTO messages_fts (rowid, text)
        SELECT id, text FROM messages
        WHERE conversation = :conversation AND seq = :seq AND id <= :last_in
        """,
        {"conversation": conversation, "seq": seq, "last_in": last_in},
    )


def _last_in(connection: Connection) -> int:
    """The id of the last message that is in the index."""
    rows = connection.execute("SELECT coalesce(max(id), 0) FROM messages_fts_docsize")
    last_in: int = rows.fetchone()[0]
    return last_in


def _end_of_step(connection: Connection, last_in: int) -> int | None:
    """The id of the last message of a step; None if there is nothing to take in."""
    rows = connection.execute(
        """
        SELECT max(id) FROM (
            SELECT id, sum(length(text)) OVER (ORDER BY id) - length(text) AS chars_before
            FROM (SELECT id, text FROM messages WHERE id > :last_in ORDER BY id LIMIT :messages)
        )
        WHERE chars_before <= :chars
        """,
        {"last_in": last_in, "messages": MESSAGES_PER_STEP, "chars": CHARS_PER_STEP},
    )
    until: int | None = rows.fetchone()[0]
    return until


def _take_in(connection: Connection, last_in: int, until: int | None) -> None:
    connection.execute(
        """
        INSERT INTO messages_fts (rowid, text)
        SELECT id, text FROM messages
        WHERE id > :last_in AND (:until IS NULL OR id <= :until) ORDER BY id
        """,
        {"last_in": last_in, "until": until},
    )
