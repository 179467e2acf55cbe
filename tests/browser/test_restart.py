"""The server goes away in the middle of a conversation, and comes back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chat import expect
from tests.browser.conftest import new_context, watched
from tests.browser.lab import LAB, NOTEBOOK
from tests.browser.person import Person
from tests.browser.server import Server, code_cell

BACK_MS = 45_000  # 5 s in which all are spread, 30 s of back-off at most, and a busy machine


@pytest.fixture
def own_server(front_end: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that may be restarted; a test may give it limits."""
    with Server(tmp_path / "server", **getattr(request, "param", {})) as running:
        yield running


@pytest.fixture
def ann(own_server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """In JupyterLab."""
    yield from watched(_open(Person("ann", new_context(browser), LAB), own_server), request)


@pytest.fixture
def ben(own_server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """In Notebook 7."""
    yield from watched(_open(Person("ben", new_context(browser), NOTEBOOK), own_server), request)


@pytest.mark.parametrize("end", ["stopped", "killed"])
def test_a_server_restart_loses_and_doubles_nothing(
    own_server: Server, ann: Person, ben: Person, end: str
) -> None:
    """[FO6] [RS2] [RS5] [UI2] [UI4] CN2, CN4: nobody clicks, and what was written goes out once."""
    mine, theirs = ann.show("team"), ben.show("team")
    mine.post("before, from Ann")
    theirs.post("before, from Ben")
    for chat in (mine, theirs):
        chat.expect_texts("before, from Ann", "before, from Ben")
    mine.click_send("in that moment, from Ann")
    if end == "stopped":
        own_server.stop()
    else:
        own_server.kill()
    for chat in (mine, theirs):
        expect(chat.banner).to_contain_text("Connection lost", timeout=BACK_MS)
    mine.click_send("meanwhile, from Ann")
    expect(mine.messages.last).to_have_attribute("data-state", "pending")
    own_server.start()
    expect(theirs.messages).to_have_count(4, timeout=BACK_MS)
    theirs.click_send("after, from Ben")
    texts = (
        "before, from Ann",
        "before, from Ben",
        "in that moment, from Ann",
        "meanwhile, from Ann",
        "after, from Ben",
    )
    for chat in (mine, theirs):
        chat.expect_texts(*texts, timeout=BACK_MS)
        expect(chat.banner).to_have_count(0, timeout=BACK_MS)


@pytest.mark.parametrize("own_server", [{"posts_per_window": 5, "window_s": 2.0}], indirect=True)
def test_a_long_queue_goes_out_at_the_pace_of_the_server(
    own_server: Server, ann: Person, ben: Person
) -> None:
    """[UI13] [UI14] Four times what the rate limit takes at once: all of it, once, in order."""
    mine, theirs = ann.show("team"), ben.show("team")
    mine.send("hello")
    theirs.expect_texts("hello")
    answers = _note_refusals(ann)
    own_server.kill()
    expect(mine.banner).to_contain_text("Connection lost", timeout=BACK_MS)
    texts = tuple(f"number {number:02}" for number in range(20))
    for text in texts:
        mine.click_send(text)
    own_server.start()
    for chat in (theirs, mine):  # the page that shows them all only once they are sent comes first
        chat.expect_texts("hello", *texts, timeout=2 * BACK_MS)
        expect(chat.banner).to_have_count(0, timeout=BACK_MS)
    assert answers, "the rate limit was never met"


def _note_refusals(person: Person) -> list[str]:
    """What the server refuses from now on for coming too soon, on connections to come."""
    refusals: list[str] = []

    def note(frame: bytes | str) -> None:
        if '"code":"rate_limited"' in str(frame):
            refusals.append(str(frame))

    person.page.on("websocket", lambda socket: socket.on("framereceived", note))
    return refusals


def test_a_damaged_database_and_a_restored_one_are_named(own_server: Server, ann: Person) -> None:
    """[LG13] [UI4] [RS4] The operator's affair is no lost connection; a restore is not silent."""
    mine = ann.show("team")
    mine.send("before")
    backup = own_server.root / "backup.db"
    _collab("backup", str(backup), "--database", str(own_server.database))
    mine.send("not in the backup")
    mine.expect_texts("before", "not in the backup")  # acknowledged, so it is not sent anew
    own_server.stop()
    own_server.database.write_text("this is no database, " * 500)
    own_server.start()
    mine.composer.fill("half a thought")
    expect(mine.banner).to_contain_text(
        "The database of conversations is damaged. Its operator has to restore a backup. "
        "Your text is kept. Trying again",
        timeout=BACK_MS,
    )
    own_server.stop()
    _collab("restore", str(backup), "--database", str(own_server.database))
    own_server.start()
    expect(mine.list.get_by_text("This conversation was restored from a backup.")).to_be_visible(
        timeout=BACK_MS
    )
    mine.expect_texts("before")
    expect(mine.composer).to_have_value("half a thought")
    expect(mine.banner).to_have_count(0, timeout=10_000)


def _collab(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "jupyter_collab.cli", *arguments], check=True)


def _open(person: Person, server: Server) -> Person:
    notebook = server.write_notebook("talk.ipynb", code_cell())
    person.open(server, notebook)
    person.allow("WebSocket connection to", "Failed to load resource")
    return person
