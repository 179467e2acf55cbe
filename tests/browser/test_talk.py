"""Two people talk: what one does, the other sees."""

from __future__ import annotations

import re

from tests.browser.chat import expect
from tests.browser.person import Person
from tests.browser.server import Server

_NOTE_NEXT_FRAME = """(field) => {
  window.shownInTime = null;
  field.addEventListener("keydown", ({ key }) => {
    if (key !== "Enter") return;
    requestAnimationFrame(() => setTimeout(() => {
      const list = field.getRootNode().querySelector("[role=log]");
      window.shownInTime = list.textContent.includes("into the void");
    }));
  });
}"""


def test_my_message_is_there_before_the_server_answers(
    server: Server, alice: Person, conversation: str
) -> None:
    """[UI2] CO4, MI13: in the list by the next frame, pending, then sent in its place."""
    chat = alice.show(conversation)
    chat.composer.evaluate(_NOTE_NEXT_FRAME)
    with server.paused():
        chat.send("into the void")
        alice.page.wait_for_function("() => window.shownInTime !== null")
        assert alice.page.evaluate("() => window.shownInTime")
        expect(chat.messages.last).to_have_attribute("data-state", "pending")
        expect(chat.composer).to_have_value("")
        expect(chat.composer).to_be_focused()
        key = chat.messages.last.get_attribute("data-key")
    chat.expect_texts("into the void")
    assert chat.messages.last.get_attribute("data-key") == key


def test_a_post_reaches_the_other(alice: Person, bob: Person, conversation: str) -> None:
    """[FO3] Both lists have every message once, in the same order."""
    mine, theirs = alice.show(conversation), bob.show(conversation)
    for number in range(4):
        mine.send(f"from Alice {number}")
        theirs.send(f"from Bob {number}")
    expect(mine.messages).to_have_count(8)
    expect(theirs.messages).to_have_count(8)
    mine.wait_until_sent()
    order = mine.texts()
    assert sorted(order) == sorted(f"from {who} {n}" for who in ("Alice", "Bob") for n in range(4))
    mine.expect_texts(*order)
    theirs.expect_texts(*order)


def test_a_message_is_drawn_as_markdown(alice: Person, conversation: str) -> None:
    """[UI5] MI4, MI5, MI6: bold, links in a new tab, code with its language and Copy."""
    chat = alice.show(conversation)
    chat.composer.fill("**bold** [a link](https://example.org/)\n```python\nprint(1)\n```")
    chat.composer.press("Enter")
    message = chat.messages.last
    expect(message.locator("strong")).to_have_text("bold")
    link = message.get_by_role("link", name="a link")
    expect(link).to_have_attribute("href", "https://example.org/")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", re.compile("noopener noreferrer"))
    expect(message.locator("pre code")).to_have_text("print(1)")
    expect(message.locator("pre [class*=hljs]").first).to_be_visible()
    message.get_by_role("button", name="Copy").click()
    expect(message.get_by_role("button", name="Copied")).to_be_visible()


def test_typing_is_shown_until_the_message_comes(
    alice: Person, bob: Person, conversation: str
) -> None:
    """[PR6] TY1: the other reads who is typing; the typist does not."""
    mine, theirs = alice.show(conversation), bob.show(conversation)
    mine.composer.press_sequentially("hello")
    expect(theirs.host.get_by_text("Alice is typing…")).to_be_visible()
    expect(mine.host.get_by_text("is typing…")).to_have_count(0)
    mine.composer.press("Enter")
    theirs.expect_texts("hello")
    expect(theirs.host.get_by_text("is typing…")).to_have_count(0)


def test_people_come_and_go(alice: Person, bob: Person, conversation: str) -> None:
    """[PR1] [PR2] PR1, PR3: the pile and the list follow who is here."""
    mine = alice.show(conversation)
    expect(mine.people).to_have_accessible_name("1 person here")
    bob.show(conversation)
    expect(mine.people).to_have_accessible_name("2 people here")
    mine.people.click()
    people = mine.panel("dialog", "People")
    expect(people.get_by_role("listitem")).to_contain_text(["Bob", "Alice (you)"])
    bob.notebook.clear_output()
    expect(people.get_by_text("1 person here")).to_be_visible(timeout=10_000)
    expect(people.get_by_text(re.compile("last seen"))).to_be_visible()
    alice.page.keyboard.press("Escape")
    expect(people).to_have_count(0)
    expect(mine.people).to_be_focused()


def test_reactions_toggle(alice: Person, bob: Person, conversation: str) -> None:
    """RX1, RX2, RX3: a click sets mine, another takes it back; the count is everybody's."""
    mine, theirs = alice.show(conversation), bob.show(conversation)
    mine.send("react to me")
    message = theirs.message("react to me")
    message.hover()
    message.get_by_role("button", name=re.compile("^React with")).first.click()
    pill = mine.reactions(mine.messages.last).first
    expect(pill).to_have_accessible_name(re.compile("1, Bob reacted with"))
    expect(pill).to_have_attribute("aria-pressed", "false")
    pill.click()
    for chat in (mine, theirs):
        pill = chat.reactions(chat.messages.last).first
        expect(pill).to_have_text(re.compile("2$"))
        expect(pill).to_have_attribute("aria-pressed", "true")
    for chat in (mine, theirs):
        chat.reactions(chat.messages.last).first.click()
    for chat in (mine, theirs):
        expect(chat.reactions(chat.messages.last)).to_have_count(0)


