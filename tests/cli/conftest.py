"""Fixtures of the command line's tests: a database that nobody uses, and a backup of it."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.backup import back_up
from jupyter_collab.log.sqlite import SqliteLog
from tests.cli.operator import quietly
from tests.log.files import search
from tests.log.talk import Talk
from tests.schemas import talk_of_every_kind


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with an entry of every kind and a whole search index, which nobody uses."""
    path = tmp_path / "conversations.db"

    async def fill() -> None:
        log = SqliteLog(path, Limits())
        await talk_of_every_kind(Talk(log))
        await log.close()

    anyio.run(fill)
    search(path, "anything")  # which brings the index up
    return path


@pytest.fixture
def backup(path: Path, tmp_path: Path) -> Path:
    made = tmp_path / "backup.db"
    assert back_up(path, made, quietly) == []
    return made
