"""Python's lock changes hands sooner while a server with the extension runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_collab.hub.switching import SWITCH_S, restore_switching, switch_sooner
from tests.servers import Server

USUAL_S = 0.005


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """The interval is Python's own before, and what it was afterwards."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL_S)
    yield
    sys.setswitchinterval(before)


async def test_a_server_shortens_the_interval_while_it_runs(server: Server) -> None:
    """[FO17]"""
    extension: Any = server.app.web_app.settings["jupyter_collab"]
    restore_switching()  # of its start, before this test set the interval
    await extension._start_jupyter_server_extension(server.app)
    assert sys.getswitchinterval() == pytest.approx(SWITCH_S)
    await extension.stop_extension()
    assert sys.getswitchinterval() == pytest.approx(USUAL_S)


def test_what_someone_else_has_set_stays() -> None:
    """[FO17] Before or since."""
    for theirs_s in (SWITCH_S / 5, SWITCH_S):
        sys.setswitchinterval(theirs_s)
        switch_sooner()
        restore_switching()
        assert sys.getswitchinterval() == pytest.approx(theirs_s)
    sys.setswitchinterval(USUAL_S)
    switch_sooner()
    switch_sooner()
    sys.setswitchinterval(0.002)
    restore_switching()
    restore_switching()
    assert sys.getswitchinterval() == pytest.approx(0.002)
