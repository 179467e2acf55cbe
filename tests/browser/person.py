"""A person: a browser of their own, signed in, with a notebook open.

Owns what was heard of the pages: errors, sockets, requests. Must not know which test it is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, WebSocket

from tests.browser.chat import Chat
from tests.browser.lab import Address, Application, NotebookPage

__all__ = ["Person", "listen"]

CLOSE_S = 10.0
# Host applications complain of themselves now and then; these words are about the widget.
_OURS = re.compile(r"jupyter_collab|anywidget|blob:http|Failed to initialize model|/strict")


class Person:
    """One browser context with one page, and what its pages said.

    Attributes:
        name: the username.
        notebook: the notebook page.
        complaints: errors of our code, in the order in which they came.
        sockets: every WebSocket to our server, closed ones too.
    """

    def __init__(self, name: str, context: BrowserContext, application: Application) -> None:
        self.name = name
        self.context = context
        self.complaints: list[str] = []
        self.sockets: list[WebSocket] = []
        self.page = context.new_page()
        self._allowed: tuple[str, ...] = ()
        listen(self.page, self._complain)
        self.page.on("websocket", self._note_socket)
        # The applications say in a dialog that the server is gone; a person would close it.
        self.page.add_locator_handler(self.page.locator(".jp-Dialog"), _close)
        self.notebook = NotebookPage(self.page, application)

    def open(self, server: Address, notebook: str) -> None:
        self.notebook.open(server, notebook, self.name)
        self.notebook.hide_side_bars()

    def show(self, conversation: str) -> Chat:
        """Runs the first cell, `Chat(conversation)`; returns once it is live."""
        self.run(f"chat = Chat({conversation!r})\nchat")
        return Chat(self.page).wait_until_live()

    def run(self, source: str, index: int = 0) -> None:
        """Runs a cell with `Chat` at hand."""
        self.notebook.run(f"from jupyter_collab import Chat\n{source}", index)

    def allow(self, *words: str) -> None:
        """Errors that begin like this are part of what is tested."""
        self._allowed += words

    def live_sockets(self) -> list[WebSocket]:
        return [socket for socket in self.sockets if not socket.is_closed()]

    def wait_for_live_sockets(self, count: int) -> None:
        """Waits, frame by frame, for so many to be open."""
        deadline = time.monotonic() + CLOSE_S
        while len(self.live_sockets()) != count:
            assert time.monotonic() < deadline, [socket.url for socket in self.live_sockets()]
            self.page.evaluate("() => new Promise(requestAnimationFrame)")

    def _complain(self, text: str) -> None:
        if not text.startswith(self._allowed):
            self.complaints.append(text)

    def _note_socket(self, socket: WebSocket) -> None:
        if "/jupyter_collab/" in socket.url:
            self.sockets.append(socket)


def _close(dialog: Locator) -> None:
    dialog.get_by_role("button").last.click()


def listen(page: Page, complain: Callable[[str], None]) -> None:
    """Calls `complain` for every error on the page that comes of our code."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and _OURS.search(f"{message.text} {message.location['url']}"):
            complain(f"{message.text} ({message.location['url']})")

    def on_error(error: Error) -> None:
        if _OURS.search(f"{error.message} {error.stack}"):
            complain(error.stack or error.message)

    page.on("console", on_console)
    page.on("pageerror", on_error)
