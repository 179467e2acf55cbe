"""What a log's tables say of a conversation, and what its entries come to."""

from __future__ import annotations

from jupyter_collab.log.base import Log
from jupyter_collab.protocol.entries import Edited, Entry
from jupyter_collab.protocol.ids import ConversationId, Seq
from jupyter_collab.rules import default_title
from jupyter_collab.state import ConversationState, fold
from tests.log.talk import Talk

__all__ = ["check_fold", "folded", "state_of"]


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


async def check_fold(log: Log, name: ConversationId) -> None:
    """The entries from the floor on, folded into what stands before it, are what is shown."""
    if (loaded := await log.load(name)) is None:
        return
    if (floor := loaded.info.floor) == 1:
        assert await state_of(log, name) == await folded(log, name)
        return
    tail: list[Entry] = []
    while more := await log.entries(name, floor - 1 + len(tail), 500):
        tail += more
    assert [entry.seq for entry in tail] == list(range(floor, loaded.info.head + 1))
    state = fold(tail, ConversationState(head=Seq(floor - 1)))
    assert list(state.messages.values()) == await Talk(log).history(name)
    texts = [e.body.text for e in tail if isinstance(e, Edited) and e.body.target < floor]
    assert set(texts) <= {""}
