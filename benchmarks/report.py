"""Shows results: Markdown tables that read well in a terminal too.

Owns the wording. Must not know how anything was measured.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from .bars import BOTTLENECK, KEPT, Bar, bars
from .figure import Figure, Figures, Metric, Step
from .peer import BARE, CHAT, OURS
from .plan import PARTS, Results, Run

__all__ = ["bars_table", "doubts", "footnote", "history_table", "key_table", "markdown"]

Row = Sequence[str]
Show = Callable[[float], str]
STRANGERS = 0.25  # of a core, of the rest of the machine
SHARES: tuple[Metric, ...] = ("server_cpu_share", "load_cpu_share", "others_cpu_share")


def markdown(results: Results) -> str:
    """The whole report."""
    figures = results.collected()
    parts = [
        key_table(results),
        _table(*_shares_table(results, figures)),
        _table(*_crowd_table(figures)),
        history_table(results),
        bars_table(results),
        doubts(results),
        footnote(results),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def key_table(results: Results) -> str:
    """Every peer beside ours, one row for each thing that people ask about."""
    figures, plan = results.collected(), results.plan
    rows: list[Row] = []

    def row(title: str, step: Step, at: float, metrics: Sequence[Metric], show: Show) -> None:
        cells = [_cell(figures, peer.name, step, at, metrics, show) for peer in results.peers]
        if any(cell != "–" for cell in cells):
            rows.append((title, *cells))

    for rate in figures.positions("open loop"):
        row(f"{rate:g} posts/s: p50 / p99, ms", "open loop", rate, ("p50_ms", "p99_ms"), _two)
        title = f"{rate:g} posts/s: server CPU per 1,000 deliveries, ms"
        row(title, "open loop", rate, ("server_cpu_ms",), _two)
    for at in figures.positions("closed loop"):
        row(f"{at:g} in flight: deliveries/s", "closed loop", at, ("deliveries_per_s",), _whole)
        title = f"{at:g} in flight: server CPU per 1,000 deliveries, ms"
        row(title, "closed loop", at, ("server_cpu_ms",), _two)
    for people in figures.positions("storm"):
        row(f"{people:g} people come back, ms", "storm", people, ("all_live_ms",), _whole)
    if joins := _joins_row(results, figures):
        rows.append(joins)
    at = plan.idle
    row("memory of an idle connection, KiB", "idle", at, ("kib_per_connection",), _one)
    names = [_name(peer.name, is_installed=peer.is_installed) for peer in results.peers]
    return _table((f"{plan.clients} people in one conversation", *names), rows)


def history_table(results: Results) -> str:
    """What everything costs at each length of history, where the cost should be the same."""
    figures = results.collected()
    positions = figures.positions("join", OURS.name)

    def row(title: str, step: Step, metrics: Sequence[Metric], show: Show) -> Row:
        cells = [_cell(figures, OURS.name, step, at, metrics, show) for at in positions]
        return (title, *cells)

    head = (f"{OURS.name} with so many messages", *(f"{at:,.0f}" for at in positions))
    quick: tuple[Metric, ...] = ("p50_ms", "p99_ms", "mean_ms")
    rows = [
        row("a post, alone, until its ack: p50 / p99 / mean, ms", "post", quick, _two),
        row("a page of history: p50 / p99 / mean, ms", "page", quick, _two),
        row("a join, ms", "join", ("again_ms",), _two),
        row("the first join since the server started, ms", "join", ("first_ms",), _two),
        row("a join, KB received", "join", ("bytes",), _kilo),
        row("a resume, 100 entries behind, ms", "resume", ("again_ms",), _two),
    ]
    return _table(head, rows if positions else [])


def bars_table(results: Results) -> str:
    """Which promises this run kept."""
    rows = [
        (bar.promise, _measured(bar), bar.required, bar.aim, _kept(bar))
        for bar in bars(results.collected())
    ]
    return _table(("promise", "measured", "bar", "aim", "kept"), rows)


def doubts(results: Results) -> str:
    """What a reader must hold against the figures: a list, empty if there is nothing."""
    lines = [
        f"- VOID: {fault.peer}, {fault.step or 'every step'}"
        f"{'' if fault.at is None else f' at {fault.at:,.0f}'}: {fault.why.splitlines()[0]}"
        for fault in results.faults
    ]
    busy = [it for it in _of(results, "load_cpu_share") if it.median > BOTTLENECK]
    lines += [
        f"- The generator was in the way of {it.peer}, {it.step} at {it.at:,.0f}: it used "
        f"{it.median:.0%} of a core."
        for it in busy
    ]
    others = [it.median for it in _of(results, "others_cpu_share")]
    if others and (usual := statistics.median(others)) > STRANGERS:
        lines.append(
            f"- The machine was busy with other things ({usual:.0%} of a core): "
            f"latencies and throughput are theirs as well."
        )
    return "\n".join(lines)


def footnote(results: Results) -> str:
    """How the figures were made, in one paragraph, and one for each run that they are of."""
    notes = "; ".join(f"{peer.name}: {peer.note}" for peer in results.peers)
    how = (
        f"Messages of 200 characters, many different words, the load from another process over "
        f"the loopback. Latency counts from the planned time of a post to its arrival, over all "
        f"clients; every delivery was counted, and a lost, doubled or misplaced one voids its "
        f"figure. {notes}."
    )
    runs = results.runs
    told = [_run_note(results, run, is_only=len(runs) == 1) for run in runs]
    return "\n\n".join([how, *told])


def _run_note(results: Results, run: Run, *, is_only: bool) -> str:
    machine, plan = run.machine, run.plan
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    which = "" if is_only else f": {_what(results, run)}"
    return (
        f"Made {machine.made_at}{which}. Medians of {plan.rounds} interleaved round(s)"
        f"{_fewer_rounds(results, run)}, {plan.seconds:g} s of each load, on {machine.cores} "
        f"cores ({machine.system}, one fsync {machine.sync_ms:.2f} ms) with {versions}."
    )


def _fewer_rounds(results: Results, run: Run) -> str:
    """Which figures are of fewer rounds than the others; a filling is one."""
    fewer = {
        (figure.step, figure.at): len(figure.values)
        for figure in results.figures
        if figure.made == run.made and len(figure.values) < run.plan.rounds
    }
    told = [f"{step} {at:,.0f}: {rounds}" for (step, at), rounds in fewer.items() if step != "fill"]
    return f" ({', '.join(told)})" if told else ""


def _what(results: Results, run: Run) -> str:
    """Which of the figures shown are of this run."""
    of = {
        part: {it.peer for it in results.figures if it.made == run.made and it.step in steps}
        for part, steps in PARTS.items()
    }
    return "; ".join(
        f"{part} of {', '.join(peer.name for peer in results.peers if peer.name in names)}"
        for part, names in of.items()
        if names
    )


def _of(results: Results, metric: Metric) -> list[Figure]:
    return [figure for figure in results.figures if figure.metric == metric]


def _joins_row(results: Results, figures: Figures) -> Row | None:
    """Each peer's join at the length of history that it can be compared at."""
    lengths = {OURS.name: results.plan.chat_history, CHAT.name: results.plan.chat_history}
    cells = [
        _cell(figures, peer.name, "join", lengths.get(peer.name, KEPT), ("again_ms",), _two)
        for peer in results.peers
    ]
    title = f"join with {results.plan.chat_history:,} messages ({BARE.name}: {KEPT}), ms"
    return (title, *cells) if any(cell != "–" for cell in cells) else None


