"""A whole copy of a database that others use meanwhile.

Owns the copying. Must not know what is stored. The copy is of one moment: it is read in one
transaction, which keeps nobody from writing. Invariant: a copy is its owner's alone, and
there whole or not at all.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

__all__ = ["PAGES_PER_STEP", "Progress", "copy_database"]

Progress = Callable[[int, int], None]  # pages done, pages in all

PAGES_PER_STEP = 2048  # 8 MiB


def copy_database(
    source: Path, target: Path, progress: Progress = lambda _done, _all: None
) -> None:
    """Copies the database `source` into the new file `target`, which has no companions.

    Raises:
        FileExistsError: `target` is there already.
        sqlite3.Error: `source` can't be read, or `target` written.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(_connect(source, "ro")) as reading,
            closing(_connect(target, "rw")) as writing,
        ):
            reading.execute("BEGIN")  # without it, every commit would begin the copy anew
            reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            reading.backup(
                writing,
                pages=PAGES_PER_STEP,
                progress=lambda _, left, pages: progress(pages - left, pages),
                sleep=0,
            )
            writing.execute("PRAGMA journal_mode = DELETE")
    except BaseException:
        target.unlink()
        raise


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
    )
