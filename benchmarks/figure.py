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

from .job import Answered, Idled, Joined, Stormed, Traffic

__all__ = ["Fault", "Figure", "Figures", "Metric", "Seen", "Step"]

Step = Literal[
    "open loop",
    "closed loop",
    "crowd",
    "storm",
    "fill",
    "join",
    "resume",
    "page",
    "post",
    "idle",
]
Metric = Literal[
    "p50_ms",
    "p99_ms",
    "max_ms",
    "mean_ms",
    "deliveries_per_s",
    "server_cpu_ms",  # per 1,000 deliveries
    "server_cpu_share",  # of one core
    "load_cpu_share",  # of one core; near 1, the generator is the bottleneck
    "others_cpu_share",  # of one core; much of it, and the latencies are theirs
    "deliveries",
    "lag_ms",  # longest stop of the server's event loop, by its own gauge
    "all_live_ms",
    "first_ms",
    "again_ms",
    "bytes",
    "kib_per_connection",
    "entries_per_s",
]
Seen = Traffic | Joined | Answered | Idled | Stormed
_Key = tuple[str, Step, float, Metric]


class Figure(Struct, frozen=True, kw_only=True):
    """One metric of one peer: `values` in the order of the rounds of the run `made`.

    `at` is posts/s of the open loop, messages in flight of the closed one, people of a crowd or
    a storm, messages in the conversation that is joined or asked, and connections that idle.
    """

    peer: str
    step: Step
    at: float
    metric: Metric
    made: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """What counts."""
        return statistics.median(self.values)

    @property
    def worst(self) -> float:
        """The largest of any round, of what must never happen."""
        return max(self.values)


class Fault(Struct, frozen=True, kw_only=True):
    """Why a peer has no figure: a message lost or doubled, a connection broken.

    It is of one step at one position, of the whole step, or of all steps where those are None.
    """

    peer: str
    step: Step | None
    at: float | None
    why: str

    def covers(self, peer: str, step: Step, at: float) -> bool:
        """Whether a figure means nothing because of it."""
        return self.peer == peer and self.step in {None, step} and self.at in {None, at}


class Figures:
    """Collects values. A step of a peer that failed in one round has no figures at all."""

    def __init__(
        self, figures: Iterable[Figure] = (), faults: Iterable[Fault] = (), *, made: str = ""
    ) -> None:
        self.faults = list(faults)
        self._now = made
        self._made: dict[_Key, str] = {}
        self._values: dict[_Key, list[float]] = defaultdict(list)
        for figure in figures:
            key = figure.peer, figure.step, figure.at, figure.metric
            self._values[key] = [*figure.values]
            self._made[key] = figure.made

    def add(self, peer: str, step: Step, at: float, seen: Seen) -> None:
        """Adds what one job of one round gave."""
        for metric, value in _values_of(seen):
            self.note(peer, step, at, metric, value)

    def note(self, peer: str, step: Step, at: float, metric: Metric, value: float) -> None:
        """Adds one value."""
        self._values[peer, step, at, metric].append(value)
        self._made[peer, step, at, metric] = self._now

    def void(self, fault: Fault) -> None:
        """Notes that the peer's figures of this step mean nothing."""
        self.faults.append(fault)

    def get(self, peer: str, step: Step, at: float, metric: Metric) -> Figure | None:
        """One figure, or None if it was not measured, or is void."""
        key = peer, step, at, metric
        if key not in self._made or self._is_void(peer, step, at):
            return None
        return self._figure(key)

    def median(self, peer: str, step: Step, at: float, metric: Metric) -> float | None:
        """The median over the rounds, if there is one."""
        figure = self.get(peer, step, at, metric)
        return None if figure is None else figure.median

    def positions(self, step: Step, peer: str = "") -> list[float]:
        """Where a step was measured, of one peer or of any, in order."""
        keys = self._values
        return sorted({at for who, what, at, _ in keys if what == step and peer in {"", who}})

    def __iter__(self) -> Iterator[Figure]:
        return (self._figure(key) for key in self._values if not self._is_void(*key[:3]))

    def _figure(self, key: _Key) -> Figure:
        peer, step, at, metric = key
        return Figure(
            peer=peer,
            step=step,
            at=at,
            metric=metric,
            made=self._made[key],
            values=tuple(self._values[key]),
        )

    def _is_void(self, peer: str, step: Step, at: float) -> bool:
        return any(fault.covers(peer, step, at) for fault in self.faults)


def _values_of(seen: Seen) -> Iterable[tuple[Metric, float]]:
    match seen:
        case Traffic():
            yield from _traffic(seen)
        case Joined():
            yield "first_ms", seen.first_ms
            yield "again_ms", seen.again_ms
            yield "bytes", seen.received_bytes
        case Answered():
            yield "p50_ms", seen.p50_ms
            yield "p99_ms", seen.p99_ms
            yield "mean_ms", seen.mean_ms
        case Idled():
            grown = seen.after_bytes - seen.before_bytes
            yield "kib_per_connection", grown / seen.connections / 1024
            if seen.watched_s > 1:
                yield "server_cpu_share", seen.server_cpu_s / seen.watched_s
        case Stormed():
            yield "all_live_ms", seen.all_live_s * 1000
            yield "bytes", seen.received_bytes / seen.clients


def _traffic(seen: Traffic) -> Iterable[tuple[Metric, float]]:
    yield "deliveries", seen.deliveries
    yield "deliveries_per_s", seen.deliveries / seen.seconds
    yield "server_cpu_ms", seen.server_cpu_s * 1e6 / max(1, seen.deliveries)
    yield "server_cpu_share", seen.server_cpu_s / seen.seconds
    yield "load_cpu_share", seen.load_cpu_s / seen.seconds
    yield "others_cpu_share", seen.others_cpu_s / seen.seconds
    if seen.latency is not None:
        yield "p50_ms", seen.latency.p50_ms
        yield "p99_ms", seen.latency.p99_ms
        yield "max_ms", seen.latency.max_ms
