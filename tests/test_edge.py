"""Where any failure stops."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_collab.edge import contained


def test_a_failure_is_logged_and_goes_no_further(caplog: pytest.LogCaptureFixture) -> None:
    """[FR8]"""
    with contained("this part") as outcome:
        raise ValueError("broken")
    assert outcome.has_failed
    assert "this part failed" in caplog.text


def test_what_goes_well_is_not_marked() -> None:
    with contained("this part") as outcome:
        pass
    assert not outcome.has_failed


def test_cancellation_passes() -> None:
    with pytest.raises(asyncio.CancelledError), contained("this part"):
        raise asyncio.CancelledError
