"""How late the event loop comes: measured, told, and warned of now and then."""

from __future__ import annotations

import logging
import time

import anyio
import pytest
from prometheus_client import REGISTRY

from jupyter_collab.hub.lag import LagMeter, watch_lag
from jupyter_collab.limits import Limits
from tests.hubs import eventually


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
            tasks.start_soon(watch_lag, 0.1)
            await eventually(lambda: value("jupyter_collab_loop_lag_seconds_count") > before)
            _keep_busy(0.2)
            await eventually(lambda: caplog.messages)
            await eventually(lambda: value("jupyter_collab_loop_lag_worst_seconds") >= 0.1)
            tasks.cancel_scope.cancel()
    (warning,) = caplog.messages
    assert "the server's event loop was busy for 0." in warning


def _keep_busy(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
