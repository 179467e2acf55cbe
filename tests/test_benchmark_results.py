"""The results of the benchmarks are judged, kept and shown as they were measured."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from benchmarks.bars import bars
from benchmarks.figure import Fault, Figures, Step
from benchmarks.gauge import loop_lag, parsed
from benchmarks.job import Answered, Idled, Latency, Traffic
from benchmarks.machine import Machine
from benchmarks.peer import BARE, OURS, PEERS, WS
from benchmarks.plan import PARTS, Part, PeerNote, Plan, Results, Run
from benchmarks.plot import draw
from benchmarks.readme import PICTURE, README, SOURCE, section, with_figures
from benchmarks.report import bars_table, doubts, footnote, key_table, markdown


def _traffic(deliveries: int, latency: Latency | None = None) -> Traffic:
    return Traffic(
        posts=1,
        deliveries=deliveries,
        seconds=1.0,
        server_cpu_s=0.5,
        load_cpu_s=0.1,
        others_cpu_s=0.0,
        latency=latency,
    )


def _results(
    figures: Figures,
    parts: tuple[Part, ...] = tuple(PARTS),
    *,
    made: str = "now",
    rounds: int = 5,
) -> Results:
    machine = Machine(made_at=made, system="x", cores=2, sync_ms=1.0, versions={"Python": "3"})
    return Results(
        runs=(Run(machine=machine, plan=Plan(parts=parts, rounds=rounds)),),
        peers=tuple(PeerNote(name=p.name, note=p.note, is_installed=p != WS) for p in PEERS),
        figures=tuple(figures),
        faults=tuple(figures.faults),
    )


def test_bars_judge_the_medians_of_what_was_measured() -> None:
    """A bar is kept or not by the median of the rounds; what was not measured has no bar."""
    figures = Figures()
    for p99_ms in (2.0, 3.0, 99.0):
        figures.add(OURS.name, "open loop", 10, _traffic(500, Latency(1.0, p99_ms, 99.0)))
    figures.add(BARE.name, "open loop", 10, _traffic(500, Latency(1.0, 1.0, 1.0)))
    figures.add(OURS.name, "closed loop", 64, _traffic(6000))
    figures.add(BARE.name, "closed loop", 64, _traffic(1000))
    figures.add(OURS.name, "crowd", 500, _traffic(5000, Latency(1.0, 100.5, 101.0)))
    idled = Idled(
        connections=100,
        before_bytes=0,
        after_bytes=100 * 20 * 1024,
        server_cpu_s=9.0,
        watched_s=30.0,
    )
    figures.add(OURS.name, "idle", 5_000, idled)
    for messages, p50_ms in ((1_000, 1.0), (1_000_000, 1.6)):
        figures.add(OURS.name, "page", messages, Answered(p50_ms=p50_ms, p99_ms=9.0, mean_ms=2.0))
    assert [(bar.measured, bar.is_met) for bar in bars(figures)] == [
        (1.0, True),
        (3.0, False),
        (6.0, True),
        (pytest.approx(1 / 6), True),
        (100.5, False),
        (1.6, False),
        (20.0, True),
        (0.3, True),
    ]
    assert not list(bars(Figures()))


def test_a_step_that_failed_once_has_no_figures() -> None:
    """A lost delivery in one round of five voids the figure, and is shown as void."""
    figures = Figures()
    figures.add(OURS.name, "closed loop", 64, _traffic(6000))
    figures.add(BARE.name, "closed loop", 64, _traffic(1000))
    figures.void(Fault(peer=BARE.name, step="closed loop", at=64, why="1 deliveries lost"))
    assert [bar.promise for bar in bars(figures)] == []
    report = markdown(_results(figures))
    assert "void" in report
    assert "1 deliveries lost" in report


def test_a_peer_that_is_not_installed_is_named_as_such() -> None:
    """Nobody is silently left out."""
    figures = Figures()
    figures.add(OURS.name, "closed loop", 64, _traffic(6000))
    assert "ws (not installed)" in markdown(_results(figures))


def test_a_part_that_is_measured_again_replaces_only_itself(tmp_path: Path) -> None:
    """`--only` keeps what the last run found of the other parts, and says which is of when."""
    older, newer = Figures(made="before"), Figures(made="now")
    older.add(OURS.name, "closed loop", 64, _traffic(1000))
    for _ in range(9):
        older.add(OURS.name, "crowd", 500, _traffic(5000))
    newer.add(OURS.name, "closed loop", 64, _traffic(2000))
    _results(older, made="before", rounds=9).write(tmp_path / "latest.json")
    kept = Results.read(tmp_path / "latest.json")
    merged = _results(newer, ("throughput",)).onto(kept)
    collected = merged.collected()
    assert collected.median(OURS.name, "closed loop", 64, "deliveries") == 2000
    assert collected.median(OURS.name, "crowd", 500, "deliveries") == 5000
    told = footnote(merged)
    assert f"Made before: crowd of {OURS.name}. Medians of 9 interleaved round(s), " in told
    assert f"Made now: throughput of {OURS.name}. " in told
    assert "Medians of 5 interleaved round(s) (closed loop 64: 1), " in told
    again = Figures(made="later")
    again.add(OURS.name, "crowd", 500, _traffic(7000))
    assert "Made before" not in footnote(_results(again, ("crowd",), made="later").onto(merged))


def test_figures_of_different_runs_are_not_compared() -> None:
    """Another hour has other milliseconds: such a bar is shown as not judged."""
    figures = Figures(made="before")
    figures.add(BARE.name, "closed loop", 64, _traffic(1000))
    figures.add(OURS.name, "closed loop", 64, _traffic(6000))
    older = _results(figures, made="before")
    assert [bar.is_met for bar in bars(older.collected())] == [True, True]
    alone = Figures(made="now")
    alone.add(OURS.name, "closed loop", 64, _traffic(6000))
    merged = _results(alone, ("throughput",)).onto(older)
    merged = msgspec.structs.replace(
        merged, figures=(*merged.figures, *(f for f in older.figures if f.peer == BARE.name))
    )
    assert [(bar.measured, bar.is_met) for bar in bars(merged.collected())] == [(None, None)] * 2
    assert "– |" in bars_table(merged).splitlines()[-1]


def test_a_peer_whose_server_did_not_start_once_is_measured_again() -> None:
    """An old fault of all steps is over for those that are measured now, and for no others."""
    older, newer = Figures(made="before"), Figures(made="now")
    older.void(Fault(peer=OURS.name, step=None, at=None, why="it did not start"))
    newer.add(OURS.name, "closed loop", 64, _traffic(2000))
    merged = _results(newer, ("throughput",)).onto(_results(older, made="before")).collected()
    assert merged.median(OURS.name, "closed loop", 64, "deliveries") == 2000
    assert any(fault.covers(OURS.name, "storm", 200) for fault in merged.faults)
    assert not any(fault.covers(OURS.name, "closed loop", 64) for fault in merged.faults)


def test_a_comparison_that_the_generator_decides_is_not_judged() -> None:
    """Where it takes no more, a peer could do better: the row says so, and names the peer."""
    figures = Figures()
    busy = msgspec.structs.replace(_traffic(7000), load_cpu_s=0.9)
    figures.add(OURS.name, "closed loop", 64, _traffic(6000))
    figures.add(BARE.name, "closed loop", 64, _traffic(1000))
    figures.add(WS.name, "closed loop", 64, busy)
    rows = bars_table(_results(figures)).splitlines()
    (beside_ws,) = [row for row in rows if row.startswith("| deliveries/s") and "ws " in row]
    assert beside_ws.endswith("generator-bound: ws |")
    assert sum("generator-bound" in row for row in rows) == 1
    assert "in the way of ws" in doubts(_results(figures))


def test_every_load_is_judged_by_how_long_the_event_loop_stopped() -> None:
    """One row for each load, and one that names the worst of those with a history."""
    figures = Figures()
    loads: tuple[tuple[Step, int], ...] = (
        ("open loop", 10),
        ("storm", 200),
        ("page", 1_000),
        ("post", 1_000_000),
    )
    for step, at in loads:
        figures.note(OURS.name, step, at, "lag_ms", at / 10_000)
        figures.note(OURS.name, step, at, "lag_ms", at / 20_000)
    assert [(bar.promise.partition(", ")[2], bar.measured) for bar in bars(figures)] == [
        ("10 posts/s", 0.001),
        ("200 people come back", 0.02),
        ("with a history (a post, 1,000,000 messages)", 100.0),
    ]


def test_the_key_figures_have_what_little_traffic_costs_too() -> None:
    """At 10 posts/s a delivery costs ours more than the bare broadcaster's: that is shown."""
    figures = Figures()
    figures.add(OURS.name, "open loop", 10, _traffic(500, Latency(1.0, 2.0, 3.0)))
    assert "| 10 posts/s: server CPU per 1,000 deliveries, ms |" in key_table(_results(figures))


