"""Where the figures were made: what a reader must know to judge them."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct

__all__ = ["Machine", "inspect_machine"]

SYNCS = 50


class Machine(Struct, frozen=True, kw_only=True):
    """The machine and the versions of a run.

    Attributes:
        sync_ms: median time of one append and fsync in the directory of the databases.
    """

    made_at: str
    system: str
    cores: int
    sync_ms: float
    python: str
    sqlite: str
    tornado: str
    jupyter_server: str


def inspect_machine(directory: Path) -> Machine:
    """Looks at the machine; takes some disk time in `directory`."""
    return Machine(
        made_at=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        system=platform.platform(terse=True),
        cores=os.cpu_count() or 1,
        sync_ms=_sync_ms(directory),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        tornado=version("tornado"),
        jupyter_server=version("jupyter_server"),
    )


def _sync_ms(directory: Path) -> float:
    times_s = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(SYNCS):
            started = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times_s.append(time.perf_counter() - started)
    return statistics.median(times_s) * 1000
