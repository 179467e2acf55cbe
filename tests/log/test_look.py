"""A database that was not closed is looked over before it is written to."""

from __future__ import annotations

import filecmp
import logging
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.log import connection as connections
from jupyter_collab.log.look import look_over, was_left_open
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.log.worker import Worker
from tests.log.conftest import OpenTalk
from tests.log.files import companions, posting_server

pytestmark = pytest.mark.anyio


def left_by_a_killed_server(path: Path) -> None:
    with posting_server(path) as (server, told):
        for _ in range(30):
            told.readline()
        server.kill()


def damage(path: Path) -> Path:
    """Writes over a page that no post needs."""
    wal = companions(path)[1]
    header = wal.read_bytes()[:32]
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(PASSIVE)")
        ((page,),) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'presence'"
        ).fetchall()
        whole = bytearray(path.read_bytes())
        whole[(page - 1) * 4096 : page * 4096] = b"\xaa" * 4096
    path.write_bytes(whole)
    wal.write_bytes(header)  # nothing in it makes the page good again
    return Path(shutil.copy(path, path.with_name("before")))


async def test_a_damaged_database_is_not_written_to(
    path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture
) -> None:
    """[LC12] Its people are told that it can't be used, its operator what to do."""
    left_by_a_killed_server(path)
    before = damage(path)
    with pytest.raises(Unavailable, match="damaged"):
        await open_talk().post("ada", "hi")
    assert "jupyter collab restore" in caplog.text
    assert filecmp.cmp(path, before, shallow=False)


@pytest.mark.parametrize("meets", ["_writer", "_reader"])
async def test_it_is_looked_over_once_unless_something_speaks_against_it(
    open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch, meets: str
) -> None:
    """[LC12] A connection that is lost, to a full disk say, is back without a look at it all."""
    looks = 0

    def count(connection: sqlite3.Connection, path: Path) -> None:
        nonlocal looks
        looks += 1
        look_over(connection, path)

    def break_(connection: sqlite3.Connection, code: int) -> None:
        error = sqlite3.DatabaseError("broken on purpose")
        error.sqlite_errorcode = code
        raise error

    async def lose(worker: Worker, code: int) -> None:
        with pytest.raises(Unavailable):
            await worker.run(partial(break_, code=code))
        await talk.post("ada", "hi")

    monkeypatch.setattr(connections, "look_over", count)
    first, talk = open_talk(), open_talk()
    await first.admit("ada")  # and has it open all the time
    await talk.post("ada", "hi")
    assert looks == 1
    assert isinstance(talk.log, SqliteLog)
    await lose(talk.log._writer, sqlite3.SQLITE_FULL)
    assert looks == 1
    await lose(getattr(talk.log, meets), sqlite3.SQLITE_CORRUPT)
    await lose(talk.log._writer, sqlite3.SQLITE_FULL)
    assert looks > 1


async def test_what_a_killed_server_left_is_used_if_it_is_whole(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LC12]"""
    left_by_a_killed_server(path)
    assert was_left_open(path)
    talk = open_talk()
    assert (await talk.loaded()).info.head >= 31
    await talk.log.close()
    assert not was_left_open(path)


def test_a_look_ends_in_time(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """[LC12] It says so, and finds nothing."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(50_000)])
        with caplog.at_level(logging.INFO):
            look_over(database, path, budget_s=0.0)
        assert "too large" in caplog.text
        assert database.execute("SELECT count(*) FROM t").fetchone() == (50_000,)
