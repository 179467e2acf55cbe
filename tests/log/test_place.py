"""A database that is deleted, moved or replaced under a running server."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import psutil
import pytest
from anyio import to_thread

from jupyter_collab.errors import Unavailable
from jupyter_collab.log import sqlite as sqlite_log
from jupyter_collab.log.base import Duplicate
from jupyter_collab.log.checkpoint import pages_in
from jupyter_collab.log.connection import open_writer
from jupyter_collab.log.place import Place
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.log.transaction import reading
from tests.fakes import command
from tests.log.conftest import OpenTalk
from tests.log.files import companions, held_by_another, rows
from tests.log.moved import backup, refusal, talking
from tests.log.talk import seq_of

pytestmark = pytest.mark.anyio


def make_database(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE t (x)")


def open_descriptors() -> int:
    return psutil.Process().num_fds()


async def test_a_deleted_database_is_not_written_to(
    path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG16] Nor is an empty one begun; what was there can be read, and the operator is told."""
    talk, watch = await talking(open_talk)
    for file in companions(path):
        await anyio.Path(file).unlink()
    for _ in range(3):
        assert "gone from its place" in await refusal(talk)
    assert [message.text for message in await talk.history()] == ["before"]
    assert not await anyio.Path(path).exists()
    assert watch.times == 0
    (told,) = [record.getMessage() for record in caplog.records if "is gone" in record.message]
    assert str(path) in told
    assert "it is put back" in told


