"""Stretches of live activity, by a clock on the wall."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_collab.log.base import LiveStretch
from jupyter_collab.protocol.ids import MemberId
from jupyter_collab.room.stretch import STRETCH_GAP_S, StretchRecorder
from tests.fakes import TEAM

ADA, BO, CAM = (MemberId(f"user:{name}") for name in ("ada", "bo", "cam"))


def stretch(started: float, ended: float | None, *, peak: int = 1, total: int = 1) -> LiveStretch:
    return LiveStretch(conversation=TEAM, started=started, ended=ended, peak=peak, total=total)


def recorder(last: LiveStretch | None = None, last_sign: float = 0.0) -> StretchRecorder:
    return StretchRecorder(TEAM, last, last_sign)


def test_a_stretch_has_its_start_end_peak_and_total() -> None:
    """[LG15]"""
    record = recorder()
    assert record.came(ADA, 1, 100.0) == [stretch(100.0, None)]
    assert record.came(BO, 2, 110.0) == [stretch(100.0, None, peak=2, total=2)]
    assert record.went(1, 120.0) == []
    assert record.came(CAM, 2, 130.0) == [stretch(100.0, None, peak=2, total=3)]
    assert record.went(1, 140.0) == []
    assert record.went(0, 150.0) == [stretch(100.0, 150.0, peak=2, total=3)]


def test_who_comes_again_is_counted_once() -> None:
    """[LG15]"""
    record = recorder()
    record.came(ADA, 1, 100.0)
    record.came(BO, 2, 110.0)
    record.went(1, 120.0)
    assert record.came(BO, 2, 130.0) == []


@pytest.mark.parametrize(("pause_s", "is_new"), [(1.0, False), (1800.0, False), (1800.5, True)])
def test_a_stretch_ends_after_half_an_hour_without_anyone(pause_s: float, is_new: bool) -> None:
    """[LG15]"""
    record = recorder()
    record.came(ADA, 1, 100.0)
    record.went(0, 200.0)
    back = 200.0 + pause_s
    expected = stretch(back, None) if is_new else stretch(100.0, None)
    assert record.came(ADA, 1, back) == [expected]


def test_the_people_of_an_earlier_stretch_are_not_counted() -> None:
    """[LG15]"""
    record = recorder()
    record.came(ADA, 1, 100.0)
    record.came(BO, 2, 100.0)
    record.went(0, 200.0)
    record.came(CAM, 1, 9000.0)
    assert record.went(0, 9100.0) == [stretch(9000.0, 9100.0)]


def test_a_stretch_goes_on_after_a_restart() -> None:
    """[LG15]"""
    record = recorder(stretch(100.0, 200.0, peak=5, total=7))
    assert record.came(ADA, 1, 300.0) == [stretch(100.0, None, peak=5, total=7)]


def test_a_stretch_that_a_crash_cut_short_ends_with_the_last_sign_of_life() -> None:
    """[LG15] Monday's stretch does not last until Thursday."""
    record = recorder(stretch(100.0, None, peak=3, total=3), last_sign=500.0)
    monday = stretch(100.0, 500.0, peak=3, total=3)
    assert record.came(ADA, 1, 90_000.0) == [monday, stretch(90_000.0, None)]


def test_a_stretch_goes_on_after_a_crash() -> None:
    """[LG15]"""
    record = recorder(stretch(100.0, None), last_sign=500.0)
    assert record.came(ADA, 1, 600.0) == [stretch(100.0, None)]
    assert record.went(0, 700.0) == [stretch(100.0, 700.0)]


def test_the_end_is_when_the_last_one_left_though_others_were_waited_for_longer() -> None:
    """[LG15] A broken connection is waited for longer than a clean close."""
    record = recorder()
    record.came(ADA, 1, 100.0)
    record.came(BO, 2, 100.0)
    record.went(1, 210.0)
    assert record.went(0, 200.0) == [stretch(100.0, 210.0, peak=2, total=2)]


def test_a_clock_that_steps_back_gives_no_end_before_the_start() -> None:
    """[LG15]"""
    record = recorder()
    record.came(ADA, 1, 100.0)
    assert record.went(0, 40.0) == [stretch(100.0, 100.0)]


def test_nobody_went_from_where_nobody_was() -> None:
    assert recorder().went(0, 100.0) == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4000)), max_size=30))
def test_at_most_one_stretch_is_open(steps: list[tuple[int, int]]) -> None:
    """[LG15] Somebody toggles their presence, time passes; the rows tell one story."""
    record, rows, here, at = recorder(), dict[float, LiveStretch](), set[MemberId](), 0.0
    for person, pause_s in steps:
        at += pause_s
        who = MemberId(f"user:{person}")
        if who in here:
            here.remove(who)
            changed = record.went(len(here), at)
        else:
            here.add(who)
            changed = record.came(who, len(here), at)
        rows |= {row.started: row for row in changed}
        assert sum(row.ended is None for row in rows.values()) == bool(here)
    done = sorted(rows.values(), key=lambda row: row.started)
    for earlier, later in pairwise(done):
        assert earlier.ended is not None
        assert later.started - earlier.ended > STRETCH_GAP_S
    assert all(1 <= row.peak <= row.total <= 5 for row in done)
