"""A server that is killed wherever it may be loses nothing, doubles nothing, makes nothing up.

A seed that fails is its own repetition: `-k "killed and 7"`. More of them: `SEEDS=100`.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import anyio
import pytest

from tests.durability.failpoint import POINTS, TIDYING
from tests.durability.life import NOT_KILLED, Job
from tests.durability.witness import Witness
from tests.seeds import CHEAP, seeds

ONCE_FAILED: tuple[int, ...] = ()  # seeds that found something, tried for ever
ROOT = Path(__file__).parents[2]


class Lives:
    """Servers' lives, one after the other, on one file."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._count = 0
        self.database = folder / "conversations.db"
        self.witness = Witness()

    def live(self, seed: int, *, point: str = "never", nth: int = 0, rounds: int = 60) -> int:
        """Has one lived to its end, and the witness hear of it; says how it ended."""
        self._count += 1
        record = self._folder / f"life{self._count}"
        job = Job(
            database=str(self.database),
            record=str(record),
            seed=seed,
            point=point,
            nth=nth,
            rounds=rounds,
            owed=self.witness.unanswered(),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(job.line())
        self._process.stdin.flush()
        end = int(self._process.stdout.readline())
        with record.open() as lines:
            self.witness.hear(lines)
        return end

    def check(self) -> None:
        anyio.run(partial(self.witness.check, self.database))


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    """Where lives are lived: started once, since importing takes longer than living."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "tests.durability.life"]
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        yield process


@pytest.mark.parametrize("seed", seeds(CHEAP, ONCE_FAILED))
def test_what_a_killed_server_acknowledged_is_there_once(
    seed: int, process: subprocess.Popen[str], tmp_path: Path
) -> None:
    """[LG6] [LG1] [LG3] [LG5] [LG7] [LG11] [LC2] Killed at every point, on one file.

    Also while old messages are pruned and deleted words taken out of the file. What went
    unanswered is sent again by the same people, and is then there once, or refused.
    """
    rng = random.Random(seed)
    lives = Lives(process, tmp_path)
    points = (*POINTS, *TIDYING)
    for point in rng.sample(points, len(points)):
        nth = rng.randint(1, 3 if point in TIDYING else 30)
        end = lives.live(rng.randrange(1 << 30), point=point, nth=nth)
        assert end == -signal.SIGKILL, f"{point!r} was not reached {nth} times"
        lives.check()
    assert lives.live(rng.randrange(1 << 30), rounds=0) == NOT_KILLED
    lives.check()
    assert lives.witness.unanswered() == []
