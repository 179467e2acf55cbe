"""Looking whether others write to the database: another server, say.

Owns when it is looked. It is done on the writer's connection, to which only the commits of
others are news, between its jobs. Invariant: whoever listens hears of every commit that is
there when they begin, or comes later, if only at the next connection after a failure.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from sqlite3 import Connection

from ..errors import Unavailable
from .worker import Worker

__all__ = ["Watch"]


class Watch:
    """Tells one listener; `look` is the upkeep of `writer`."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._told: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._version: int | None = None
        self._next = 0.0

    def begin(self, told: Callable[[], None]) -> None:
        """From now on calls `told` on the running loop when there may be news."""
        self._told, self._loop = told, asyncio.get_running_loop()
        self._version = None

    def end(self) -> None:
        """Calls nothing any more. Idempotent."""
        self._told = None

    def forget(self) -> None:
        """The connection is a new one, so what it says can't be compared."""
        self._version = None

    def look(self, writer: Worker) -> float | None:
        """Looks, in the writer's thread; returns when to look again, None if nobody listens."""
        if self._told is None:
            return None
        left_s = self._next - time.monotonic()
        if left_s > 0:
            return left_s
        self._next = time.monotonic() + self._period_s
        if writer.is_connected:  # else its next job is someone's who wants to know
            with suppress(Unavailable):
                self._compare(writer.do(_version_of))
        return self._period_s

    def _compare(self, version: int) -> None:
        if version != self._version:
            self._version = version
            if self._told is not None and self._loop is not None:
                with suppress(RuntimeError):  # the loop is closed: nobody listens
                    self._loop.call_soon_threadsafe(self._told)


def _version_of(connection: Connection) -> int:
    """A number that changes whenever another connection commits."""
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version
