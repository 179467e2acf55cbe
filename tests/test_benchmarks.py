"""The benchmarks run, count every delivery, and would notice a lost or doubled one.

No test looks at a time: bars are for `python -m benchmarks` on a quiet machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.figure import Figures
from benchmarks.job import Joined, Latency, Memory, Traffic
from benchmarks.ledger import TAG, TEXT_CHARS, Ledger, tagged
from benchmarks.load import Crowd
from benchmarks.peer import BARE, OURS
from benchmarks.report import bars
from benchmarks.wire import whole_frames

ROOT = Path(__file__).parent.parent
PARTS = {"open loop", "closed loop", "join", "idle"}


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `python -m benchmarks --quick` keeps, from one real run."""
    output = tmp_path_factory.mktemp("benchmarks")
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(output)]
    before = set(psutil.Process().children(recursive=True))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in sorted(output.iterdir())] == ["latest.json", "latest.md"]
    assert set(psutil.Process().children(recursive=True)) <= before
    kept: dict[str, Any] = json.loads((output / "latest.json").read_text())
    assert (output / "latest.md").read_text().strip() == done.stdout.strip()
    return kept


def test_quick_run_measures_every_part_of_both_servers(quick_run: dict[str, Any]) -> None:
    """One command measures ours and the bare broadcaster side by side."""
    measured = {(figure["peer"], figure["step"]) for figure in quick_run["figures"]}
    ours = {(OURS.name, part) for part in PARTS}
    bare = {(BARE.name, part) for part in PARTS - {"join"}}
    assert measured == ours | bare


def test_quick_run_loses_and_doubles_nothing(quick_run: dict[str, Any]) -> None:
    """Real clients each get every message once, all in the same order [FO3]."""
    faults = [figure for figure in quick_run["figures"] if figure["metric"] == "faults"]
    assert faults
    assert all(value == 0 for figure in faults for value in figure["values"])
    delivered = {
        (figure["peer"], figure["at"]): figure["values"]
        for figure in quick_run["figures"]
        if figure["metric"] == "deliveries" and figure["step"] == "open loop"
    }
    people, seconds = quick_run["plan"]["clients"], quick_run["plan"]["seconds"]
    assert delivered == {
        (peer.name, rate): [rate * seconds * people] for peer in (OURS, BARE) for rate in (10, 50)
    }


def test_crowd_counts_what_a_server_delivers(tmp_path: Path) -> None:
    """Every post reaches every client of its conversation, and no other conversation's."""
    with (
        BARE.start(tmp_path) as target,
        Crowd(target, "one", 3) as one,
        Crowd(target, "other", 2) as other,
    ):
        for _ in range(20):
            one.post()
        other.post()
        assert sum(len(tags) for _, tags in one.drain()) == 60
        assert sum(len(tags) for _, tags in other.drain()) == 2
        assert one.ledger.tally(one.posted) == (0, 0, 0)
        assert other.ledger.tally(other.posted) == (0, 0, 0)


def _ledger(*clients: list[int]) -> Ledger:
    ledger = Ledger(len(clients))
    for index, numbers in enumerate(clients):
        for number in numbers:  # a read for each, so that orders are compared step by step
            ledger.record(index, [b"%08d" % number])
    return ledger


def test_ledger_accepts_any_one_order() -> None:
    """What counts is that all see the same order, not which."""
    assert _ledger([1, 0, 2], [1, 0, 2]).tally(3) == (0, 0, 0)


def test_ledger_accepts_reads_of_any_size() -> None:
    """One client may get in one read what another got in three, before or after it."""
    ledger = Ledger(2)
    tags = [b"%08d" % number for number in range(4)]
    ledger.record(0, tags[:1])
    ledger.record(1, tags[:3])
    ledger.record(0, tags[1:])
    ledger.record(1, tags[3:])
    assert ledger.tally(4) == (0, 0, 0)
    assert ledger.delivered == [4, 4]


