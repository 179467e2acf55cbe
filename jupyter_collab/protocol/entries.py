"""Entries: the durable facts of a conversation's log, numbered 1, 2, 3 … without gaps.

Owns the kinds and their bodies. Must not know how they are decided or stored. A kind once
released keeps its meaning; a reader that does not know a kind still counts it.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from .ids import CommandId, MemberId, Seq
from .members import Member

__all__ = [
    "Body",
    "Edited",
    "EditedBody",
    "Entry",
    "Joined",
    "JoinedBody",
    "Posted",
    "PostedBody",
    "ProfileChanged",
    "ProfileChangedBody",
    "Reacted",
    "ReactedBody",
    "Redacted",
    "RedactedBody",
    "Renamed",
    "RenamedBody",
    "Unreacted",
    "UnreactedBody",
    "entry_of",
    "erased",
    "without_texts_before",
]


class PostedBody(Struct, frozen=True):
    """A new message. `text` is empty in an entry whose message was redacted since."""

    text: str
    reply_to: Seq | None = None


class EditedBody(Struct, frozen=True):
    """The whole new text of the message `target`."""

    target: Seq
    text: str


class RedactedBody(Struct, frozen=True):
    """The message `target` was deleted; its text is erased from the log as well."""

    target: Seq


class ReactedBody(Struct, frozen=True):
    """The author reacted to `target` with one emoji."""

    target: Seq
    emoji: str


class UnreactedBody(Struct, frozen=True):
    """The author took one emoji back."""

    target: Seq
    emoji: str


class JoinedBody(Struct, frozen=True):
    """The author's first time here."""

    member: Member


class ProfileChangedBody(Struct, frozen=True):
    """The author's name, picture or role is now this; old messages show it too."""

    member: Member


class RenamedBody(Struct, frozen=True):
    """The conversation has a new title."""

    title: str


class _Entry(Struct, frozen=True, tag_field="kind", kw_only=True):
    """What every entry has: only the server stamps `seq`, `author` and `at`.

    `at` is UTC epoch seconds. `command_id` is None when no client asked for the entry.
    """

    seq: Seq
    author: MemberId
    at: float
    command_id: CommandId | None


class Posted(_Entry, frozen=True, tag_field="kind", tag="posted", kw_only=True):
    body: PostedBody


class Edited(_Entry, frozen=True, tag_field="kind", tag="edited", kw_only=True):
    body: EditedBody


class Redacted(_Entry, frozen=True, tag_field="kind", tag="redacted", kw_only=True):
    body: RedactedBody


class Reacted(_Entry, frozen=True, tag_field="kind", tag="reacted", kw_only=True):
    body: ReactedBody


class Unreacted(_Entry, frozen=True, tag_field="kind", tag="unreacted", kw_only=True):
    body: UnreactedBody


class Joined(_Entry, frozen=True, tag_field="kind", tag="joined", kw_only=True):
    body: JoinedBody


class ProfileChanged(_Entry, frozen=True, tag_field="kind", tag="profile_changed", kw_only=True):
    body: ProfileChangedBody


class Renamed(_Entry, frozen=True, tag_field="kind", tag="renamed", kw_only=True):
    body: RenamedBody


Entry = Posted | Edited | Redacted | Reacted | Unreacted | Joined | ProfileChanged | Renamed
Body = (
    PostedBody
    | EditedBody
    | RedactedBody
    | ReactedBody
    | UnreactedBody
    | JoinedBody
    | ProfileChangedBody
    | RenamedBody
)

_ENTRY_OF_BODY: dict[type[Struct], type[Entry]] = {
    PostedBody: Posted,
    EditedBody: Edited,
    RedactedBody: Redacted,
    ReactedBody: Reacted,
    UnreactedBody: Unreacted,
    JoinedBody: Joined,
    ProfileChangedBody: ProfileChanged,
    RenamedBody: Renamed,
}


def entry_of(
    body: Body, *, seq: Seq, author: MemberId, at: float, command_id: CommandId | None
) -> Entry:
    """Stamps a decided body: makes it the entry `seq` of its conversation."""
    make = _ENTRY_OF_BODY[type(body)]
    return make(seq=seq, author=author, at=at, command_id=command_id, body=body)  # type: ignore[arg-type]  # the table pairs them


def erased(entry: Entry, target: Seq) -> Entry:
    """The entry without the text of the message `target`, which was redacted since."""
    match entry:
        case Posted(seq=seq, body=posted) if seq == target:
            return replace(entry, body=replace(posted, text=""))
        case Edited(body=edited) if edited.target == target:
            return replace(entry, body=replace(edited, text=""))
        case _:
            return entry


def without_texts_before(entry: Entry, floor: Seq) -> Entry:
    """The entry without the text of a message before `floor`, which was removed since."""
    if isinstance(entry, Edited) and entry.body.target < floor:
        return erased(entry, entry.body.target)
    return entry
