"""What a log is: the interface that every store of conversations implements.

Owns the contract; `tests/log/contract.py` holds every implementation to it. Must not know
how entries are stored. Invariant: what `execute` returned as stored is durable, numbered
without gaps, and there once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from ..errors import Refused
from ..protocol.commands import Command
from ..protocol.entries import Entry
from ..protocol.frames import ConversationInfo, ConversationSummary, Message
from ..protocol.ids import ConversationId, MemberId, Seq
from ..protocol.members import Member

__all__ = [
    "Duplicate",
    "LastSeen",
    "LiveStretch",
    "Loaded",
    "Log",
    "MessagePage",
    "Note",
    "Outcome",
    "ReadMark",
    "Request",
    "Stored",
]


class Request(Struct, frozen=True, kw_only=True):
    """A command with what only the server may say of it.

    Attributes:
        author: who asks, from the server's identity provider.
        at: UTC epoch seconds; becomes the entry's time.
        retry_after_s: seconds until the author's rate window has room; 0 if it has. A
            command that is stored already is answered all the same.
    """

    conversation: ConversationId
    author: Member
    command: Command
    at: float
    retry_after_s: float = 0.0


class Stored(Struct, frozen=True):
    """The command became `entry`."""

    entry: Entry


class Duplicate(Struct, frozen=True):
    """The command had been stored before, as entry `seq`; nothing changed."""

    seq: Seq


Outcome = Stored | Duplicate | Refused


@dataclass(frozen=True, slots=True)
class ReadMark:
    """`member` has read up to `seq`; merged by max."""

    conversation: ConversationId
    member: MemberId
    seq: Seq


@dataclass(frozen=True, slots=True)
class LastSeen:
    """`member` was here at `at` (UTC epoch seconds); merged by max."""

    conversation: ConversationId
    member: MemberId
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStretch:
    """A stretch of live activity, keyed by conversation and `started`.

    `ended` is None while someone is here, else when the last one left. `peak` is the most
    people at once, `total` how many different ones.
    """

    conversation: ConversationId
    started: float
    ended: float | None
    peak: int
    total: int


Note = ReadMark | LastSeen | LiveStretch


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages, oldest first; `before` is the cursor for older ones, None at the beginning."""

    messages: tuple[Message, ...]
    before: Seq | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Everything that a room needs to start, read in one transaction.

    Attributes:
        page: the newest messages, as `messages(conversation, before=None)` gives them.
        recent: the newest entries up to the head, contiguous, within the resume limits.
        stretch: the newest stretch of live activity, if there is one.
    """

    info: ConversationInfo
    page: MessagePage
    recent: tuple[Entry, ...]
    members: tuple[Member, ...]
    read_marks: Mapping[MemberId, Seq] = field(default_factory=dict)
    last_seen: Mapping[MemberId, float] = field(default_factory=dict)
    stretch: LiveStretch | None = None


class Log(Protocol):
    """Stores conversations. Safe to call from one event loop; blocking work is off it.

    Every method may raise `Unavailable`; then nothing of that call was stored.

    Attributes:
        replaced: called on the event loop when the store turns out to be another one, such as
            a restored backup: whatever was read from it is void. Calls that fail by it raise
            `Unavailable`, and may have been stored in the one before.
    """

    replaced: Callable[[], None]

    async def execute(self, requests: Sequence[Request]) -> list[Outcome]:
        """Decides and stores requests in order, in one transaction, durably.

        Returns one outcome per request, in order. For each: a known `command_id` of that
        author is `Duplicate` (or `Conflict` "id_reused" if the command differs); else
        `rules.decide` with what the log holds at that point, after the requests before it.
        The first `Admit` of someone who may write creates the conversation.
        """
        ...

    async def note(self, notes: Sequence[Note]) -> None:
        """Stores what is kept beside the log, in one transaction.

        Upkeep goes on with it. The hub calls this with nothing now and then, so that messages
        past `retention_days` and the words of deleted ones go where nobody writes [LC6].
        """
        ...

    async def load(self, conversation: ConversationId) -> Loaded | None:
        """Reads a room's beginning, or None if there is no such conversation."""
        ...

    async def entries(
        self, conversation: ConversationId, after: int, limit: int
    ) -> tuple[Entry, ...]:
        """The entries after `after`, in order, at most `limit` and `resume_bytes`, at least one.

        Raises:
            Pruned: some of them were removed for good; see `ConversationInfo.floor`.
        """
        ...

    async def messages(
        self, conversation: ConversationId, before: int | None, limit: int
    ) -> MessagePage:
        """A page of messages older than `before` (None: the newest).

        At most `limit`, `page_messages` and `page_bytes` of them, but one if there is any.
        """
        ...

    async def conversations(self, member: MemberId) -> list[ConversationSummary]:
        """The index, latest activity first, with the member's own unread counts."""
        ...

    async def close(self) -> None:
        """Finishes what is under way and closes; later calls raise `Unavailable`. Idempotent."""
        ...
