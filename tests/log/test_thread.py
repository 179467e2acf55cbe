"""The crossing from the event loop to a thread and back."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import pytest

from jupyter_collab.log.thread import JobThread
from tests.hubs import PATIENCE_S, eventually

pytestmark = pytest.mark.anyio

NAME = "a thread of the tests"
Start = Callable[..., JobThread]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def start(anyio_backend: str) -> AsyncIterator[Start]:
    """Makes threads, and ends them."""
    threads: list[JobThread] = []

    def make(upkeep: Callable[[], float | None] | None = None) -> JobThread:
        threads.append(JobThread(NAME, upkeep))
        return threads[-1]

    yield make
    for thread in threads:
        thread.end()
    await eventually(lambda: not alive())


def alive() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == NAME]


async def test_everything_is_done_in_order_in_one_thread(start: Start) -> None:
    """[LG17] Which there is from the first time on."""
    thread, done = start(), list[tuple[int, int]]()
    assert not thread.has_started
    assert alive() == []

    def act(number: int) -> int:
        done.append((number, threading.get_ident()))
        return number

    futures = [thread.submit(lambda number=number: act(number)) for number in range(20)]  # type: ignore[misc]  # mypy can't infer a default's type
    assert [await future for future in futures] == list(range(20))
    assert [number for number, _ in done] == list(range(20))
    assert {ident for _, ident in done} == {alive()[0].ident} != {threading.get_ident()}
    assert thread.has_started


async def test_a_failure_is_raised_where_the_result_is_awaited(start: Start) -> None:
    """[LG17] Whatever failed, and the next is done."""
    thread = start()

    def fail() -> None:
        raise KeyboardInterrupt("odd")

    with pytest.raises(KeyboardInterrupt, match="odd"):
        await thread.submit(fail)
    assert await thread.submit(lambda: 1) == 1


async def test_what_is_cancelled_before_its_turn_is_not_done(start: Start) -> None:
    """[LG17] What is under way ends, and nobody is told."""
    thread, done = start(), list[str]()
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        assert leave.wait(PATIENCE_S)
        done.append("held")

    under_way = thread.submit(hold)
    waiting = thread.submit(lambda: done.append("waiting"))
    await eventually(entered.is_set)
    under_way.cancel()
    waiting.cancel()
    leave.set()
    assert await thread.submit(lambda: "next") == "next"
    assert done == ["held"]


async def test_upkeep_comes_when_nothing_waits_and_again_when_it_wants(start: Start) -> None:
    """[LG17] At its end it waits for the next thing that is done."""
    waits: Iterator[float | None] = iter([0.001, 0.001, None, None])
    asked: list[int] = []

    def upkeep() -> float | None:
        asked.append(threading.get_ident())
        return next(waits)

    thread = start(upkeep)
    ident = await thread.submit(threading.get_ident)
    await eventually(lambda: len(asked) == 3)
    await thread.submit(lambda: None)
    await eventually(lambda: len(asked) == 4)
    assert set(asked) == {ident}


async def test_upkeep_that_fails_keeps_nothing_from_being_done(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG17]"""

    def upkeep() -> float | None:
        raise RuntimeError("a bug")

    thread = start(upkeep)
    assert [await thread.submit(lambda: 1), await thread.submit(lambda: 2)] == [1, 2]
    await eventually(lambda: "a bug" in caplog.text)


def test_a_loop_that_is_closed_is_told_nothing() -> None:
    """[LG17] The thread goes on, for another loop."""
    thread = JobThread(NAME)
    leave = threading.Event()

    async def go_away() -> None:
        thread.submit(lambda: leave.wait(PATIENCE_S))

    async def come() -> int:
        leave.set()
        return await thread.submit(lambda: 1)

    anyio.run(go_away)
    assert anyio.run(come) == 1
    thread.end()
