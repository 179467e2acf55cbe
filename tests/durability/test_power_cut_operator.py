"""The power goes at any step of a backup or a restore.

The command's writes are recorded, and the disk's state after a cut at each of them is made up.
More cuts: `SEEDS=100`.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.left import LAST, Left, leave
from tests.cli.operator import collab
from tests.durability.disk import Disk, record
from tests.log.files import companions, rows
from tests.seeds import DEAR, seeds

ONCE_FAILED: tuple[int, ...] = ()  # seeds that found something, tried for ever
RETRIED = 0.2  # of the cuts
ROOT = Path(__file__).parents[2]


class Recording:
    """What one command did to a disk that held what a killed server left."""

    def __init__(self, left: Left, folder: Path, *words: str) -> None:
        self.left = left
        self.disk = folder / "disk"
        self.disk.mkdir()
        shutil.copytree(left.path.parent, self.disk / "data")
        self._held = {file: file.read_bytes() for file in self.disk.rglob("*") if file.is_file()}
        command = [sys.executable, "-m", "jupyter_collab.cli", *words]
        command += ["--database", str(self.disk / "data" / left.path.name)]
        calls = record(command, folder / "trace", cwd=ROOT)
        self.calls = [call for call in calls if self.disk in call.path.parents]

    def cuts(
        self, seed: int, into: Path, *, keeps_fsync: bool = True
    ) -> Iterator[tuple[int, random.Random]]:
        """Lets the power go after each call in turn; what is left is in the directory then."""
        disk = Disk(self.disk, self._held, keeps_fsync=keeps_fsync)
        for cut in range(len(self.calls) + 1):
            rng = random.Random(f"{seed} {cut}")
            into.mkdir()
            disk.cut(rng, into=into)
            yield cut, rng
            shutil.rmtree(into)
            if cut < len(self.calls):
                disk.take(self.calls[cut])


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    return leave(tmp_path_factory.mktemp("left"))


@pytest.fixture(scope="module")
def backup(left: Left, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("backup")
    return Recording(left, folder, "backup", str(folder / "disk" / "data" / "new.db"))


@pytest.fixture(scope="module")
def restore(left: Left, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return Recording(left, tmp_path_factory.mktemp("restore"), "restore", str(left.backup))


@pytest.mark.parametrize("seed", seeds(DEAR, ONCE_FAILED))
def test_a_backup_is_there_whole_or_not_at_all_after_a_power_cut(
    seed: int, backup: Recording, tmp_path: Path
) -> None:
    """[LC7] [LC14] It is there once it was said to be; the database stays as it was."""
    found: Counter[bool] = Counter()
    for cut, rng in backup.cuts(seed, tmp_path / "after"):
        path = tmp_path / "after" / "data" / "conversations.db"
        made = path.with_name("new.db")
        found[made.exists()] += 1
        if made.exists():
            assert [file for file in companions(made)[1:] if file.exists()] == []
            assert collab("check", "--database", made).code == 0, cut
            assert rows(made, LAST) >= [(backup.left.acknowledged,)], cut
        else:
            assert cut < len(backup.calls), "it was said to be there"
        if rng.random() < RETRIED:
            again = collab("backup", path.with_name("another.db"), "--database", path)
            assert again.code == 0, (cut, again)
            assert list(path.parent.glob(".*")) == [], cut
        assert rows(path, LAST) >= [(backup.left.acknowledged,)], cut
    assert found[False] > 5
    assert found[True] > 0


@pytest.mark.parametrize("seed", seeds(DEAR, ONCE_FAILED))
def test_a_restored_database_is_the_one_or_the_other_after_a_power_cut(
    seed: int, restore: Recording, tmp_path: Path
) -> None:
    """[LC9] [LC14] Whole, with what was in its write-ahead log; restored once that was said."""
    found: Counter[bool] = Counter()
    for cut, rng in restore.cuts(seed, tmp_path / "after"):
        path = tmp_path / "after" / "data" / "conversations.db"
        is_restored = check_restored(path, restore.left, cut)
        found[is_restored] += 1
        assert is_restored or cut < len(restore.calls), "it was said to be restored"
        if rng.random() < RETRIED:
            again = collab("restore", restore.left.backup, "--database", path)
            assert again.code == 0, (cut, again)
            assert check_restored(path, restore.left, cut)
            assert list(path.parent.glob(".*")) == [], cut
            files = (path, *path.parent.glob("*.replaced-*"))
            assert {file.stat().st_nlink for file in files} == {1}, cut
    assert found[False] > 5
    assert found[True] > 0


def check_restored(path: Path, left: Left, cut: int) -> bool:
    """Says whether a database is the restored one; either is whole."""
    assert collab("check", "--database", path).code == 0, cut
    is_restored = rows(path, LAST) == rows(left.backup, LAST)
    kept = min(path.parent.glob("*.replaced-*Z")) if is_restored else path  # by the first restore
    assert collab("check", "--database", kept).code == 0, cut
    assert rows(kept, LAST) >= [(left.acknowledged,)], cut
    return is_restored


def test_a_log_without_its_database_is_kept_through_a_power_cut(left: Left, tmp_path: Path) -> None:
    """[LC9] And never beside the restored one, which it would spoil."""
    away = tmp_path / "away"
    shutil.copytree(left.path.parent, away)
    (away / left.path.name).unlink()
    alone = Left(away / left.path.name, left.backup, left.acknowledged)
    log = companions(alone.path)[1].read_bytes()
    recording = Recording(alone, tmp_path, "restore", str(left.backup))
    found: Counter[bool] = Counter()
    for cut, _ in recording.cuts(0, tmp_path / "after"):
        path = tmp_path / "after" / "data" / left.path.name
        is_restored = path.exists()
        found[is_restored] += 1
        assert is_restored or cut < len(recording.calls), "it was said to be restored"
        assert [file.read_bytes() for file in path.parent.glob("*-wal")] == [log], cut
        if is_restored:
            assert not companions(path)[1].exists()
            assert collab("check", "--database", path).code == 0, cut
            assert rows(path, LAST) == rows(left.backup, LAST), cut
    assert found[False] > 5
    assert found[True] > 0


def test_a_disk_that_ignores_fsync_would_be_noticed(restore: Recording, tmp_path: Path) -> None:
    """[LC9] The limit of the promise, and that these tests see what they look for."""

    def check_all() -> None:
        for cut, _ in restore.cuts(0, tmp_path / "after", keeps_fsync=False):
            check_restored(tmp_path / "after" / "data" / "conversations.db", restore.left, cut)

    with pytest.raises((AssertionError, sqlite3.DatabaseError)):
        check_all()
