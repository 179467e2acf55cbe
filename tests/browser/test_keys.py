"""Keys typed in the widget stay there."""

from __future__ import annotations

import pytest

from tests.browser.chat import Chat, expect
from tests.browser.person import Person

# Letters that edit or run cells in command mode, and chords of the applications.
KEYS = (
    *("a", "b", "d", "d", "x", "m", "y", "z", "r", "0", "0", "Shift+M", "Shift+Enter"),
    *("Control+Enter", "Alt+Enter", "Control+b", "Control+Shift+f", "Control+Shift+c"),
    *("ArrowDown", "ArrowUp", "j", "k", "Shift+ArrowDown", "Control+f", "Control+h"),
)


def _press(alice: Person, keys: tuple[str, ...]) -> None:
    for key in keys:
        alice.page.keyboard.press(key)
    alice.notebook.flush_kernel()


def test_keys_in_the_composer_do_nothing_to_the_notebook(alice: Person, conversation: str) -> None:
    """[UI6] FR2: no cell is added, deleted, changed or run; no side bar opens."""
    chat = alice.show(conversation)
    before = alice.notebook.state()
    chat.composer.click()
    _press(alice, KEYS)
    assert alice.notebook.state() == before
    chat.composer.fill("")
    chat.composer.press_sequentially("abddx")
    chat.composer.press("Shift+Enter")
    chat.composer.press_sequentially("second line")
    expect(chat.composer).to_have_value("abddx\nsecond line")
    assert alice.notebook.state() == before
    chat.composer.fill("")


@pytest.mark.parametrize("place", ["title", "message", "reaction", "menu"])
def test_keys_on_other_places_do_nothing_to_the_notebook(
    alice: Person, conversation: str, place: str
) -> None:
    """[UI6] FR2: neither on a button, a focused message nor an open menu."""
    chat = alice.show(conversation)
    chat.send("something to focus")
    before = alice.notebook.state()
    _focus(chat, place)
    _press(alice, ("a", "b", "d", "d", "x", "m", "y", "Shift+Enter", "Control+b", "Control+f"))
    assert alice.notebook.state() == before
    alice.page.keyboard.press("Escape")


def test_control_s_saves_the_notebook(alice: Person, conversation: str) -> None:
    """KB6: the one chord that is let through."""
    chat = alice.show(conversation)
    assert alice.notebook.is_dirty()
    chat.composer.click()
    alice.page.keyboard.press("Control+s")
    alice.notebook.wait_until_clean()


def test_escape_leads_back_to_the_notebook(alice: Person, conversation: str) -> None:
    """CO7: from the composer to the list, and from there to the cell; the text stays."""
    chat = alice.show(conversation)
    chat.send("one")
    chat.composer.fill("unsent")
    chat.composer.press("Escape")
    expect(chat.messages.last).to_be_focused()
    alice.page.keyboard.press("Escape")
    assert alice.page.evaluate("() => document.activeElement.closest('.jp-Notebook') !== null")
    assert not chat.host.evaluate("(host) => host.matches(':focus')")
    expect(chat.composer).to_have_value("unsent")
    chat.composer.fill("")


def _focus(chat: Chat, place: str) -> None:
    message = chat.messages.last
    match place:
        case "title":
            chat.people.focus()
        case "message":
            message.focus()
        case "reaction":
            message.hover()
            message.get_by_role("button", name="React", exact=True).focus()
        case "menu":
            message.hover()
            message.get_by_role("button", name="More actions").click()
            expect(chat.panel("menu", "More actions")).to_be_visible()
