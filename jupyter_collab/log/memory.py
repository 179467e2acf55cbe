"""The log in memory: for tests, and for conversations that need not outlive the server.

Owns the same promises as every log but durability. Invariant: what readers see is replaced
whole when a call succeeds, and not touched when it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import assert_never

from ..errors import Conflict, Refused, Unavailable
from ..limits import Limits
from ..protocol.commands import Admit
from ..protocol.entries import Body, Entry, Joined, Redacted, entry_of, erased
from ..protocol.frames import ConversationInfo, ConversationSummary
from ..protocol.ids import MAX_SAFE_INTEGER, CommandId, ConversationId, Epoch, MemberId, Seq
from ..rules import Context, decide, default_title, target_of
from ..state import ConversationState
from .base import (
    Duplicate,
    LastSeen,
    LiveStretch,
    Loaded,
    MessagePage,
    Note,
    Outcome,
    ReadMark,
    Request,
    Stored,
)
from .bounds import newest_within_resume, oldest_within_resume, page_of, page_size
from .digest import digest_of

__all__ = ["MemoryLog"]


@dataclass(slots=True)
class _Conversation:
    epoch: Epoch
    created_at: float
    created_by: MemberId
    state: ConversationState
    entries: list[Entry] = field(default_factory=list)
    commands: dict[tuple[MemberId, CommandId], tuple[Seq, bytes | None]] = field(
        default_factory=dict
    )
    read_marks: dict[MemberId, Seq] = field(default_factory=dict)
    last_seen: dict[MemberId, float] = field(default_factory=dict)
    stretches: dict[float, LiveStretch] = field(default_factory=dict)

    def copy(self) -> _Conversation:
        """What a call may change, so that a failure leaves the original as it was."""
        state = self.state
        return _Conversation(
            self.epoch,
            self.created_at,
            self.created_by,
            ConversationState(state.head, state.title, dict(state.messages), dict(state.members)),
            list(self.entries),
            dict(self.commands),
            dict(self.read_marks),
            dict(self.last_seen),
            dict(self.stretches),
        )


class MemoryLog:
    """Implements `base.Log`. A call costs as much as its conversations are long."""

    def __init__(self, limits: Limits, path: Path | None = None) -> None:
        """`path` is given to every log; this one has no use for it."""
        self.replaced: Callable[[], None] = lambda: None  # never: nobody else has it
        self._limits = limits
        self._conversations: dict[ConversationId, _Conversation] = {}
        self._is_closed = False

    async def execute(self, requests: Sequence[Request]) -> list[Outcome]:
        changed = self._copies({request.conversation for request in requests})
        outcomes = [self._answer(request, changed) for request in requests]
        self._conversations |= changed
        return outcomes

    async def note(self, notes: Sequence[Note]) -> None:
        changed = self._copies({note.conversation for note in notes})
        for note in notes:
            if (conversation := changed.get(note.conversation)) is not None:
                _keep(conversation, note)
        self._conversations |= changed

    async def load(self, conversation: ConversationId) -> Loaded | None:
        if (found := self._find(conversation)) is None:
            return None
        limits = self._limits
        return Loaded(
            info=_info(conversation, found),
            page=_page(found, None, limits.page_messages, limits),
            recent=newest_within_resume(reversed(found.entries), limits),
            members=tuple(found.state.members.values()),
            read_marks=dict(found.read_marks),
            last_seen=dict(found.last_seen),
            stretch=found.stretches[max(found.stretches)] if found.stretches else None,
        )

    async def entries(
        self, conversation: ConversationId, after: int, limit: int
    ) -> tuple[Entry, ...]:
        found = self._find(conversation)
        run = found.entries[after:] if found is not None else []
        return oldest_within_resume(run, limit, self._limits)

    async def messages(
        self, conversation: ConversationId, before: int | None, limit: int
    ) -> MessagePage:
        if (found := self._find(conversation)) is None:
            return MessagePage((), None)
        return _page(found, before, limit, self._limits)

    async def conversations(self, member: MemberId) -> list[ConversationSummary]:
        self._check_open()
        summaries = [_summary(name, found, member) for name, found in self._conversations.items()]
        return sorted(summaries, key=lambda summary: (-summary.last_activity, summary.id))

    async def close(self) -> None:
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise Unavailable("The server is stopping.")

    def _find(self, conversation: ConversationId) -> _Conversation | None:
        self._check_open()
        return self._conversations.get(conversation)

    def _copies(self, names: set[ConversationId]) -> dict[ConversationId, _Conversation]:
        self._check_open()
        return {
            name: self._conversations[name].copy() for name in names & self._conversations.keys()
        }

    def _answer(
        self, request: Request, conversations: dict[ConversationId, _Conversation]
    ) -> Outcome:
        conversation = conversations.get(request.conversation)
        if conversation is not None and (known := _known(conversation, request)) is not None:
            return known
        decided = decide(request.command, _context(request, conversation, self._limits))
        if isinstance(decided, Refused):
            return decided
        if conversation is None:
            conversation = conversations[request.conversation] = _born(request)
        return Stored(_append(conversation, request, decided))


def _known(conversation: _Conversation, request: Request) -> Outcome | None:
    if isinstance(request.command, Admit):
        return None
    key = request.author.id, CommandId(request.command.command_id)
    if (stored := conversation.commands.get(key)) is None:
        return None
    seq, digest = stored
    if digest is None or digest == digest_of(request.command):  # erased, or the same
        return Duplicate(seq)
    return Conflict("This command id belongs to another command.", code="id_reused")


def _context(request: Request, conversation: _Conversation | None, limits: Limits) -> Context:
    state = conversation.state if conversation is not None else ConversationState()
    target = target_of(request.command)
    return Context(
        author=request.author,
        stored=state.members.get(request.author.id),
        target=state.messages.get(Seq(target)) if target is not None else None,
        title=state.title if conversation is not None else None,
        retry_after_s=request.retry_after_s,
        limits=limits,
    )


def _born(request: Request) -> _Conversation:
    state = ConversationState(title=default_title(request.conversation))
    return _Conversation(Epoch(token_hex(6)), request.at, request.author.id, state)


def _append(conversation: _Conversation, request: Request, body: Body) -> Entry:
    command = request.command
    command_id = None if isinstance(command, Admit) else CommandId(command.command_id)
    entry = entry_of(
        body,
        seq=Seq(conversation.state.head + 1),
        author=request.author.id,
        at=request.at,
        command_id=command_id,
    )
    conversation.entries.append(entry)
    conversation.state.apply(entry)
    if command_id is not None and not isinstance(command, Admit):
        conversation.commands[entry.author, command_id] = entry.seq, digest_of(command)
    match entry:
        case Joined():
            conversation.read_marks[entry.author] = entry.seq
        case Redacted():
            _erase(conversation, entry.body.target)
        case _:
            pass
    return entry


def _erase(conversation: _Conversation, target: Seq) -> None:
    for index, before in enumerate(conversation.entries):
        if (entry := erased(before, target)) is not before:
            conversation.entries[index] = entry
            assert entry.command_id is not None, "posts and edits come from commands"
            conversation.commands[entry.author, entry.command_id] = entry.seq, None


def _keep(conversation: _Conversation, note: Note) -> None:
    match note:
        case ReadMark():
            mark = min(note.seq, conversation.state.head)
            before = conversation.read_marks.get(note.member, mark)
            conversation.read_marks[note.member] = max(before, mark)
        case LastSeen():
            seen = conversation.last_seen.get(note.member, note.at)
            conversation.last_seen[note.member] = max(seen, note.at)
        case LiveStretch():
            stored = conversation.stretches.get(note.started, note)
            conversation.stretches[note.started] = LiveStretch(
                conversation=note.conversation,
                started=note.started,
                ended=note.ended,
                peak=max(stored.peak, note.peak),
                total=max(stored.total, note.total),
            )
        case _:
            assert_never(note)


def _info(name: ConversationId, conversation: _Conversation) -> ConversationInfo:
    return ConversationInfo(
        id=name,
        title=conversation.state.title,
        epoch=conversation.epoch,
        head=conversation.state.head,
        created_at=conversation.created_at,
        created_by=conversation.created_by,
    )


def _page(
    conversation: _Conversation, before: int | None, limit: int, limits: Limits
) -> MessagePage:
    end = MAX_SAFE_INTEGER if before is None else before
    run = [message for seq, message in conversation.state.messages.items() if seq < end]
    return page_of(run[::-1], page_size(limit, limits), limits)


def _summary(
    name: ConversationId, conversation: _Conversation, member: MemberId
) -> ConversationSummary:
    mark = conversation.read_marks.get(member, MAX_SAFE_INTEGER)  # a stranger has nothing unread
    return ConversationSummary(
        id=name,
        title=conversation.state.title,
        members=len(conversation.state.members),
        created_at=conversation.created_at,
        last_activity=conversation.entries[-1].at,
        unread=sum(
            message.seq > mark and message.author != member and not message.redacted
            for message in conversation.state.messages.values()
        ),
    )
