"""Names of things, each a type of its own, and the patterns they must match.

Owns the patterns. Must not know what the things are.
"""

from __future__ import annotations

import re
from typing import Annotated, NewType

from msgspec import Meta

__all__ = [
    "CONVERSATION_PATTERN",
    "MAX_SAFE_INTEGER",
    "ULID_PATTERN",
    "CommandId",
    "ConversationId",
    "Epoch",
    "MemberId",
    "Seq",
    "SessionId",
    "WireCommandId",
    "WireSeq",
    "is_conversation_id",
]

ConversationId = NewType("ConversationId", str)
MemberId = NewType("MemberId", str)  # "user:ada"
SessionId = NewType("SessionId", str)  # one socket in one room
CommandId = NewType("CommandId", str)  # a ULID, made by the client before its first try
Epoch = NewType("Epoch", str)  # of one log: another database has others
Seq = NewType("Seq", int)  # 1, 2, 3 … within one conversation

MAX_SAFE_INTEGER = 2**53 - 1  # the largest integer that JavaScript keeps exactly
CONVERSATION_PATTERN = r"[a-z0-9][a-z0-9._-]{0,63}"
ULID_PATTERN = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"  # Crockford base 32, github.com/ulid/spec

WireSeq = Annotated[int, Meta(ge=0, le=MAX_SAFE_INTEGER)]
# `$` lets a newline follow, in Python: the length doesn't.
WireCommandId = Annotated[str, Meta(pattern=ULID_PATTERN, max_length=26)]

_CONVERSATION = re.compile(CONVERSATION_PATTERN)


def is_conversation_id(text: str) -> bool:
    """Says whether `text` may name a conversation. ASCII only, so equality is byte-wise."""
    return _CONVERSATION.fullmatch(text) is not None
