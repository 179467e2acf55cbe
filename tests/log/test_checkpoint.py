"""The write-ahead log is emptied beside the writer, and never grows without end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import psutil
import pytest

from jupyter_collab.log import checkpoint, connection
from jupyter_collab.log.checkpoint import pages_in
from tests.fakes import command
from tests.hubs import eventually
from tests.log.conftest import OpenTalk
from tests.log.files import LOG_FILES_AT_MOST, companions, log_files_of, rows
from tests.log.talk import Talk

pytestmark = pytest.mark.anyio

NEVER = 1 << 30
ENDLESS = 5_000
PAGE_BYTES = 4096 + 24  # with what stands before each in the write-ahead log


def in_the_file(path: Path) -> int:
    """The head as the database file alone has it, without its write-ahead log; 0 before that."""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as database:
        try:
            row = database.execute("SELECT head FROM conversations").fetchone()
        except sqlite3.DatabaseError:  # not even the tables, or in the middle of a checkpoint
            return 0
        return int(row[0]) if row is not None else 0


async def post_much(talk: Talk, posts: int = 20) -> None:
    texts = ("word " * 200 for _ in range(posts))
    await talk.log.execute([talk.request("ada", command("post", text=text)) for text in texts])


async def test_pages_are_those_that_a_checkpoint_would_move(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LG18] Also when the file is longer than what is in it, empty, or not there."""
    assert pages_in(path) == 0
    talk = open_talk()
    await talk.admit("ada")

    def told() -> int:
        (row,) = rows(path, "PRAGMA wal_checkpoint(PASSIVE)")
        return int(row[1])

    for posts in (1, 7, 120):
        await post_much(talk, posts)
        assert pages_in(path) == told() > 0  # and the next write begins at the beginning
    rows(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert pages_in(path) == 0
    await talk.log.close()
    assert pages_in(path) == 0


async def test_a_lull_empties_the_log(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG18] Without a write that does it; each time again."""
    monkeypatch.setattr(checkpoint, "LOOK_S", 0.01)
    monkeypatch.setattr(checkpoint, "DUE_PAGES_IN_A_LULL", 1)
    monkeypatch.setattr(connection, "WAL_PAGES_AT_MOST", NEVER)
    talk = open_talk()
    await talk.admit("ada")
    for number in range(2, 5):
        assert await talk.post("ada", "hi") == number
        await eventually(lambda number=number: in_the_file(path) == number)  # type: ignore[misc]  # mypy can't infer a default's type


async def test_load_is_no_reason_not_to_empty_the_log(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG18] Past a size it is done between commits, which then begin at the beginning."""
    monkeypatch.setattr(checkpoint, "LOOK_S", 0.001)
    monkeypatch.setattr(checkpoint, "DUE_PAGES", 100)
    monkeypatch.setattr(checkpoint, "DUE_PAGES_IN_A_LULL", NEVER)
    monkeypatch.setattr(connection, "WAL_PAGES_AT_MOST", NEVER)
    talk = open_talk()
    await talk.admit("ada")
    most = 0
    while (pages := pages_in(path)) >= most:
        most = pages
        assert most < ENDLESS
        await post_much(talk)
        await anyio.sleep(0.005)  # people take longer than that
    assert companions(path)[1].stat().st_size >= most * PAGE_BYTES, "it is kept, to be used again"


async def test_the_log_has_a_bound_if_nobody_empties_it_beside(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG18] The commit that reaches it does; and of a longer file the rest is given back."""
    monkeypatch.setattr(checkpoint, "LOOK_S", 1e6)
    monkeypatch.setattr(connection, "WAL_PAGES_AT_MOST", 200)
    monkeypatch.setattr(connection, "WAL_PAGES_KEPT", 50)
    talk = open_talk()
    await talk.admit("ada")
    largest, begun, size = 0, 0, 0
    while begun < 3:
        before = pages_in(path)
        assert before < ENDLESS
        await post_much(talk)
        largest = max(largest, pages_in(path) - before)
        assert pages_in(path) <= 200 + largest
        if pages_in(path) < before:
            begun += 1
            size = companions(path)[1].stat().st_size
    assert size <= max(50 * 4096, (largest + 1) * PAGE_BYTES)


async def test_a_checkpoint_that_fails_fails_no_command(
    path: Path,
    open_talk: OpenTalk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """[LG18] It is logged, and comes with a later commit."""
    monkeypatch.setattr(checkpoint, "LOOK_S", 0.01)
    monkeypatch.setattr(checkpoint, "DUE_PAGES_IN_A_LULL", 1)
    talk = open_talk()
    await talk.admit("ada")
    with monkeypatch.context() as broken:
        broken.setattr(checkpoint, "_checkpoint", lambda database: database.execute("NONSENSE"))
        assert await talk.post("ada", "hi") == 2
        await eventually(lambda: "NONSENSE" in caplog.text)
    assert await talk.post("ada", "ho") == 3
    await eventually(lambda: in_the_file(path) == 3)


async def test_the_connection_for_it_is_the_last_that_a_log_opens(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG18] It opens when there is much to move for the first time: a database and a -wal more."""
    monkeypatch.setattr(checkpoint, "LOOK_S", 0.01)
    talk, here = open_talk(), psutil.Process()
    await talk.admit("ada")
    await talk.loaded()
    before = log_files_of(here, path)
    assert len(before) <= LOG_FILES_AT_MOST - 2
    monkeypatch.setattr(checkpoint, "DUE_PAGES_IN_A_LULL", 1)
    for _ in range(3):
        await talk.post("ada", "hi")
        await eventually(lambda: len(log_files_of(here, path)) > len(before))
        await talk.loaded()
        assert log_files_of(here, path) == sorted([*before, path.name, f"{path.name}-wal"])


async def test_closing_leaves_the_file_alone(path: Path, open_talk: OpenTalk) -> None:
    """[LG18] Everything is in it then, and its companions are gone."""
    talk = open_talk()
    await talk.admit("ada")
    await talk.loaded()
    await talk.log.close()
    assert [file.exists() for file in companions(path)] == [True, False, False]
    assert in_the_file(path) == 1