def _shares_table(results: Results, figures: Figures) -> tuple[Row, list[Row]]:
    """Who was busy, so that a reader sees whether the generator or a stranger was in the way."""
    names = [peer.name for peer in results.peers]
    loads: tuple[tuple[Step, str], ...] = (
        ("open loop", "{:g} posts/s"),
        ("closed loop", "{:g} in flight"),
    )
    rows: list[Row] = [
        (
            what.format(at),
            *(_cell(figures, name, step, at, SHARES, _percent) for name in names),
        )
        for step, what in loads
        for at in figures.positions(step)
    ]
    return ("CPU of server / generator / others, of a core", *names), rows


def _crowd_table(figures: Figures) -> tuple[Row, list[Row]]:
    names = (OURS.name, BARE.name)
    rows: list[Row] = []
    for people in figures.positions("crowd"):
        lines: tuple[tuple[str, Sequence[Metric], Show], ...] = (
            ("p50 / p99, ms", ("p50_ms", "p99_ms"), _two),
            ("CPU of server / generator / others, of a core", SHARES, _percent),
            ("longest stop of the event loop, ms", ("lag_ms",), _one),
        )
        for what, metrics, show in lines:
            cells = [_cell(figures, name, "crowd", people, metrics, show) for name in names]
            rows.append((f"{people:,g} people: {what}", *cells))
    return ("10 posts/s in one large conversation", *names), rows


def _cell(
    figures: Figures, peer: str, step: Step, at: float, metrics: Sequence[Metric], show: Show
) -> str:
    if any(fault.covers(peer, step, at) for fault in figures.faults):
        return "void"
    values = [figures.median(peer, step, at, metric) for metric in metrics]
    if all(value is None for value in values):
        return "–"
    return " / ".join("–" if value is None else show(value) for value in values)


def _name(name: str, *, is_installed: bool) -> str:
    return name if is_installed else f"{name} (not installed)"


def _measured(bar: Bar) -> str:
    return "–" if bar.measured is None else bar.form.format(bar.measured)


def _kept(bar: Bar) -> str:
    if bar.bound and bar.measured is not None:
        return f"generator-bound: {', '.join(bar.bound)}"
    return {True: "yes", False: "**no**", None: "–"}[bar.is_met]


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


def _one(value: float) -> str:
    return f"{value:,.1f}"


def _two(value: float) -> str:
    return f"{value:,.2f}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _kilo(value: float) -> str:
    return f"{value / 1000:.1f}"
