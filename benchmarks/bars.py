"""The bars: what ours must reach, most of it beside the peers of the same run.

Owns the promises and their numbers. Must not know how anything was measured. What was not
measured, or is void, has no bar; figures of two runs are not compared, nor such as the load
generator has decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .figure import Figure, Figures, Metric, Step
from .peer import BARE, OURS, PYTHON_SOCKETIO, SOCKETIO, WS

__all__ = ["BOTTLENECK", "KEPT", "Bar", "bars"]

BOTTLENECK = 0.85  # of a core, of the generator: above it, the figure is its own
SMALL, LARGE = 1_000, 1_000_000
JOINED = 10_000  # messages in the conversation whose join is compared
KEPT = 100  # messages that the bare broadcaster sends to whoever joins
MS = "{:,.2f} ms"
TIMES = "{:.2f}×"
STOP_MS = 20.0  # of the event loop, which kernels share


@dataclass(frozen=True)
class Bar:
    """A promise: `measured` must be at most (or at least) `bar`, both shown as `form` says.

    Attributes:
        measured: None if the two figures are of different runs, so that it can't be judged.
        bound: the peers of whom the load generator could not take more.
    """

    promise: str
    measured: float | None
    bar: float
    form: str = TIMES
    is_ceiling: bool = True
    aim: str = ""
    bound: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool | None:
        """Whether the promise was kept in this run; None if the run can't tell."""
        if self.measured is None or self.bound:
            return None
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
    yield from _stops(ask)


class _Asker:
    """Figures of ours, alone or beside a peer's."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def ours(self, step: Step, at: float, metric: Metric) -> Iterator[float]:
        """One median, or none."""
        if (value := self.figures.median(OURS.name, step, at, metric)) is not None:
            yield value

    def beside(self, peer: str, step: Step, at: float, metric: Metric) -> Iterator[float | None]:
        """Ours divided by the peer's."""
        get = self.figures.get
        return _ratio(get(OURS.name, step, at, metric), get(peer, step, at, metric))

    def growth(self, step: Step, metric: Metric) -> Iterator[float | None]:
        """Ours with the largest history divided by ours with the smallest."""
        large, small = (self.figures.get(OURS.name, step, at, metric) for at in (LARGE, SMALL))
        return _ratio(large, small)

    def bound(self, step: Step, at: float, *peers: str) -> tuple[str, ...]:
        """Those of ours and these peers of whom the generator could not take more."""
        shares = {
            peer: self.figures.median(peer, step, at, "load_cpu_share")
            for peer in (OURS.name, *peers)
        }
        return tuple(peer for peer, share in shares.items() if share and share > BOTTLENECK)


def _ratio(of: Figure | None, to: Figure | None) -> Iterator[float | None]:
    if of is not None and to is not None and to.median:
        yield of.median / to.median if of.made == to.made else None


def _fan_out(ask: _Asker) -> Iterator[Bar]:
    of_bare = "the bare broadcaster's"
    metrics: tuple[tuple[Metric, str, float], ...] = (("p50_ms", "p50", 1.5), ("p99_ms", "p99", 2))
    for rate in ask.figures.positions("open loop", OURS.name):
        bound = ask.bound("open loop", rate, BARE.name)
        for metric, what, most in metrics:
            for ratio in ask.beside(BARE.name, "open loop", rate, metric):
                promise = f"{rate:g} posts/s to 50 people, {what} beside {of_bare}"
                yield Bar(promise, ratio, most, bound=bound)


def _throughput(ask: _Asker) -> Iterator[Bar]:
    floors = ((BARE, 5.0, "7×"), (PYTHON_SOCKETIO, 1.0, ""), (SOCKETIO, 1.0, ""), (WS, 1.0, ""))
    for at in ask.figures.positions("closed loop", OURS.name):
        for peer, floor, aim in floors:
            bound = ask.bound("closed loop", at, peer.name)
            for ratio in ask.beside(peer.name, "closed loop", at, "deliveries_per_s"):
                promise = f"deliveries/s, {at:g} in flight, beside {peer.name}"
                yield Bar(promise, ratio, floor, is_ceiling=False, aim=aim, bound=bound)
        for ratio in ask.beside(BARE.name, "closed loop", at, "server_cpu_ms"):
            yield Bar(f"server CPU per delivery, {at:g} in flight, beside {BARE.name}", ratio, 1.0)


def _crowds(ask: _Asker) -> Iterator[Bar]:
    for people in ask.figures.positions("crowd", OURS.name):
        for p99_ms in ask.ours("crowd", people, "p99_ms"):
            bound = ask.bound("crowd", people)
            yield Bar(f"10 posts/s to {people:,g} people, p99", p99_ms, 100.0, MS, bound=bound)


def _coming_back(ask: _Asker) -> Iterator[Bar]:
    for people in ask.figures.positions("storm", OURS.name):
        for ratio in ask.beside(BARE.name, "storm", people, "all_live_ms"):
            promise = f"{people:g} people come back, 100 entries behind, beside {BARE.name}"
            yield Bar(f"{promise} with nothing to send", ratio, 3.0)


def _joining(ask: _Asker) -> Iterator[Bar]:
    joined = ask.figures.get(OURS.name, "join", JOINED, "again_ms")
    for ratio in _ratio(joined, ask.figures.get(BARE.name, "join", KEPT, "again_ms")):
        promise = f"join of {JOINED:,} messages, beside {BARE.name} with {KEPT} in memory"
        yield Bar(promise, ratio, 2.0)
    for at in ask.figures.positions("join", OURS.name)[-1:]:
        for sent in ask.ours("join", at, "bytes"):
            yield Bar(f"bytes of a join of {at:,.0f} messages", sent / 1000, 60.0, "{:.1f} KB")


def _flat(ask: _Asker) -> Iterator[Bar]:
    costs: tuple[tuple[Step, Metric, str], ...] = (
        ("post", "p50_ms", "a post, p50"),
        ("post", "mean_ms", "a post, mean"),
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


def _stops(ask: _Asker) -> Iterator[Bar]:
    """The worst of all rounds, no median: the bar is that it never happens."""
    loads: tuple[tuple[Step, str], ...] = (
        ("open loop", "{:g} posts/s"),
        ("closed loop", "{:g} in flight"),
        ("crowd", "{:,g} people"),
        ("storm", "{:g} people come back"),
        ("idle", "{:,g} idle connections"),
    )
    stops = [
        (figure.worst, what.format(figure.at))
        for step, what in loads
        for figure in _stops_of(ask, step)
    ]
    with_history: tuple[Step, ...] = ("join", "resume", "page", "post")
    of_history = [
        (figure.worst, f"with a history (a {step}, {figure.at:,.0f} messages)")
        for step in with_history
        for figure in _stops_of(ask, step)
    ]
    stops += sorted(of_history)[-1:]  # sixteen in one row, which names the worst
    for stop_ms, what in stops:
        yield Bar(f"longest stop of the event loop in any round, {what}", stop_ms, STOP_MS, MS)


def _stops_of(ask: _Asker, step: Step) -> Iterator[Figure]:
    for at in ask.figures.positions(step, OURS.name):
        if (figure := ask.figures.get(OURS.name, step, at, "lag_ms")) is not None:
            yield figure
