"""What is read from the SQLite log: rooms, pages, runs of entries, the index.

Owns the queries. Must not know about threads or transactions. Invariant: no query costs more
because the log is longer, except the index's counts of what is unread.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from sqlite3 import Connection
from typing import Any

from msgspec.structs import replace

from ..errors import Pruned
from ..limits import Limits
from ..protocol.entries import Entry
from ..protocol.frames import ConversationInfo, ConversationSummary, Message, Reaction
from ..protocol.ids import MAX_SAFE_INTEGER, ConversationId, MemberId, Seq
from ..protocol.members import Member
from .base import LiveStretch, Loaded, MessagePage
from .bounds import newest_within_resume, oldest_within_resume, page_of, page_size
from .rows import entry_from, member_from, message_from

__all__ = [
    "read_conversations",
    "read_entries",
    "read_heads",
    "read_member",
    "read_message",
    "read_messages",
    "read_room",
]


def read_room(
    connection: Connection, conversation: ConversationId, limits: Limits
) -> Loaded | None:
    """Everything that a room needs to start."""
    if (info := _info(connection, conversation)) is None:
        return None
    return Loaded(
        info=info,
        page=read_messages(connection, conversation, None, limits.page_messages, limits),
        recent=_recent(connection, conversation, info.floor, limits),
        members=_members(connection, conversation),
        read_marks=_read_marks(connection, conversation),
        last_seen=_last_seen(connection, conversation),
        stretch=_stretch(connection, conversation),
    )


def read_entries(
    connection: Connection, conversation: ConversationId, after: int, limit: int, limits: Limits
) -> tuple[Entry, ...]:
    """The entries after `after`, within `limit` and the resume bytes, but at least one.

    Raises:
        Pruned: some of them were removed.
    """
    _check_whole(connection, conversation, after)
    rows = connection.execute(
        """
        SELECT seq, kind, author, at, command_id, body FROM entries
        WHERE conversation = :conversation AND seq > :after ORDER BY seq LIMIT :most
        """,
        {"conversation": conversation, "after": after, "most": max(1, limit)},
    )
    return oldest_within_resume(map(entry_from, rows), limit, limits)


def read_messages(
    connection: Connection,
    conversation: ConversationId,
    before: int | None,
    limit: int,
    limits: Limits,
) -> MessagePage:
    """A page of messages with their reactions."""
    most = page_size(limit, limits)
    rows = connection.execute(
        """
        SELECT seq, author, at, text, edited_at, redacted, reply_to FROM messages
        WHERE conversation = :conversation AND seq < :before ORDER BY seq DESC LIMIT :most
        """,
        {
            "conversation": conversation,
            "before": MAX_SAFE_INTEGER if before is None else before,
            "most": most + 1,
        },
    )
    oldest_first = tuple(map(message_from, rows))[::-1]
    whole = _with_reactions(connection, conversation, oldest_first)
    return page_of(whole[::-1], most, limits)


def read_message(connection: Connection, conversation: ConversationId, seq: int) -> Message | None:
    """One message as it stands, or None if no message has this seq."""
    row = connection.execute(
        """
        SELECT seq, author, at, text, edited_at, redacted, reply_to FROM messages
        WHERE conversation = :conversation AND seq = :seq
        """,
        {"conversation": conversation, "seq": seq},
    ).fetchone()
    if row is None:
        return None
    return _with_reactions(connection, conversation, (message_from(row),))[0]


def read_member(
    connection: Connection, conversation: ConversationId, member: MemberId
) -> Member | None:
    """A member as the log has them, or None if they never joined."""
    row = connection.execute(
        """
        SELECT id, name, kind, role, color, avatar_url, self_chosen FROM members
        WHERE conversation = :conversation AND id = :member
        """,
        {"conversation": conversation, "member": member},
    ).fetchone()
    return None if row is None else member_from(row)


def read_conversations(connection: Connection, member: MemberId) -> list[ConversationSummary]:
    """Every conversation, latest activity first; only a member has something unread."""
    rows = connection.execute(
        """
        SELECT id, title, created_at, last_activity,
            (SELECT count(*) FROM members WHERE conversation = conversations.id),
            (SELECT count(*) FROM messages
             WHERE messages.conversation = conversations.id AND messages.seq > read_marks.seq
               AND author <> :member AND NOT redacted)
        FROM conversations
        LEFT JOIN read_marks
            ON read_marks.conversation = conversations.id AND read_marks.member = :member
        ORDER BY last_activity DESC, id
        """,
        {"member": member},
    )
    return [_summary(row) for row in rows]


def read_heads(
    connection: Connection, conversations: Iterable[ConversationId]
) -> dict[ConversationId, Seq]:
    """How far each of these conversations has come; those that are not there are left out."""
    rows = connection.execute(
        "SELECT id, head FROM conversations WHERE id IN (SELECT value FROM json_each(:ids))",
        {"ids": json.dumps(list(conversations))},
    )
    return dict(rows.fetchall())


def _summary(row: tuple[Any, ...]) -> ConversationSummary:
    conversation, title, created_at, last_activity, members, unread = row
    return ConversationSummary(
        id=conversation,
        title=title,
        created_at=created_at,
        last_activity=last_activity,
        members=members,
        unread=unread,
    )


def _info(connection: Connection, conversation: ConversationId) -> ConversationInfo | None:
    row = connection.execute(
        """
        SELECT title, epoch, head, created_at, created_by, floor FROM conversations
        WHERE id = :conversation
        """,
        {"conversation": conversation},
    ).fetchone()
    if row is None:
        return None
    title, epoch, head, created_at, created_by, floor = row
    return ConversationInfo(
        id=conversation,
        title=title,
        epoch=epoch,
        head=head,
        created_at=created_at,
        created_by=created_by,
        floor=floor,
    )


def _check_whole(connection: Connection, conversation: ConversationId, after: int) -> None:
    row = connection.execute(
        "SELECT floor FROM conversations WHERE id = :conversation", {"conversation": conversation}
    ).fetchone()
    if row is not None and after + 1 < row[0]:
        raise Pruned(row[0])


def _recent(
    connection: Connection, conversation: ConversationId, floor: Seq, limits: Limits
) -> tuple[Entry, ...]:
    rows = connection.execute(
        """
        SELECT seq, kind, author, at, command_id, body FROM entries
        WHERE conversation = :conversation AND seq >= :floor ORDER BY seq DESC LIMIT :most
        """,
        {"conversation": conversation, "floor": floor, "most": limits.resume_entries},
    )
    return newest_within_resume(map(entry_from, rows), limits)


def _members(connection: Connection, conversation: ConversationId) -> tuple[Member, ...]:
    rows = connection.execute(
        """
        SELECT id, name, kind, role, color, avatar_url, self_chosen FROM members
        WHERE conversation = :conversation ORDER BY seq
        """,
        {"conversation": conversation},
    )
    return tuple(map(member_from, rows))


def _read_marks(connection: Connection, conversation: ConversationId) -> dict[MemberId, Seq]:
    rows = connection.execute(
        "SELECT member, seq FROM read_marks WHERE conversation = :conversation",
        {"conversation": conversation},
    )
    return dict(rows.fetchall())


def _last_seen(connection: Connection, conversation: ConversationId) -> dict[MemberId, float]:
    rows = connection.execute(
        "SELECT member, last_seen FROM presence WHERE conversation = :conversation",
        {"conversation": conversation},
    )
    return dict(rows.fetchall())


def _stretch(connection: Connection, conversation: ConversationId) -> LiveStretch | None:
    row = connection.execute(
        """
        SELECT started, ended, peak, total FROM collaboration_sessions
        WHERE conversation = :conversation ORDER BY started DESC LIMIT 1
        """,
        {"conversation": conversation},
    ).fetchone()
    if row is None:
        return None
    started, ended, peak, total = row
    return LiveStretch(
        conversation=conversation, started=started, ended=ended, peak=peak, total=total
    )


def _with_reactions(
    connection: Connection, conversation: ConversationId, messages: tuple[Message, ...]
) -> tuple[Message, ...]:
    if not messages:
        return messages
    rows = connection.execute(
        """
        SELECT message, emoji, member FROM reactions
        WHERE conversation = :conversation AND message BETWEEN :first AND :last
        ORDER BY message, first_seq, seq
        """,
        {"conversation": conversation, "first": messages[0].seq, "last": messages[-1].seq},
    )
    reactions: dict[Seq, dict[str, list[MemberId]]] = {}
    for message, emoji, member in rows:
        reactions.setdefault(message, {}).setdefault(emoji, []).append(member)
    return tuple(
        replace(message, reactions=_as_reactions(reactions[message.seq]))
        if message.seq in reactions
        else message
        for message in messages
    )


def _as_reactions(people: dict[str, list[MemberId]]) -> tuple[Reaction, ...]:
    return tuple(Reaction(emoji, tuple(members)) for emoji, members in people.items())
