"""Whether any other process has a database open.

Owns the locks that tell. Must not know why it is asked. SQLite holds a shared lock on the file,
and one on its -shm, while a connection to a database with a write-ahead log is open; whoever
gets both for itself is alone while it keeps them. That on -shm tells if the file was moved.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ..errors import Unavailable

if os.name == "posix":  # elsewhere an open file can't be replaced in the first place
    import fcntl

__all__ = ["alone_with"]

# By the end of a file's name: the first byte and how many. See SHARED_FIRST and SHARED_SIZE in
# SQLite's os.h, and UNIX_SHM_DMS in its os_unix.c.
_LOCKS = {"": (0x40000002, 510), "-shm": (128, 1)}


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Keeps others from opening the database `path` until the end, if anything of it is there.

    This process must not open it meanwhile: closing it would give the lock away.

    Raises:
        Unavailable: another process has it open.
    """
    with ExitStack() as opened:
        if os.name == "posix":
            for suffix, (first, size) in _LOCKS.items():
                with suppress(FileNotFoundError):
                    file = os.open(path.with_name(path.name + suffix), os.O_RDWR)
                    opened.callback(os.close, file)
                    _lock(file, first, size, path)
        yield


def _lock(file: int, first: int, size: int, path: Path) -> None:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, size, first)
    except (BlockingIOError, PermissionError) as error:  # POSIX allows either
        raise Unavailable(f"A server uses {path}. Stop it first.") from error
