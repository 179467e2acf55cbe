"""Commands: what a client asks to have written into the log.

Owns their shapes. Must not know whether they may be done (see `rules`). Unknown fields are
refused, so nobody can slip in an author, a time or a seq.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from .ids import WireCommandId, WireSeq
from .members import Member

__all__ = [
    "COMMAND_TYPES",
    "Admit",
    "ClientCommand",
    "Command",
    "Edit",
    "Post",
    "React",
    "Redact",
    "Rename",
    "Unreact",
]

WireEmoji = Annotated[str, Meta(min_length=1, max_length=50)]  # 50: longest ZWJ sequences fit


class _Command(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True, kw_only=True):
    command_id: WireCommandId


class Post(_Command, frozen=True, tag_field="type", tag="post", forbid_unknown_fields=True):
    """Add a message, as a reply to the message `reply_to` if given."""

    text: str
    reply_to: WireSeq | None = None


class Edit(_Command, frozen=True, tag_field="type", tag="edit", forbid_unknown_fields=True):
    """Replace the text of one's own message `target`."""

    target: WireSeq
    text: str


class Redact(_Command, frozen=True, tag_field="type", tag="redact", forbid_unknown_fields=True):
    """Delete the message `target`, one's own, or anyone's for a moderator."""

    target: WireSeq


class React(_Command, frozen=True, tag_field="type", tag="react", forbid_unknown_fields=True):
    """React to the message `target` with one emoji."""

    target: WireSeq
    emoji: WireEmoji


class Unreact(_Command, frozen=True, tag_field="type", tag="unreact", forbid_unknown_fields=True):
    """Take one's emoji back from the message `target`."""

    target: WireSeq
    emoji: WireEmoji


class Rename(_Command, frozen=True, tag_field="type", tag="rename", forbid_unknown_fields=True):
    """Give the conversation a new title."""

    title: str


class Admit(Struct, frozen=True):
    """Let `member` in, or bring what is known of them up to date. Only the server asks this."""

    member: Member


ClientCommand = Post | Edit | Redact | React | Unreact | Rename
Command = ClientCommand | Admit

COMMAND_TYPES = frozenset({"post", "edit", "redact", "react", "unreact", "rename"})
