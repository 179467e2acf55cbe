"""What a room wants done: the only way in which it reaches the world.

Pure data. Owns the kinds of effect; must not know how they are performed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..log.base import Note
from ..protocol.frames import ConversationInfo, Goodbye
from ..protocol.ids import MemberId, Seq, SessionId
from ..protocol.members import Member, PresentMember
from ..protocol.ready import Frame

__all__ = ["Broadcast", "Close", "Effect", "Glimpse", "Keep", "ResumeMode", "Send"]

ResumeMode = Literal["entries", "snapshot", "reset", "fresh"]


@dataclass(frozen=True, slots=True)
class Send:
    """Send a frame to one session."""

    session: SessionId
    frame: Frame


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Send a frame to every session but those of `besides`; with a `key` it is ephemeral."""

    frame: Frame
    key: str | None = None
    besides: MemberId | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """Say goodbye to a session and close it. It has left the room already."""

    session: SessionId
    goodbye: Goodbye


@dataclass(frozen=True, slots=True)
class Keep:
    """Store something beside the log."""

    note: Note


Effect = Send | Broadcast | Close | Keep


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a visitor without a socket may see of a conversation."""

    info: ConversationInfo
    members: tuple[Member, ...]
    members_in_all: int
    presence: tuple[PresentMember, ...]
    read: Seq
