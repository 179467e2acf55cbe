"""How the text of a deleted message leaves the file.

Owns the erasing from entries, search index and write-ahead log. From entries it goes in the
transaction of the deletion. The index keeps deleted words in its old segments until these
are merged, which takes as long as all of history is: so it is done in small steps, each a
transaction of its own. Invariant: `erasures` holds what is not yet gone.
"""

from __future__ import annotations

import time
from sqlite3 import Connection

from ..protocol.ids import ConversationId, Seq
from .transaction import writing

__all__ = ["erase", "erase_further"]

PAGES_PER_MERGE = 16
MERGES_PER_STEP = 4  # 64 pages, about 5 ms
SHARE = 4.0  # the writer is left to others for so many times as long as a step took
AGAIN_S = 0.1  # after someone still read what was there before


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


def erase_further(connection: Connection) -> float | None:
    """Goes one step on with what is not yet gone.

    Says after how many seconds to go on, None if nothing is left.
    """
    if connection.execute("SELECT 1 FROM erasures LIMIT 1").fetchone() is None:
        return None
    began = time.monotonic()
    with writing(connection):
        is_merged = _merge(connection)
    if is_merged:
        if not _truncate_wal(connection):
            return AGAIN_S
        with writing(connection):
            connection.execute("DELETE FROM erasures WHERE started = 1")
    return SHARE * (time.monotonic() - began)


def _merge(connection: Connection) -> bool:
    """Merges some pages of the index; says whether all that was to be merged is.

    What is deleted during a merge waits for the next one, which would else never end. See
    "merge" in sqlite.org/fts5.html: a negative number begins one with every segment, and
    having changed fewer than two rows means that nothing was left to do.
    """
    pages = PAGES_PER_MERGE
    if connection.execute("SELECT 1 FROM erasures WHERE started = 1 LIMIT 1").fetchone() is None:
        connection.execute("UPDATE erasures SET started = 1")
        pages = -PAGES_PER_MERGE
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
