"""The queue in front of a socket, and its bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_collab.hub.outbox import Outbox


def outbox(frames: int = 1000, bytes_: int = 1 << 20) -> Outbox:
    return Outbox(frames=frames, bytes_=bytes_)


def test_all_that_waits_leaves_at_once_in_its_order() -> None:
    """[FO1]"""
    box = outbox()
    assert not box
    assert box.put(b"1")
    assert box.put(b"2", "typing:ada")
    assert box.put(b"3")
    assert box
    assert box.take() == b"123"
    assert not box
    assert box.take() == b""


def test_the_latest_ephemeral_of_a_key_wins_at_its_own_place() -> None:
    """[FO2] [PR6] One that was said before a message is not heard after it, nor the reverse."""
    box = outbox()
    box.put(b"on ", "typing:ada")
    box.put(b"message ")
    box.put(b"bo ", "typing:bo")
    box.put(b"off", "typing:ada")
    assert box.take() == b"message bo off"


def test_ephemerals_go_first() -> None:
    """[FO2]"""
    box = outbox(frames=3)
    box.put(b"a", "typing:ada")
    box.put(b"b", "typing:bo")
    assert box.put(b"1")
    assert box.put(b"2")
    assert box.take() == b"12"


def test_an_ephemeral_that_does_not_fit_is_dropped_without_harm() -> None:
    """[FO2]"""
    box = outbox(frames=2)
    box.put(b"1")
    box.put(b"2")
    assert box.put(b"a", "typing:ada")
    assert box.take() == b"12"


def test_too_many_frames_do_not_fit() -> None:
    """[FO2]"""
    box = outbox(frames=2)
    assert [box.put(b"x") for _ in range(3)] == [True, True, False]


def test_too_many_bytes_do_not_fit() -> None:
    """[FO2]"""
    box = outbox(bytes_=10)
    assert box.put(b"x" * 6)
    assert box.put(b"y" * 4)
    assert not box.put(b"z")


def test_a_frame_alone_fits_whatever_its_size() -> None:
    """[FO2] Else a page that is larger would be asked for and refused for ever."""
    box = outbox(bytes_=3)
    box.put(b"a", "typing:ada")
    assert box.put(b"12345")
    assert not box.put(b"6")
    assert box.take() == b"123456"


def test_clear_makes_room() -> None:
    box = outbox(frames=1, bytes_=5)
    box.put(b"12345")
    box.put(b"a", "key")
    box.clear()
    assert not box
    assert box.put(b"54321")


puts = st.tuples(st.binary(min_size=1, max_size=14), st.none() | st.sampled_from("abc"))


@given(st.lists(puts | st.none(), max_size=40))
def test_nothing_that_counts_is_lost_and_the_bounds_hold(
    steps: list[tuple[bytes, str | None] | None],
) -> None:
    """[FO2] Held to a list of (key, frame) pairs; None takes all."""
    box, model = outbox(frames=5, bytes_=12), list[tuple[str | None, bytes]]()

    def fits() -> bool:
        size = sum(len(frame) for _, frame in model)
        return len(model) <= 1 or (len(model) <= 5 and size <= 12)

    for step in steps:
        if step is None:
            assert box.take() == b"".join(frame for _, frame in model)
            model.clear()
            continue
        frame, key = step
        model[:] = [pair for pair in model if key is None or pair[0] != key] + [(key, frame)]
        if not fits():
            model[:] = [pair for pair in model if pair[0] is None]
        assert box.put(frame, key) == fits()
        assert bool(box) == bool(model)