def test_the_picker_finds_an_emoji(alice: Person, conversation: str) -> None:
    """RX6: search has the focus, Enter picks, and the focus goes back."""
    chat = alice.show(conversation)
    chat.send("pick one")
    chat.messages.last.hover()
    chat.messages.last.get_by_role("button", name="React", exact=True).click()
    picker = chat.panel("dialog", "Pick an emoji")
    expect(picker.get_by_role("searchbox")).to_be_focused()
    alice.page.keyboard.type("rocket")
    expect(picker.get_by_role("button", name=re.compile("rocket")).first).to_be_visible()
    alice.page.keyboard.press("Enter")
    expect(picker).to_have_count(0)
    expect(chat.reactions(chat.messages.last).first).to_have_text(re.compile("\N{ROCKET}1"))


def test_an_edit_is_marked(alice: Person, bob: Person, conversation: str) -> None:
    """CO5, CO6, MI3: edited in its place, with a mark; the other may not."""
    mine, theirs = alice.show(conversation), bob.show(conversation)
    mine.send("frist")
    mine.send("second")
    mine.menu(mine.message("frist"), "Edit")
    expect(mine.host.get_by_text("Editing message")).to_be_visible()
    expect(mine.composer).to_have_value("frist")
    mine.composer.fill("first")
    mine.button("Save").click()
    for chat in (mine, theirs):
        expect(chat.messages.first).to_contain_text("(edited)")
        chat.expect_texts("first", "second")
    theirs.messages.first.hover()
    theirs.messages.first.get_by_role("button", name="More actions").click()
    menu = theirs.panel("menu", "More actions")
    expect(menu.get_by_role("menuitem", name="Reply")).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Edit")).to_have_count(0)
    expect(menu.get_by_role("menuitem", name="Delete")).to_have_count(0)
    bob.page.keyboard.press("Escape")


def test_a_deletion_can_be_undone(alice: Person, bob: Person, conversation: str) -> None:
    """MI12: gone for me at once, for the other only when the time to undo is over."""
    mine, theirs = alice.show(conversation), bob.show(conversation)
    mine.send("stays")
    mine.send("goes")
    mine.delete(mine.message("stays"))
    expect(mine.message("stays")).to_have_count(0)
    mine.button("Undo").click()
    expect(mine.message("stays")).to_be_focused()
    mine.expect_texts("stays", "goes")
    theirs.expect_texts("stays", "goes")
    mine.delete(mine.message("goes"))
    mine.expect_texts("stays")
    theirs.expect_texts("stays", timeout=12_000)
    mine.expect_texts("stays")


def test_a_reply_quotes(alice: Person, bob: Person, conversation: str) -> None:
    """CO19, TH5: author and first line above the text; a deleted original says so."""
    mine, theirs = alice.show(conversation), bob.show(conversation)
    mine.send("the question")
    theirs.menu(theirs.message("the question"), "Reply")
    expect(theirs.host.get_by_text("Replying to Alice")).to_be_visible()
    theirs.send("the answer")
    for chat in (mine, theirs):
        quote = chat.messages.last.get_by_role("button", name=re.compile("In reply to Alice"))
        expect(quote).to_contain_text("the question")
    mine.delete(mine.messages.first)
    expect(theirs.messages.last.get_by_role("button", name="Message deleted")).to_be_visible(
        timeout=12_000
    )


def test_a_rename_is_seen_by_all(alice: Person, bob: Person, conversation: str) -> None:
    """[RU10] HD1, ML15: the header changes, and a line says who did it."""
    mine, theirs = alice.show(conversation), bob.show(conversation)
    mine.title.click()
    alice.page.keyboard.type("Weekly review")
    alice.page.keyboard.press("Enter")
    expect(mine.title).to_be_focused()
    for chat in (mine, theirs):
        expect(chat.title).to_have_text("Weekly review")
    expect(theirs.list.get_by_text("Alice renamed the conversation")).to_be_visible()


def test_people_may_change_their_name(alice: Person, bob: Person, conversation: str) -> None:
    """[ID5] [RU11] The new name is everywhere, marked as self-chosen, and draft and list stay."""
    mine, theirs = alice.show(conversation), bob.show(conversation)
    theirs.send("it is me")
    mine.people.click()
    expect(mine.panel("dialog", "People").get_by_text("Self-chosen name")).to_have_count(0)
    for name in ("Bobby", "Bob"):
        theirs.people.click()
        theirs.button("Change your name").click()
        bob.page.keyboard.type(name)
        bob.page.keyboard.press("Enter")
        expect(mine.messages.first.locator("bdi")).to_have_text(name)
        expect(theirs.messages.first.locator("bdi")).to_have_text(name)
        bob.page.keyboard.press("Escape")
        expect(theirs.panel("dialog", "People")).to_have_count(0)
        badges = mine.panel("dialog", "People").get_by_text("Self-chosen name")
        expect(badges).to_have_count(1 if name == "Bobby" else 0)
    expect(mine.list.get_by_text("Bob is now called Bobby")).to_be_visible()
