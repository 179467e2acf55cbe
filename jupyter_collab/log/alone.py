"""Whether any other process has a database open.

Owns the lock that tells. Must not know why it is asked. SQLite holds a shared lock on the file
for as long as a connection to a database with a write-ahead log is open; whoever gets that
lock for itself is alone, whatever the file holds, and stays so while it keeps it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import Unavailable

if os.name == "posix":  # elsewhere an open file can't be replaced in the first place
    import fcntl

__all__ = ["alone_with"]

_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510  # sqlite.org/fileformat2.html, section 1.4


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Keeps others from opening the database `path` until the end, if it is there.

    This process must not open it meanwhile: closing it would give the lock away.

    Raises:
        Unavailable: another process has it open.
    """
    if os.name != "posix" or not path.exists():
        yield
        return
    opened = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except (BlockingIOError, PermissionError) as error:  # POSIX allows either
            raise Unavailable(f"A server uses {path}. Stop it first.") from error
        yield
    finally:
        os.close(opened)
