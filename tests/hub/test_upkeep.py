"""What was removed from the log is known to rooms and to pages, whoever removed it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.limits import Limits
from jupyter_collab.log.memory import MemoryLog
from jupyter_collab.protocol.ids import Seq
from tests.fakes import TEAM
from tests.hubs import HeldLog, Visitor, eventually, hub_on, sqlite
from tests.log.files import prune, raw, rows

pytestmark = pytest.mark.anyio

LIMITS = Limits(upkeep_s=0.1, heartbeat_s=0.2, silence_s=60.0)
EVERYTHING = 1e12  # long after any message


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_running_room_forgets_what_another_process_removed(tmp_path: Path) -> None:
    """[LC4] Who is there hears of it with a ping, who comes sees nothing of it."""
    async with hub_on(sqlite(tmp_path), LIMITS) as hub:
        ada = await Visitor.join(hub)
        for text in ("old", "older"):
            await ada.do("post", text=text)
        await anyio.to_thread.run_sync(prune, database(tmp_path), EVERYTHING)
        await ada.do("post", text="new")
        await ada.until("ping", floor=4)
        epoch = ada.find("welcome")[0]["conversation"]["epoch"]
        for hello in ({}, {"after": 2, "epoch": epoch}):
            bo = await Visitor.join(hub, "bo", **hello)
            (snapshot,) = bo.find("snapshot")
            assert ([m["text"] for m in snapshot["messages"]], snapshot["before"]) == (
                ["new"],
                None,
            )
            assert bo.find("welcome")[0]["conversation"]["floor"] == 4
        resumed = await Visitor.join(hub, "bo", after=3, epoch=epoch)
        assert resumed.find("snapshot") == []
        assert resumed.texts == ["new"]


async def test_an_edit_that_is_kept_in_memory_loses_its_text_too(tmp_path: Path) -> None:
    """[LC4] [LC2] The message was removed, its late edit stays for its number."""
    async with hub_on(sqlite(tmp_path), LIMITS) as hub:
        ada = await Visitor.join(hub)
        await ada.do("post", text="old")
        await ada.do("post", text="kept")
        await ada.do("edit", target=2, text="secret")
        prune_before(tmp_path, 3)
        await ada.until("ping", floor=3)
        epoch = ada.find("welcome")[0]["conversation"]["epoch"]
        bo = await Visitor.join(hub, "bo", after=3, epoch=epoch)
        assert bo.entries[0]["body"] == {"target": 2, "text": ""}


async def test_a_sync_over_what_was_removed_gets_the_newest_page(tmp_path: Path) -> None:
    """[LC3] Before the next round of upkeep as well."""
    async with hub_on(sqlite(tmp_path), Limits()) as hub:
        ada = await Visitor.join(hub)
        await ada.do("post", text="old")
        await anyio.to_thread.run_sync(prune, database(tmp_path), EVERYTHING)
        await ada.do("post", text="new")
        before = len(ada.find("snapshot"))
        await ada.send("sync", after=0)
        await eventually(lambda: len(ada.find("snapshot")) > before)
        snapshot = ada.find("snapshot")[-1]
        assert (snapshot["head"], [m["text"] for m in snapshot["messages"]]) == (3, ["new"])
        await ada.send("sync", after=2)
        await eventually(lambda: ada.seqs[-1:] == [3])


async def test_a_room_that_slept_too_long_lets_its_people_begin_anew(tmp_path: Path) -> None:
    """[LC3] What it lacks was written and removed by others meanwhile."""
    async with (
        hub_on(sqlite(tmp_path), Limits(heartbeat_s=0.2, silence_s=60.0)) as here,
        hub_on(sqlite(tmp_path), Limits()) as there,
    ):
        held = HeldLog(here.log)
        here._rooms._log = held
        ada = await Visitor.join(here)
        held.read_error = Unavailable("asleep")
        bo = await Visitor.join(there, "bo")
        for text in ("one", "two", "three"):
            await bo.do("post", text=text)
        await anyio.to_thread.run_sync(prune, database(tmp_path), EVERYTHING)
        held.read_error = None
        await eventually(lambda: ada.transport.closed)
        assert ada.transport.closed is not None
        assert ada.transport.closed[0] == 4201
        again = await Visitor.join(here, after=1, epoch="any")
        assert again.find("live")[0]["head"] >= 5


async def test_deleted_words_go_where_nobody_writes(tmp_path: Path) -> None:
    """[LC6]"""
    async with hub_on(sqlite(tmp_path), LIMITS) as hub:
        ada = await Visitor.join(hub)
        await ada.do("post", text="a zquixotically secret")
        await anyio.to_thread.run_sync(prune, database(tmp_path), EVERYTHING)
        await eventually(lambda: rows(database(tmp_path), "SELECT * FROM erasures") == [])
        assert b"quixotic" not in raw(database(tmp_path))


async def test_a_log_that_fails_is_tidied_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """[LC6]"""
    log = HeldLog(MemoryLog(LIMITS))
    log.note_error = Unavailable("The disk is full.")
    async with hub_on(log, LIMITS) as hub:
        ada = await Visitor.join(hub)
        await eventually(lambda: "can't be tidied" in caplog.text)
        log.note_error = None
        reads = log.reads
        await eventually(lambda: log.reads > reads)
        room = hub._rooms.joined(TEAM)
        room.pruned(Seq(2))
        assert (await ada.until("ping", floor=2))["head"] == 1


def database(tmp_path: Path) -> Path:
    (path,) = tmp_path.rglob("*.db")
    return path


def prune_before(tmp_path: Path, seq: int) -> None:
    """Prunes the messages before an entry, as if they were old."""
    with closing(sqlite3.connect(database(tmp_path), isolation_level=None)) as connection:
        connection.execute("UPDATE messages SET at = 0 WHERE seq < ?", (seq,))
    prune(database(tmp_path), 1.0)
