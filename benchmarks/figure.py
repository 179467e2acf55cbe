"""Figures: what was measured, one list of values for each thing, a value for each round.

Owns their names and units. Must not know how they are measured or shown. The JSON is a flat
list, so that a plot or a comparison of two runs needs no knowledge of the steps.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from .job import Joined, Memory, Traffic

__all__ = ["Figure", "Figures", "Metric", "Step"]

Step = Literal["open loop", "closed loop", "join", "idle"]
Metric = Literal[
    "p50_ms",
    "p99_ms",
    "max_ms",
    "deliveries_per_s",
    "server_cpu_ms",  # per 1,000 deliveries
    "server_cpu_share",  # of one core
    "load_cpu_share",  # of one core; near 1, the generator is the bottleneck
    "others_cpu_share",  # of one core; much of it, and the latencies are theirs
    "deliveries",
    "faults",  # lost, twice, or out of order; any voids the run
    "first_ms",
    "again_ms",
    "bytes",
    "kib_per_connection",
]


class Figure(Struct, frozen=True, kw_only=True):
    """One metric of one peer: `values` in the order of the rounds.

    `at` is posts/s of the open loop, messages in flight of the closed one, messages in the
    conversation that is joined, and connections that idle.
    """

    peer: str
    step: Step
    at: float
    metric: Metric
    values: tuple[float, ...]
    median: float


class Figures:
    """Collects values; a figure is the median of its rounds."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, Step, float, Metric], list[float]] = defaultdict(list)

    def add(self, peer: str, step: Step, at: float, result: Traffic | Joined | Memory) -> None:
        """Adds what one job of one round gave."""
        for metric, value in _values_of(result):
            self._values[peer, step, at, metric].append(value)

    def median(self, peer: str, step: Step, at: float, metric: Metric) -> float | None:
        """The median over the rounds, or None if it was not measured."""
        values = self._values.get((peer, step, at, metric))
        return statistics.median(values) if values else None

    def positions(self, step: Step) -> list[float]:
        """Where a step was measured, in order."""
        return sorted({at for _, measured, at, _ in self._values if measured == step})

    def __iter__(self) -> Iterator[Figure]:
        for (peer, step, at, metric), values in self._values.items():
            yield Figure(
                peer=peer,
                step=step,
                at=at,
                metric=metric,
                values=tuple(values),
                median=statistics.median(values),
            )


def _values_of(result: Traffic | Joined | Memory) -> Iterable[tuple[Metric, float]]:
    match result:
        case Traffic():
            yield "deliveries", result.deliveries
            yield "deliveries_per_s", result.deliveries / result.seconds
            yield "server_cpu_ms", result.server_cpu_s * 1e6 / max(1, result.deliveries)
            yield "server_cpu_share", result.server_cpu_s / result.seconds
            yield "load_cpu_share", result.load_cpu_s / result.seconds
            yield "others_cpu_share", result.others_cpu_s / result.seconds
            yield "faults", result.lost + result.duplicates + result.disordered
            if result.latency is not None:
                yield "p50_ms", result.latency.p50_ms
                yield "p99_ms", result.latency.p99_ms
                yield "max_ms", result.latency.max_ms
        case Joined():
            yield "first_ms", result.first_ms
            yield "again_ms", result.again_ms
            yield "bytes", result.received_bytes
        case Memory():
            grown = result.after_bytes - result.before_bytes
            yield "kib_per_connection", grown / result.connections / 1024
