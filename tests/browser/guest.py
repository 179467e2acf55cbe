"""People without a browser: Python clients beside the pages.

Owns the clients' connections. Must not know the pages. Invariant: every call returns once the
server has answered it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import anyio
from anyio.from_thread import BlockingPortal

from jupyter_collab.client import Connection, connect
from tests.browser.server import Server
from tests.identities import token_of

__all__ = ["Guest", "Guests"]


class Guest:
    """One connection to a conversation, called from synchronous code."""

    def __init__(self, portal: BlockingPortal, connection: Connection) -> None:
        self._portal = portal
        self._connection = connection

    def post(self, text: str, reply_to: int | None = None) -> int:
        """Posts a message; gives its seq."""
        return self._portal.call(self._connection.post, text, reply_to).seq

    def edit(self, target: int, text: str) -> None:
        self._portal.call(self._connection.edit, target, text)

    def redact(self, target: int) -> None:
        self._portal.call(self._connection.redact, target)

    def react(self, target: int, emoji: str) -> None:
        self._portal.call(self._connection.react, target, emoji)

    def rename(self, title: str) -> None:
        self._portal.call(self._connection.rename, title)

    def type(self) -> None:
        self._portal.call(self._connection.typing)

    def post_all(self, texts: Sequence[str]) -> None:
        """Posts in order, without waiting for each answer."""
        self._portal.call(_post_all, self._connection, texts)

    def edit_all(self, texts: dict[int, str]) -> None:
        """Edits the messages that are the keys, without waiting for each answer."""
        self._portal.call(_edit_all, self._connection, texts)

    def seqs(self) -> list[int]:
        """Of the messages that are known here."""
        return sorted(self._connection.state.messages)


class Guests:
    """Lets guests into the conversations of a server."""

    def __init__(self, server: Server, portal: BlockingPortal) -> None:
        self._server = server
        self._portal = portal

    @contextmanager
    def join(self, conversation: str, user: str) -> Iterator[Guest]:
        """Is there until the block ends."""
        joining = connect(self._server.url, conversation, token=token_of(user))
        with self._portal.wrap_async_context_manager(joining) as connection:
            yield Guest(self._portal, connection)

    def fill(self, conversation: str, user: str, texts: Sequence[str]) -> None:
        """Posts many messages and goes."""
        with self.join(conversation, user) as guest:
            guest.post_all(texts)


async def _post_all(connection: Connection, texts: Sequence[str]) -> None:
    async with anyio.create_task_group() as group:
        for text in texts:
            group.start_soon(connection.post, text)


async def _edit_all(connection: Connection, texts: dict[int, str]) -> None:
    async with anyio.create_task_group() as group:
        for target, text in texts.items():
            group.start_soon(connection.edit, target, text)
