"""Frames: every JSON object that crosses a socket, one tagged union per direction.

Owns the shapes of protocol version 1. Must not know how frames are sent. Client frames
refuse unknown fields; server frames may gain fields, and clients ignore unknown frames.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ..limits import Limits
from .commands import ClientCommand
from .entries import Entry
from .ids import CommandId, ConversationId, Epoch, MemberId, Seq, WireSeq
from .members import Member, PresentMember

__all__ = [
    "PROTOCOL_VERSION",
    "Ack",
    "Activity",
    "ActivityState",
    "ClientFrame",
    "ConversationInfo",
    "ConversationSummary",
    "Entries",
    "Ephemeral",
    "Goodbye",
    "Hello",
    "History",
    "Live",
    "MarkRead",
    "Members",
    "Message",
    "MessageStatus",
    "Page",
    "Ping",
    "Pong",
    "Presence",
    "Query",
    "Reaction",
    "Read",
    "Refusal",
    "Reset",
    "RunningDraft",
    "ServerFrame",
    "Snapshot",
    "Sync",
    "Typing",
    "Welcome",
    "Who",
]

PROTOCOL_VERSION = 1

ActivityState = Literal["active", "idle", "hidden"]
MessageStatus = Literal["done", "writing", "stopped", "failed", "interrupted"]
PageSize = Annotated[int, Meta(ge=1, le=500)]


class Reaction(Struct, frozen=True):
    """One emoji on a message and who set it, both in order of first use."""

    emoji: str
    members: tuple[MemberId, ...]


class Message(Struct, frozen=True, kw_only=True):
    """A message as it stands now: the fold of every entry that aims at `seq`.

    `at` and `edited_at` are UTC epoch seconds. A redacted message has an empty text.
    """

    seq: Seq
    author: MemberId
    at: float
    text: str
    edited_at: float | None = None
    redacted: bool = False
    reply_to: Seq | None = None
    status: MessageStatus = "done"
    reactions: tuple[Reaction, ...] = ()
    attachments: tuple[()] = ()


class ConversationInfo(Struct, frozen=True, kw_only=True):
    """A conversation's name, title and where its log stands.

    Entries are whole from `floor` on; older messages were removed for good.
    """

    id: ConversationId
    title: str
    epoch: Epoch
    head: Seq
    created_at: float
    created_by: MemberId
    floor: Seq = Seq(1)


class ConversationSummary(Struct, frozen=True, kw_only=True):
    """A row of the index of conversations, as one member sees it."""

    id: ConversationId
    title: str
    members: int
    created_at: float
    last_activity: float
    unread: int


class RunningDraft(Struct, frozen=True):
    """The text so far of a message that an assistant is still writing."""

    target: Seq
    text: str


# Client → server


class _FromClient(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    pass


class Hello(_FromClient, frozen=True, tag="hello", kw_only=True):
    """The first frame: which protocol, and the last entry that the client has, if any."""

    protocol: WireSeq
    after: WireSeq | None = None
    epoch: Annotated[str, Meta(max_length=64)] | None = None
    client: Annotated[str, Meta(max_length=64)] = ""


class Sync(_FromClient, frozen=True, tag="sync", kw_only=True):
    """Ask for the entries after a seq; answered by `entries`."""

    after: WireSeq
    limit: PageSize = 500


class History(_FromClient, frozen=True, tag="history", kw_only=True):
    """Ask for the messages before a seq; answered by `page`."""

    before: WireSeq
    limit: PageSize = 50


class Who(_FromClient, frozen=True, tag="who", kw_only=True):
    """Ask for members: those of `ids`, or all but the first `after`; answered by `members`."""

    ids: Annotated[tuple[MemberId, ...], Meta(max_length=500)] | None = None
    after: WireSeq = 0
    limit: PageSize = 500


class MarkRead(_FromClient, frozen=True, tag="mark_read", kw_only=True):
    """Everything up to `seq` was read; never moves back."""

    seq: WireSeq


class Typing(_FromClient, frozen=True, tag="typing", kw_only=True):
    """The person is typing, or stopped."""

    active: bool


class Activity(_FromClient, frozen=True, tag="activity", kw_only=True):
    """What this page's person does: active, idle, or looking at something else."""

    state: ActivityState


