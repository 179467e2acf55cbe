"""A long history: it comes in pieces, and never moves what is being read."""

from __future__ import annotations

import re

import pytest
from anyio.from_thread import BlockingPortal

from tests.browser.chat import Chat, expect
from tests.browser.guest import Guests
from tests.browser.person import Person
from tests.browser.server import PAGES, Server

MESSAGES = 600
MAX_ROWS = 300
_WALK = (PAGES / "walk.js").read_text()
_TOPS = """(host) => {
  const list = host.shadowRoot.querySelector("[role=log]");
  const { top, bottom } = list.getBoundingClientRect();
  const bodies = [...list.querySelectorAll("[role=article] .jc-Body")];
  const boxes = bodies.map((body) => [body.id, body.getBoundingClientRect()]);
  return boxes.flatMap(([id, box]) =>
    box.top >= top && box.bottom <= bottom ? [[id, box.top]] : []);
}"""


@pytest.fixture(scope="session")
def history(server: Server, portal: BlockingPortal) -> str:
    """The id of a conversation with 600 messages of many heights."""
    texts = [_text(number) for number in range(1, MESSAGES + 1)]
    Guests(server, portal).fill("history", "carol", texts)
    return "history"


def test_scrolling_to_the_beginning_and_back(alice: Person, history: str) -> None:
    """[RS6] ML8, ML9, ML10: nothing moves by more than 1 px, at most 300 rows, no gap."""
    chat = alice.show(history)
    expect(chat.messages.last).to_contain_text(f"message {MESSAGES}")
    up = chat.host.evaluate(_WALK, -1)
    assert up["worst"] <= 1, up
    assert up["lost"] == 0, up
    assert up["most"] <= MAX_ROWS, up
    expect(chat.messages.first).to_contain_text(re.compile(r"message 1\b"))
    expect(chat.list.get_by_text(re.compile("^This is the beginning of"))).to_be_visible()
    _expect_run(chat, first=1)
    down = chat.host.evaluate(_WALK, 1)
    assert down["worst"] <= 1, down
    assert down["lost"] == 0, down
    assert down["most"] <= MAX_ROWS, down
    _expect_run(chat, last=MESSAGES)


def test_the_pill_leads_back_to_the_end(alice: Person, history: str) -> None:
    """ML6: far from the end there is "Latest"; a click goes there and takes it away."""
    chat = alice.show(history)
    expect(chat.messages.last).to_contain_text(f"message {MESSAGES}")
    expect(chat.messages.last).to_be_in_viewport()
    chat.list.hover()
    alice.page.mouse.wheel(0, -3000)
    latest = chat.button("Latest")
    latest.click()
    expect(chat.messages.last).to_be_in_viewport()
    expect(chat.messages.last).to_contain_text(f"message {MESSAGES}")
    expect(latest).to_have_count(0)


def test_new_messages_do_not_move_a_reader(
    alice: Person, bob: Person, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """ML5, ML6: away from the end they are counted in the pill; a click shows them."""
    Guests(server, portal).fill(conversation, "carol", [_text(n) for n in range(1, 61)])
    chat, other = alice.show(conversation), bob.show(conversation)
    chat.list.hover()
    alice.page.mouse.wheel(0, -1500)
    expect(chat.button("Latest")).to_be_visible()
    before = chat.host.evaluate(_TOPS)
    other.send("news")
    expect(chat.button("1 new message")).to_be_visible()
    assert chat.host.evaluate(_TOPS) == before
    chat.button("1 new message").click()
    expect(chat.message("news")).to_be_in_viewport()


def test_at_the_end_new_messages_keep_the_end_in_view(
    alice: Person, bob: Person, conversation: str, server: Server, portal: BlockingPortal
) -> None:
    """ML4: also when they are high, and when the widget gets narrower."""
    Guests(server, portal).fill(conversation, "carol", [_text(n) for n in range(1, 31)])
    chat, other = alice.show(conversation), bob.show(conversation)
    for text in ("short", "line\n\n" * 8 + "end"):
        other.composer.fill(text)
        other.composer.press("Enter")
        expect(chat.messages.last).to_contain_text(text[-3:])
        assert chat.list.evaluate(_FROM_END) <= 1
    chat.set_width(370)
    assert chat.list.evaluate(_FROM_END) <= 1


_FROM_END = "(list) => list.scrollHeight - list.clientHeight - list.scrollTop"


def _text(number: int) -> str:
    more = ("", " with some more words" * 12, "\n\nand a second paragraph", "\n- a\n- b\n- c")
    return f"message {number}{more[number % len(more)]}"


def _expect_run(chat: Chat, *, first: int | None = None, last: int | None = None) -> None:
    """The messages in the page have no gap, and begin or end where they should."""
    found = [re.match(r"message (\d+)", text) for text in chat.texts()]
    numbers = [int(match.group(1)) for match in found if match]
    assert len(numbers) == len(found)
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert first in (None, numbers[0])
    assert last in (None, numbers[-1])
