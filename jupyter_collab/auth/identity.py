"""From the server's user to a member: the id, and what of the rest is fit to be shown.

Owns what of a person's own words reaches other people's screens as a name, a colour or a
picture. Must not know of requests, sockets or roles. Pure. Invariant: two usernames never
give one id, and the same user always gives the same member.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Protocol

from ..label import clean_label
from ..protocol.ids import MemberId
from ..protocol.members import Member, Role

__all__ = ["MAX_NAME_CHARS", "UserLike", "clean_name", "member_of"]

MAX_NAME_CHARS = 64
_MAX_GIVEN_CHARS = 1024  # a person may set a name of any length, and every request reads it
_MAX_USERNAME_BYTES = 128
_MAX_URL_CHARS = 2048
_HASHED = "sha256-"

_COLOR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|var\(--jp-collaborator-color[0-9]{1,2}\)")
_PICTURE = re.compile(r"(?:https?://|/(?![/\\]))[!-\[\]-~]+")  # printable ASCII, no backslash
_GENERATED = re.compile(r"Anonymous [A-Z][a-z]+")  # jupyter_server's names for people without one


class UserLike(Protocol):
    """What is read of `jupyter_server.auth.User`.

    A person may set all but the username to any JSON where the server lets them.
    """

    username: str
    name: Any
    display_name: Any
    avatar_url: Any
    color: Any


def member_of(
    user: UserLike,
    *,
    role: Role,
    provider_fields: Collection[str],
    assistants: Collection[str],
) -> Member:
    """Makes the member that everyone sees of a server's user.

    Args:
        user: whom the server's IdentityProvider named.
        role: what the server's Authorizer grants.
        provider_fields: the fields that people may change of themselves on this server.
        assistants: the usernames that are programs.
    """
    display_name = _text(user.display_name)
    names = (display_name, _text(user.name), user.username, "Someone")
    return Member(
        id=_id(user.username),
        name=next(filter(None, map(clean_name, names))),
        kind="assistant" if user.username in assistants else "person",
        role=role,
        color=_matching(_COLOR, user.color),
        # A picture of one's own choice could be a tracker, or `/logout` for all who see it.
        avatar_url=None
        if "avatar_url" in provider_fields
        else _matching(_PICTURE, user.avatar_url),
        self_chosen=_is_self_chosen(user, display_name, provider_fields),
    )


@lru_cache(maxsize=1024)  # each of a person's connections asks again
def clean_name(text: str) -> str:
    """Leaves what can be seen of a name, in NFKC, spaces folded, at most 64 characters [ID4].

    Empty if nothing can be seen. What comes after 1,024 characters is no name any more.
    """
    return clean_label(text[:_MAX_GIVEN_CHARS], "NFKC", MAX_NAME_CHARS)


def _id(username: str) -> MemberId:
    """The username, or its hash where it would be long or unreadable in logs and lists."""
    data = username.encode(errors="surrogatepass")
    is_plain = username.isprintable() and len(data) <= _MAX_USERNAME_BYTES
    if is_plain and not username.startswith(_HASHED):  # else it could be another's hash
        return MemberId(f"user:{username}")
    return MemberId(f"user:{_HASHED}{hashlib.sha256(data).hexdigest()[:32]}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _matching(pattern: re.Pattern[str], value: object) -> str | None:
    text = _text(value)
    return text if len(text) <= _MAX_URL_CHARS and pattern.fullmatch(text) else None


def _is_self_chosen(user: UserLike, display_name: str, provider_fields: Collection[str]) -> bool:
    """True if the shown name may be the person's own word [ID5].

    A name vouches for a display name only where it can't be changed as well. What the
    server made up itself ("Anonymous Io") is nobody's claim.
    """
    if "display_name" not in provider_fields or display_name == user.username:
        return False
    if display_name != user.name:
        return True
    return "name" in provider_fields and not _GENERATED.fullmatch(display_name)
