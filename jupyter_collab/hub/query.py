"""Reads that a client asks for: runs of entries, pages of messages, and who members are.

Owns how a query becomes an answer, or a refusal. Must not know who else is told.
"""

from __future__ import annotations

import logging
from typing import assert_never

from ..answer import refusal
from ..errors import Pruned, RateLimited, Unavailable
from ..limits import Limits
from ..log.base import Log
from ..protocol.frames import Entries, History, Page, Query, Sync, Who
from ..protocol.ids import ConversationId, Seq
from ..protocol.ready import Frame
from ..room.room import Room
from .session import Session

__all__ = ["answer_query", "answer_session"]

logger = logging.getLogger(__name__)


async def answer_session(
    log: Log, limits: Limits, session: Session, room: Room, query: Query, now: float
) -> Frame:
    """Answers one query of a session at `now`, monotonic seconds, or refuses it [RA5].

    No run without gaps leads over what was removed: then it is the newest page [LC3].
    """
    try:
        if (retry_after_s := session.queries.take(now)) > 0:
            raise RateLimited(retry_after_s)
        if isinstance(query, Who):
            return room.who(query)
        return await answer_query(log, limits, session.conversation, query)
    except Pruned as pruned:
        room.pruned(Seq(pruned.floor))
        return room.newest()
    except (RateLimited, Unavailable) as error:
        logger.info("refused a query of %r: %s", session.member.id, error.code)
        return refusal(None, error)


async def answer_query(
    log: Log, limits: Limits, conversation: ConversationId, query: Sync | History
) -> Entries | Page:
    """Answers one query of the log, within the limits, at a cost that does not grow with it [RS6].

    Raises:
        Pruned: some of the entries were removed.
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
