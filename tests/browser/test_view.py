"""What code in the notebook decides about the widget, and how the front end gets there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chat import Chat, expect
from tests.browser.conftest import new_context, watched
from tests.browser.lab import LAB
from tests.browser.person import Person
from tests.browser.server import Server, code_cell


def test_a_cell_changes_the_widget(alice: Person, bob: Person, conversation: str) -> None:
    """Height, theme, title and conversation follow the traits, on every page."""
    chat = alice.show(conversation)
    chat.send("in the first")
    alice.run("chat.height = 600", 1)
    expect(chat.host.locator("section")).to_have_css("height", "600px")
    light = _background(chat)
    alice.run("chat.theme = 'dark'", 1)
    alice.page.wait_for_function(
        "([host, light]) => getComputedStyle(host.shadowRoot.querySelector('section'))"
        ".backgroundColor !== light",
        arg=[chat.host.element_handle(), light],
    )
    alice.run("chat.title = 'As code says'", 1)
    expect(chat.host.locator("header")).to_contain_text("As code says")
    alice.run("chat.title = None", 1)
    expect(chat.host.locator("header")).not_to_contain_text("As code says")
    alice.run(f"chat.conversation = {conversation[:60] + '-2'!r}", 1)
    expect(chat.message("in the first")).to_have_count(0)
    chat.send("in the second")
    alice.run(f"chat.conversation = {conversation!r}", 1)
    chat.expect_texts("in the first")
    alice.wait_for_live_sockets(1)


def test_two_conversations_on_a_page(alice: Person, conversation: str) -> None:
    """[UI7] Each has its own socket, draft and messages."""
    other = conversation[:60] + "-2"
    alice.run(
        f"from IPython.display import display\ndisplay(Chat({conversation!r}), Chat({other!r}))"
    )
    first, second = Chat(alice.page, 0).wait_until_live(), Chat(alice.page, 1).wait_until_live()
    alice.wait_for_live_sockets(2)
    first.send("to the first")
    second.composer.fill("a draft")
    first.expect_texts("to the first")
    expect(second.messages).to_have_count(0)
    expect(first.composer).to_have_value("")
    second.composer.fill("")


@pytest.fixture
def carol(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Someone whose page can't fetch our files from the server."""
    context = new_context(browser)
    context.route("**/jupyter_collab/static/**", lambda route: route.abort())
    person = Person("carol", context, LAB)
    person.allow("Failed to load resource")
    person.open(server, server.write_notebook("carol.ipynb", code_cell()))
    yield from watched(person, request)
    context.close()


def test_the_front_end_comes_through_the_kernel(carol: Person, conversation: str) -> None:
    """[UI8] Core and heavy parts over the comm; the conversation over the server."""
    chat = carol.show(conversation)
    chat.composer.fill("```python\nprint(1)\n```")
    chat.composer.press("Enter")
    expect(chat.messages.last.locator("pre code")).to_have_text("print(1)")
    expect(chat.messages.last.locator("pre [class*=hljs]").first).to_be_visible()
    chat.button("Emoji").click()
    picker = chat.panel("dialog", "Pick an emoji")
    carol.page.keyboard.type("rocket")
    picker.get_by_role("button", name="rocket").first.click()
    expect(chat.composer).to_have_value("\N{ROCKET}")


def _background(chat: Chat) -> str:
    colour: str = chat.host.locator("section").evaluate(
        "(section) => getComputedStyle(section).backgroundColor"
    )
    return colour