@pytest.mark.parametrize(
    ("clients", "tally"),
    [
        (([0, 1, 2], [0, 1]), (1, 0, 0)),
        (([0, 1, 2], [0, 2]), (1, 0, 1)),
        (([0, 1], [0, 1]), (2, 0, 0)),
        (([0, 1, 2], [0, 1, 1, 2]), (0, 1, 1)),
        (([0, 1, 1, 2], [0, 1, 1, 2]), (0, 2, 0)),
        (([0, 1, 2], [0, 2, 1]), (0, 0, 1)),
        (([0, 1, 2, 7], [0, 1, 2]), (0, 1, 0)),
    ],
    ids=["late", "gap", "everyone", "again", "again-for-all", "swapped", "foreign"],
)
def test_ledger_notices(clients: tuple[list[int], ...], tally: tuple[int, int, int]) -> None:
    """Losses, repeats, foreign messages and another order are told apart, of three posted."""
    assert _ledger(*clients).tally(3) == tally


def test_tagged_text_is_found_in_any_frame() -> None:
    """A message is countable wherever a server puts its text."""
    frame = f'{{"type":"entries","entries":[{{"body":{{"text":"{tagged(41)}"}}}}]}}'
    assert TAG.findall(frame.encode()) == [b"00000041"]
    assert len(tagged(41)) == TEXT_CHARS


def test_frames_are_cut_at_their_ends_only() -> None:
    """A read that ends anywhere hands on whole frames, of every length form [RFC 6455 §5.2]."""
    sizes = (0, 1, 125, 126, 127, 65_535, 65_536)
    stream, ends = b"", [0]
    for size in sizes:
        if size < 126:
            header = bytes([size])
        elif size < 1 << 16:
            header = b"\x7e" + size.to_bytes(2, "big")
        else:
            header = b"\x7f" + size.to_bytes(8, "big")
        stream += b"\x81" + header + b"x" * size
        ends.append(len(stream))
    near_ends = {end + off for end in ends for off in range(-3, 14)}
    for cut in sorted(near_ends & set(range(len(stream) + 1))):
        assert whole_frames(stream[:cut]) == (max(end for end in ends if end <= cut), [])


def test_control_frames_are_told_apart() -> None:
    """Pings and closes between text frames are answered, not scanned."""
    assert whole_frames(b"\x81\x01a\x89\x00\x81\x01b\x88\x02\x03\xe8") == (12, [3, 8])


def _traffic(deliveries: int, latency: Latency | None = None) -> Traffic:
    return Traffic(
        posts=1,
        deliveries=deliveries,
        seconds=1.0,
        lost=0,
        duplicates=0,
        disordered=0,
        server_cpu_s=0.5,
        load_cpu_s=0.1,
        others_cpu_s=0.0,
        latency=latency,
    )


def test_bars_judge_the_medians_of_what_was_measured() -> None:
    """A bar is kept or not by the median of the rounds; what was not measured has no bar."""
    figures = Figures()
    for p99_ms in (2.0, 3.0, 99.0):
        figures.add(OURS.name, "open loop", 10, _traffic(500, Latency(1.0, p99_ms, 99.0)))
    figures.add(OURS.name, "closed loop", 64, _traffic(400))
    figures.add(BARE.name, "closed loop", 64, _traffic(1000))
    for messages, first_ms in ((1_000, 4.0), (100_000, 8.0)):
        joined = Joined(conversation="x", first_ms=first_ms, again_ms=2.0, received_bytes=20_000)
        figures.add(OURS.name, "join", messages, joined)
    memory = Memory(connections=100, before_bytes=0, after_bytes=100 * 20 * 1024)
    figures.add(OURS.name, "idle", 100, memory)
    assert [(bar.measured, bar.is_met) for bar in bars(figures)] == [
        (3.0, True),
        (0.4, False),
        (2.0, False),
        (1.0, True),
        (1.0, True),
        (20.0, True),
    ]
    assert not list(bars(Figures()))
