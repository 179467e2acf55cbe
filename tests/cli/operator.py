"""`jupyter collab …`, as an operator runs it."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import anyio

from jupyter_collab.cli import main

__all__ = ["COMMAND", "NOBODY", "Said", "collab", "damage", "nobody", "quietly", "run"]

NOBODY = 65534
COMMAND = Path(sys.executable).with_name("jupyter-collab")


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


def collab(*words: str | Path) -> Said:
    """Does what the console script does."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


async def run(*words: str | Path) -> Said:
    """Runs the console script, beside the server of this process, to its end."""
    done = await anyio.run_process([str(COMMAND), *map(str, words)], check=False)
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.err
    return said


@contextmanager
def nobody() -> Iterator[None]:
    """Whom modes of files bind: root is made another user for a while."""
    if os.geteuid() != 0:
        yield
        return
    tempfile.gettempdir()  # found and kept while all may be looked at
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def quietly(_done: int, _all: int) -> None:
    """Progress that nobody looks at."""


def damage(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)
