"""Copies of a database that is in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.connection import open_writer
from jupyter_collab.log.copy import PAGES_PER_STEP, copy_database
from tests.log.files import companions, rows


@pytest.fixture
def large(path: Path) -> Path:
    """A database that is copied in more than two steps."""
    with closing(open_writer(path, Limits())) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute(
            "INSERT INTO t VALUES (zeroblob(:size))", {"size": 4096 * PAGES_PER_STEP}
        )
        connection.execute(
            "INSERT INTO t VALUES (zeroblob(:size))", {"size": 4096 * PAGES_PER_STEP}
        )
    return path


def test_who_writes_meanwhile_neither_waits_nor_begins_the_copy_anew(
    large: Path, tmp_path: Path
) -> None:
    """[LC7] The copy holds what was there when it began, and is told as it goes on."""
    told: list[int] = []
    with closing(open_writer(large, Limits(busy_timeout_s=0))) as writer:

        def write(done: int, _all: int) -> None:
            told.append(done)
            writer.execute("INSERT INTO t VALUES (1)")
            assert len(told) < 10, "it begins anew with every commit"

        copy_database(large, tmp_path / "copy.db", write)
        assert writer.execute("SELECT count(*) FROM t").fetchone() == (2 + len(told),)
    assert told == sorted(told)
    assert len(told) > 2
    assert rows(tmp_path / "copy.db", "SELECT count(*) FROM t") == [(2,)]
    assert [file.exists() for file in companions(tmp_path / "copy.db")] == [True, False, False]


def test_a_copy_that_fails_leaves_nothing(large: Path, tmp_path: Path) -> None:
    """[LC7]"""
    target = tmp_path / "copy.db"

    def fail(_done: int, _all: int) -> None:
        raise OSError("the terminal is gone")

    with pytest.raises(OSError, match="gone"):
        copy_database(large, target, fail)
    assert not target.exists()
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        copy_database(large, target)
    assert target.read_text() == "mine"
    with pytest.raises(sqlite3.OperationalError):
        copy_database(tmp_path / "none.db", tmp_path / "other.db")
    assert list(tmp_path.glob("other.db*")) == []
