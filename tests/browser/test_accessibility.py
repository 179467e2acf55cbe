"""Every key state: nothing for axe-core to find, and a picture to look at."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from tests.browser.chat import Chat, expect
from tests.browser.conftest import ARTIFACTS
from tests.browser.guest import Guests
from tests.browser.person import Person
from tests.browser.server import REPOSITORY, Server

AXE = REPOSITORY / "js" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {848: 850, 368: 370}  # for axe-core: for the picture
_RUN_AXE = """async (host) => {
  const { violations } = await axe.run(host, { resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ target, html }) => [target, html])]);
}"""

CODE = "Here it is:\n```python\ndef area(r):\n    return 3.14159 * r**2\n```"
TABLE = "| model | score |\n| --- | ---: |\n| linear | 0.71 |\n| forest | **0.84** |"
LIST = "1. clean the data\n2. train\n   - [x] linear\n   - [ ] forest\n\n> as *agreed* on `Monday`"
LINK = "See [the report](https://example.org/report) and https://example.org/a/very/long/address"
LONG = (
    "A longer paragraph that fills a few lines in a narrow widget, so that one sees how the "
    "text breaks, how the lines sit, and where the time stands beside it."
)
TEXTS = (
    "Good morning!",
    "Has anyone looked at last night's run?",
    CODE,
    TABLE,
    LIST,
    LINK,
    LONG,
    "\N{PARTY POPPER}\N{ROCKET}",
)


THEMES = {"lab": "light", "notebook": "dark"}  # each once; `THEME=dark` looks at another


@pytest.fixture
def theme(alice: Person) -> Iterator[str]:
    chosen = os.environ.get("THEME", THEMES[alice.notebook.application.name])
    alice.notebook.set_theme(chosen)
    yield chosen
    alice.notebook.set_theme("light")


@pytest.fixture
def look(alice: Person, theme: str) -> Callable[[Chat, str], None]:
    """Checks and takes a picture of a state, at both widths."""
    alice.page.evaluate(AXE.read_text())

    def check(chat: Chat, state: str) -> None:
        name = alice.notebook.application.name
        for width, picture_width in WIDTHS.items():
            chat.set_width(width)
            found: list[Any] = chat.host.evaluate(_RUN_AXE)
            assert not found, f"{state} at {width} px, {theme}:\n{json.dumps(found, indent=2)}"
            chat.set_width(picture_width)
            path = ARTIFACTS / "screenshots" / f"{name}-{state}-{picture_width}-{theme}.png"
            alice.page.screenshot(path=path)

    return check


def test_nothing_for_axe_to_find(
    alice: Person,
    bob: Person,
    conversation: str,
    look: Callable[[Chat, str], None],
    server: Server,
    portal: BlockingPortal,
) -> None:
    """AX7, AX9: empty, talk, menu, people, picker, and offline with a failed message."""
    chat = alice.show(conversation)
    look(chat, "empty")
    other = bob.show(conversation)
    _talk(Guests(server, portal), chat, other, conversation)
    look(chat, "talk")
    chat.messages.last.hover()
    chat.messages.last.get_by_role("button", name="More actions").click()
    look(chat, "menu")
    alice.page.keyboard.press("Escape")
    chat.people.click()
    look(chat, "people")
    alice.page.keyboard.press("Escape")
    chat.button("Emoji").click()
    expect(chat.panel("dialog", "Pick an emoji").get_by_role("button").nth(50)).to_be_attached()
    look(chat, "picker")
    alice.page.keyboard.press("Escape")
    _fail(alice, chat, Guests(server, portal), conversation)
    look(chat, "offline")
    alice.context.set_offline(False)
    expect(chat.banner).to_have_count(0, timeout=20_000)


def _talk(guests: Guests, chat: Chat, other: Chat, conversation: str) -> None:
    """Twenty messages of three people, with what a message can carry."""
    with guests.join(conversation, "carol") as carol:
        for text in TEXTS:
            carol.post(text)
        for number in range(4):
            chat.post(f"mine, number {number}")
            other.post(f"an answer of Bob's, number {number}")
            carol.post(f"and Carol says {number}")
        for emoji in ("\N{PARTY POPPER}", "\N{ROCKET}"):
            carol.react(carol.seqs()[-2], emoji)
        carol.edit(carol.seqs()[0], "Good morning, everyone!")
    chat.menu(chat.messages.last, "Reply")
    chat.send("a reply to Carol")
    expect(chat.messages).to_have_count(21)


def _fail(alice: Person, chat: Chat, guests: Guests, conversation: str) -> None:
    """Alice replies, offline, to what is deleted meanwhile; then she is offline again."""
    alice.allow("WebSocket connection to", "Failed to load resource")
    with guests.join(conversation, "dan") as dan:
        seq = dan.post("soon gone")
        chat.menu(chat.message("soon gone"), "Reply")
        alice.context.set_offline(True)
        expect(chat.banner).to_contain_text("You're offline")
        dan.redact(seq)
        chat.click_send("too late")
        alice.context.set_offline(False)
        expect(chat.messages.last).to_contain_text("Not sent:", timeout=20_000)
        alice.context.set_offline(True)
        expect(chat.banner).to_contain_text("You're offline")
