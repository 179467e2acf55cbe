"""Every way of saying no has a code, a sentence and a place in the tree."""

from __future__ import annotations

import pytest

from jupyter_collab import errors
from jupyter_collab.errors import (
    CloseCode,
    CollabError,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    ProtocolError,
    RateLimited,
    Refused,
    Unavailable,
)

REFUSALS: list[type[Refused]] = [Invalid, NotAllowed, NotFound, Conflict]


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_tells_its_code_and_a_sentence(kind: type[Refused]) -> None:
    """[FR2] A kind has a code of its own, which an instance may make more precise."""
    assert str(kind("No.")) == f"{kind.code}: No."
    assert (kind("No.", code="other").code, kind.code) != ("other", "other")
    assert kind("No.").retry_after_s is None


def test_codes_are_not_shared() -> None:
    """[FR2]"""
    kinds: list[type[CollabError]] = [*REFUSALS, RateLimited, Unavailable, Refused, CollabError]
    codes = [kind.code for kind in kinds]
    assert len(codes) == len(set(codes))


def test_a_rate_tells_when_to_come_back() -> None:
    """[RA2]"""
    limited = RateLimited(3.21)
    assert (limited.code, limited.retry_after_s) == ("rate_limited", 3.21)
    assert str(limited) == "rate_limited: You can send again in 3.2 s."


def test_a_protocol_error_knows_how_to_close() -> None:
    """[FR1] [FR6]"""
    assert ProtocolError("No.").close_code == 4000
    version = ProtocolError("No.", close_code=CloseCode.VERSION)
    assert (version.close_code, version.code) == (4001, "version")


def test_unavailable_may_be_tried_again() -> None:
    """[LG13]"""
    assert Unavailable("Later.").retry_after_s > 0
    assert Unavailable("Later.", retry_after_s=7.0).retry_after_s == 7.0


def test_close_codes_keep_their_class() -> None:
    """[UI4] A client acts on the class alone, so a code may never change it."""
    assert {code.name: code.value for code in CloseCode} == {
        "MALFORMED": 4000,
        "VERSION": 4001,
        "NOT_SIGNED_IN": 4003,
        "NOT_ALLOWED": 4004,
        "FULL": 4005,
        "TOO_LARGE": 4009,
        "REMOVED": 4010,
        "OVERLOADED": 4100,
        "GOING_AWAY": 4101,
        "SLOW": 4102,
        "RATE": 4103,
        "INTERNAL": 4104,
        "HEARTBEAT": 4200,
        "RESYNC": 4201,
        "CREDENTIALS": 4203,
    }


def test_the_tree_is_drawn_in_full() -> None:
    """[FR2]"""
    assert errors.__doc__ is not None
    for name in errors.__all__:
        if name != "CloseCode":
            assert name in errors.__doc__
            assert issubclass(getattr(errors, name), CollabError)
