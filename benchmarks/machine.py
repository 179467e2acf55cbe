"""Where the figures were made: what a reader must know to judge them."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct

from .peer import peer_versions

__all__ = ["Machine", "allow_many_files", "inspect_machine"]

SYNCS = 50
MANY_FILES = 16_384


class Machine(Struct, frozen=True, kw_only=True):
    """The machine and the versions of a run.

    Attributes:
        made_at: when it began; no two runs have the same.
        sync_ms: median time of one append and fsync in the directory of the databases.
    """

    made_at: str
    system: str
    cores: int
    sync_ms: float
    versions: dict[str, str]


def inspect_machine(directory: Path) -> Machine:
    """Looks at the machine; takes some disk time in `directory`."""
    return Machine(
        made_at=time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
        system=platform.platform(terse=True),
        cores=os.cpu_count() or 1,
        sync_ms=_sync_ms(directory),
        versions={
            "Python": platform.python_version(),
            "SQLite": sqlite3.sqlite_version,
            **{name: version(name) for name in ("tornado", "jupyter_server")},
            **peer_versions(),
        },
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


def allow_many_files() -> None:
    """Lets this process and those it starts hold as many connections as the system allows."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
