"""What a killed server leaves, and a backup that was made before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.cli.operator import collab
from tests.log.files import companions, posting_server

__all__ = ["LAST", "Left", "leave"]

LAST = "SELECT max(seq) FROM entries"


@dataclass(frozen=True, slots=True)
class Left:
    """Some of what was acknowledged is in the write-ahead log only."""

    path: Path
    backup: Path
    acknowledged: int


def leave(folder: Path) -> Left:
    path, backup = folder / "left" / "conversations.db", folder / "backup.db"
    path.parent.mkdir(mode=0o700)
    with posting_server(path) as (server, told):
        told.readline()
        assert collab("backup", backup, "--database", path).code == 0
        acknowledged = [int(told.readline()) for _ in range(20)][-1]
        server.kill()
    assert companions(path)[1].read_bytes()
    return Left(path, backup, acknowledged)
