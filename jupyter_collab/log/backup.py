"""Backups of a database, made while servers use it, and their way back.

Owns the order of steps. Must not know the terminal. Invariant: whatever fails, and wherever
the power goes, a backup is there whole or not at all, and the database is the one before or
the one restored; the one before is kept.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from datetime import datetime
from errno import EEXIST
from glob import escape
from itertools import chain, count
from pathlib import Path
from secrets import token_hex
from sqlite3 import Connection

from ..errors import Unavailable
from ..limits import Limits
from .alone import alone_with
from .check import Problem, find_problems
from .connection import make_private, open_private, sync_names, upgrade
from .copy import Progress, copy_database
from .kind import EMPTY, is_empty
from .look import is_damage
from .scratch import scratch_in
from .transaction import writing

__all__ = ["back_up", "examine", "restore"]

COMPANIONS = ("-wal", "-journal")  # what belongs to a database file; -shm can be made again
_COPY = "copy.db"


def back_up(source: Path, target: Path, progress: Progress) -> list[Problem]:
    """Copies the database `source` to the new file `target`, and looks at the copy.

    The words of deleted messages are not in it, even if they still are in `source`. Returns
    the problems of the copy; with any, there is no `target`.
    """
    with scratch_in(target.parent) as scratch:
        copy = scratch / _COPY
        if problems := _copy(source, copy, progress):
            return problems
        with closing(open_private(copy, Limits())) as connection:
            _forget_deleted_words(connection)
        _sync(copy)
        _give_new_name(copy, target)
    sync_names(target.parent)
    return []


def _copy(source: Path, target: Path, progress: Progress) -> list[Problem]:
    """Copies a database, and says what is wrong with it; with damage, there may be no copy."""
    if is_empty(source):
        return [Problem("foreign", EMPTY)]
    try:
        copy_database(source, target, progress)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [Problem("damaged", f"SQLite can't read it: {error}.")]
    return find_problems(target)


def _give_new_name(file: Path, name: Path) -> None:
    """Renames a file; what has that name by now stays, where the file system can tell."""
    try:
        os.link(file, name)
    except FileExistsError:
        raise
    except OSError:  # no second names, as on a memory stick
        if name.exists():
            raise FileExistsError(EEXIST, "exists", str(name)) from None
        file.rename(name)


def examine(path: Path, progress: Progress) -> list[Problem]:
    """Looks at everything in a database that others may use, by way of a copy."""
    with scratch_in(Path(tempfile.gettempdir())) as scratch:
        return _copy(path, scratch / _COPY, progress)


def restore(backup: Path, path: Path, now: datetime, progress: Progress) -> Path | None:
    """Puts a backup in the place of the database `path`, and keeps what was there.

    Every conversation gets a new epoch: pages start anew instead of mixing two histories.
    Returns where the replaced database is now, None if there was none.

    Raises:
        Unavailable: a server uses the database, or the backup is not whole.
    """
    make_private(path.parent)
    with scratch_in(path.parent) as scratch:
        ready = scratch / _COPY
        if problems := _copy(backup, ready, progress):
            what = "no backup" if problems[0].code == "foreign" else "not whole"
            raise Unavailable(f"{backup} is {what}, so nothing was changed. {problems[0].text}")
        with closing(open_private(ready, Limits())) as connection, writing(connection):
            upgrade(connection)
            _renew_epochs(connection)
            _shorten_read_marks(connection)
        _give_to_owner_of(path if path.exists() else path.parent, ready)
        _sync(ready)
        _bring_in_log(path)
        with alone_with(path):
            replaced = _set_aside(path, now)
            ready.replace(path)
    sync_names(path.parent)
    return replaced


def _bring_in_log(path: Path) -> None:
    """Whoever closes a database last brings what waits in its log into it: be that us.

    Else it would be without it, from setting the log aside to replacing the database.
    """
    if not path.exists() or is_empty(path):
        return  # the log is of a database that is elsewhere
    with suppress(sqlite3.DatabaseError), closing(open_private(path, Limits())) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def _set_aside(path: Path, now: datetime) -> Path | None:
    """Gives the database a second name, and takes away what SQLite would add to another one.

    A log that is still there is of a database that can't be read, or that is elsewhere.
    """
    aside = _free_name(path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}"))
    is_there = path.exists()
    if is_there:
        os.link(path, aside)
        for twin in _twins(path, aside):
            twin.unlink()
    for companion, kept in zip(_companions(path), _companions(aside), strict=True):
        if companion.exists():
            companion.rename(kept)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    sync_names(path.parent)
    return aside if is_there else None


def _twins(path: Path, aside: Path) -> list[Path]:
    """Other names of the database, which restores that were killed at this step had given it.

    One with a log keeps it.
    """
    named = path.parent.glob(f"{escape(path.name)}.replaced-*Z*")
    same = [it for it in named if it != aside and it.samefile(path)]
    return [it for it in same if not any(map(Path.exists, _companions(it)))]


def _companions(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in COMPANIONS]


def _free_name(name: Path) -> Path:
    """The name, with a number if it was taken within this second."""

    def is_free(one: Path) -> bool:
        return not any(map(Path.exists, (one, *_companions(one))))

    numbered = (name.with_name(f"{name.name}-{number}") for number in count(2))
    return next(filter(is_free, chain([name], numbered)))


def _give_to_owner_of(known: Path, file: Path) -> None:
    """Who restores may be root, and the server somebody else."""
    owner = known.stat()
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(file, owner.st_uid, owner.st_gid)


def _renew_epochs(connection: Connection) -> None:
    for (conversation,) in connection.execute("SELECT id FROM conversations").fetchall():
        connection.execute(
            "UPDATE conversations SET epoch = :epoch WHERE id = :conversation",
            {"conversation": conversation, "epoch": token_hex(6)},
        )


def _shorten_read_marks(connection: Connection) -> None:
    """One past the head, of a longer log that this one came in place of, would hide new posts."""
    connection.execute(
        """
        UPDATE read_marks SET seq = head
        FROM conversations WHERE id = conversation AND read_marks.seq > head
        """
    )


def _forget_deleted_words(connection: Connection) -> None:
    """Merges the whole search index where deleted words may still be in old parts of it."""
    connection.execute("PRAGMA secure_delete = ON")
    if connection.execute("SELECT count(*) FROM erasures").fetchone() != (0,):
        with writing(connection):
            connection.execute("INSERT INTO messages_fts (messages_fts) VALUES ('optimize')")
            connection.execute("DELETE FROM erasures")


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
