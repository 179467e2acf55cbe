"""Frames whose large parts are bytes already, so that what many are sent is encoded once.

Owns the twins of the frames of `frames` that carry such parts. Must not know who is sent
what. Invariant: a twin is the same bytes on the wire as the frame itself.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Raw, Struct

from . import codec
from .frames import ConversationInfo, RunningDraft, ServerFrame
from .ids import Seq
from .members import Member

__all__ = ["Encoded", "Frame", "ReadyEntries", "ReadyWelcome"]

_Value = TypeVar("_Value")


class _Ready(Struct, frozen=True, tag_field="type", kw_only=True):
    pass


class ReadyWelcome(_Ready, frozen=True, tag="welcome"):
    """`Welcome`, but what everyone is told alike is bytes."""

    protocol: int
    connection: str
    you: Member
    conversation: ConversationInfo
    limits: Raw
    members: Raw
    members_in_all: int
    presence: Raw
    read: Seq
    drafts: tuple[RunningDraft, ...]
    heartbeat_s: float
    can_rename_self: bool = False


class ReadyEntries(_Ready, frozen=True, tag="entries"):
    """`Entries`, each of them bytes."""

    entries: tuple[Raw, ...]


Frame = ServerFrame | ReadyWelcome | ReadyEntries | Raw  # Raw: a whole frame


class Encoded(Generic[_Value]):
    """The bytes of a value, made again only when it is another object."""

    __slots__ = ("_bytes", "_value")

    def __init__(self) -> None:
        self._value: _Value | None = None
        self._bytes = Raw()

    def of(self, value: _Value) -> Raw:
        if value is not self._value:
            self._value, self._bytes = value, Raw(codec.encode(value))
        return self._bytes
