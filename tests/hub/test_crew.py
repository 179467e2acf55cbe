"""Tasks that end together and fail alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.hub.crew import Crew, Work
from tests.hubs import PATIENCE_S, eventually


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
