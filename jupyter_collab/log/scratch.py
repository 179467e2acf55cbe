"""Directories for unfinished copies, which go with the process that made them.

Owns their names, and the lock by which others know that their maker lives. Must not know what
is in them: files only. Invariant: nothing of a living process is taken away; what a dead one
left is whoever's who comes next.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if os.name == "posix":  # elsewhere what was left stays
    import fcntl

__all__ = ["scratch_in", "sweep"]

PREFIX = ".jupyter_collab-"
_LOCK = "lock"  # a file of its own: closing another would drop SQLite's locks


@contextmanager
def scratch_in(directory: Path) -> Iterator[Path]:
    """Makes a directory in one that is there, its owner's alone; it is gone in the end."""
    while (lock := _locked(made := Path(tempfile.mkdtemp(prefix=PREFIX, dir=directory)))) is None:
        pass
    try:
        yield made
    finally:
        _remove(made, lock)


def sweep(directory: Path) -> int | None:
    """Removes what dead processes of this user left; returns its bytes, None if there is nothing.

    What can't be removed stays: it is in nobody's way.
    """
    removed: list[int] = []
    for found in sorted(directory.glob(f"{PREFIX}*")):
        with suppress(OSError):
            if _is_own(found) and (size := _take_away(found)) is not None:
                removed.append(size)
    return sum(removed) if removed else None


def _locked(made: Path) -> int | None:
    """Locks a new directory; None if somebody took it for a dead one's before."""
    try:
        lock = os.open(made / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        return None
    with suppress(BlockingIOError):
        _lock(lock)
        if (made / _LOCK).exists():
            return lock
    os.close(lock)
    return None


def _take_away(found: Path) -> int | None:
    """Removes one whose maker is dead, and returns its bytes."""
    try:
        lock = os.open(found / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        found.rmdir()  # if it is empty: made just now, if its maker lives, who makes another
        return None
    try:
        is_dead = _lock(lock)
    except BlockingIOError:
        is_dead = False
    if is_dead:
        return _remove(found, lock)
    os.close(lock)
    return None


def _remove(made: Path, lock: int) -> int:
    """Removes a directory whose lock is ours; that goes last, or nobody could tell any more.

    Returns the bytes that nobody has by another name.
    """
    freed = 0
    try:
        for file in made.iterdir():
            if file.name != _LOCK:
                status = file.lstat()
                freed += status.st_size if status.st_nlink == 1 else 0
                file.unlink()
        (made / _LOCK).unlink()
    finally:
        os.close(lock)  # on NFS, what is open is in the directory until then
    with suppress(FileNotFoundError):  # empty, it is anyone's
        made.rmdir()
    return freed


def _lock(file: int) -> bool:
    """Whether the lock is ours, until the file is closed or we die; False if there are none here.

    Raises:
        BlockingIOError: it is another's.
    """
    if os.name != "posix":
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def _is_own(found: Path) -> bool:
    """Whether this user made it: in another's directory a name may lead anywhere."""
    status = found.lstat()
    return stat.S_ISDIR(status.st_mode) and (os.name != "posix" or status.st_uid == os.geteuid())
