"""Every log keeps the same contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Log
from jupyter_collab.log.memory import MemoryLog
from jupyter_collab.log.sqlite import SqliteLog
from tests.log.contract import StoringContract
from tests.log.reading_contract import ReadingContract
from tests.log.talk import MakeLog, Talk

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["memory", "sqlite"])
async def make_log(
    request: pytest.FixtureRequest, tmp_path: Path, anyio_backend: str
) -> AsyncIterator[MakeLog]:
    """Makes empty logs, and closes them."""
    logs: list[Log] = []

    def make(limits: Limits) -> Log:
        path = tmp_path / f"{len(logs)}.db"
        logs.append(MemoryLog(limits) if request.param == "memory" else SqliteLog(path, limits))
        return logs[-1]

    yield make
    for log in logs:
        await log.close()


@pytest.fixture
def talk(make_log: MakeLog) -> Talk:
    return Talk(make_log(Limits()))


class TestStoring(StoringContract):
    """See the contract."""


class TestReading(ReadingContract):
    """See the contract."""
