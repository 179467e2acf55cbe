"""The database is its owner's alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

import pytest

from tests.servers import Server


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """Runs the server with a umask that lets everyone read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


async def test_files_and_directory_are_private(server: Server) -> None:
    """[LG12]"""
    await server.post("team", "hi")
    directory = server.database.parent
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    assert set(files) >= {"conversations.db", "conversations.db-wal"}
    assert set(files.values()) == {0o600}
