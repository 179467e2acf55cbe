"""From what the log said, or what went wrong, to what the client is told.

Pure. Owns the wording of answers and goodbyes; must not know how they travel.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from .errors import CloseCode, CollabError, ProtocolError, RateLimited, Refused, Unavailable
from .log.base import Duplicate, Outcome, Stored
from .protocol.commands import ClientCommand, Command, Post
from .protocol.frames import Ack, Goodbye, Refusal
from .protocol.ids import CommandId

__all__ = [
    "FAILED",
    "OUTDATED",
    "REPLACED",
    "SLOW",
    "Answer",
    "answer_frame",
    "going_away",
    "goodbye",
    "kind_of",
    "refusal",
    "result_of",
]

Answer = Outcome | Unavailable

_KEPT = "Your text is kept."  # where it was written; an edit's page says so itself

FAILED = Goodbye(
    code=CloseCode.INTERNAL, message="The server failed; nothing that was acknowledged is lost."
)
OUTDATED = Goodbye(
    code=CloseCode.RESYNC, message="Older messages were removed; this page loads the newest again."
)
REPLACED = Goodbye(
    code=CloseCode.RESYNC, message="The conversations were replaced; this page starts over."
)
SLOW = Goodbye(code=CloseCode.SLOW, message="This page reads too slowly; it will catch up.")


def answer_frame(command: ClientCommand, answer: Answer) -> Ack | Refusal:
    """The frame that answers one command."""
    known = CommandId(command.command_id)
    match answer:
        case Stored():
            return Ack(command_id=known, seq=answer.entry.seq)
        case Duplicate():
            return Ack(command_id=known, seq=answer.seq, duplicate=True)
        case Unavailable() if isinstance(command, Post):
            return replace(refusal(known, answer), message=f"{answer.message} {_KEPT}")
        case Refused() | Unavailable():
            return refusal(known, answer)
        case _:
            assert_never(answer)


def refusal(command_id: CommandId | None, error: CollabError) -> Refusal:
    """The frame that says no, and when to try again if that helps."""
    return Refusal(
        command_id=command_id,
        code=error.code,
        message=error.message,
        retry_after_s=getattr(error, "retry_after_s", None),
    )


def going_away(retry_after_s: float) -> Unavailable:
    """Why nothing is taken any more."""
    message = "The server is restarting."
    return Unavailable(message, code="going_away", retry_after_s=retry_after_s)


def goodbye(error: CollabError) -> Goodbye:
    """The last frame of a session that ends with an error [FR7]."""
    match error:
        case ProtocolError():
            code = error.close_code
        case RateLimited():
            code = CloseCode.RATE
        case Unavailable(code="going_away"):
            code = CloseCode.GOING_AWAY
        case Unavailable():
            code = CloseCode.OVERLOADED
        case _:
            code = CloseCode.NOT_ALLOWED
    retry_after_s = getattr(error, "retry_after_s", None)
    return Goodbye(code=code, message=error.message, retry_after_s=retry_after_s)


def kind_of(command: Command) -> str:
    """The command's name in metrics, from a fixed set."""
    return type(command).__name__.lower()


def result_of(answer: Answer) -> str:
    """The answer's name in metrics, from a fixed set."""
    match answer:
        case Stored():
            return "stored"
        case Duplicate():
            return "duplicate"
        case Refused() | Unavailable():
            return answer.code
        case _:
            assert_never(answer)
