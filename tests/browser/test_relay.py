"""A page that knows of no server, as in VS Code: the conversation comes through the kernel."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Browser

from jupyter_collab import own_server
from tests.browser.chat import Chat, expect
from tests.browser.conftest import ARTIFACTS, new_context, watched
from tests.browser.guest import Guests
from tests.browser.lab import LAB
from tests.browser.person import Person
from tests.browser.server import Server, code_cell
from tests.identities import token_of

_FORGET = "() => document.getElementById('jupyter-config-data').remove()"


@pytest.fixture
def cy(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Someone whose page has no word of a server, once JupyterLab has read it."""
    context = new_context(browser)
    person = Person("cy", context, LAB)
    person.open(server, server.write_notebook("cy.ipynb", code_cell(), code_cell()))
    person.page.evaluate(_FORGET)
    yield from watched(person, request)
    context.close()


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    """As a kernel that is deep in one long call of a library."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _kernel_of(person: Person) -> int:
    outputs = person.notebook.run("import os\nos.getpid()", 1)
    return int(re.findall(r"\d+", str(outputs[0]["data"]["text/plain"]))[0])


def _picture(person: Person, chat: Chat, state: str) -> None:
    for width, theme in ((850, "light"), (370, "dark")):
        person.notebook.set_theme(theme)
        chat.set_width(width)
        path = ARTIFACTS / "screenshots" / f"kernel-{state}-{width}-{theme}.png"
        person.page.screenshot(path=path)
    person.notebook.set_theme("light")
    chat.set_width(850)


def test_a_page_without_a_server_talks_through_the_kernel(
    cy: Person, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """[UI18] [UI19] CN8: a mark, both ways, a busy kernel, and a new one."""
    cy.run(f"chat = Chat({conversation!r})\nchat")
    chat = Chat(cy.page)
    expect(chat.banner).to_contain_text(re.compile("^The kernel can't sign in to its server"))
    _picture(cy, chat, "no-token")
    _name_the_server(cy, server)
    with Guests(server, portal).join(conversation, "bo") as bo:
        cy.show(conversation)
        expect(chat.host.get_by_role("img", name="Connected through the kernel")).to_be_visible()
        chat.post("from the kernel")
        bo.post("to the kernel")
        chat.expect_texts("from the kernel", "to the kernel")
        _picture(cy, chat, "live")
        pid = _kernel_of(cy)
        with _stopped(pid):
            chat.send("while it was busy")
            expect(chat.banner).to_contain_text(
                "The kernel is busy; messages wait.", timeout=10_000
            )
            expect(chat.messages.last).to_have_attribute("data-state", "pending")
            _picture(cy, chat, "busy")
        chat.expect_texts("from the kernel", "to the kernel", "while it was busy", timeout=20_000)
        expect(chat.banner).to_have_count(0)
        assert not cy.sockets, "the page has none of its own"
        cy.notebook.restart_kernel()
        _name_the_server(cy, server)
        cy.show(conversation)
        bo.post("after the restart")
        chat.expect_texts(
            *("from the kernel", "to the kernel", "while it was busy", "after the restart")
        )


def _name_the_server(person: Person, server: Server) -> None:
    settings = {own_server.URL: server.url, own_server.TOKEN: token_of(person.name)}
    person.notebook.run(f"import os\nos.environ.update({settings!r})", 1)
