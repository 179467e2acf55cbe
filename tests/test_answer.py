"""What clients are told, word for word where it counts."""

from __future__ import annotations

import pytest

from jupyter_collab.answer import (
    FAILED,
    SLOW,
    Answer,
    answer_frame,
    going_away,
    goodbye,
    kind_of,
    refusal,
    result_of,
)
from jupyter_collab.errors import (
    CloseCode,
    CollabError,
    Conflict,
    NotFound,
    ProtocolError,
    RateLimited,
    Unavailable,
)
from jupyter_collab.log.base import Duplicate, Stored
from jupyter_collab.metrics import RESULTS
from jupyter_collab.protocol.commands import Admit
from jupyter_collab.protocol.frames import Ack, Goodbye, Refusal
from jupyter_collab.protocol.ids import CommandId, Seq
from tests.fakes import command, member, posted

ID = CommandId("01J00000000000000000000000")


@pytest.mark.parametrize(
    ("answer", "frame", "result"),
    [
        (Stored(posted(7)), Ack(command_id=ID, seq=Seq(7)), "stored"),
        (Duplicate(Seq(7)), Ack(command_id=ID, seq=Seq(7), duplicate=True), "duplicate"),
        (
            Conflict("No.", code="id_reused"),
            Refusal(command_id=ID, code="id_reused", message="No."),
            "id_reused",
        ),
        (
            RateLimited(3.25),
            Refusal(
                command_id=ID,
                code="rate_limited",
                message="You can send again in 3.2 s.",
                retry_after_s=3.25,
            ),
            "rate_limited",
        ),
        (
            Unavailable("Later.", retry_after_s=1.0),
            Refusal(command_id=ID, code="unavailable", message="Later.", retry_after_s=1.0),
            "unavailable",
        ),
    ],
)
def test_every_answer_has_its_frame_and_its_name(
    answer: Answer, frame: Ack | Refusal, result: str
) -> None:
    """[LG3] [RA2] [LG13]"""
    asked = command("react", command_id=ID, target=1, emoji="🎉")
    assert answer_frame(asked, answer) == frame
    assert result_of(answer) == result
    assert result in RESULTS


def test_whose_message_can_not_be_stored_is_told_that_its_text_is_kept() -> None:
    """[LG13] What to do comes first. An edit's page says so itself; a reaction has no text."""
    posted = answer_frame(command("post", text="hi"), Unavailable("The disk is full."))
    assert isinstance(posted, Refusal)
    assert posted.message == "The disk is full. Your text is kept."
    edited = answer_frame(command("edit", target=1, text="hi"), Unavailable("The disk is full."))
    assert isinstance(edited, Refusal)
    assert edited.message == "The disk is full."


def test_a_query_is_refused_without_a_command_id() -> None:
    """[RA5]"""
    frame = refusal(None, RateLimited(1.0))
    assert (frame.command_id, frame.code, frame.retry_after_s) == (None, "rate_limited", 1.0)


@pytest.mark.parametrize(
    ("error", "code", "retry_after_s"),
    [
        (ProtocolError("No."), CloseCode.MALFORMED, None),
        (ProtocolError("No.", close_code=CloseCode.VERSION), CloseCode.VERSION, None),
        (NotFound("No."), CloseCode.NOT_ALLOWED, None),
        (Unavailable("No.", retry_after_s=2.0), CloseCode.OVERLOADED, 2.0),
        (going_away(3.0), CloseCode.GOING_AWAY, 3.0),
    ],
)
def test_every_error_has_its_goodbye(
    error: CollabError, code: CloseCode, retry_after_s: float | None
) -> None:
    """[FR7]"""
    expected = Goodbye(code=code, message=error.message, retry_after_s=retry_after_s)
    assert goodbye(error) == expected


def test_a_failure_of_ours_tells_no_details() -> None:
    """[FR8]"""
    assert FAILED.code == 4104
    assert SLOW.code == 4102


def test_kinds_are_named_as_on_the_wire() -> None:
    """[ID8]"""
    assert kind_of(command("post", text="hi")) == "post"
    assert kind_of(Admit(member("ada"))) == "admit"
