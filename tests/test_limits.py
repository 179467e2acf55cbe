"""Every limit has a unit, a reason to exist and a code that tells when it is hit."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import msgspec
import pytest

from jupyter_collab.errors import CloseCode
from jupyter_collab.limits import Limits

FIELDS = {field.name: field for field in fields(Limits)}
TOO_LARGE = "1009"  # a WebSocket's own code
CLOSES = {TOO_LARGE, *(str(int(code)) for code in CloseCode)}
REFUSALS = {
    *(
        "bad_title",
        "rate_limited",
        "pruned",
        "text_too_long",
        "too_many_reactions",
        "unavailable",
        "none",
    )
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_limit_says_what_it_is(name: str) -> None:
    """[RA6] Its unit is in its name or its type, its help is a sentence."""
    field = FIELDS[name]
    assert field.metadata["help"].endswith(".")
    assert field.metadata["code"] in CLOSES | REFUSALS
    assert isinstance(field.default, float) == name.endswith("_s")
    if name.endswith("_s"):
        assert "econd" in field.metadata["help"]
    if name.endswith("_bytes"):
        assert "ytes" in field.metadata["help"]


def test_limits_that_other_people_rely_on() -> None:
    """[RA1] [RU4] [RU8] [RU10] [FR1] [FR4] [RS1] [RS2] [RS14] [PR7] [PR8] [LG19] Documented."""
    limits = Limits()
    assert (limits.posts_per_window, limits.window_s) == (10, 10.0)
    assert (limits.frame_bytes, limits.frame_depth) == (65_536, 32)
    assert (limits.text_bytes, limits.assistant_text_bytes) == (32_768, 262_144)
    assert (limits.title_chars, limits.reactions_per_message) == (80, 20)
    assert (limits.page_messages, limits.page_bytes) == (50, 32_768)
    assert (limits.members_at_once, limits.members_bytes) == (64, 12_288)
    assert (limits.resume_entries, limits.resume_bytes) == (500, 262_144)
    assert (limits.people_per_conversation, limits.connections_per_person) == (50, 20)
    assert (limits.connections_per_person_in_all, limits.connections_in_all) == (200, 2000)
    assert (limits.outbox_frames, limits.outbox_bytes) == (1000, 1_048_576)
    assert 0 < limits.watch_s <= 0.05  # half of the 0.1 s that two servers promise
    assert (limits.hello_s, limits.heartbeat_s, limits.silence_s) == (10.0, 20.0, 30.0)


def test_limits_agree_with_each_other() -> None:
    """[RA6] A text at its limit fits a frame; what is resumed fits an outbox."""
    limits = Limits()
    assert limits.text_bytes < limits.frame_bytes
    assert limits.resume_bytes < limits.outbox_bytes
    assert limits.heartbeat_s < limits.silence_s
    assert limits.leave_grace_s < limits.break_grace_s < limits.silence_s


def test_limits_are_told_as_they_are_and_never_change() -> None:
    """[RA6] [RS7]"""
    limits = replace(Limits(), posts_per_window=0)
    told = msgspec.json.decode(msgspec.json.encode(limits), type=dict[str, float])
    assert told == {name: getattr(limits, name) for name in FIELDS}
    with pytest.raises(FrozenInstanceError):
        limits.posts_per_window = 1  # type: ignore[misc]  # that is the point
