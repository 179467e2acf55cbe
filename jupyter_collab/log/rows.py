"""Rows of the SQLite log and what they stand for.

Owns the order of columns that its readers select. Must not know any SQL. A row that stands
for nothing is the database's damage, not the reader's fault.
"""

from __future__ import annotations

from sqlite3 import SQLITE_CORRUPT, DatabaseError
from typing import Any, get_args

import msgspec
from msgspec.structs import fields

from ..protocol.entries import Entry, entry_of
from ..protocol.frames import Message
from ..protocol.members import Member

__all__ = ["entry_from", "kind_of", "member_from", "message_from"]

_bodies: dict[str, msgspec.json.Decoder[Any]] = {
    entry.__struct_config__.tag: msgspec.json.Decoder(field.type)
    for entry in get_args(Entry)
    for field in fields(entry)
    if field.name == "body"
}


def kind_of(entry: Entry) -> str:
    """An entry's kind, as it is on the wire and in the table."""
    return str(entry.__struct_config__.tag)


def entry_from(row: tuple[Any, ...]) -> Entry:
    """From `seq, kind, author, at, command_id, body`.

    Raises:
        DatabaseError: what is stored is no entry.
    """
    seq, kind, author, at, command_id, body = row
    try:
        decoded = _bodies[kind].decode(body)
    except (KeyError, msgspec.MsgspecError) as wrong:
        damaged = DatabaseError(f"entry {seq} can't be read: {wrong!r}")
        damaged.sqlite_errorcode = SQLITE_CORRUPT
        raise damaged from wrong
    return entry_of(decoded, seq=seq, author=author, at=at, command_id=command_id)


def message_from(row: tuple[Any, ...]) -> Message:
    """From `seq, author, at, text, edited_at, redacted, reply_to`, without its reactions."""
    seq, author, at, text, edited_at, redacted, reply_to = row
    return Message(
        seq=seq,
        author=author,
        at=at,
        text=text,
        edited_at=edited_at,
        redacted=bool(redacted),
        reply_to=reply_to,
    )


def member_from(row: tuple[Any, ...]) -> Member:
    """From `id, name, kind, role, color, avatar_url, self_chosen`."""
    id_, name, kind, role, color, avatar_url, self_chosen = row
    return Member(id_, name, kind, role, color, avatar_url, bool(self_chosen))
