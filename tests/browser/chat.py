"""The widget as a person uses it: write, read, react, look who is there.

Owns the names of what is on the screen. Must not know which application is around it.
Invariant: everything is found by its role and name, as a screen reader would.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

__all__ = ["HOST", "Chat", "expect"]

HOST = "[data-lm-suppress-shortcuts][data-jp-suppress-context-menu]"
_TEXTS = """(messages) => messages.map((message) => {
  const body = message.querySelector(".jc-Body").cloneNode(true);
  for (const tail of body.querySelectorAll(".jc-Tail, .jc-Pending")) tail.remove();
  return body.textContent;
})"""

_HEAR = """(host) => {
  window.heardOfConnection = [];
  const status = host.shadowRoot.querySelector(".jc-Hidden[role=status]");
  const hear = () => window.heardOfConnection.push(status.textContent.trim());
  const all = { characterData: true, childList: true, subtree: true };
  new MutationObserver(hear).observe(status, all);
}"""


class Chat:
    """One widget on a page; `index` counts from the top."""

    def __init__(self, page: Page, index: int = 0) -> None:
        self.page = page
        self.host = page.locator(HOST).nth(index)
        self.list = self.host.get_by_role("log")
        self.messages = self.list.get_by_role("article")
        self.composer = self.host.get_by_role("textbox", name="Write a message")
        self.title = self.host.locator("header").get_by_role("button").first
        self.people = self.host.get_by_role("button", name=re.compile(r"\bhere\b"))
        self.banner = self.host.locator(".jc-Bar[role=group]")

    def wait_until_live(self) -> Chat:
        """Returns once there is a conversation to write in."""
        expect(self.composer).to_be_visible(timeout=60_000)  # a kernel starts, too
        return self

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.host.get_by_role("button", name=name, exact=isinstance(name, str))

    def panel(self, role: Any, name: str) -> Locator:
        return self.host.get_by_role(role, name=name, exact=True)

    # Messages

    def message(self, text: str | re.Pattern[str]) -> Locator:
        return self.messages.filter(has_text=text)

    def texts(self) -> list[str]:
        """What the messages in the page say, in order, without marks."""
        texts: list[str] = self.messages.evaluate_all(_TEXTS)
        return texts

    def expect_texts(self, *texts: str, timeout: float = 20_000) -> None:
        """These messages are there: each once, in this order, all of them sent."""
        expect(self.messages).to_have_count(len(texts), timeout=timeout)
        expect(self.messages).to_contain_text(list(texts), timeout=timeout)
        self.wait_until_sent(timeout)
        assert self.texts() == list(texts)

    def send(self, text: str) -> None:
        """Types and presses Enter; returns once the message is in the list."""
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.messages.last).to_contain_text(text)

    def post(self, text: str) -> None:
        """As `send`; returns once it is in the log, before what others post next."""
        self.send(text)
        self.wait_until_sent()

    def wait_until_sent(self, timeout: float = 20_000) -> None:
        """Returns once nothing in the list still waits for the server, and so keeps its place."""
        unsent = self.list.locator("[role=article]:not([data-state=sent])")
        expect(unsent).to_have_count(0, timeout=timeout)

    def click_send(self, text: str) -> None:
        """As `send`, but by mouse: for when a dialog of the application may take the focus."""
        self.composer.fill(text)
        self.button("Send").click()
        expect(self.messages.last).to_contain_text(text)

    def menu(self, message: Locator, item: str) -> None:
        """Chooses `item` of what can be done with a message."""
        message.hover()
        message.get_by_role("button", name="More actions", exact=True).click()
        menu = self.panel("menu", "More actions")
        menu.get_by_role("menuitem", name=re.compile(rf"^{item}\b")).click()

    def delete(self, message: Locator) -> None:
        """Deletes, and confirms."""
        self.menu(message, "Delete")
        message.get_by_role("button", name="Delete", exact=True).click()

    def hear(self) -> None:
        """From now on notes what a screen reader hears of the connection."""
        self.host.evaluate(_HEAR)

    def wait_to_hear(self, text: str, timeout: float = 20_000) -> None:
        """Waits until `text` is or was said since `hear`, however short a time it stood there."""
        said = "(text) => window.heardOfConnection.includes(text)"
        self.page.wait_for_function(said, arg=text, timeout=timeout)

    def reactions(self, message: Locator) -> Locator:
        """The buttons under a message, the last of which adds another."""
        return message.get_by_role("group", name="Reactions").get_by_role("button")

    # The widget

    def width(self) -> float:
        """Of the widget itself, in CSS pixels."""
        box = self.host.bounding_box()
        assert box is not None, "it is on the screen"
        return box["width"]

    def set_width(self, width: int) -> None:
        """Narrows or widens the window until the widget is as wide as that."""
        for _ in range(3):
            view = self.page.viewport_size
            assert view is not None, "every page has one"
            missing = width - round(self.width())
            if missing == 0:
                return
            self.page.set_viewport_size({**view, "width": view["width"] + missing})
            self.page.evaluate(
                "() => new Promise((done) => requestAnimationFrame(() => "
                "requestAnimationFrame(done)))"
            )
        assert round(self.width()) == width