def test_a_write_into_a_database_that_goes_meanwhile_is_not_answered(path: Path) -> None:
    """[LG16] Deleted or replaced after it was looked for, and before the commit."""
    place = Place(path)

    def write(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (1)")
        path.unlink()

    make_database(path)
    opened = place.open(lambda _: sqlite3.connect(path), is_other_open=False)
    with closing(opened) as connection, pytest.raises(Unavailable, match="gone from its place"):
        place.write(write, connection)
    place.close()


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize(("then", "told"), [("gone", "gone from its place"), ("other", "replaced")])
def test_a_database_that_goes_while_it_is_opened_is_not_taken_for_what_is_there(
    path: Path, then: str, told: str, *, is_open: bool
) -> None:
    """[LG16] Else every commit would go to a file that no path leads to."""
    place, other = Place(path), path.with_name("other.db")
    for file in (path, other):
        make_database(file)

    def connect(_may_make: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version").fetchone()
        path.rename(path.with_name("away"))
        if then == "other":
            other.rename(path)
        return connection

    with ExitStack() as stack:
        first = [place.open(lambda _: sqlite3.connect(path), is_other_open=False)] * is_open
        for connection in first:
            stack.enter_context(closing(connection))
        before = open_descriptors()
        with pytest.raises(Unavailable, match=told):
            place.open(connect, is_other_open=is_open)
        assert open_descriptors() == before, "it is closed again"
        for connection in first:
            with pytest.raises(Unavailable, match=told):
                place.write(lambda _: None, connection)
    place.close()


@pytest.mark.parametrize("is_new", [False, True])
async def test_a_database_that_goes_before_it_is_opened_is_not_begun_anew(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch, *, is_new: bool
) -> None:
    """[LG16] After it was looked for: its directory may be gone as well. Also at the start."""
    talk, _ = await talking(open_talk)
    if is_new:
        await talk.log.close()
        talk = open_talk()
    away = path.parent.with_name("away")

    def open_late(*arguments: Any, **options: Any) -> sqlite3.Connection:
        path.parent.rename(away)
        return open_writer(*arguments, **options)

    assert isinstance(talk.log, SqliteLog)
    await talk.log._writer.reconnect()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite_log, "open_writer", open_late)
        assert "gone from its place" in await refusal(talk)
    assert "gone from its place" in await refusal(talk)
    assert not await anyio.Path(path.parent).exists()
    away.rename(path.parent)
    assert await talk.post("ada", "after") == 3


@pytest.mark.parametrize("is_relative", [False, True])
async def test_a_link_means_the_file_that_it_leads_to(
    path: Path, open_talk: OpenTalk, tmp_path: Path, *, is_relative: bool
) -> None:
    """[LG16] [LC11] Made where the link leads, and looked after there; also once it is gone."""
    link, names = (
        tmp_path / "links" / "talk.db",
        [path.name, f"{path.name}-shm", f"{path.name}-wal"],
    )
    link.parent.mkdir()
    link.symlink_to(Path("../data/conversations.db") if is_relative else path)
    talk = open_talk(link)
    await talk.admit("ada")
    assert sorted(file.name for file in path.parent.iterdir()) == names
    assert list(link.parent.iterdir()) == [link]
    assert isinstance(talk.log, SqliteLog)
    assert pages_in(talk.log._path) > 0
    link.unlink()
    assert await talk.post("ada", "hi") == 2
    await anyio.Path(path).rename(tmp_path / "away.db")
    assert "gone from its place" in await refusal(talk)


async def test_a_database_that_is_moved_back_goes_on(path: Path, open_talk: OpenTalk) -> None:
    """[LG16] Without a restart; what was tried meanwhile is there once."""
    talk, watch = await talking(open_talk)
    asked = command("post", text="meanwhile")
    await anyio.Path(path).rename(path.with_name("away"))
    with pytest.raises(Unavailable):
        await talk.ask("ada", asked)
    await anyio.Path(path.with_name("away")).rename(path)
    assert seq_of(await talk.ask("ada", asked)) == 3
    assert isinstance(await talk.ask("ada", asked), Duplicate)
    assert watch.times == 0


@pytest.mark.parametrize("first", ["write", "read"])
async def test_a_replaced_database_is_opened_anew(
    path: Path, open_talk: OpenTalk, first: str
) -> None:
    """[LG16] Whoever finds out is told to try again, once; nothing of the old is mixed in."""
    talk, watch = await talking(open_talk)
    epoch = (await talk.loaded()).info.epoch
    (await backup(path, open_talk)).replace(path)
    if first == "write":
        assert "replaced" in await refusal(talk)
    else:
        with pytest.raises(Unavailable, match="replaced"):
            await talk.loaded()
    assert watch.times == 1
    assert [message.text for message in await talk.history()] == ["from the backup"]
    assert await talk.post("ada", "after") == 3
    assert (await talk.loaded()).info.epoch != epoch
    assert watch.times == 1
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_database_that_is_replaced_while_closed_by_a_fault_is_noticed(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LG16] Even if the new file gets the number of the old one."""
    talk, watch = await talking(open_talk)
    assert isinstance(talk.log, SqliteLog)
    other = await backup(path, open_talk)
    await talk.log._reader.reconnect()
    await talk.log._writer.reconnect()
    await anyio.Path(path).unlink()
    shutil.copy(other, path)
    assert "replaced" in await refusal(talk)
    assert watch.times == 1
    assert await talk.post("ada", "after") == 3


async def test_a_lost_write_ahead_log_loses_nothing(path: Path, open_talk: OpenTalk) -> None:
    """[LG16] [LG6] Deleted under a running server, it is written out before it is let go of."""
    talk, watch = await talking(open_talk)
    companions(path)[1].unlink()
    asked = command("post", text="meanwhile")
    with pytest.raises(Unavailable):
        await talk.ask("ada", asked)
    assert seq_of(await talk.ask("ada", asked)) == 3
    assert [message.text for message in await talk.history()] == ["before", "meanwhile"]
    assert watch.times == 1
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


async def test_lost_shared_memory_loses_nothing(path: Path, open_talk: OpenTalk) -> None:
    """[LG16] [LG6] Two servers would go by two of them and write over each other's entries."""
    talk, watch = await talking(open_talk)
    companions(path)[2].unlink()
    assert "Try again" in await refusal(talk)
    assert await talk.post("ada", "after") == 3
    assert watch.times == 1
    assert [message.text for message in await talk.history()] == ["before", "after"]


async def test_a_new_database_does_not_get_the_log_of_the_old(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LG16] [LG6] Not even while another server has the old one open; which is whole."""
    talk, watch = await talking(open_talk)
    other, away = await backup(path, open_talk), path.with_name("away.db")
    with held_by_another(path):
        await anyio.Path(path).rename(away)
        await anyio.Path(other).rename(path)
        assert "replaced" in await refusal(talk)
        assert await talk.post("ada", "after") == 3
    assert watch.times == 1
    assert await talk.post("ada", "after that") == 4
    for file, count in ((path, 3), (away, 1)):
        assert rows(file, "PRAGMA integrity_check") == [("ok",)]
        assert rows(file, "SELECT count(*) FROM messages") == [(count,)]


async def test_what_our_own_reader_held_back_is_written_out(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG16] [LG6] What is newer than what it reads can't be, until it is done."""
    talk, _ = await talking(open_talk)
    assert isinstance(talk.log, SqliteLog)
    worker, away = talk.log._reader, path.with_name("away.db")
    reconnect, is_reading, is_done = worker.reconnect, Event(), Event()

    def read(connection: sqlite3.Connection) -> None:
        with reading(connection):
            connection.execute("SELECT count(*) FROM entries").fetchone()
            is_reading.set()
            is_done.wait()

    async def let_it_end() -> None:
        is_done.set()
        await reconnect()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.run, read)
        await to_thread.run_sync(is_reading.wait)
        await talk.post("ada", "meanwhile")
        other = await backup(path, open_talk)
        await anyio.Path(path).rename(away)
        await anyio.Path(other).rename(path)
        monkeypatch.setattr(worker, "reconnect", let_it_end)
        assert "replaced" in await refusal(talk)
    assert rows(away, "SELECT text FROM messages") == [("before",), ("meanwhile",)]


