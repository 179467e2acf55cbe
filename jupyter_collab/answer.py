"""From what the log said to what the client is told.

Pure. Owns the wording of answers; must not know how they travel.
"""

from __future__ import annotations

from typing import assert_never

from .errors import CollabError, Refused, Unavailable
from .log.base import Duplicate, Outcome, Stored
from .protocol.commands import Command
from .protocol.frames import Ack, Refusal
from .protocol.ids import CommandId

__all__ = ["Answer", "answer_frame", "kind_of", "refusal", "result_of"]

Answer = Outcome | Unavailable


def answer_frame(command_id: str, answer: Answer) -> Ack | Refusal:
    """The frame that answers one command."""
    known = CommandId(command_id)
    match answer:
        case Stored():
            return Ack(command_id=known, seq=answer.entry.seq)
        case Duplicate():
            return Ack(command_id=known, seq=answer.seq, duplicate=True)
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
