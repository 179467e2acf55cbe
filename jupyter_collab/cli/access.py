"""What of a database this user may read and write.

Owns what is asked of the operating system before SQLite is, whose errors name no file and no
way out. Must not know what is done with the database.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..errors import NotAllowed

__all__ = ["demand_new_file", "demand_reading", "demand_writing"]

_COMPANIONS = ("-wal", "-shm")
_IS_EFFECTIVE = os.access in os.supports_effective_ids
_WAL_AT, _WAL = 18, 2  # sqlite.org/fileformat2.html, section 1.3


def demand_reading(path: Path) -> None:
    """Makes sure that SQLite can read the database `path`.

    Raises:
        NotAllowed: it can't.
    """
    _demand("read", [file for file in _files(path) if not _may(file, os.R_OK)])
    shm = path.with_name(path.name + "-shm")
    if not shm.exists() and not _may(path.parent, os.W_OK) and _has_log(path):
        raise NotAllowed(
            f"To read {path}, SQLite has to make files beside it, and you may not write to "
            f"{path.parent}. {_way_out(path.parent)}"
        )


def demand_writing(path: Path) -> None:
    """Makes sure that the database `path` can be written to, or made.

    Raises:
        NotAllowed: it can't.
    """
    directory = next(it for it in path.parents if it.exists())
    needed = [*_files(path), directory]
    _demand("write to", [file for file in needed if not _may(file, os.R_OK | os.W_OK)])


def demand_new_file(path: Path) -> None:
    """Makes sure that a file can be made in a directory, which is there.

    Raises:
        NotAllowed: it can't.
    """
    _demand("write to", [path.parent] if not _may(path.parent, os.W_OK) else [])


def _files(path: Path) -> Iterable[Path]:
    files = (path, *(path.with_name(path.name + suffix) for suffix in _COMPANIONS))
    return [file for file in files if file.exists()]


def _demand(verb: str, barred: list[Path]) -> None:
    if barred:
        named = " and ".join(map(str, barred))
        raise NotAllowed(f"You may not {verb} {named}. {_way_out(barred[0])}")


def _way_out(path: Path) -> str:
    try:
        owner = f", {path.owner()}"
    except (KeyError, NotImplementedError):  # a number without a name; not a POSIX system
        owner = ""
    return f"Run this as the owner{owner}, or change the permissions."


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=_IS_EFFECTIVE)


def _has_log(path: Path) -> bool:
    """Whether a database has a write-ahead log; a backup has none."""
    with path.open("rb") as file:
        return file.read(_WAL_AT + 1)[_WAL_AT:] == bytes([_WAL])
