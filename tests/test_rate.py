"""The sliding window, against a plain count of what was taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_collab.errors import RateLimited
from jupyter_collab.rate import RateWindow, RateWindows

exact_s = st.integers(0, 64 * 30).map(lambda n: n / 64)  # sums without rounding


def test_the_window_takes_its_limit_and_no_more() -> None:
    """[RA1] The eleventh in ten seconds is refused, and takes no place."""
    window = RateWindow(10, 10.0)
    assert [window.take(100.0 + n / 4) for n in range(10)] == [0.0] * 10
    assert window.take(103.0) == 7.0
    assert window.take(104.0) == 6.0


def test_it_slides() -> None:
    """[RA1] There is no moment at which two full windows meet."""
    window = RateWindow(2, 10.0)
    assert window.take(100.0) == window.take(109.0) == 0.0
    assert window.take(110.0) == 0.0
    assert window.take(110.0) == 9.0


@given(st.lists(exact_s, max_size=40), st.integers(1, 5))
def test_at_no_moment_are_there_more_than_the_limit(gaps: list[float], limit: int) -> None:
    """[RA1] Held to a count of all that was ever taken."""
    window, taken, now = RateWindow(limit, 10.0), list[float](), 1000.0
    for gap in gaps:
        now += gap
        recent = sum(then + 10.0 > now for then in taken)
        answer = window.take(now)
        assert (answer == 0) == (recent < limit)
        if answer == 0:
            taken.append(now)


@given(
    st.lists(st.floats(0, 4), min_size=3, max_size=3),
    st.floats(0, 10, exclude_max=True),
    st.floats(1e3, 1e9),
)
def test_the_wait_is_exact(gaps: list[float], asked_after: float, start: float) -> None:
    """[RA2] After `retry_after_s` the same passes; a moment before, it does not."""
    window, now = RateWindow(3, 20.0), start
    for gap in gaps:
        now += gap
        window.take(now)
    now = min(now + asked_after, start + 19.0)
    wait = window.take(now)
    assert wait > 0
    assert window.take(now + wait * 0.999) > 0
    assert window.take(now + wait) == 0


def test_what_is_given_back_may_be_taken_again() -> None:
    """[RA3]"""
    window = RateWindow(1, 10.0)
    window.take(100.0)
    window.give_back(100.0)
    assert window.take(101.0) == 0.0


def test_giving_back_what_is_forgotten_changes_nothing() -> None:
    """[RA3] A commit that took longer than the window."""
    window = RateWindow(1, 10.0)
    window.take(100.0)
    window.take(110.0)
    window.give_back(100.0)
    assert window.take(111.0) == 9.0


def test_a_limit_of_0_is_none() -> None:
    """[RA4]"""
    window = RateWindow(0, 10.0)
    assert {window.take(100.0) for _ in range(1000)} == {0.0}
    assert window.is_idle(100.0)


@given(st.lists(exact_s, max_size=10), exact_s)
def test_an_idle_window_may_be_forgotten(gaps: list[float], pause: float) -> None:
    """A new window in its place gives the same answers."""
    window, now = RateWindow(2, 10.0), 1000.0
    for gap in gaps:
        now += gap
        window.take(now)
    now += pause
    if window.is_idle(now):
        fresh = RateWindow(2, 10.0)
        later = [now, now, now, now + 9.75, now + 10.0]
        assert [window.take(t) for t in later] == [fresh.take(t) for t in later]


def test_windows_of_many_keys_know_nothing_of_each_other() -> None:
    windows = RateWindows(10.0)
    windows.check("ada", 1, 0.0)
    with pytest.raises(RateLimited) as caught:
        windows.check("ada", 1, 4.0)
    assert caught.value.retry_after_s == 6.0
    windows.check("bo", 1, 4.0)
    windows.give_back("bo", 4.0)
    windows.give_back("nobody", 4.0)
    assert windows.take("bo", 1, 5.0) == 0
    windows.forget_idle(12.0)
    assert windows
    windows.forget_idle(15.0)
    assert not windows
