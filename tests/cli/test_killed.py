"""Backups and restores that are killed, before every single step of theirs."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.operator import collab
from tests.log.files import companions, posting_server, rows

ROOT = Path(__file__).parents[2]
DONE = 0
LAST = "SELECT max(seq) FROM entries"
Run = Callable[..., int]


@contextmanager
def mortal(folder: Path) -> Iterator[Run]:
    """Runs a command that dies before its `nth` step in the folder; says how it ended."""
    pipe = subprocess.PIPE
    words = [sys.executable, "-m", "tests.cli.mortal", str(folder)]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def run(nth: int, *words: str | Path) -> int:
            stdin.write(json.dumps([nth, [str(word) for word in words]]) + "\n")
            stdin.flush()
            return int(stdout.readline())

        yield run
        stdin.close()


@dataclass(frozen=True, slots=True)
class Left:
    """What a killed server left: some of it is in the write-ahead log only."""

    path: Path
    backup: Path
    acknowledged: int


@pytest.fixture
def left(tmp_path: Path) -> Left:
    path, backup = tmp_path / "left" / "conversations.db", tmp_path / "backup.db"
    path.parent.mkdir(mode=0o700)
    with posting_server(path) as (server, told):
        told.readline()
        assert collab("backup", backup, "--database", path).code == 0
        acknowledged = [int(told.readline()) for _ in range(20)][-1]
        server.kill()
    assert companions(path)[1].read_bytes()
    return Left(path, backup, acknowledged)


def lay_out(left: Left, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(left.path.parent, folder)
    return folder / left.path.name


def test_a_backup_that_is_killed_is_there_whole_or_not_at_all(left: Left, tmp_path: Path) -> None:
    """[LC7] And is in the way of no other; the database stays as it was."""
    found: Counter[bool] = Counter()
    with mortal(tmp_path / "here") as run:
        for nth in range(1, 1000):
            path = lay_out(left, tmp_path / "here")
            target = path.with_name("backup.db")
            end = run(nth, "backup", target, "--database", path)
            if end == DONE:
                break
            assert end == -signal.SIGKILL, nth
            found[target.exists()] += 1
            if target.exists():
                assert collab("check", "--database", target).code == 0, nth
                assert rows(target, LAST) == rows(path, LAST)
            else:
                assert collab("backup", target, "--database", path).code == 0, nth
    assert found[False] > 5
    assert found[True] > 0


def test_a_restore_that_is_killed_leaves_the_one_or_the_other_whole(
    left: Left, tmp_path: Path
) -> None:
    """[LC9] The database with all that was stored, or the backup with that one beside it."""
    found: Counter[bool] = Counter()
    with mortal(tmp_path / "here") as run:
        for nth in range(1, 1000):
            path = lay_out(left, tmp_path / "here")
            end = run(nth, "restore", left.backup, "--database", path)
            if end == DONE:
                break
            assert end == -signal.SIGKILL, nth
            assert collab("check", "--database", path).code == 0, nth
            is_restored = rows(path, LAST) == rows(left.backup, LAST)
            found[is_restored] += 1
            before = next(path.parent.glob("*.replaced-*Z")) if is_restored else path
            assert rows(before, LAST) >= [(left.acknowledged,)], nth
            assert collab("restore", left.backup, "--database", path).code == 0, nth
    assert found[False] > 5
    assert found[True] > 0
