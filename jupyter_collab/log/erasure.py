"""How the text of a deleted message leaves the file.

Owns the erasing from entries, search index and write-ahead log. From entries it goes in the
transaction of the deletion. The index keeps deleted words in its old segments until these
are merged, which takes as long as all of history is: so it is done in small steps, each a
transaction of its own. Invariant: `erasures` holds what is not yet gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection

from ..protocol.ids import ConversationId, Seq
from .transaction import writing

__all__ = ["erase", "erase_further"]

PAGES_PER_MERGE = 16
MERGES_PER_STEP = 4  # 64 pages, about 5 ms


def erase(connection: Connection, conversation: ConversationId, target: Seq) -> None:
    """Erases the text of `target` from the log, in the transaction of its deletion.

    The digests go too: a short text could be guessed from its own.
    """
    message = {"conversation": conversation, "target": target}
    connection.execute(
        """
        UPDATE entries SET body = json_set(body, '$.text', ''), digest = NULL
        WHERE conversation = :conversation AND seq = :target
        """,
        message,
    )
    connection.execute(
        """
        UPDATE entries SET body = json_set(body, '$.text', ''), digest = NULL
        WHERE conversation = :conversation AND kind = 'edited'
          AND json_extract(body, '$.target') = :target
        """,
        message,
    )
    connection.execute(
        "INSERT INTO erasures (conversation, seq, started) VALUES (:conversation, :target, 0)",
        message,
    )


def erase_further(connection: Connection) -> None:
    """Goes one step on with what is not yet gone, if anything.

    Waits for nobody: if another connection is in the way, the next step tries again.
    """
    last = connection.execute("SELECT max(rowid) FROM erasures").fetchone()[0]
    if last is None:
        return
    with _without_waiting(connection):
        with writing(connection):
            is_merged = _merge(connection)
        if is_merged and _truncate_wal(connection):
            with writing(connection):
                connection.execute("DELETE FROM erasures WHERE rowid <= :last", {"last": last})


def _merge(connection: Connection) -> bool:
    """Merges some pages of the index; says whether all that was to be merged is.

    See "merge" in sqlite.org/fts5.html: a negative number starts over with every segment,
    and having changed fewer than two rows means that nothing was left to do.
    """
    started = connection.execute("UPDATE erasures SET started = 1 WHERE started = 0")
    pages = -PAGES_PER_MERGE if started.rowcount else PAGES_PER_MERGE
    for _ in range(MERGES_PER_STEP):
        before = connection.total_changes
        connection.execute(
            "INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', :pages)",
            {"pages": pages},
        )
        if connection.total_changes - before < 2:
            return True
        pages = PAGES_PER_MERGE
    return False


def _truncate_wal(connection: Connection) -> bool:
    is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


@contextmanager
def _without_waiting(connection: Connection) -> Iterator[None]:
    timeout_ms = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout_ms:d}")
