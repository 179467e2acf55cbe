"""Many rows in one statement.

Owns how many rows a statement takes. Must not know what they mean. Whoever runs a statement
gives Python's lock away and must get it back from a busy event loop: for rows one by one that
takes longer than storing them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from sqlite3 import Connection
from typing import Any

__all__ = ["insert", "matching"]

Row = Sequence[Any]

SIZES = (64, 8, 1)  # few, so that SQLite has each statement compiled


def insert(connection: Connection, into: str, rows: Sequence[Row]) -> None:
    """Inserts rows, in order; `into` is a table with its columns."""
    for part, values in _parts(rows):
        connection.execute(f"INSERT INTO {into} VALUES {values}", part)  # noqa: S608  # our own names


def matching(connection: Connection, select: str, asked: Sequence[Row]) -> Iterator[Any]:
    """What `select` gives, which reads from a table `asked` of columns `column1`, `column2`, …."""
    for part, values in _parts(asked):
        yield from connection.execute(f"WITH asked AS (VALUES {values}) {select}", part)


def _parts(rows: Sequence[Row]) -> Iterator[tuple[list[Any], str]]:
    """As few parts as there are: their values, and the question marks for them."""
    start = 0
    for size in SIZES:
        while len(rows) - start >= size:
            part = rows[start : start + size]
            marks = f"({','.join('?' * len(part[0]))})"
            yield list(chain.from_iterable(part)), ",".join([marks] * size)
            start += size
