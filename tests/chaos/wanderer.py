"""A client that comes back: it asks again until it is answered, and records what it saw.

Owns one person's connections, one after another, with the state that outlives them. Must not
know what weather there is. Invariant: commands are sent in order, and again in that order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from http.cookies import SimpleCookie

import anyio

from jupyter_collab.client import Connection, Disconnected, connect
from jupyter_collab.errors import Refused, Unavailable
from jupyter_collab.protocol.commands import ClientCommand
from jupyter_collab.state import ConversationState
from tests.chaos.history import Asked, History, View
from tests.identities import token_of

__all__ = ["Wanderer"]

PAUSE_S = 0.02


@dataclass(slots=True)
class Wanderer:
    """`Bo` of a conversation; `run` lives until it is cancelled.

    Attributes:
        connection: the one that is live, if one is.
        greeted: how often there was one.
        patience_s: it tries again after as long without a greeting, or an answer.
    """

    name: str
    url: str
    conversation: str
    history: History = field(default_factory=History)
    state: ConversationState | None = None
    epoch: str | None = None
    connection: Connection | None = None
    greeted: int = 0
    patience_s: float = 60.0
    goodbyes: list[Disconnected] = field(default_factory=list)
    _cookies: SimpleCookie = field(default_factory=SimpleCookie)
    _asked: list[Asked] = field(default_factory=list)  # and not answered
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _visit: anyio.CancelScope | None = None

    @property
    def id(self) -> str:
        return f"user:{self.name}"

    async def run(self) -> None:
        """Connects, and again whenever the connection ends."""
        while True:
            with anyio.CancelScope(deadline=anyio.current_time() + self.patience_s) as self._visit:
                try:
                    await self._stay(self._visit)
                except Disconnected as closed:
                    self.goodbyes.append(closed)
                    if closed.is_final:
                        raise
                except Unavailable:
                    pass  # not reached, or not greeted
            self.connection = None
            self._notify()
            await anyio.sleep(PAUSE_S)

    async def do(self, *commands: ClientCommand) -> list[Asked]:
        """Has commands done, in their order; returns when all are answered."""
        asked = [self.history.invoke(self.id, command) for command in commands]
        self._asked += asked
        self._notify()
        await self.until(lambda: all(one.answered is not None for one in asked))
        return asked

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until something is so; has no time-out of its own."""
        while not condition():
            await self._changed.wait()

    async def is_greeted(self, times: int) -> None:
        """Waits until it has been let in so often."""
        await self.until(lambda: self.greeted >= times)

    def has(self, head: int) -> bool:
        """Says whether it is connected and has everything up to an entry."""
        return self.connection is not None and self.connection.state.head >= head

    def break_off(self) -> None:
        """Leaves, cleanly, and comes back."""
        if self._visit is not None:
            self._visit.cancel()

    async def _stay(self, visit: anyio.CancelScope) -> None:
        view = View(self.id, None if self.state is None else self.state.head)
        async with connect(
            self.url,
            self.conversation,
            token=token_of(self.name),
            cookies=self._cookies,
            state=self.state,
            epoch=self.epoch,
        ) as connection:
            visit.deadline = math.inf
            self.state, self.epoch = connection.state, connection.epoch
            self.history.views.append(view)
            self.connection, self.greeted = connection, self.greeted + 1
            self._notify()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._ask, connection)
                async for frame in connection:
                    view.take(frame)
                    self._notify()
                tasks.cancel_scope.cancel()
            if connection.closed is not None:
                raise connection.closed

    async def _ask(self, connection: Connection) -> None:
        """Sends what is not answered, all that waits at once, until the connection ends."""
        while connection.closed is None:
            await self.until(lambda: bool(self._asked) or connection.closed is not None)
            waiting: Sequence[Asked] = list(self._asked)
            async with anyio.create_task_group() as tasks:
                for asked in waiting:
                    tasks.start_soon(partial(self._ask_once, connection, asked))

    async def _ask_once(self, connection: Connection, asked: Asked) -> None:
        asked.tries += 1
        try:
            with anyio.fail_after(self.patience_s):
                self.history.answer(asked, await connection.command(asked.command))
        except Refused as refused:
            self.history.answer(asked, refused.code)
        except (Unavailable, TimeoutError):
            return  # of no effect, or unknown: it is asked again
        self._asked.remove(asked)
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
