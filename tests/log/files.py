"""What a SQLite log leaves on the disk, and other processes that use it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import anyio
import psutil

from jupyter_collab.limits import Limits
from jupyter_collab.log.connection import open_writer
from jupyter_collab.log.prune import Outdated, outdated, prune_step
from jupyter_collab.log.search_index import index_all
from jupyter_collab.log.transaction import writing

__all__ = [
    "LOG_FILES_AT_MOST",
    "commits_in_wal",
    "companions",
    "dump",
    "held_by_another",
    "log_files_of",
    "modes",
    "posting_server",
    "prune",
    "raw",
    "rows",
    "search",
    "until",
]

# The database and its -wal for each of three connections (one writes, one reads, one
# checkpoints), the -shm that they share, and the pin that keeps the file's number.
LOG_FILES_AT_MOST = 2 * 3 + 1 + 1

FOLLOWS_S = 30.0  # for what comes within a second; later on a loaded machine

PROJECTIONS = {
    "conversations": "SELECT * FROM conversations",
    "messages": """
        SELECT conversation, seq, author, at, text, edited_at, redacted, reply_to FROM messages
    """,
    "reactions": "SELECT * FROM reactions",
    "members": "SELECT * FROM members",
}

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""

POST_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from jupyter_collab.limits import Limits
from jupyter_collab.log.sqlite import SqliteLog
from tests.log.talk import Talk

async def main():
    talk = Talk(SqliteLog(Path(sys.argv[1]), Limits()))
    await talk.admit("ada")
    while True:
        print(await talk.post("ada", "x" * 500), flush=True)

asyncio.run(main())
"""


def companions(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]


def log_files_of(process: psutil.Process, path: Path) -> list[str]:
    """The names of the log's files that a process has open, one for each descriptor."""
    ours = {str(file) for file in companions(path.resolve())}
    return sorted(Path(file.path).name for file in process.open_files() if file.path in ours)


def modes(path: Path) -> list[int]:
    """The modes of the file, its write-ahead log and its shared memory."""
    return [stat.S_IMODE(file.stat().st_mode) for file in companions(path)]


def raw(path: Path) -> bytes:
    """Every byte of the file and its write-ahead log."""
    return b"".join(file.read_bytes() for file in companions(path)[:2] if file.exists())


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The tables that are folds of the log, but for the row numbers of messages."""
    return {table: sorted(rows(path, select), key=repr) for table, select in PROJECTIONS.items()}


async def until(condition: Callable[[], bool]) -> None:
    """Waits for what comes in a thread of the log, between two jobs."""
    with anyio.fail_after(FOLLOWS_S):
        while not condition():  # noqa: ASYNC110  # nobody announces it
            await anyio.sleep(0.02)


def search(path: Path, word: str) -> list[int]:
    """The seqs of the messages in which the search index finds a word, once it is brought up."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with writing(connection):
            index_all(connection)
        found = connection.execute(
            """
            SELECT seq FROM messages_fts JOIN messages ON messages.id = messages_fts.rowid
            WHERE messages_fts MATCH :word ORDER BY seq
            """,
            {"word": f'"{word}"'},
        )
        return [seq for (seq,) in found]


def prune(path: Path, before: float, conversation: str | None = None) -> None:
    """As an operator does, beside whoever uses the file."""
    with closing(open_writer(path, Limits())) as connection:
        for it in outdated(connection, before, conversation):
            left: Outdated | None = it
            while left is not None:
                with writing(connection):
                    left = prune_step(connection, left)


def commits_in_wal(path: Path) -> int:
    """How many transactions the write-ahead log holds: sqlite.org/fileformat2.html, section 4.1."""
    wal = companions(path)[1].read_bytes()
    page_bytes, salt = int.from_bytes(wal[8:12], "big"), wal[16:24]
    frames = (wal[at : at + 24] for at in range(32, len(wal), 24 + page_bytes))
    return sum(frame[8:16] == salt and frame[4:8] != b"\0\0\0\0" for frame in frames)


@contextmanager
def held_by_another(path: Path) -> Iterator[Callable[[], None]]:
    """Another process is in the middle of writing, until the function is called, or the end."""
    with _python(HOLD, path) as (other, told):
        assert told.readline() == "held\n"
        assert other.stdin is not None
        yield other.stdin.close


@contextmanager
def posting_server(path: Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A process that posts and tells, line by line, the seqs that it was acknowledged."""
    with _python(POST_FOR_EVER, path) as running:
        yield running


@contextmanager
def _python(script: str, path: Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    arguments = [sys.executable, "-c", script, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout
