"""One SQLite connection and the thread that uses it.

Owns opening at need, one job at a time off the event loop, and what an error of SQLite is
called for people. After an error the next job begins with a new connection, so that a disk
that has room again or a file that is back is enough to go on.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from ..errors import Unavailable

__all__ = ["Worker"]

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class Worker:
    """Runs jobs on a connection of its own."""

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        """`path` is for the operator's log only."""
        self._path = path
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._limiter = CapacityLimiter(1)
        self._has_connected = False
        self._is_closed = False

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    @property
    def has_connected(self) -> bool:
        """Whether there ever was a connection, so that the file is made."""
        return self._has_connected

    async def run(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Runs `job` in a thread, after those before it.

        Raises:
            Unavailable: the database can't be reached or used now, or the worker is closed.
        """
        return await to_thread.run_sync(self._run, job, limiter=self._limiter)

    async def reconnect(self) -> None:
        """Lets go of the connection; the next job makes a new one."""
        await to_thread.run_sync(self._drop, limiter=self._limiter)

    async def close(self) -> None:
        """Closes the connection after the jobs under way. Idempotent."""
        await to_thread.run_sync(self._close, limiter=self._limiter)

    def _run(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        if self._is_closed:
            raise Unavailable("The server is stopping.")
        try:
            if self._connection is None:
                self._connection = self._connect()
                self._has_connected = True
            return job(self._connection)
        except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, _BUGS):
                raise
            logger.error("%s: %s%s", self._path, error, _advice(error))
            self._drop()
            raise Unavailable(_sentence(error)) from error

    def _close(self) -> None:
        self._is_closed = True
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_BUGS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InternalError)

_BUSY = "Another program is using the database of conversations. Try again in a moment."
_FULL = "The server's disk is full. Nothing can be stored until someone makes room."
_IO = "The server's disk can't be written to; it may be full or broken."
_READ_ONLY = "The database of conversations is read-only. Its operator has to make it writable."
_CANT_OPEN = "The server can't open the database of conversations. Its operator has to look."
_DAMAGED = "The database of conversations is damaged. Its operator has to restore a backup."
_OTHER = "The database of conversations failed. The server's log says more."

_SENTENCES = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _IO,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _CANT_OPEN,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


def _advice(error: sqlite3.Error | OSError) -> str:
    """What to do, for operators."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    ):
        return ". See `jupyter collab check`, and go back to a backup: `jupyter collab restore`"
    return ""


def _sentence(error: sqlite3.Error | OSError) -> str:
    """What to tell people: never a path, nor SQLite's own words."""
    if isinstance(error, OSError):
        return _CANT_OPEN
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return _SENTENCES.get(primary, _OTHER)
