"""The server goes away in the middle of a conversation, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chat import expect
from tests.browser.conftest import new_context, watched
from tests.browser.lab import LAB, NOTEBOOK
from tests.browser.person import Person
from tests.browser.server import Server, code_cell

BACK_MS = 45_000  # back-off, and the server's start on a busy machine


@pytest.fixture
def own_server(front_end: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that may be restarted."""
    with Server(tmp_path / "server") as running:
        yield running


@pytest.fixture
def ann(own_server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """In JupyterLab."""
    yield from watched(_open(Person("ann", new_context(browser), LAB), own_server), request)


@pytest.fixture
def ben(own_server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """In Notebook 7."""
    yield from watched(_open(Person("ben", new_context(browser), NOTEBOOK), own_server), request)


def test_a_server_restart_loses_and_doubles_nothing(
    own_server: Server, ann: Person, ben: Person
) -> None:
    """[FO6] [RS2] [RS5] [UI2] [UI4] CN2, CN4: what was written meanwhile goes out, once."""
    mine, theirs = ann.show("team"), ben.show("team")
    mine.send("before, from Ann")
    theirs.send("before, from Ben")
    for chat in (mine, theirs):
        chat.expect_texts("before, from Ann", "before, from Ben")
    own_server.stop()
    for chat in (mine, theirs):
        expect(chat.banner).to_contain_text("Connection lost", timeout=10_000)
    mine.click_send("meanwhile, from Ann")
    expect(mine.messages.last).to_have_attribute("data-state", "pending")
    own_server.start()
    mine.button("Retry now").click()
    expect(theirs.messages).to_have_count(3, timeout=BACK_MS)
    theirs.click_send("after, from Ben")
    for chat in (mine, theirs):
        chat.expect_texts(
            "before, from Ann",
            "before, from Ben",
            "meanwhile, from Ann",
            "after, from Ben",
            timeout=BACK_MS,
        )
        expect(chat.banner).to_have_count(0, timeout=10_000)
        assert len(set(chat.texts())) == 4


def _open(person: Person, server: Server) -> Person:
    notebook = server.write_notebook("talk.ipynb", code_cell())
    person.open(server, notebook)
    person.allow("WebSocket connection to", "Failed to load resource")
    return person
