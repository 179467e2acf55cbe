"""An empty file where the database of a running server was."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.limits import Limits
from jupyter_collab.log import sqlite as sqlite_log
from jupyter_collab.log.connection import open_reader, open_writer
from jupyter_collab.log.sqlite import SqliteLog
from tests.fakes import command
from tests.log.conftest import OpenTalk
from tests.log.files import companions
from tests.log.moved import backup, refusal, talking
from tests.log.talk import seq_of

pytestmark = pytest.mark.anyio


def put_empty_file(path: Path) -> Path:
    """In place of what is at `path`; returns where that is now."""
    away = path.with_name("away.db")
    path.rename(away)
    path.touch()
    return away


def is_empty(path: Path) -> bool:
    return path.read_bytes() == b""


@pytest.mark.parametrize("is_other_inode", [False, True])
async def test_an_empty_file_is_no_database(
    path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture, *, is_other_inode: bool
) -> None:
    """[LG16] Refused as a missing one is, and left empty; in place of it, or emptied itself."""
    talk, watch = await talking(open_talk)
    if is_other_inode:
        put_empty_file(path)
    else:
        os.truncate(path, 0)
    for _ in range(3):
        assert "gone from its place" in await refusal(talk)
    if is_other_inode:
        assert [message.text for message in await talk.history()] == ["before"]
    else:
        with pytest.raises(Unavailable, match="gone from its place"):
            await talk.history()
    assert is_empty(path)
    assert watch.times == 0
    (told,) = [record.getMessage() for record in caplog.records if "is gone" in record.message]
    assert f"{path} is gone: what lies there is an empty file. Nothing is stored until" in told


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_database_that_comes_back_in_place_of_an_empty_file_goes_on(
    path: Path, open_talk: OpenTalk, *, is_closed: bool
) -> None:
    """[LG16] The one before, without a restart and as if nothing had been; whoever has it open."""
    talk, watch = await talking(open_talk)
    assert isinstance(talk.log, SqliteLog)
    asked = command("post", text="meanwhile")
    if is_closed:
        await talk.log._reader.reconnect()
        await talk.log._writer.reconnect()
    away = put_empty_file(path)
    for _ in range(2):
        with pytest.raises(Unavailable, match="gone from its place"):
            await talk.ask("ada", asked)
    assert is_empty(path)
    away.replace(path)
    assert seq_of(await talk.ask("ada", asked)) == 3
    assert [message.text for message in await talk.history()] == ["before", "meanwhile"]
    assert watch.times == 0


async def test_a_backup_in_place_of_an_empty_file_is_begun_with(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LG16] It is another one: pages are told then, and not of the empty file before."""
    talk, watch = await talking(open_talk)
    other = await backup(path, open_talk)
    put_empty_file(path)
    assert "gone from its place" in await refusal(talk)
    assert watch.times == 0
    other.replace(path)
    assert "replaced" in await refusal(talk)
    assert watch.times == 1
    assert [message.text for message in await talk.history()] == ["from the backup"]


async def test_an_empty_file_that_comes_before_it_is_opened_is_left_empty(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG16] [LG6] After it was looked for; SQLite would delete the log of the one before."""
    talk, _ = await talking(open_talk)
    wal = companions(path)[1]

    def open_late(*arguments: Any, **options: Any) -> sqlite3.Connection:
        put_empty_file(path)
        wal.write_bytes(b"what a killed server left")
        return open_writer(*arguments, **options)

    assert isinstance(talk.log, SqliteLog)
    await talk.log._reader.reconnect()
    await talk.log._writer.reconnect()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite_log, "open_writer", open_late)
        assert "gone from its place" in await refusal(talk)
    with pytest.raises(FileNotFoundError):
        open_reader(path, Limits())
    assert is_empty(path)
    assert wal.read_bytes() == b"what a killed server left"


async def test_a_database_is_begun_in_an_empty_file_at_the_start(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LG16] A server that was killed before it wrote anything leaves one."""
    with closing(open_writer(path, Limits())):
        pass
    os.truncate(path, 0)
    talk = open_talk()
    await talk.admit("ada")
    assert await talk.post("ada", "hi") == 2
