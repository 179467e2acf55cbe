"""Reads that a client asks for: runs of entries and pages of messages.

Owns how a query becomes an answer. Must not know sessions or rooms.
"""

from __future__ import annotations

from typing import assert_never

from .limits import Limits
from .log.base import Log
from .protocol.frames import Entries, History, Page, Query, Sync
from .protocol.ids import ConversationId

__all__ = ["answer_query"]


async def answer_query(
    log: Log, limits: Limits, conversation: ConversationId, query: Query
) -> Entries | Page:
    """Answers one query, within the limits, at a cost that does not grow with the log [RS6].

    Raises:
        Unavailable: the log can't be read.
    """
    match query:
        case Sync():
            limit = min(query.limit, limits.entries_per_page)
            return Entries(entries=await log.entries(conversation, query.after, limit))
        case History():
            limit = min(query.limit, limits.page_messages)
            page = await log.messages(conversation, query.before, limit)
            return Page(messages=page.messages, before=page.before)
        case _:
            assert_never(query)
