"""A disk that takes its time: whoever waits for an answer waits, and nobody else."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from tests.hubs import PATIENCE_S, Visitor, eventually, hub_on, sqlite

SYNC_S = 0.05
TURNS = 10  # of the event loop, at least, for each commit


class Disk:
    """Has every commit of this process take `SYNC_S`, until the event loop has turned, and while
    `is_held`.

    A loop that a commit holds up never turns: then patience ends, and the commit fails.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.turns = 0
        self.commits = 0
        self.is_busy = self.is_held = False
        sync = self._sync

        class Slow(sqlite3.Connection):
            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                if sql == "COMMIT":
                    sync()
                return super().execute(sql, *args)

        monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Slow))

    def _sync(self) -> None:
        self.is_busy = True
        until, waited_s = self.turns + TURNS, 0.0
        while waited_s < SYNC_S or self.turns < until or self.is_held:
            if waited_s > PATIENCE_S:
                raise sqlite3.OperationalError("the event loop stands still")
            Event().wait(SYNC_S / 10)
            waited_s += SYNC_S / 10
        self.commits += 1
        self.is_busy = False

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[None]:
        """Counts the turns of the event loop."""

        async def count() -> None:
            while True:
                await checkpoint()
                self.turns += 1

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(count)
            yield
            tasks.cancel_scope.cancel()


async def test_a_slow_sync_delays_acks_and_never_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG17] [LG10] While it lasts others type, read and come; what is posted shares the next."""
    disk = Disk(monkeypatch)
    async with disk.counting(), hub_on(sqlite(tmp_path)) as hub:
        ada, bo = await Visitor.join(hub, "ada"), await Visitor.join(hub, "bo")
        before, disk.is_held = disk.commits, True
        first = await ada.send("post", text="first")
        await eventually(lambda: disk.is_busy)
        later = [await ada.send("post", text=str(number)) for number in range(9)]
        await bo.send("typing", active=True)
        await bo.send("history", before=3)
        await bo.until("page")
        await ada.until("ephemeral", member="user:bo")
        assert ada.answers(first) == []
        disk.is_held = False
        for id_ in (first, *later):
            assert (await ada.answered(id_))["type"] == "ack"
        await bo.at(12)
        assert bo.seqs == list(range(3, 13))
        assert disk.commits == before + 2


async def test_a_hub_that_stops_waits_for_a_slow_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG17] [FO6]"""
    disk = Disk(monkeypatch)
    async with disk.counting(), hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        post = await ada.send("post", text="in the last moment")
        await hub.stop()
        assert [answer["type"] for answer in ada.answers(post)] == ["ack"]
