"""How old messages leave the log for good.

Owns what goes with a message and what stays. Must not know how often, or who asks. Entries
about people and titles stay, so that the fold of what is left is what the tables hold.
Invariant: from a conversation's `floor` on no entry is missing, and none changes its seq.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from sqlite3 import Connection, OperationalError

from ..protocol.ids import ConversationId, Seq
from .erasure import erase_further
from .search_index import remove_from_index
from .transaction import without_waiting, writing

__all__ = [
    "DAY_S",
    "ENTRIES_PER_STEP",
    "Outdated",
    "erase_all",
    "outdated",
    "prune_all",
    "prune_for",
    "prune_step",
]

DAY_S = 86_400.0
PATIENCE_S = 60.0
SHORT_S = 0.005

ENTRIES_PER_STEP = 200  # some 5 ms of a processor: nobody notices who waits for it


@dataclass(frozen=True, slots=True)
class Outdated:
    """What of a conversation is to go: its messages in `floor` to `until`, that one not."""

    conversation: ConversationId
    floor: Seq
    until: Seq
    messages: int


def outdated(
    connection: Connection, before: float, conversation: str | None = None
) -> list[Outdated]:
    """What is older than `before` (UTC epoch seconds), in all conversations or in one.

    A message goes only if every message before it does: clocks may have stepped back.
    """
    rows = connection.execute(
        """
        SELECT id, floor, head, (
            SELECT seq FROM messages
            WHERE conversation = conversations.id AND at >= :before ORDER BY seq LIMIT 1
        )
        FROM conversations WHERE :conversation IN (id, '') ORDER BY id
        """,
        {"before": before, "conversation": conversation or ""},
    )
    found = (
        _outdated(connection, id_, floor, head + 1 if kept is None else kept)
        for id_, floor, head, kept in rows.fetchall()
    )
    return [it for it in found if it is not None]


def prune_for(connection: Connection, before: float, budget_s: float) -> None:
    """Removes what is older than `before`, at least a step, for about `budget_s`.

    It comes to what `outdated` says, and reads no further than each step.
    """
    deadline = time.monotonic() + budget_s
    for (conversation,) in connection.execute(
        "SELECT id FROM conversations ORDER BY id"
    ).fetchall():
        while (it := _oldest(connection, conversation, before)) is not None:
            with writing(connection):
                prune_step(connection, it)
            if time.monotonic() >= deadline:
                return


def prune_all(connection: Connection, it: Outdated, told: Callable[[int, int], None]) -> None:
    """Removes all of it, step by step; `told` is told how many messages, of how many."""
    left: Outdated | None = it
    while left is not None:
        with writing(connection):
            left = prune_step(connection, left)
        told(it.messages - (0 if left is None else left.messages), it.messages)
        time.sleep(SHORT_S)  # others may want to write


def prune_step(connection: Connection, it: Outdated) -> Outdated | None:
    """Removes the oldest of it, in the caller's transaction; returns what is left to do.

    An edit that is kept for its number loses its text with the message. The words are out of
    the file when `erasures` is empty.
    """
    until = Seq(min(it.until, it.floor + ENTRIES_PER_STEP))
    span = {"conversation": it.conversation, "floor": it.floor, "until": until}
    connection.execute(
        """
        DELETE FROM entries
        WHERE conversation = :conversation AND seq >= :floor AND seq < :until
          AND kind IN ('posted', 'edited', 'redacted', 'reacted', 'unreacted')
        """,
        span,
    )
    connection.execute(
        """
        UPDATE entries SET body = json_set(body, '$.text', ''), digest = NULL
        WHERE conversation = :conversation AND kind = 'edited'
          AND json_extract(body, '$.target') >= :floor
          AND json_extract(body, '$.target') < :until
        """,
        span,
    )
    remove_from_index(connection, it.conversation, it.floor, until)
    removed = _remove_messages(connection, span)
    connection.execute(
        "UPDATE conversations SET floor = max(floor, :until) WHERE id = :conversation",
        {"conversation": it.conversation, "until": until},
    )
    if removed:
        connection.execute(
            """
            INSERT OR REPLACE INTO erasures (conversation, seq, started)
            VALUES (:conversation, :until - 1, 0)
            """,
            {"conversation": it.conversation, "until": until},
        )
    left = it.messages - removed
    return Outdated(it.conversation, until, it.until, left) if until < it.until else None


def erase_all(connection: Connection) -> bool:
    """Takes the words of all deleted messages out of the file; says whether it could.

    It could not if others read or write without end: what is left is for the next time.
    """
    deadline = time.monotonic() + PATIENCE_S
    while connection.execute("SELECT 1 FROM erasures LIMIT 1").fetchone() is not None:
        with suppress(OperationalError), without_waiting(connection):  # another one writes
            erase_further(connection)
        time.sleep(SHORT_S)  # others may want to write
        if time.monotonic() >= deadline:
            return False
    return True


def _oldest(connection: Connection, conversation: ConversationId, before: float) -> Outdated | None:
    """What the next step is to remove: entries from the floor on, as many as a step takes."""
    first = connection.execute(
        """
        SELECT floor, entries.seq, messages.at
        FROM conversations
        JOIN entries ON entries.conversation = conversations.id AND entries.seq >= floor
        LEFT JOIN messages
            ON messages.conversation = entries.conversation AND messages.seq = entries.seq
        WHERE conversations.id = :conversation
          AND kind IN ('posted', 'edited', 'redacted', 'reacted', 'unreacted')
        ORDER BY entries.seq LIMIT 1
        """,
        {"conversation": conversation},
    ).fetchone()
    if first is None or (first[2] is not None and first[2] >= before):
        return None
    floor, end = Seq(first[0]), Seq(first[0] + ENTRIES_PER_STEP)
    if first[1] >= end:  # none but people's entries: they stay, and are stepped over
        return Outdated(conversation, floor, end, 0)
    young = connection.execute(
        """
        SELECT seq FROM messages
        WHERE conversation = :conversation AND seq >= :floor AND seq < :end AND at >= :before
        ORDER BY seq LIMIT 1
        """,
        {"conversation": conversation, "floor": floor, "end": end, "before": before},
    ).fetchone()
    return _outdated(connection, conversation, floor, end if young is None else Seq(young[0]))


def _outdated(
    connection: Connection, conversation: ConversationId, floor: Seq, kept: Seq
) -> Outdated | None:
    span = {"conversation": conversation, "floor": floor, "kept": kept}
    last = connection.execute(
        """
        SELECT seq FROM entries
        WHERE conversation = :conversation AND seq >= :floor AND seq < :kept
          AND kind IN ('posted', 'edited', 'redacted', 'reacted', 'unreacted')
        ORDER BY seq DESC LIMIT 1
        """,
        span,
    ).fetchone()
    if last is None:
        return None
    (messages,) = connection.execute(
        """
        SELECT count(*) FROM messages
        WHERE conversation = :conversation AND seq >= :floor AND seq < :kept
        """,
        span,
    ).fetchone()
    return Outdated(conversation, floor, Seq(last[0] + 1), messages)


def _remove_messages(connection: Connection, span: dict[str, object]) -> int:
    connection.execute(
        """
        DELETE FROM reactions
        WHERE conversation = :conversation AND message >= :floor AND message < :until
        """,
        span,
    )
    return connection.execute(
        """
        DELETE FROM messages
        WHERE conversation = :conversation AND seq >= :floor AND seq < :until
        """,
        span,
    ).rowcount
