"""How late the event loop comes: measured, told, and warned of now and then."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint
from prometheus_client import REGISTRY

from jupyter_collab.hub.lag import LagMeter, watch_lag
from jupyter_collab.limits import Limits
from jupyter_collab.protocol.frames import Live
from jupyter_collab.protocol.ids import Seq
from tests.hubs import PATIENCE_S, Visitor, eventually, hub_on, settled, sqlite


def value(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


def test_the_worst_of_the_last_minute_is_told() -> None:
    """[FO10]"""
    meter = LagMeter(0.25)
    assert meter.worst(0.0) == 0.0
    for second in range(10):
        meter.note(0.2 if second == 3 else 0.001, float(second))
    assert meter.worst(10.0) == 0.2
    for second in range(10, 90, 5):
        meter.note(0.01, float(second))
    assert meter.worst(90.0) == 0.01
    assert meter.worst(500.0) == 0.0


def test_a_warning_comes_once_a_minute() -> None:
    """[FO10]"""
    meter = LagMeter(Limits().lag_warning_s)
    times = [second for second in range(200) if meter.note(0.3, float(second))]
    assert times == [0, 60, 120, 180]
    assert not meter.note(0.2, 1000.0)


def test_a_warning_may_be_off() -> None:
    """[FO10]"""
    assert not LagMeter(0.0).note(10.0, 0.0)


async def test_a_busy_loop_is_seen(caplog: pytest.LogCaptureFixture) -> None:
    """[FO10] On the server's metrics, and in its log without a word of anyone."""
    before = value("jupyter_collab_loop_lag_seconds_count")
    with caplog.at_level(logging.WARNING, "jupyter_collab.hub.lag"):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch_lag, 0.1, lambda: 0)
            await eventually(lambda: value("jupyter_collab_loop_lag_seconds_count") > before)
            _keep_busy(0.2)
            await eventually(lambda: caplog.messages)
            await eventually(lambda: value("jupyter_collab_loop_lag_worst_seconds") >= 0.1)
            tasks.cancel_scope.cancel()
    (warning,) = caplog.messages
    assert "the server's event loop was busy for 0." in warning


def probes() -> float:
    return value("jupyter_collab_loop_lag_seconds_count")


def later_than_20_ms() -> float:
    """How many probes were."""
    within = REGISTRY.get_sample_value("jupyter_collab_loop_lag_seconds_bucket", {"le": "0.02"})
    assert within is not None, "it is the bound of a bucket"
    return probes() - within


class Work:
    """What an event loop does: it stirs."""

    def __init__(self) -> None:
        self.stirs = 0

    async def until_probed(self, times: int) -> None:
        enough = probes() + times
        with anyio.fail_after(PATIENCE_S):
            while probes() < enough:  # nobody announces it
                self.stirs += 1
                await checkpoint()


@asynccontextmanager
async def probed_work() -> AsyncIterator[Work]:
    work = Work()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch_lag, 0.0, lambda: work.stirs)
        yield work
        tasks.cancel_scope.cancel()


async def test_a_short_stop_is_seen_while_there_is_work() -> None:
    """[FO10] Of 25 ms at least 20, wherever between two probes they begin."""
    stops, chance = 40, random.Random(1)
    async with probed_work() as work:
        before = later_than_20_ms()
        for _ in range(stops):
            await work.until_probed(times=2)
            await anyio.sleep(chance.uniform(0.0, 0.004))
            _keep_busy(0.025)
            await work.until_probed(times=1)
        assert later_than_20_ms() - before >= stops - 1


async def test_without_work_it_is_probed_twenty_times_a_second() -> None:
    """[FO10] Soon after the last work, that is: a page that is only open costs no battery."""
    async with probed_work() as work:
        await work.until_probed(times=2)
        calm = probes() + 25  # each after 5 ms at least
        await eventually(lambda: probes() >= calm)
        begun, enough = time.monotonic(), probes() + 20
        await eventually(lambda: probes() >= enough)
        assert time.monotonic() - begun > 19 * 0.05 - 0.001


async def test_a_hub_stirs_whenever_frames_come_or_go(tmp_path: Path) -> None:
    """[FO10]"""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        await settled()
        before = hub._fanout.stirs
        await settled()
        assert hub._fanout.stirs == before
        await ada.send("mark_read", seq=0)
        assert hub._fanout.stirs > before, "it was taken"
        before = hub._fanout.stirs
        hub._fanout.send(ada.session, Live(head=Seq(1)))
        await settled()
        assert hub._fanout.stirs > before, "it was written"


def _keep_busy(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
