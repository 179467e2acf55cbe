"""`python -m benchmarks`: measures, prints the tables, and keeps them in `results/`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from .figure import Figures
from .machine import Machine, inspect_machine
from .peer import StartFailed
from .report import bars, markdown
from .run import PARTS, Plan, Void, run

__all__ = ["main"]

RESULTS = Path(__file__).parent / "results"
QUICK = Plan(
    rounds=1,
    seconds=0.5,
    clients=10,
    histories=(0, 100),
    joins=3,
    idle_connections=20,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs what the command line asks for; 0 unless the run is void."""
    options = _parser().parse_args(arguments)
    base = QUICK if options.quick else Plan()
    plan = Plan(
        parts=tuple(options.only or PARTS),
        rounds=options.rounds or base.rounds,
        seconds=options.seconds or base.seconds,
        clients=base.clients,
        histories=base.histories,
        joins=base.joins,
        idle_connections=base.idle_connections,
    )
    output: Path = options.output
    output.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so servers stop
    machine = inspect_machine(output)
    try:
        figures = run(plan, output, lambda step: print(step, file=sys.stderr, flush=True))
    except (StartFailed, Void) as exc:
        print(f"VOID: {exc}", file=sys.stderr)
        return 1
    _keep(output, figures, plan, machine)
    return 0


def _keep(output: Path, figures: Figures, plan: Plan, machine: Machine) -> None:
    report = markdown(figures, plan, machine)
    print(report)
    (output / "latest.md").write_text(report)
    shown = {
        "machine": machine,
        "plan": {name: value for name, value in vars(plan).items() if name != "peers"},
        "figures": list(figures),
        "bars": [{**vars(bar), "is_met": bar.is_met} for bar in bars(figures)],
    }
    (output / "latest.json").write_bytes(msgspec.json.format(msgspec.json.encode(shown)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="seconds, to see that it runs")
    parser.add_argument("--rounds", type=_positive(int), help="3 unless told; medians count")
    parser.add_argument("--seconds", type=_positive(float), help="of each load; 10 unless told")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="parts to measure, not all")
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
