"""One SQLite connection and the thread that uses it.

Owns opening at need, one job at a time off the event loop, and what an error of SQLite is
called for people. After an error the next job begins with a new connection, so that a disk
that has room again or a file that is back is enough to go on. Operators hear of it once.
"""

from __future__ import annotations

import logging
import sqlite3
from asyncio import Future
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..errors import Unavailable
from .look import ADVICE, DAMAGED, is_damage
from .thread import JobThread

__all__ = ["Worker"]

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class Worker:
    """Runs jobs on a connection of its own.

    Attributes:
        has_met_damage: whether SQLite ever said that what is read is no sound database.
    """

    def __init__(
        self,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        *,
        upkeep: Callable[[], float | None] | None = None,
    ) -> None:
        """`path` is for the operator's log only; for `upkeep` see `JobThread`."""
        self._path = path
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._thread = JobThread(f"jupyter_collab {path.name}", upkeep)
        self._has_connected = False
        self.has_met_damage = False
        self._trouble = ""  # what the operator was told of last, and is not over
        self._is_closed = False  # on the loop: nothing is let in
        self._has_ended = False  # in the thread, later: what was let in is done

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    @property
    def has_connected(self) -> bool:
        """Whether there ever was a connection, so that the file is made."""
        return self._has_connected

    async def run(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Runs `job` in the thread, after those before it; if cancelled by then, not at all.

        Raises:
            Unavailable: the database can't be reached or used now, or the worker is closed.
        """
        return await self.submit(job)

    def submit(self, job: Callable[[sqlite3.Connection], _T]) -> Future[_T]:
        """Starts what `run` waits for."""
        if self._is_closed:
            raise Unavailable(_STOPPING)
        return self._thread.submit(lambda: self.do(job))

    def stir(self) -> None:
        """Has `upkeep` called soon."""
        if not self._is_closed:
            self._thread.submit(lambda: None)

    async def reconnect(self) -> None:
        """Lets go of the connection; the next job makes a new one."""
        if self._connection is not None and not self._is_closed:
            await self._thread.submit(self._drop)

    async def close(self) -> None:
        """Closes the connection after the jobs under way. Idempotent."""
        if not self._is_closed:
            self._is_closed = True
            if self._thread.has_started:
                await self._thread.submit(self._end)
                self._thread.end()

    def do(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Does `job` at once. In the thread only: for `upkeep`.

        Raises:
            Unavailable: the database can't be reached or used now.
        """
        if self._has_ended:
            raise Unavailable(_STOPPING)
        try:
            result = job(self._connected())
        except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, _BUGS):
                raise
            self.has_met_damage |= is_damage(error)
            self._report(f"{error}. {ADVICE}" if is_damage(error) else str(error))
            self._drop()
            raise Unavailable(_sentence(error)) from error
        if self._trouble:
            self._trouble = ""
            logger.warning("%s: can be used again", self._path)
        return result

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = self._connect()
            except Unavailable as why:
                self._report("; ".join([why.message, *getattr(why, "__notes__", ())]))
                raise
            self._has_connected = True
        return self._connection

    def _report(self, trouble: str) -> None:
        """Tells the operator, however many ask meanwhile, once [LG13]."""
        if trouble != self._trouble:
            self._trouble = trouble
            logger.error("%s: %s", self._path, trouble)

    def _end(self) -> None:
        self._has_ended = True
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_BUGS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InternalError)

_STOPPING = "The server is stopping."
_BUSY = "Another program is using the database of conversations."
_FULL = "The server's disk is full. Nothing can be stored until someone makes room."
_IO = "The server's disk can't be written to; it may be full or broken."
_READ_ONLY = "The database of conversations is read-only. Its operator has to make it writable."
_CANT_OPEN = "The server can't open the database of conversations. Its operator has to look."
_OTHER = "The database of conversations failed. The server's log says more."

_SENTENCES = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _IO,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _CANT_OPEN,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}


def _sentence(error: sqlite3.Error | OSError) -> str:
    """What to tell people: never a path, nor SQLite's own words."""
    if isinstance(error, OSError):
        return _CANT_OPEN
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return _SENTENCES.get(primary, _OTHER)
