"""`python -m benchmarks`: measures, prints the tables, and keeps them in `results/`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import ValidationError
from msgspec.structs import replace

from .machine import allow_many_files, inspect_machine
from .peer import BARE, OURS, PEERS
from .plan import PARTS, PeerNote, Plan, Results, Run
from .plot import draw
from .report import markdown
from .run import run

__all__ = ["RESULTS", "main"]

RESULTS = Path(__file__).parent / "results"
QUICK = Plan(
    rounds=1,
    seconds=0.5,
    warm_up_s=0.1,
    clients=10,
    posts_per_s=(50,),
    crowds=(60,),
    storm=20,
    behind=10,
    histories=(200, 1_000),
    chat_history=200,
    joins=3,
    asks=3,
    posts=3,
    idle=20,
    many_idle=0,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs what the command line asks for; 0 unless ours or the bare broadcaster's is void."""
    options = _parser().parse_args(arguments)
    plan = _plan(options)
    output: Path = options.output
    output.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so servers stop
    allow_many_files()
    peers = [peer for peer in PEERS if not options.peers or peer.name in options.peers]
    installed = {peer.name: peer.is_installed() for peer in peers}
    machine = inspect_machine(output)
    able = [peer for peer in peers if installed[peer.name]]
    figures = run(
        plan,
        able,
        output,
        lambda step: print(step, file=sys.stderr, flush=True),
        made=machine.made_at,
    )
    results = Results(
        runs=(Run(machine=machine, plan=plan),),
        peers=tuple(
            PeerNote(name=peer.name, note=peer.note, is_installed=installed[peer.name])
            for peer in peers
        ),
        figures=tuple(figures),
        faults=tuple(figures.faults),
    )
    _keep(results, output)
    return int(any(fault.peer in {OURS.name, BARE.name} for fault in figures.faults))


def _keep(results: Results, output: Path) -> None:
    latest = output / "latest.json"
    is_whole = set(results.plan.parts) == set(PARTS) and len(results.peers) == len(PEERS)
    if not is_whole and latest.exists():
        with suppress(ValidationError):  # of an older version; what it says can't be shown
            results = results.onto(Results.read(latest))
    report = markdown(results)
    print(report)
    results.write(latest)
    (output / "latest.md").write_text(report)
    (output / "latest.svg").write_text(draw(results))


def _plan(options: argparse.Namespace) -> Plan:
    asked: dict[str, Any] = {
        "parts": tuple(options.only) if options.only else None,
        "rounds": options.rounds,
        "seconds": options.seconds,
    }
    base = QUICK if options.quick else Plan()
    return replace(base, **{name: value for name, value in asked.items() if value})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="seconds, to see that it runs")
    parser.add_argument("--rounds", type=_positive(int), help="5 unless told; medians count")
    parser.add_argument("--seconds", type=_positive(float), help="of each load; 2.5 unless told")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, help="parts to measure; the rest stays as it was"
    )
    names = [peer.name for peer in PEERS]
    parser.add_argument("--peers", nargs="+", choices=names, help="peers to measure, not all")
    parser.add_argument(
        "--output",
        type=Path,
        default=RESULTS,
        help="where results and databases go; must be on a real disk",
    )
    return parser


def _positive(kind: type[int] | type[float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if (value := kind(text)) <= 0:
            raise argparse.ArgumentTypeError("must be more than 0")
        return value

    return parse


if __name__ == "__main__":
    sys.exit(main())
