"""Draws the key figures as one SVG that reads well on a light page and on a dark one.

Owns the look. Written by hand: a plotting library can't follow the reader's colour scheme,
and four small bar charts need none. Ours is in colour, everyone else is grey.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from .figure import Figures, Metric, Step
from .peer import OURS
from .plan import Results

__all__ = ["draw"]

WIDTH, PANEL_WIDTH, GAP = 840, 400, 40
ROW, HEAD, FOOT = 22, 44, 18
LABEL, VALUE = 118, 62  # room for a name, and for a figure after the longest bar
STYLE = """
  text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .note { font-size: 11px; fill: #59636e; }
  .name, .value { dominant-baseline: central; }
  .name { text-anchor: end; }
  .bar { fill: #afb8c1; }
  .ours { fill: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .bar { fill: #656c76; }
    .ours { fill: #3fb950; }
  }
"""


class Panel(NamedTuple):
    """One bar chart: a metric of every peer that has it."""

    title: str
    note: str
    step: Step
    at: float
    metric: Metric
    form: str


def draw(results: Results) -> str:
    """The whole picture, as the text of an SVG file."""
    figures, names = results.collected(), [peer.name for peer in results.peers]
    plan = results.plan
    panels = (
        Panel(
            "Deliveries per second",
            f"{plan.in_flight} messages in flight, {plan.clients} people; more is better",
            "closed loop",
            plan.in_flight,
            "deliveries_per_s",
            "{:,.0f}",
        ),
        Panel(
            "Latency, p99, ms",
            f"{plan.posts_per_s[-1]:g} posts/s, {plan.clients} people; less is better",
            "open loop",
            plan.posts_per_s[-1],
            "p99_ms",
            "{:,.1f}",
        ),
        Panel(
            f"{plan.storm} people come back, ms",
            f"ours and jupyterlab-chat: {plan.behind} messages behind; less is better",
            "storm",
            plan.storm,
            "all_live_ms",
            "{:,.0f}",
        ),
        Panel(
            "Memory of an idle connection, KiB",
            f"{plan.idle} connections; less is better",
            "idle",
            plan.idle,
            "kib_per_connection",
            "{:,.1f}",
        ),
    )
    height = HEAD + ROW * len(names) + FOOT
    drawn = "".join(
        f'<g transform="translate({(PANEL_WIDTH + GAP) * (i % 2)} {height * (i // 2)})">\n'
        f"{_panel(panel, figures, names)}</g>\n"
        for i, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {2 * height}" '
        f'width="{WIDTH}" height="{2 * height}" role="img">\n'
        f"<title>{OURS.name} beside its peers</title>\n<style>{STYLE}</style>\n{drawn}</svg>\n"
    )


def _panel(panel: Panel, figures: Figures, names: Sequence[str]) -> str:
    return "".join(
        [
            f'  <text class="title" y="14">{escape(panel.title)}</text>\n',
            f'  <text class="note" y="31">{escape(panel.note)}</text>\n',
            *_bars(panel, figures, names),
        ]
    )


def _bars(panel: Panel, figures: Figures, names: Sequence[str]) -> Iterator[str]:
    values = [figures.median(name, panel.step, panel.at, panel.metric) for name in names]
    largest = max((value for value in values if value), default=1.0)
    for number, (name, value) in enumerate(zip(names, values, strict=True)):
        middle = HEAD + ROW * number + ROW / 2
        length = max(1.0, (value or 0) / largest * (PANEL_WIDTH - LABEL - VALUE))
        kind = "bar ours" if name == OURS.name else "bar"
        yield f'  <text class="name" x="{LABEL - 8}" y="{middle:g}">{escape(name)}</text>\n'
        if value is not None:
            yield (
                f'  <rect class="{kind}" x="{LABEL}" y="{middle - 7:g}" '
                f'width="{length:.1f}" height="14" rx="2"/>\n'
            )
        shown = "–" if value is None else panel.form.format(value)
        x = LABEL + 6 + (0 if value is None else length)
        yield f'  <text class="value" x="{x:.1f}" y="{middle:g}">{shown}</text>\n'
