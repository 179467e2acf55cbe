"""Whether the files at a path are still those that were opened.

Owns the comparison, and what is done about a database that was deleted or replaced under a
running server: SQLite would go on in a file that no path leads to. Must not know what is
stored. Invariant: no write is answered as stored unless its file was in place afterwards, and
no empty database takes the place of one that was there. A file of no bytes is no database.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from sqlite3 import Connection, OperationalError
from threading import Lock
from typing import NamedTuple, TypeVar

from ..errors import Unavailable

__all__ = ["Place", "Replaced", "write_out"]

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_COMPANIONS = ("-wal", "-shm")
_File = tuple[int, int] | None  # device and inode, or None if there is none


class Replaced(Unavailable):
    """Another database is in place, or SQLite's companions of this one are gone.

    Whether a write was stored is not known. Every connection has to be closed.
    """

    def __init__(self) -> None:
        super().__init__("The database of conversations was replaced. Try again in a moment.")


class Place:
    """What lies at `path`. Used in the threads of all connections to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: _Files | None = None
        self._is_known = False
        self._is_gone = False
        self._pin: int | None = None
        self._lock = Lock()

    def open(self, connect: Callable[[bool], Connection], *, is_other_open: bool) -> Connection:
        """Makes a connection, beside another or not; `connect` is told if it may make the file.

        Raises:
            Replaced: there is another database than before.
            Unavailable: the database that was here is missing.
        """
        if self._is_known:
            self._check_opening(is_other_open=is_other_open)
        before = _files_at(self._path)
        with ExitStack() as undo:
            connection = self._connect(connect, before)
            undo.callback(connection.close)
            with self._lock:
                self._adopt(before, is_other_open=is_other_open)
            undo.pop_all()
        return connection

    def let_go(self, *, is_written_out: bool) -> None:
        """Every connection is closed, and the next may be to another database.

        SQLite leaves the log of a database that was moved, and would take it for that of
        the new one. What is in it is in the old one too if `write_out` said so; else it is kept.
        """
        found, opened = _files_at(self._path), self._opened
        if opened is not None and found.database != opened.database:
            if found.log is not None and found.log == opened.log:
                self._clear_log_away(is_written_out=is_written_out)
            if found.shared is not None and found.shared == opened.shared:
                _beside(self._path, "-shm").unlink(missing_ok=True)
        self._opened = None
        self.close()

    def close(self) -> None:
        """Lets go of the file. Idempotent."""
        with self._lock:
            self._release()

    def read(self, job: Callable[[Connection], _T], connection: Connection) -> _T:
        """Does a job that reads; one that was deleted can be read on.

        Raises:
            Replaced: what would be read is not what lies here.
            Unavailable: the file was emptied where it is.
        """
        found = self._check()
        if self._opened is not None and found.empty == self._opened.database:
            raise self._gone(found)
        return job(connection)

    def write(self, job: Callable[[Connection], _T], connection: Connection) -> _T:
        """Does a job that writes, and looks where it went.

        Raises:
            Replaced: likewise.
            Unavailable: the file is gone.
        """
        self._check_writing()
        done = job(connection)
        self._check_writing()
        return done

    def _connect(self, connect: Callable[[bool], Connection], before: _Files) -> Connection:
        was_there = self._is_known or before.database is not None
        try:
            return connect(not was_there)
        except (OperationalError, OSError) as error:
            found = _files_at(self._path)
            if was_there and found.database is None:
                self._is_known = True
                raise self._gone(found) from error  # it went after it was looked for
            raise

    def _adopt(self, before: _Files, *, is_other_open: bool) -> None:
        """What lies here after connecting is what was opened, if it lay here before as well."""
        found = _files_at(self._path)
        self._is_known |= before.database is not None
        if self._is_known:
            if found.database is None:
                raise self._gone(found)
            known = before if self._opened is None else self._opened
            self._check_same(found, known, with_companions=is_other_open)
        self._hold()
        self._opened, self._is_known = found, True

    def _clear_log_away(self, *, is_written_out: bool) -> None:
        log = _beside(self._path, "-wal")
        if is_written_out:
            log.unlink(missing_ok=True)
            return
        aside = _beside(log, f".replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
        with suppress(FileNotFoundError):
            log.rename(aside)
            logger.error(
                "%s is the write-ahead log of the database that was at %s: what was stored last "
                "may be only there. Put it beside that one, with its name and -wal, to have it",
                aside,
                self._path,
            )

    def _check_opening(self, *, is_other_open: bool) -> None:
        found = _files_at(self._path)
        if found.database is None:
            raise self._gone(found)
        if self._opened is not None:
            self._check_same(found, self._opened, with_companions=is_other_open)

    def _check_writing(self) -> None:
        found = self._check()
        if found.database is None:
            raise self._gone(found)

    def _check(self) -> _Files:
        found = _files_at(self._path)
        assert self._opened is not None, "there is a connection"
        if found.database is not None:
            self._check_same(found, self._opened, with_companions=True)
        return found

    def _check_same(self, found: _Files, opened: _Files, *, with_companions: bool) -> None:
        self._is_gone = False
        if found.database != opened.database or (with_companions and _is_other(found, opened)):
            logger.error("%s was replaced: what is in memory of it is dropped", self._path)
            raise Replaced

    def _hold(self) -> None:
        """Keeps the number of the file from being given to another one, however it is closed.

        A descriptor for the path alone: closing any other would drop SQLite's locks.
        """
        self._release()
        if hasattr(os, "O_PATH"):
            self._pin = os.open(self._path, os.O_PATH | os.O_CLOEXEC)

    def _release(self) -> None:
        if self._pin is not None:
            os.close(self._pin)
            self._pin = None

    def _gone(self, found: _Files) -> Unavailable:
        if not self._is_gone:
            self._is_gone = True
            logger.error(
                "%s is gone%s. Nothing is stored until it is put back, or a backup is put there; "
                "to begin an empty one, restart the server",
                self._path,
                "" if found.empty is None else ": what lies there is an empty file",
            )
        return Unavailable(
            "The database of conversations is gone from its place. Its operator has to put it back."
        )


def write_out(connection: Connection) -> bool:
    """Brings what is in the log of a database that lies elsewhere by now into the database.

    Says whether that is all of it: what is newer than what someone reads has to wait.
    """
    is_busy, pages, done = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return not is_busy and bool(pages == done)


class _Files(NamedTuple):
    database: _File
    log: _File
    shared: _File
    empty: _File  # lies where the database should, and has no bytes


def _files_at(path: Path) -> _Files:
    log, shared = (_file(_beside(path, suffix)) for suffix in _COMPANIONS)
    try:
        found = path.stat()
    except FileNotFoundError:
        return _Files(None, log, shared, None)
    file = found.st_dev, found.st_ino
    return _Files(file, log, shared, None) if found.st_size else _Files(None, log, shared, file)


@lru_cache(maxsize=64)  # it is asked six times for each commit
def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _file(path: Path) -> _File:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _is_other(found: _Files, opened: _Files) -> bool:
    """Whether a companion that was there is another one now, or none."""
    companions = ((found.log, opened.log), (found.shared, opened.shared))
    return any(before is not None and now != before for now, before in companions)