def test_the_readme_and_the_picture_show_results() -> None:
    """The section between the comments is made new, and the picture is well-formed."""
    figures = Figures()
    figures.add(OURS.name, "closed loop", 64, _traffic(6000))
    results = _results(figures)
    made = with_figures(README.read_text("utf-8"), results)
    assert section(results) in made
    assert with_figures(made, results) == made
    picture = ET.fromstring(draw(results))  # noqa: S314  our own text
    assert "6,000" in {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")}


def test_the_readme_shows_the_figures_that_are_kept() -> None:
    """Nobody edits a figure by hand: `make figures` writes both."""
    for kept in SOURCE.parent.glob(SOURCE.name):  # none before the first run
        results = Results.read(kept)
        assert section(results) in README.read_text("utf-8")
        assert PICTURE.read_text("utf-8") == draw(results)


def test_a_busy_machine_is_told() -> None:
    """Figures that strangers or the generator have spoilt say so."""
    figures = Figures()
    busy = msgspec.structs.replace(_traffic(6000), load_cpu_s=0.95, others_cpu_s=0.5)
    figures.add(OURS.name, "closed loop", 64, busy)
    told = doubts(_results(figures))
    assert "it used 95% of a core" in told
    assert "busy with other things" in told
    assert doubts(_results(Figures())) == ""


PROBES = """
# TYPE jupyter_collab_loop_lag_seconds histogram
jupyter_collab_loop_lag_seconds_bucket{le="0.005"} 90.0
jupyter_collab_loop_lag_seconds_bucket{le="0.02"} %s
jupyter_collab_loop_lag_seconds_bucket{le="0.05"} 100.0
jupyter_collab_loop_lag_seconds_bucket{le="+Inf"} 100.0
# TYPE jupyter_collab_loop_lag_worst_seconds gauge
jupyter_collab_loop_lag_worst_seconds %s
"""


@pytest.mark.parametrize(
    ("worst_before_s", "within_20_ms", "worst_s", "most_ms"),
    [
        (0.0, "99.0", "0.031", 31.0),
        (0.4, "99.0", "0.4", 50.0),
        (0.031, "99.0", "0.031", 50.0),
        (0.031, "99.0", "0.024", 50.0),
        (0.0, "100.0", "0.012", 12.0),
        (0.019, "100.0", "0.019", 20.0),
    ],
    ids=["new", "of-before", "of-before-alike", "of-before-forgotten", "short", "short-of-before"],
)
def test_the_longest_stop_is_read_from_the_servers_own_gauge(
    worst_before_s: float, within_20_ms: str, worst_s: str, most_ms: float
) -> None:
    """It is that of this load, though the gauge remembers the load before; else its bound."""
    before = msgspec.structs.replace(parsed("", 0.0), worst_s=worst_before_s)
    lag = parsed(PROBES % (within_20_ms, worst_s), 10.0)
    assert lag.since(before) == pytest.approx(most_ms)
    assert lag.since(lag) is None


def test_of_a_long_load_the_bound_is_told() -> None:
    """The gauge may have forgotten its longest stop."""
    assert parsed(PROBES % ("99.0", "0.031"), 61.0).since(parsed("", 0.0)) == pytest.approx(50.0)


def test_a_server_without_a_gauge_is_measured_too(tmp_path: Path) -> None:
    """The bare broadcaster tells nothing of its event loop."""
    with BARE.start(tmp_path) as target:
        told = loop_lag(msgspec.structs.replace(target, metrics="/metrics"))
    assert told.since(loop_lag(target)) is None
