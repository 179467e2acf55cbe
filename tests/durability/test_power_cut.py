"""The power goes at any moment: what was acknowledged is on a disk that honours fsync.

A real log's writes are recorded, and the disk's state after a cut is made up from them, many
times. More cuts: `SEEDS=100`.
"""

from __future__ import annotations

import random
import shutil
import sys
from functools import partial
from pathlib import Path

import anyio
import pytest

from jupyter_collab.errors import Unavailable
from tests.durability.disk import Call, Disk, record
from tests.durability.life import Job
from tests.durability.witness import Witness
from tests.seeds import CHEAP, seeds

ONCE_FAILED: tuple[int, ...] = ()  # seeds that found something, tried for ever
CUTS_PER_SEED = 40
RETRIED = 0.2  # of the cuts
ROOT = Path(__file__).parents[2]


class Recording:
    """What one life of a server did to its disk, and what it told to whom meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.disk = folder / "disk"
        self.disk.mkdir()
        self._record = folder / "record"
        database = self.disk / "new" / "conversations.db"
        job = Job(database=str(database), record=str(self._record), seed=1, rounds=25)
        command = [sys.executable, "-m", "tests.durability.life", job.line()]
        calls = record(command, folder / "trace", cwd=ROOT)
        self.calls = [call for call in calls if self._concerns(call)]
        _, witness = self.until(len(self.calls))
        assert witness.least_floor, "something was pruned"

    def _concerns(self, call: Call) -> bool:
        return call.path == self._record or self.disk in (call.path, *call.path.parents)

    def until(self, cut: int, *, keeps_fsync: bool = True) -> tuple[Disk, Witness]:
        """The disk and the witness after the first `cut` calls."""
        disk, witness = Disk(self.disk, keeps_fsync=keeps_fsync), Witness()
        for call in self.calls[:cut]:
            if call.path != self._record:
                disk.take(call)
            elif call.name == "write":
                witness.hear([call.data.decode()])
        return disk, witness


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return Recording(tmp_path_factory.mktemp("recording"))


def check(disk: Disk, witness: Witness, rng: random.Random, into: Path) -> None:
    """Lets the power go, and holds what is left to what the witness has heard."""
    into.mkdir()
    disk.cut(rng, into=into)
    database = into / "new" / "conversations.db"
    anyio.run(partial(witness.check, database))
    if rng.random() < RETRIED:
        anyio.run(partial(witness.retry, database))
        anyio.run(partial(witness.check, database))
    shutil.rmtree(into)


@pytest.mark.parametrize("seed", seeds(CHEAP, ONCE_FAILED))
def test_what_was_acknowledged_survives_a_power_cut(
    seed: int, recording: Recording, tmp_path: Path
) -> None:
    """[LG6] [LG1] [LG7] And what was shown; at any moment, whatever is torn or out of order."""
    rng = random.Random(seed)
    for _ in range(CUTS_PER_SEED):
        cut = rng.randint(0, len(recording.calls))
        check(*recording.until(cut), rng, tmp_path / "after")


def test_a_disk_that_ignores_fsync_would_be_noticed(recording: Recording, tmp_path: Path) -> None:
    """[LG6] The limit of the promise, and that these tests see what they look for."""
    rng = random.Random(0)
    cut = recording.until(len(recording.calls) // 2, keeps_fsync=False)

    def check_some() -> None:
        for number in range(CUTS_PER_SEED):
            check(*cut, rng, tmp_path / f"after{number}")

    with pytest.raises((AssertionError, Unavailable)):
        check_some()
