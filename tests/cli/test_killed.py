"""Backups and restores that are killed, before every single step of theirs, and what is left."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOLCK
from pathlib import Path
from typing import IO

import pytest

from tests.cli.left import LAST, Left, leave
from tests.cli.operator import NOBODY, collab
from tests.log.files import rows

ROOT = Path(__file__).parents[2]
DONE = 0
DEAD = ".jupyter_collab-dead"


class Mortal:
    """Runs commands that die, or stop for a while, before their `nth` step in a folder."""

    def __init__(self, stdin: IO[str], stdout: IO[str]) -> None:
        self._stdin, self._stdout = stdin, stdout

    def kill(self, nth: int, *words: str | Path) -> int:
        """Says how a command ended, that was killed if it came so far."""
        self._ask(signal.SIGKILL, nth, *words)
        return int(self._stdout.readline())

    @contextmanager
    def stop(self, nth: int, *words: str | Path) -> Iterator[bool]:
        """Lets a command stand until the end of the block, if it came so far; it succeeds."""
        self._ask(signal.SIGSTOP, nth, *words)
        if (found := int(self._stdout.readline())) == DONE:
            yield False
            return
        try:
            yield True
        finally:
            os.kill(found, signal.SIGCONT)
            end = int(self._stdout.readline())
        assert end == DONE, nth

    def _ask(self, which: signal.Signals, nth: int, *words: str | Path) -> None:
        self._stdin.write(json.dumps([which, nth, [str(word) for word in words]]) + "\n")
        self._stdin.flush()


@contextmanager
def mortal(folder: Path) -> Iterator[Mortal]:
    pipe = subprocess.PIPE
    words = [sys.executable, "-m", "tests.cli.mortal", str(folder)]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None
        yield Mortal(stdin, stdout)
        stdin.close()


@pytest.fixture
def left(tmp_path: Path) -> Left:
    return leave(tmp_path)


def leave_unfinished(folder: Path) -> Path:
    """As a command leaves it that is killed."""
    made = folder / DEAD
    made.mkdir()
    for name in ("copy.db", "lock"):
        (made / name).write_bytes(b"x")
    return made


def lay_out(left: Left, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(left.path.parent, folder)
    return folder / left.path.name


def unfinished(folder: Path) -> list[Path]:
    """What a command that was killed left, but for an empty directory."""
    return [found for found in folder.glob(".jupyter_collab-*") if any(found.iterdir())]


def copies(folder: Path) -> set[Path]:
    return set(folder.glob(".jupyter_collab-*/copy.db"))


def succeed(*words: str | Path, folder: Path) -> None:
    """Runs a command that removes what was left in the folder, if anything, and says so."""
    is_left = bool(unfinished(folder))
    said = collab(*words)
    assert said.code == 0, said.err
    assert said.err.count("left by a command that was cut off.\n") == is_left
    assert said.err.count("\n") == is_left
    assert list(folder.glob(".*")) == []


def test_a_backup_that_is_killed_is_there_whole_or_not_at_all(left: Left, tmp_path: Path) -> None:
    """[LC7] [LC14] The database stays as it was; the next backup removes what was left."""
    found: Counter[bool] = Counter()
    times_left = 0
    with mortal(tmp_path / "here") as run:
        for nth in range(1, 1000):
            path = lay_out(left, tmp_path / "here")
            target = path.with_name("backup.db")
            end = run.kill(nth, "backup", target, "--database", path)
            if end == DONE:
                break
            assert end == -signal.SIGKILL, nth
            found[target.exists()] += 1
            times_left += bool(unfinished(path.parent))
            if target.exists():
                assert collab("check", "--database", target).code == 0, nth
                assert rows(target, LAST) == rows(path, LAST)
                target = path.with_name("another.db")
            succeed("backup", target, "--database", path, folder=path.parent)
    assert found[False] > 5
    assert found[True] > 0
    assert times_left > 5


def test_a_restore_that_is_killed_leaves_the_one_or_the_other_whole(
    left: Left, tmp_path: Path
) -> None:
    """[LC9] [LC14] The database with all that was stored, or the backup with that one beside it.

    The next restore removes what was left; each database has one name afterwards.
    """
    found: Counter[bool] = Counter()
    with mortal(tmp_path / "here") as run:
        for nth in range(1, 1000):
            path = lay_out(left, tmp_path / "here")
            end = run.kill(nth, "restore", left.backup, "--database", path)
            if end == DONE:
                break
            assert end == -signal.SIGKILL, nth
            assert collab("check", "--database", path).code == 0, nth
            is_restored = rows(path, LAST) == rows(left.backup, LAST)
            found[is_restored] += 1
            before = next(path.parent.glob("*.replaced-*Z")) if is_restored else path
            assert rows(before, LAST) >= [(left.acknowledged,)], nth
            succeed("restore", left.backup, "--database", path, folder=path.parent)
            kept = list(path.parent.glob("*.replaced-*"))
            assert len(kept) == 1 + is_restored, nth
            assert [file.stat().st_nlink for file in (path, *kept)] == [1] * (1 + len(kept))
    assert found[False] > 5
    assert found[True] > 0


def test_a_check_that_is_killed_leaves_no_copy_for_long(
    left: Left, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC14] It would be of all that was ever said."""
    folder = tmp_path / "here"
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    times_left = 0
    with mortal(folder) as run:
        for nth in range(1, 1000):
            path = lay_out(left, folder)
            if run.kill(nth, "check", "--database", path) == DONE:
                break
            times_left += bool(unfinished(folder))
            succeed("check", "--database", path, folder=folder)
    assert times_left > 5


