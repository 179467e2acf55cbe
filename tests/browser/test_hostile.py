"""Hostile texts and names, drawn by the built widget in a real notebook, are only text.

After each round the page is audited: nothing ran, loaded, navigated, or stands where it
should not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Browser, Dialog, Frame, Request

from jupyter_collab.errors import Invalid
from tests.browser.chat import Chat, expect
from tests.browser.conftest import new_context, watched
from tests.browser.corpus import CANARY, NAMES, PAYLOADS, STREAMED, TITLES
from tests.browser.guest import Guests
from tests.browser.lab import Application
from tests.browser.person import Person
from tests.browser.server import PAGES, Server, code_cell

AUDIT = (PAGES / "audit.js").read_text()
TOUCH = (PAGES / "touch.js").read_text()
BATCH = 290  # all of them are in the page at once
_THEIR_PATHS = ("/api/", "/lab/", "/static/", "/jupyter_collab/", "/lsp/", "/kernelspecs/")
_PREFIXES = [text[:end] for text in STREAMED for end in range(2, len(text) + 1)]


class Victim(Person):
    """A person of whose page everything that happens by itself is kept.

    Attributes:
        incidents: what a payload must not be able to do.
    """

    def __init__(self, browser: Browser, application: Application, origin: str) -> None:
        super().__init__("victim", new_context(browser), application)
        self.incidents: list[str] = []
        self._origin = origin
        self.page.add_init_script(path=PAGES / "watch.js")
        self.page.on("dialog", self._note_dialog)

    def start_watching(self) -> None:
        """From here on nothing is loaded but what the applications ask for."""
        self.context.on("request", self._note_request)
        self.page.on("framenavigated", self._note_navigation)
        self.context.on("page", lambda page: self.incidents.append(f"window {page.url}"))

    def audit(self, chat: Chat) -> None:
        """Looks at everything that is drawn, and at what happened so far."""
        found = [*chat.host.evaluate(AUDIT), *self.incidents]
        assert not found, "\n".join(found)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.incidents.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _note_request(self, request: Request) -> None:
        url = urlsplit(request.url.removeprefix("blob:"))
        is_ours = f"{url.scheme}://{url.netloc}" == self._origin
        is_expected = request.url.startswith("blob:") or url.path.startswith(_THEIR_PATHS)
        if not is_ours or not is_expected or CANARY in request.url:
            self.incidents.append(f"request {request.url}")

    def _note_navigation(self, frame: Frame) -> None:
        self.incidents.append(f"navigation {frame.url}")


@pytest.fixture(scope="module")
def page_of_victim(server: Server, browser: Browser, application: Application) -> Iterator[Victim]:
    victim = Victim(browser, application, server.url.rstrip("/"))
    victim.open(
        server, server.write_notebook(f"victim-{application.name}.ipynb", code_cell(), code_cell())
    )
    victim.start_watching()
    yield victim
    victim.context.close()


@pytest.fixture
def victim(page_of_victim: Victim, request: pytest.FixtureRequest) -> Iterator[Victim]:
    yield from watched(page_of_victim, request)


def test_hostile_messages_and_edits(
    victim: Victim, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """[UI5] Posted, then edited into one another; wide and narrow."""
    chat = victim.show(conversation)
    with Guests(server, portal).join(conversation, "mallory") as mallory:
        mallory.post_all(PAYLOADS)
        expect(chat.messages).to_have_count(len(PAYLOADS), timeout=20_000)
        chat.list.evaluate(TOUCH)
        victim.audit(chat)
        seqs = mallory.seqs()
        others = (*PAYLOADS[1:], PAYLOADS[0])
        mallory.edit_all(dict(zip(seqs, others, strict=True)))
        expect(chat.list.get_by_text("(edited)")).to_have_count(len(PAYLOADS), timeout=20_000)
        chat.set_width(370)
        chat.list.evaluate(TOUCH)
        _point_at_each(chat)
        victim.audit(chat)


def test_html_is_shown_as_it_was_written(
    victim: Victim, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """MI4: tags are text, entities of HTML are not built from pieces."""
    texts = ("<script>pwn(1)</script>", "<img src=x onerror=pwn(1)>", "<b onclick=pwn(1)>x</b>")
    chat = victim.show(conversation)
    Guests(server, portal).fill(conversation, "mallory", texts)
    chat.expect_texts(*texts)


def test_every_prefix_of_a_hostile_message(
    victim: Victim, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """[UI5] A text that is still being written is drawn by the same rules."""
    chat = victim.show(conversation)
    with Guests(server, portal).join(conversation, "mallory") as mallory:
        for start in range(0, len(_PREFIXES), BATCH):
            mallory.post_all([*_PREFIXES[start : start + BATCH], f"end of {start}"])
            expect(chat.messages.last).to_contain_text(f"end of {start}", timeout=20_000)
            victim.audit(chat)


def test_hostile_names(
    victim: Victim, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """[ID4] In the pile, the list, the typing line, heads, quotes, pills and tips."""
    guests = Guests(server, portal)
    chat = victim.show(conversation)
    with ExitStack() as stack:
        for number in range(len(NAMES)):
            guest = stack.enter_context(guests.join(conversation, f"hostile{number}"))
            seq = guest.post(f"I am number {number}")
            guest.react(seq, "\N{ROCKET}")
            guest.post("an answer", seq)
            guest.type()
        expect(chat.messages).to_have_count(2 * len(NAMES))
        chat.people.click()
        people = chat.panel("dialog", "People").get_by_role("listitem")
        expect(people).to_have_count(len(NAMES) + 1)
        victim.audit(chat)
        victim.page.keyboard.press("Escape")
        for pill in chat.list.get_by_role("button", name="\N{ROCKET}").all()[-4:]:
            pill.hover()
            victim.audit(chat)


def test_hostile_titles_and_emoji(
    victim: Victim, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """[RU8] [RU10] A title is text, whoever gave it; a reaction that is none is refused."""
    chat = victim.show(conversation)
    with Guests(server, portal).join(conversation, "mallory") as mallory:
        seq = mallory.post("react to me")
        for title in TITLES:
            mallory.rename(title)
            expect(chat.title).to_have_text(title)
            chat.title.hover()
            victim.audit(chat)
        for emoji in ("<img src=x onerror=pwn(1)>", "__proto__", "\N{ROCKET}<b>"):
            with pytest.raises(Invalid):
                mallory.react(seq, emoji)
    victim.run(f"chat.title = bytes.fromhex({TITLES[0].encode().hex()!r}).decode()", 1)
    expect(chat.host.locator("header")).to_contain_text(TITLES[0])
    victim.audit(chat)


def test_a_link_opens_apart_from_the_page(
    victim: Victim, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """MI5: a window of its own, that knows nothing of the notebook."""
    chat = victim.show(conversation)
    address = f"{server.url}api?{CANARY}"
    Guests(server, portal).fill(conversation, "mallory", [f"[press me]({address})"])
    with victim.page.expect_popup() as popup:
        chat.list.get_by_role("link", name="press me").click()
    opened = popup.value
    opened.wait_for_url(address)
    assert opened.evaluate("() => window.opener") is None
    assert opened.evaluate("() => document.referrer") == ""
    opened.close()
    victim.incidents.clear()


def _point_at_each(chat: Chat) -> None:
    """Moves the mouse over the messages that are in view, and presses on each."""
    for message in chat.messages.all()[-12:]:
        message.scroll_into_view_if_needed()
        message.hover(position={"x": 60, "y": 8}, force=True)