async def test_what_another_reader_holds_back_is_kept_beside(
    path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG16] [LG6] The write-ahead log gets another name, which the operator is told."""
    talk, _ = await talking(open_talk)
    other, away = await backup(path, open_talk), path.with_name("away.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as held:
        held.execute("BEGIN")
        held.execute("SELECT count(*) FROM entries").fetchone()
        await talk.post("ada", "meanwhile")
        await anyio.Path(path).rename(away)
        await anyio.Path(other).rename(path)
        assert "replaced" in await refusal(talk)
        (aside,) = path.parent.glob("*-wal.replaced-*")
        assert await talk.post("ada", "after") == 3
    assert str(aside) in caplog.text
    aside.rename(companions(away)[1])
    assert rows(away, "SELECT text FROM messages") == [("before",), ("meanwhile",)]
    assert rows(path, "SELECT text FROM messages") == [("from the backup",), ("after",)]


async def test_two_servers_notice_a_replaced_database(path: Path, open_talk: OpenTalk) -> None:
    """[LG16] [LG1] And go on in the new one, with one order."""
    here, _ = await talking(open_talk)
    there = open_talk()
    await there.loaded()
    (await backup(path, open_talk)).replace(path)
    seqs: list[int] = []
    for talk in (here, there, here, there, here, there):
        try:
            seqs.append(await talk.post("ada", f"{len(seqs)}"))
        except Unavailable:
            seqs.append(0)
    assert seqs[-2:] == sorted(filter(None, seqs))[-2:]
    assert [entry.seq for entry in await here.entries()] == list(range(1, seqs[-1] + 1))
    assert await here.entries() == await there.entries()
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


async def test_descriptors_are_given_back(path: Path, open_talk: OpenTalk) -> None:
    """[LG16] None stays open for a database that was replaced, or closed."""
    first = open_talk()
    await first.admit("ada")
    await first.log.close()
    before = open_descriptors()
    for _ in range(3):
        talk = open_talk()
        await talk.post("ada", "hi")
        (await backup(path, open_talk)).replace(path)
        await refusal(talk)
        await talk.loaded()
        await talk.log.close()
        await talk.log.close()
    assert open_descriptors() == before
