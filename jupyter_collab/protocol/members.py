"""Who takes part: a member's identity, role and presence, as everyone sees them.

Owns the shapes. Must not know where an identity comes from (see `auth`).
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .ids import MemberId

__all__ = ["ROLE_RANK", "Kind", "Member", "PresenceState", "PresentMember", "Role"]

Kind = Literal["person", "assistant"]
Role = Literal["viewer", "member", "moderator", "owner"]
PresenceState = Literal["active", "idle", "offline"]

ROLE_RANK: dict[Role, int] = {"viewer": 0, "member": 1, "moderator": 2, "owner": 3}


class Member(Struct, frozen=True):
    """A person or assistant in a conversation.

    `id` is the key; the rest is for showing. `self_chosen` says that the person typed the
    name and nobody vouches for it.
    """

    id: MemberId
    name: str
    kind: Kind = "person"
    role: Role = "member"
    color: str | None = None
    avatar_url: str | None = None
    self_chosen: bool = False


class PresentMember(Struct, frozen=True):
    """Whether a member is here: the best state of their connections.

    `last_seen` is UTC epoch seconds, or None for someone never seen.
    """

    id: MemberId
    state: PresenceState
    connections: int
    last_seen: float | None
