"""The bars: what ours must reach, most of it beside the peers of the same run.

Owns the promises and their numbers. Must not know how anything was measured. What a run did
not measure, or what is void, has no bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .figure import Figures, Metric, Step
from .peer import BARE, OURS, PYTHON_SOCKETIO, SOCKETIO, WS

__all__ = ["Bar", "bars"]

SMALL, LARGE = 1_000, 1_000_000
JOINED = 10_000  # messages in the conversation whose join is compared
KEPT = 100  # messages that the bare broadcaster sends to whoever joins
MS = "{:,.2f} ms"
TIMES = "{:.2f}×"


@dataclass(frozen=True)
class Bar:
    """A promise: `measured` must be at most (or at least) `bar`, both shown as `form` says."""

    promise: str
    measured: float
    bar: float
    form: str = TIMES
    is_ceiling: bool = True
    aim: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the promise was kept in this run."""
        return self.measured <= self.bar if self.is_ceiling else self.measured >= self.bar

    @property
    def required(self) -> str:
        """The bar in words."""
        return ("at most " if self.is_ceiling else "at least ") + self.form.format(self.bar)


def bars(figures: Figures) -> Iterator[Bar]:
    """The promises of which this run says something."""
    ask = _Asker(figures)
    yield from _fan_out(ask)
    yield from _throughput(ask)
    yield from _crowds(ask)
    yield from _coming_back(ask)
    yield from _joining(ask)
    yield from _flat(ask)
    yield from _idle(ask)
    yield from _lag(ask)


class _Asker:
    """Medians of ours, alone or beside a peer's."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def ours(self, step: Step, at: float, metric: Metric) -> Iterator[float]:
        """One value, or none."""
        if (value := self.figures.median(OURS.name, step, at, metric)) is not None:
            yield value

    def beside(self, peer: str, step: Step, at: float, metric: Metric) -> Iterator[float]:
        """Ours divided by the peer's."""
        theirs = self.figures.median(peer, step, at, metric)
        return (mine / theirs for mine in self.ours(step, at, metric) if theirs)

    def growth(self, step: Step, metric: Metric) -> Iterator[float]:
        """Ours with the largest history divided by ours with the smallest."""
        for small in self.ours(step, SMALL, metric):
            yield from (large / small for large in self.ours(step, LARGE, metric) if small)


def _fan_out(ask: _Asker) -> Iterator[Bar]:
    of_bare = "the bare broadcaster's"
    for rate in ask.figures.positions("open loop", OURS.name):
        for ratio in ask.beside(BARE.name, "open loop", rate, "p50_ms"):
            yield Bar(f"{rate:g} posts/s to 50 people, p50 beside {of_bare}", ratio, 1.5)
        for ratio in ask.beside(BARE.name, "open loop", rate, "p99_ms"):
            yield Bar(f"{rate:g} posts/s to 50 people, p99 beside {of_bare}", ratio, 2.0)


def _throughput(ask: _Asker) -> Iterator[Bar]:
    floors = ((BARE, 5.0, "7×"), (PYTHON_SOCKETIO, 1.0, ""), (SOCKETIO, 1.0, ""), (WS, 1.0, ""))
    for at in ask.figures.positions("closed loop", OURS.name):
        for peer, floor, aim in floors:
            for ratio in ask.beside(peer.name, "closed loop", at, "deliveries_per_s"):
                promise = f"deliveries/s, {at:g} in flight, beside {peer.name}"
                yield Bar(promise, ratio, floor, is_ceiling=False, aim=aim)
        for ratio in ask.beside(BARE.name, "closed loop", at, "server_cpu_ms"):
            yield Bar(f"server CPU per delivery, {at:g} in flight, beside {BARE.name}", ratio, 1.0)


def _crowds(ask: _Asker) -> Iterator[Bar]:
    for people in ask.figures.positions("crowd", OURS.name):
        for p99_ms in ask.ours("crowd", people, "p99_ms"):
            yield Bar(f"10 posts/s to {people:,g} people, p99", p99_ms, 100.0, MS)


def _coming_back(ask: _Asker) -> Iterator[Bar]:
    for people in ask.figures.positions("storm", OURS.name):
        for ratio in ask.beside(BARE.name, "storm", people, "all_live_ms"):
            promise = f"{people:g} people come back, 100 entries behind, beside {BARE.name}"
            yield Bar(f"{promise} with nothing to send", ratio, 3.0)


def _joining(ask: _Asker) -> Iterator[Bar]:
    for kept_ms in _given(ask.figures.median(BARE.name, "join", KEPT, "again_ms")):
        for joined_ms in ask.ours("join", JOINED, "again_ms"):
            promise = f"join of {JOINED:,} messages, beside {BARE.name} with {KEPT} in memory"
            yield Bar(promise, joined_ms / kept_ms, 2.0)
    for at in ask.figures.positions("join", OURS.name)[-1:]:
        for sent in ask.ours("join", at, "bytes"):
            yield Bar(f"bytes of a join of {at:,.0f} messages", sent / 1000, 60.0, "{:.1f} KB")


def _flat(ask: _Asker) -> Iterator[Bar]:
    costs: tuple[tuple[Step, Metric, str], ...] = (
        ("post", "p50_ms", "a post"),
        ("join", "again_ms", "a join"),
        ("resume", "again_ms", "a resume"),
        ("page", "p50_ms", "a page of history"),
    )
    for step, metric, what in costs:
        for ratio in ask.growth(step, metric):
            yield Bar(f"{what}, {LARGE:,} messages beside {SMALL:,}", ratio, 1.5)


def _idle(ask: _Asker) -> Iterator[Bar]:
    for at in ask.figures.positions("idle", OURS.name):
        for kib in ask.ours("idle", at, "kib_per_connection"):
            yield Bar(f"memory of one of {at:,g} idle connections", kib, 28.0, "{:.1f} KiB")
        for share in ask.ours("idle", at, "server_cpu_share"):
            yield Bar(f"CPU of {at:,g} idle connections", share, 0.3, "{:.2f} of a core")


def _lag(ask: _Asker) -> Iterator[Bar]:
    """No median here: the bar is that it never happens."""
    loads: tuple[tuple[Step, str], ...] = (
        ("closed loop", "{:g} in flight"),
        ("crowd", "{:,g} people"),
        ("idle", "{:,g} idle connections"),
    )
    for step, what in loads:
        for at in ask.figures.positions(step, OURS.name):
            for lag_ms in _given(ask.figures.worst(OURS.name, step, at, "lag_ms")):
                promise = f"longest stop of the event loop in any round, {what.format(at)}"
                yield Bar(promise, lag_ms, 20.0, MS)


def _given(value: float | None) -> Iterable[float]:
    return () if value is None else (value,)
