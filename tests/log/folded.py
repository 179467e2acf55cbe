"""What a log's tables say of a conversation, and what its entries come to."""

from __future__ import annotations

from jupyter_collab.log.base import Log
from jupyter_collab.protocol.ids import ConversationId
from jupyter_collab.rules import default_title
from jupyter_collab.state import ConversationState, fold
from tests.log.talk import Talk

__all__ = ["folded", "state_of"]


async def state_of(log: Log, conversation: ConversationId) -> ConversationState | None:
    """What a log's tables say, read page by page."""
    if (loaded := await log.load(conversation)) is None:
        return None
    return ConversationState(
        head=loaded.info.head,
        title=loaded.info.title,
        messages={message.seq: message for message in await Talk(log).history(conversation)},
        members={member.id: member for member in loaded.members},
    )


async def folded(log: Log, conversation: ConversationId) -> ConversationState | None:
    """What its entries say."""
    entries = await Talk(log).entries(conversation)
    state = fold(entries, ConversationState(title=default_title(conversation)))
    return state if entries else None
