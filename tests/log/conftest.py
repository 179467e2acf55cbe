"""Fixtures of the logs' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.sqlite import SqliteLog
from tests.log.talk import Talk

OpenTalk = Callable[..., Talk]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "conversations.db"


@pytest.fixture
async def open_talk(path: Path, anyio_backend: str) -> AsyncIterator[OpenTalk]:
    """Opens the file at `path` as a log, any number of times, and closes what is open."""
    logs: list[SqliteLog] = []

    def open_(at: Path = path, limits: Limits | None = None) -> Talk:
        logs.append(SqliteLog(at, limits or Limits()))
        return Talk(logs[-1])

    yield open_
    for log in logs:
        await log.close()
