"""Tasks that end together and fail alone, and those that are begun again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.hub import crew as crew_module
from jupyter_collab.hub.crew import Crew, Work
from jupyter_collab.hub.review import close_late
from jupyter_collab.limits import Limits
from tests.hubs import PATIENCE_S, Visitor, eventually, hub_on, settled, sqlite


@asynccontextmanager
async def running(crew: Crew, *works: Work) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        started = anyio.Event()

        async def run() -> None:
            await crew.run(*works, started=started)

        tasks.start_soon(run)
        await started.wait()
        yield
        crew.stop()


async def test_works_run_until_the_stop() -> None:
    crew, at_work = Crew(), list[str]()

    async def work() -> None:
        at_work.append("begun")
        try:
            await anyio.sleep_forever()
        finally:
            at_work.append("ended")

    async with running(crew, work):
        crew.spawn(work)
        await eventually(lambda: at_work == ["begun", "begun"])
    assert at_work == ["begun", "begun", "ended", "ended"]
    assert len(asyncio.all_tasks()) == 1


async def test_a_stop_before_the_first_step_is_a_stop() -> None:
    """Each work has its chance to say that it will do nothing."""
    crew, at_work, started = Crew(), list[str](), anyio.Event()

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            at_work.append("ended")

    crew.stop()
    with anyio.fail_after(PATIENCE_S):
        await crew.run(work, started=started)
    assert at_work == ["ended"]
    assert started.is_set()


async def test_a_task_that_fails_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    """[FR8]"""
    crew, done = Crew(), list[str]()

    async def fail() -> None:
        raise RuntimeError("a bug")

    async def unavailable() -> None:
        raise Unavailable("The disk is full.")

    async def go_on() -> None:
        await eventually(lambda: len(caplog.records) == 2)
        done.append("done")

    async with running(crew, go_on):
        crew.spawn(fail)
        crew.spawn(unavailable)
        await eventually(lambda: done)
    ours = {"jupyter_collab.hub.crew", "jupyter_collab.edge"}
    levels = {record.levelno for record in caplog.records if record.name in ours}
    assert levels == {logging.ERROR, logging.WARNING}


@pytest.mark.parametrize("failure", [RuntimeError("a bug"), Unavailable("The disk is full.")])
async def test_a_work_that_failed_is_begun_again(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[FO16] Until the stop, or until it has done what it had to; what was spawned is not."""
    monkeypatch.setattr(crew_module, "BEGUN_AGAIN_S", 0.001)
    crew, done = Crew(), list[str]()

    async def fail_twice() -> None:
        done.append("begun")
        if done.count("begun") < 3:
            raise failure

    async def spawned() -> None:
        done.append("spawned")
        raise failure

    async def fail_always() -> None:
        done.append("always")
        raise failure

    async with running(crew, fail_twice, fail_always):
        crew.spawn(spawned)
        await eventually(lambda: done.count("always") > 10)
    assert done.count("begun") == 3
    assert done.count("spawned") == 1
    always = done.count("always")
    await settled()
    assert done.count("always") == always


async def test_a_work_that_always_fails_is_no_tight_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """[FO16] And it keeps no stop waiting."""
    monkeypatch.setattr(crew_module, "BEGUN_AGAIN_S", 1000.0)
    crew, done = Crew(), list[str]()

    async def fail() -> None:
        done.append("begun")
        raise RuntimeError("a bug")

    with anyio.fail_after(PATIENCE_S):
        async with running(crew, fail):
            await eventually(lambda: done)
            await settled()
    assert done == ["begun"]


async def test_a_hub_that_failed_once_at_its_rounds_goes_on_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """[FO16] Who says no hello is closed in time after all, and the others are pinged."""
    monkeypatch.setattr(crew_module, "BEGUN_AGAIN_S", 0.001)
    failed = list[str]()

    def fail_once(*arguments: Any) -> None:
        if not failed:
            failed.append("once")
            raise RuntimeError("a bug")
        close_late(*arguments)

    monkeypatch.setattr("jupyter_collab.hub.hub.close_late", fail_once)
    async with hub_on(sqlite(tmp_path), Limits(heartbeat_s=0.1, hello_s=0.1)) as hub:
        ada, bo = await Visitor.join(hub), await Visitor.connect(hub, "bo")
        await eventually(lambda: failed)
        await bo.until("goodbye")
        pings = len(ada.find("ping"))
        await eventually(lambda: len(ada.find("ping")) > pings)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [
        "a task of the hub failed"
    ]


async def test_nothing_is_begun_before_or_after() -> None:
    crew, done = Crew(), list[str]()

    async def work() -> None:
        done.append("done")

    crew.spawn(work)
    crew.stop()
    async with running(crew):
        pass
    crew.spawn(work)
    assert done == []