def test_what_a_living_command_writes_is_left_to_it(left: Left, tmp_path: Path) -> None:
    """[LC14] Stopped before any of its steps, while another one removes what a dead one left."""
    folder = tmp_path / "here"
    times = 0
    with mortal(folder) as run:
        for nth in range(1, 1000):
            path = lay_out(left, folder)
            leave_unfinished(folder)
            slow, quick = folder / "slow.db", folder / "quick.db"
            with run.stop(nth, "backup", slow, "--database", path) as is_stopped:
                living = {copy for copy in copies(folder) if copy.parent.name != DEAD}
                assert collab("backup", quick, "--database", path).code == 0, nth
                assert living <= copies(folder), nth
                times += bool(living)
            for made in (slow, quick):
                assert collab("check", "--database", made).code == 0, nth
            assert list(folder.glob(".*")) == [], nth
            if not is_stopped:
                break
    assert times > 5


def test_what_is_not_known_to_be_left_stays(path: Path, tmp_path: Path) -> None:
    """[LC14] Of another program or another user, a link, or what can't be removed."""
    folder = tmp_path / "backups"
    folder.mkdir()
    stays = [folder / ".jupyter_collab", folder / ".jupyter_collab-file"]
    for file in stays:
        file.write_text("mine")
    (folder / ".jupyter_collab-link").symlink_to(leave_unfinished(tmp_path))
    (folder / ".jupyter_collab-full" / "folder").mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(leave_unfinished(folder), NOBODY, NOBODY)
    before = sorted(folder.rglob("*"))
    said = collab("backup", folder / "new.db", "--database", path)
    assert (said.code, said.err) == (0, "")
    assert sorted(folder.rglob("*")) == sorted([*before, folder / "new.db"])
    assert (tmp_path / DEAD / "copy.db").exists()


def test_a_command_of_a_disk_without_locks_leaves_what_it_can_not_tell(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC14] Some network file systems have none; a backup is made there all the same."""

    def no_locks(*_: object) -> None:
        raise OSError(ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    dead = leave_unfinished(tmp_path)
    said = collab("backup", tmp_path / "new.db", "--database", path)
    assert (said.code, said.err) == (0, "")
    assert list(tmp_path.glob(".*")) == [dead]