class Pong(_FromClient, frozen=True, tag="pong", kw_only=True):
    """The answer to `ping`."""

    n: WireSeq


Query = Sync | History | Who
ClientFrame = Hello | ClientCommand | Query | MarkRead | Typing | Activity | Pong


# Server → client


class _FromServer(Struct, frozen=True, tag_field="type", kw_only=True):
    pass


class Welcome(_FromServer, frozen=True, tag="welcome"):
    """Who you are, where you are, and what holds here.

    `members` are those whom a page needs at once, of `members_in_all`; `presence` has all who
    are here. `read` is your read mark; `drafts` is what assistants are writing right now.
    """

    protocol: int
    connection: str
    you: Member
    conversation: ConversationInfo
    limits: Limits
    members: tuple[Member, ...]
    members_in_all: int
    presence: tuple[PresentMember, ...]
    read: Seq
    drafts: tuple[RunningDraft, ...]
    heartbeat_s: float
    can_rename_self: bool = False


class Snapshot(_FromServer, frozen=True, tag="snapshot"):
    """The last page of messages as of `head`, oldest first.

    `before` is the cursor for older ones, or None at the beginning.
    """

    head: Seq
    messages: tuple[Message, ...]
    before: Seq | None


class Entries(_FromServer, frozen=True, tag="entries"):
    """A contiguous run of entries, in order of seq."""

    entries: tuple[Entry, ...]


class Live(_FromServer, frozen=True, tag="live"):
    """Caught up: from here on every entry comes as it happens."""

    head: Seq


class Ack(_FromServer, frozen=True, tag="ack"):
    """The command is stored for good as entry `seq`."""

    command_id: CommandId
    seq: Seq
    duplicate: bool = False


class Refusal(_FromServer, frozen=True, tag="refused"):
    """The command or query was not done; nothing changed. `command_id` is None for a query."""

    command_id: CommandId | None
    code: str
    message: str
    retry_after_s: float | None = None


class Presence(_FromServer, frozen=True, tag="presence"):
    """The members whose presence changed."""

    members: tuple[PresentMember, ...]


class Ephemeral(_FromServer, frozen=True, tag="ephemeral"):
    """Something true for `ttl_s` seconds at most, never stored."""

    kind: Literal["typing"]
    member: MemberId
    active: bool
    ttl_s: float


class Page(_FromServer, frozen=True, tag="page"):
    """Older messages, oldest first; `before` as in `snapshot`."""

    messages: tuple[Message, ...]
    before: Seq | None


class Members(_FromServer, frozen=True, tag="members"):
    """Some members, and how they were last seen.

    `after` is how many came so far, of those that were asked for, or None if these are the last.
    """

    members: tuple[Member, ...]
    presence: tuple[PresentMember, ...]
    after: int | None


class Read(_FromServer, frozen=True, tag="read"):
    """Your read mark moved, here or on another page of yours."""

    seq: Seq


class Ping(_FromServer, frozen=True, tag="ping"):
    """Are you there? `head` lets a client notice a lost last entry.

    Messages before `floor` were removed for good: forget them.
    """

    n: int
    head: Seq
    floor: Seq = Seq(1)


class Reset(_FromServer, frozen=True, tag="reset"):
    """Your cursor is of another log: forget what you have; a snapshot follows."""

    epoch: Epoch


class Goodbye(_FromServer, frozen=True, tag="goodbye"):
    """The last frame before a close that the server chose."""

    code: int
    message: str
    retry_after_s: float | None = None


ServerFrame = (
    Welcome
    | Snapshot
    | Entries
    | Live
    | Ack
    | Refusal
    | Presence
    | Ephemeral
    | Page
    | Members
    | Read
    | Ping
    | Reset
    | Goodbye
)
