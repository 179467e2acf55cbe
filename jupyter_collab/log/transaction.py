"""Transactions of SQLite.

Owns how they begin and end. `IMMEDIATE`, because a transaction that begins with reading and
then writes fails at once with SQLITE_BUSY_SNAPSHOT if another process wrote in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection

__all__ = ["reading", "without_syncing", "without_waiting", "writing"]


@contextmanager
def writing(connection: Connection) -> Iterator[None]:
    """Commits what is done inside, or on any exception none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        connection.rollback()  # does nothing after a commit, or if a full disk has done it


@contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """Reads one state of the database, whatever is committed meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()


@contextmanager
def without_waiting(connection: Connection) -> Iterator[None]:
    """What is in another connection's way fails at once, for work that can be done later."""
    timeout_ms = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout_ms:d}")


@contextmanager
def without_syncing(connection: Connection) -> Iterator[None]:
    """What is committed inside survives a kill, and a power cut only once the next commit did."""
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous = FULL")
