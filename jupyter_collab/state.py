"""The fold: what a conversation looks like after its entries, one by one.

Owns the meaning of every entry kind for what people see; `js/src/store/fold.ts` is its
twin, held to the same fixtures. Pure: no I/O, clock or randomness. Invariant: the same
entries in the same order give the same state, and an entry already folded changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from msgspec.structs import replace

from .limits import Limits
from .protocol.entries import (
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
from .protocol.frames import Message, Reaction
from .protocol.ids import MemberId, Seq
from .protocol.members import Member

__all__ = [
    "ConversationState",
    "fold",
    "member_bytes",
    "message_bytes",
    "newest_page",
    "with_reaction",
    "without_reaction",
]


@dataclass(slots=True)
class ConversationState:
    """A window on a conversation: its newest messages, all its members, its title.

    Entries about messages that are not in the window only advance `head`.
    """

    head: Seq = Seq(0)
    title: str = ""
    messages: dict[Seq, Message] = field(default_factory=dict)  # by seq, ascending
    members: dict[MemberId, Member] = field(default_factory=dict)

    def apply(self, entry: Entry) -> None:
        """Folds in the next entry; one at or below `head` is already in and is skipped."""
        if entry.seq <= self.head:
            return
        assert entry.seq == self.head + 1, f"gap: {self.head} then {entry.seq}"
        self.head = entry.seq
        match entry:
            case Posted():
                self.messages[entry.seq] = _message(entry)
            case Edited() | Redacted() | Reacted() | Unreacted():
                target = self.messages.get(entry.body.target)
                if target is not None:
                    self.messages[target.seq] = _changed(target, entry)
            case Joined() | ProfileChanged():
                self.members[entry.body.member.id] = entry.body.member
            case Renamed():
                self.title = entry.body.title
            case _:
                assert_never(entry)


def fold(entries: Iterable[Entry], state: ConversationState | None = None) -> ConversationState:
    """Folds `entries` into `state`, or into an empty conversation, and returns it."""
    state = ConversationState() if state is None else state
    for entry in entries:
        state.apply(entry)
    return state


def newest_page(messages: Iterable[Message], limits: Limits) -> tuple[Message, ...]:
    """The newest of `messages` (oldest first) that fit one page, at least one if there is any."""
    page: list[Message] = []
    size = 0
    for message in reversed(list(messages)):
        size += message_bytes(message)
        if page and (len(page) >= limits.page_messages or size > limits.page_bytes):
            break
        page.append(message)
    return tuple(reversed(page))


def message_bytes(message: Message) -> int:
    """About what a message takes of a page: its text, and who reacted with what."""
    reactions = message.reactions
    names = sum(len(r.emoji.encode()) + sum(map(len, r.members)) for r in reactions)
    return len(message.text.encode()) + names


def member_bytes(member: Member) -> int:
    """About what a member takes of an answer: the texts, and the names of the fields."""
    texts = (member.id, member.name, member.role, member.color or "", member.avatar_url or "")
    return 98 + sum(len(text.encode()) for text in texts)


def _message(entry: Posted) -> Message:
    return Message(
        seq=entry.seq,
        author=entry.author,
        at=entry.at,
        text=entry.body.text,
        reply_to=entry.body.reply_to,
    )


def _changed(target: Message, entry: Edited | Redacted | Reacted | Unreacted) -> Message:
    if target.redacted:
        return target
    match entry:
        case Edited():
            return replace(target, text=entry.body.text, edited_at=entry.at)
        case Redacted():
            return replace(target, text="", redacted=True, reactions=())
        case Reacted():
            return replace(
                target,
                reactions=with_reaction(target.reactions, entry.body.emoji, entry.author),
            )
        case Unreacted():
            return replace(
                target,
                reactions=without_reaction(target.reactions, entry.body.emoji, entry.author),
            )
        case _:
            assert_never(entry)


def with_reaction(
    reactions: tuple[Reaction, ...], emoji: str, member: MemberId
) -> tuple[Reaction, ...]:
    """Adds `member` to the emoji's people; a new emoji goes to the end."""
    if not any(reaction.emoji == emoji for reaction in reactions):
        return (*reactions, Reaction(emoji, (member,)))
    return tuple(
        replace(reaction, members=(*reaction.members, member))
        if reaction.emoji == emoji and member not in reaction.members
        else reaction
        for reaction in reactions
    )


def without_reaction(
    reactions: tuple[Reaction, ...], emoji: str, member: MemberId
) -> tuple[Reaction, ...]:
    """Takes `member` from the emoji's people; an emoji without people goes away."""
    left = (
        replace(reaction, members=tuple(m for m in reaction.members if m != member))
        if reaction.emoji == emoji
        else reaction
        for reaction in reactions
    )
    return tuple(reaction for reaction in left if reaction.members)
