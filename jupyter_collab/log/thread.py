"""A thread that does one thing at a time for an event loop.

Owns the crossing from loop to thread and back: one wake-up each way. Not anyio's pool, which
takes more of them and 0.1 ms longer, as each commit would. Invariant: what is submitted is
done in that order, and each has one result.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from ..edge import contained

__all__ = ["JobThread"]

_T = TypeVar("_T")


class JobThread:
    """Starts at the first submission and lives until `end`."""

    def __init__(self, name: str, upkeep: Callable[[], float | None] | None = None) -> None:
        """`upkeep` is called in the thread when nothing waits there.

        It returns after how many seconds of that it is to be called again; None: not before
        something was done.
        """
        self._name = name
        self._upkeep = upkeep
        self._tasks: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._thread: Thread | None = None

    @property
    def has_started(self) -> bool:
        return self._thread is not None

    def submit(self, act: Callable[[], _T]) -> asyncio.Future[_T]:
        """Does `act` after what was submitted before it; the running loop hears of the result.

        If the future is cancelled before its turn, `act` is not done.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        self._tasks.put(partial(_do, act, future, loop))
        if self._thread is None:
            # A daemon: what a process leaves undone at its end is as if it had been killed.
            self._thread = Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()
        return future

    def end(self) -> None:
        """Ends the thread after what was submitted."""
        self._tasks.put(None)

    def _serve(self) -> None:
        wait_s: float | None = None
        while True:
            with suppress(Empty):
                task = self._tasks.get(timeout=wait_s)
                if task is None:
                    return
                task()
                del task  # so that nothing of it is kept until the next one comes
            if self._upkeep is not None and self._tasks.empty():
                wait_s = None
                with contained(f"the upkeep of {self._name}"):
                    wait_s = self._upkeep()


def _do(act: Callable[[], _T], future: asyncio.Future[_T], loop: asyncio.AbstractEventLoop) -> None:
    if future.cancelled():
        return
    settle: Callable[[], None]
    try:
        settle = partial(_succeed, future, act())
    except BaseException as error:  # noqa: BLE001  # it is raised again where the result is awaited
        settle = partial(_fail, future, error)
    with suppress(RuntimeError):  # the loop is closed: nobody waits
        loop.call_soon_threadsafe(settle)


def _succeed(future: asyncio.Future[_T], result: _T) -> None:
    if not future.done():  # cancelled meanwhile
        future.set_result(result)


def _fail(future: asyncio.Future[_T], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
