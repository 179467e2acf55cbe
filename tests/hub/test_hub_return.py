"""Many who come back at once: what it costs is counted, not timed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from tests.fakes import TEAM, FakeTransport
from tests.hubs import Visitor, eventually, hub_on, settled, sqlite

PEOPLE = 200
LIMITS = Limits(people_per_conversation=0, posts_per_window=0, resume_entries=500)


async def come(hub: Hub, people: int, **hello: Any) -> list[Visitor]:
    """So many people say hello at once, and all are live."""
    visitors = [await Visitor.connect(hub, f"p{number}") for number in range(people)]
    async with anyio.create_task_group() as tasks:
        for visitor in visitors:
            tasks.start_soon(partial(visitor.hello, **hello))
    await eventually(lambda: all(visitor.find("live") for visitor in visitors))
    return visitors


async def met(hub: Hub) -> tuple[int, str]:
    """Everyone has been here, and Ada has written 100 messages since; the head, and the epoch."""
    for visitor in await come(hub, PEOPLE):
        visitor.leave()
    ada = await Visitor.join(hub)
    for number in range(100):
        await ada.send("post", text=f"message {number}")
    await eventually(lambda: len(ada.find("ack")) == 100)
    ada.leave()
    return max(ada.seqs), ada.find("welcome")[0]["conversation"]["epoch"]


async def test_a_storm_on_a_conversation_in_memory_reads_nothing(tmp_path: Path) -> None:
    """[RS12] And makes 200 people live with what they missed."""
    log = sqlite(tmp_path)
    async with hub_on(log, LIMITS) as hub:
        head, epoch = await met(hub)
        reads, batches = log.reads, len(log.batches)
        visitors = await come(hub, PEOPLE, after=head - 100, epoch=epoch)
        assert (log.reads, len(log.batches)) == (reads, batches)
        for visitor in visitors:
            assert visitor.seqs == list(range(head - 99, head + 1))


async def test_a_storm_after_a_restart_reads_once(tmp_path: Path) -> None:
    """[RS12]"""
    async with hub_on(sqlite(tmp_path), LIMITS) as hub:
        head, epoch = await met(hub)
    log = sqlite(tmp_path)
    async with hub_on(log, LIMITS) as hub:
        visitors = await come(hub, PEOPLE, after=head - 100, epoch=epoch)
        assert log.reads == 1
        assert all(visitor.seqs[-1] == head for visitor in visitors)


async def test_a_storm_with_cursors_beyond_the_log_shares_its_reads(tmp_path: Path) -> None:
    """[RS12] [RS4] As after a restored backup: each asks whether there is more, one looks."""
    log = sqlite(tmp_path)
    async with hub_on(log, LIMITS) as hub:
        head, epoch = await met(hub)
        reads = log.reads
        visitors = await come(hub, PEOPLE, after=head + 10, epoch=epoch)
        assert all(visitor.find("reset") for visitor in visitors)
        assert log.reads - reads <= 2


async def test_two_looks_for_more_are_a_while_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[RS12] Those who come one after the other wait for the same look."""
    waited: list[float] = []
    sleep = anyio.sleep

    async def note(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    log = sqlite(tmp_path)
    async with hub_on(log, LIMITS) as hub:
        ada = await Visitor.join(hub)
        epoch = ada.find("welcome")[0]["conversation"]["epoch"]
        await (await Visitor.connect(hub)).hello(after=99, epoch=epoch)
        monkeypatch.setattr("jupyter_collab.hub.rooms.anyio.sleep", note)
        await (await Visitor.connect(hub)).hello(after=99, epoch=epoch)
        monkeypatch.undo()
        assert len(waited) == 1
        assert 0.0 < waited[0] <= 0.1


async def test_the_cost_of_a_greeting_does_not_grow_with_the_sessions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[FO8] Nobody else's session is looked at when one more comes."""
    async with hub_on(sqlite(tmp_path), LIMITS) as hub:
        await come(hub, 20)
        looked: list[object] = []
        sessions = hub._sessions

        class Watched(dict):  # type: ignore[type-arg]  # only what would walk over all
            def values(self) -> Any:
                looked.append(self)
                return super().values()

            __iter__ = items = values

        hub._fanout.sessions = hub._sessions = Watched(sessions)
        newcomer = await Visitor.connect(hub, "p0", transport=FakeTransport())
        await newcomer.hello()
        await settled()
        assert newcomer.find("live")
        assert looked == []


async def test_a_sync_shows_no_entry_before_its_author_is_told(tmp_path: Path) -> None:
    """[FO3] Although it is in the log already."""
    log = sqlite(tmp_path)
    async with hub_on(log) as hub:
        ada = await Visitor.join(hub)
        log.after_commit.shut()
        posted = await ada.send("post", text="hi")
        await eventually(lambda: log.after_commit.waiting)
        await eventually(lambda: ada.find("presence"))  # which comes a little later
        seen, reads = len(ada.frames), log.reads
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: ada.send("sync", after=1))
            await eventually(lambda: log.reads > reads)
            assert len(await log.entries(TEAM, 1, 500)) == 1
            await settled()
            assert len(ada.frames) == seen
            log.after_commit.open()
        assert (await ada.answered(posted))["seq"] == 2
        await ada.at(2)
        assert ada.types[seen] == "ack"
