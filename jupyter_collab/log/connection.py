"""Connections to the SQLite file.

Owns its modes, pragmas and schema version. Must not know what is stored. Invariant: the file
and its companions are their owner's alone before anything is written to them.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack
from errno import ENOENT
from pathlib import Path
from sqlite3 import Connection

from sqlite_utils import Database

from ..errors import Unavailable
from ..limits import Limits
from .kind import NEWER, is_empty, known_and_applied
from .look import look_over, was_left_open
from .migrations import migrations
from .transaction import writing

__all__ = [
    "WAL_PAGES_AT_MOST",
    "WAL_PAGES_KEPT",
    "make_private",
    "open_private",
    "open_reader",
    "open_writer",
    "sync_names",
    "upgrade",
]

# The write-ahead log, in pages of 4 KiB. It is emptied beside the writer (`checkpoint.py`);
# only when that falls behind does a commit do it, which then takes some 10 ms longer.
WAL_PAGES_AT_MOST = 8192
WAL_PAGES_KEPT = 4096  # allocated for good: to write over a file is quicker than to extend it


def open_writer(
    path: Path, limits: Limits, *, may_make: bool = True, is_trusted: bool = False
) -> Connection:
    """Opens the one connection that writes; upgrades the file first if need be.

    Args:
        may_make: Whether a database is made where none is, or a file of no bytes.
        is_trusted: Whether it was looked over before, and nothing has spoken against it since.
    """
    if may_make:
        _make_file(path)
    _make_file_private(path)
    is_to_look = not is_trusted and was_left_open(path)
    connection = _connect(path, limits) if may_make else _connect_to_made(path, limits)
    with ExitStack() as undo:
        undo.callback(connection.close)
        # FULL: an ack means that it survives a power cut; NORMAL lost what was acknowledged.
        for pragma in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA secure_delete = ON",
            "PRAGMA foreign_keys = ON",
            f"PRAGMA wal_autocheckpoint = {WAL_PAGES_AT_MOST}",
            f"PRAGMA journal_size_limit = {WAL_PAGES_KEPT * 4096}",
        ):
            connection.execute(pragma)
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            raise Unavailable("The file system of the database has no shared memory for SQLite.")
        if is_to_look:
            look_over(connection, path)
        upgrade(connection)
        undo.pop_all()
    return connection


def open_reader(path: Path, limits: Limits) -> Connection:
    """Opens a connection that can't change anything; the file must be there and up to date."""
    connection = _connect_to_made(path, limits)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA synchronous = 2")  # FULL: it may checkpoint
    return connection


def open_private(path: Path, limits: Limits) -> Connection:
    """Opens a database that nobody else uses, as it is."""
    return _connect(path, limits)


def _connect_to_made(path: Path, limits: Limits) -> Connection:
    """Connects to what is no empty file: SQLite, which opens it here, has not used it yet."""
    connection = _connect(path, limits)
    if is_empty(path):
        connection.close()
        raise FileNotFoundError(ENOENT, "an empty file is no database", str(path))
    return connection


def _connect(path: Path, limits: Limits) -> Connection:
    # Any thread may use it, one at a time; transactions are begun by hand.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=limits.busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )


def upgrade(connection: Connection) -> None:
    """Brings the tables up to date.

    Raises:
        Unavailable: they are those of a newer version.
    """
    database = Database(connection, execute_plugins=False)
    known, applied = map(set, known_and_applied(connection))
    if applied - known:
        raise Unavailable(NEWER)
    if applied != known and connection.in_transaction:
        migrations.apply(database)
    elif applied != known:
        with writing(connection):  # one process at a time
            migrations.apply(database)


def _make_file(path: Path) -> None:
    """Makes the directories and the file, its owner's alone whatever the umask."""
    make_private(path.parent)
    if not path.exists():
        path.touch(mode=0o600)
        path.chmod(0o600)
        sync_names(path.parent)


def _make_file_private(path: Path) -> None:
    """Takes the file from others.

    SQLite gives -wal and -shm the mode that the file has when they are made; it may have
    changed since.
    """
    mode = path.stat().st_mode & 0o700
    for suffix in ("", "-wal", "-shm"):
        file = path.with_name(path.name + suffix)
        if file.exists() and file.stat().st_mode & 0o777 != mode:
            file.chmod(mode)


def make_private(directory: Path) -> None:
    """Makes a directory, and those above it, its owner's alone; one that is there is left."""
    for made in reversed([directory, *directory.parents]):
        if not made.exists():
            made.mkdir(exist_ok=True)
            made.chmod(0o700)
            sync_names(made.parent)


def sync_names(directory: Path) -> None:
    """Makes durable which files a directory has: SQLite does so for its own, not for ours."""
    if os.name == "posix":  # elsewhere a directory can't be opened, and names are durable
        opened = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
