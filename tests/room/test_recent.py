"""The newest entries, kept as bytes for those who come back."""

from __future__ import annotations

import pytest
from msgspec import Raw

from jupyter_collab.limits import Limits
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.entries import EditedBody, Entry, Posted, RedactedBody
from jupyter_collab.protocol.ids import Seq
from jupyter_collab.room.recent import Recent
from tests.fakes import entry, posted


def read(encoded: tuple[Raw, ...] | None) -> list[Entry] | None:
    return None if encoded is None else [codec.decode_entry(item) for item in encoded]


def test_the_newest_are_at_hand_in_order() -> None:
    """[RS2]"""
    entries = [posted(seq) for seq in range(1, 6)]
    recent = Recent(Limits(), entries[:2])
    assert read(recent.add(entries[2:])) == entries[2:]
    assert read(recent.newest(4)) == entries[1:]
    assert recent.newest(0) == ()
    assert recent.newest(6) is None


@pytest.mark.parametrize("limits", [Limits(resume_entries=3), Limits(resume_bytes=600)])
def test_the_oldest_go_first(limits: Limits) -> None:
    """[RS3]"""
    recent = Recent(limits, [posted(seq) for seq in range(1, 30)])
    count = next(n for n in range(30) if recent.newest(n + 1) is None)
    kept = read(recent.newest(count))
    assert kept is not None
    assert [item.seq for item in kept] == list(range(30 - count, 30))
    assert 2 <= count <= 5


def test_a_deleted_text_is_taken_out_and_its_place_with_it() -> None:
    """[LG11]"""
    text = "x" * 400
    limits = Limits(resume_bytes=1000)
    recent = Recent(limits, [posted(1, text), entry(2, EditedBody(Seq(1), "y")), posted(3)])
    recent.add([entry(4, RedactedBody(Seq(1)))])
    kept = read(recent.newest(4))
    assert kept is not None
    assert isinstance(kept[0], Posted)
    assert kept[0].body.text == ""
    assert recent.newest(4) is not None
    recent.add([posted(5), posted(6)])
    assert recent.newest(6) is not None, "what was erased no longer counts"
