"""Shows a run: Markdown tables that read well in a terminal too, and the bars.

Owns the wording and the bars. Must not know how anything was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .figure import Figures, Metric, Step
from .machine import Machine
from .peer import BARE, OURS
from .run import Plan

__all__ = ["Bar", "bars", "markdown"]

Row = Sequence[str]
SHARES: tuple[Metric, ...] = ("server_cpu_share", "load_cpu_share", "others_cpu_share")


@dataclass(frozen=True)
class Bar:
    """A promise: `measured` must be at most (or at least) `bar`; `aim` is what we are after."""

    promise: str
    measured: float
    bar: float
    is_ceiling: bool = True
    aim: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the promise was kept in this run."""
        return self.measured <= self.bar if self.is_ceiling else self.measured >= self.bar


def bars(figures: Figures) -> Iterator[Bar]:
    """The promises of which this run says something."""

    def ours(step: Step, at: float, metric: Metric) -> float | None:
        return figures.median(OURS.name, step, at, metric)

    if (p99_ms := ours("open loop", 10, "p99_ms")) is not None:
        yield Bar("p99 at 10 posts/s, durable: at most 20 ms", p99_ms, 20.0)
    for at in figures.positions("closed loop"):
        mine = ours("closed loop", at, "deliveries_per_s")
        bare = figures.median(BARE.name, "closed loop", at, "deliveries_per_s")
        if mine is not None and bare:
            promise = "throughput beside the bare broadcaster: at least 0.5 times"
            yield Bar(promise, mine / bare, 0.5, is_ceiling=False, aim="5 times")
    joins: tuple[tuple[Metric, str], ...] = (
        ("first_ms", "time of the first join"),
        ("again_ms", "time of a join"),
        ("bytes", "bytes of a join"),
    )
    for metric, what in joins:
        small, large = ours("join", 1_000, metric), ours("join", 100_000, metric)
        if small and large:
            promise = f"{what}, 100,000 messages beside 1,000: at most 1.5 times"
            yield Bar(promise, large / small, 1.5)
    for at in figures.positions("idle"):
        if (kib := ours("idle", at, "kib_per_connection")) is not None:
            yield Bar("memory of an idle connection: at most 48 KiB", kib, 48.0, aim="28 KiB")


def markdown(figures: Figures, plan: Plan, machine: Machine) -> str:
    """The whole report."""
    peers = [peer.name for peer in plan.peers]
    parts = [
        _table(
            (f"{plan.clients} people in one conversation", *peers),
            list(_traffic_rows(figures, plan, peers)),
        ),
        _table(*_join_table(figures)),
        _table(("promise", "measured", "kept", "aim"), [_bar_row(bar) for bar in bars(figures)]),
        _footnote(plan, machine),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _traffic_rows(figures: Figures, plan: Plan, peers: list[str]) -> Iterator[Row]:
    def row(title: str, step: Step, at: float, metrics: Sequence[Metric], form: str) -> Row:
        def cell(peer: str) -> str:
            values = [figures.median(peer, step, at, metric) for metric in metrics]
            return " / ".join("-" if v is None else format(v, form) for v in values)

        return (title, *map(cell, peers))

    loads: tuple[tuple[Step, str], ...] = (
        ("open loop", "{:g} posts/s"),
        ("closed loop", "{:g} messages in flight"),
    )
    for step, what in loads:
        for at in figures.positions(step):
            title = what.format(at)
            if step == "open loop":
                yield row(f"{title}: p50 / p99, ms", step, at, ("p50_ms", "p99_ms"), ".2f")
            yield row(f"{title}: deliveries/s", step, at, ("deliveries_per_s",), ",.0f")
            cpu = f"{title}: server CPU for 1,000 deliveries, ms"
            yield row(cpu, step, at, ("server_cpu_ms",), ".2f")
            cpu = f"{title}: CPU of server / generator / others, of a core"
            yield row(cpu, step, at, SHARES, ".0%")
    for at in figures.positions("idle"):
        title = "memory of an idle connection, KiB"
        yield row(title, "idle", at, ("kib_per_connection",), ".1f")


def _join_table(figures: Figures) -> tuple[Row, list[Row]]:
    positions = figures.positions("join")

    def row(title: str, metric: Metric, show: Callable[[float], str]) -> Row:
        values = (figures.median(OURS.name, "join", at, metric) for at in positions)
        return (title, *("-" if value is None else show(value) for value in values))

    head = (f"joining {OURS.name} with so many messages", *(f"{at:,.0f}" for at in positions))
    rows: list[Row] = [
        row("first join since the server started, ms", "first_ms", "{:.1f}".format),
        row("later joins, ms", "again_ms", "{:.1f}".format),
        row("received, KB", "bytes", lambda value: f"{value / 1000:.1f}"),
    ]
    return head, rows if positions else []


def _bar_row(bar: Bar) -> Row:
    return (bar.promise, f"{bar.measured:.2f}", "yes" if bar.is_met else "**no**", bar.aim)


def _table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table with padded columns, or nothing if it has no rows."""
    if not rows:
        return ""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: Row) -> str:
        first, *rest = zip(cells, widths, strict=True)
        return f"| {first[0]:<{first[1]}} | " + " | ".join(f"{c:>{w}}" for c, w in rest) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:])])
    return "\n".join([line(head), f"{rule}|", *map(line, rows)])


def _footnote(plan: Plan, machine: Machine) -> str:
    peers = "; ".join(f"{peer.name}: {peer.note}" for peer in plan.peers)
    return (
        f"Medians of {plan.rounds} round(s) of {plan.seconds:g} s, servers in turn, messages of "
        f"200 characters, the load from another process over the loopback. Latency counts from "
        f"the planned time of a post to its arrival, over all clients; no message was lost, "
        f"doubled or out of order. {peers}. Made {machine.made_at} on {machine.cores} cores "
        f"({machine.system}, one fsync {machine.sync_ms:.2f} ms), Python {machine.python}, "
        f"Tornado {machine.tornado}, jupyter_server {machine.jupyter_server}, "
        f"SQLite {machine.sqlite}."
    )
