"""Damage: what SQLite says of it, what people and operators are told, and a first look for it.

Owns how long the look may take. Must not know what is stored. A look that is not done in time
finds nothing; `check.py` looks at everything.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

from ..errors import Unavailable

__all__ = ["ADVICE", "DAMAGED", "is_damage", "look_over", "was_left_open"]

logger = logging.getLogger(__name__)

LOOK_S = 1.0  # some 500,000 messages on a quick disk; a restart may take 3 s in all
STEPS = 10_000  # of SQLite's, between two looks at the clock

DAMAGED = "The database of conversations is damaged. Its operator has to restore a backup."
ADVICE = "See `jupyter collab check`, and go back to a backup: `jupyter collab restore`"


def is_damage(error: Exception) -> bool:
    """Whether SQLite says that what it read is no sound database."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def was_left_open(path: Path) -> bool:
    """Whether a write-ahead log is there: someone else has it open, or it was never closed."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def look_over(connection: sqlite3.Connection, path: Path, budget_s: float = LOOK_S) -> None:
    """Looks whether the pages hang together, as far as it gets.

    Raises:
        Unavailable: they do not; nothing must be written. Its note is for the operator.
    """
    deadline = time.monotonic() + budget_s
    connection.set_progress_handler(lambda: time.monotonic() >= deadline, STEPS)
    try:
        ((found,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        logger.info("%s is too large to be looked over at the start; see `check`", path)
        return
    finally:
        connection.set_progress_handler(None, 0)
    if found != "ok":
        damaged = Unavailable(DAMAGED)
        damaged.add_note(f"{path}: {found}. Nothing is written to it. {ADVICE}")
        raise damaged
