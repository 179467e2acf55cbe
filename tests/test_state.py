"""The fold, from the fixtures that the front end's twin is held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.frames import Message
from jupyter_collab.protocol.ids import MemberId, Seq
from jupyter_collab.protocol.members import Member
from jupyter_collab.state import ConversationState, fold, newest_page

FIXTURES = Path(__file__).parent / "fixtures" / "folds"
CASES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FIXTURES.glob("*.json"))
}
KNOWN = {name: case for name, case in CASES.items() if not case.get("unknown_kinds")}
each_case = pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN.keys())


def state_of(snapshot: dict[str, Any] | None) -> ConversationState:
    if snapshot is None:
        return ConversationState()
    messages = msgspec.convert(snapshot["messages"], list[Message])
    members = msgspec.convert(snapshot["members"], list[Member])
    return ConversationState(
        head=snapshot["head"],
        title=snapshot["title"],
        messages={message.seq: message for message in messages},
        members={member.id: member for member in members},
    )


def entries_of(case: dict[str, Any]) -> list[Entry]:
    return msgspec.convert(case["entries"], list[Entry])


def wire_of(state: ConversationState) -> Any:
    shown = {
        "head": state.head,
        "title": state.title,
        "messages": list(state.messages.values()),
        "members": list(state.members.values()),
    }
    return json.loads(msgspec.json.encode(shown))


@each_case
def test_fold_gives_what_the_fixture_expects(case: dict[str, Any]) -> None:
    """[LG7] [UI1] The same file is the front end's fixture."""
    assert wire_of(fold(entries_of(case), state_of(case["start"]))) == case["expected"]


@each_case
def test_folding_the_same_entries_again_changes_nothing(case: dict[str, Any]) -> None:
    """[LG8] An entry that is already folded changes nothing."""
    once = fold(entries_of(case), state_of(case["start"]))
    again = fold(entries_of(case), state_of(wire_of(once)))
    assert wire_of(again) == wire_of(once)


@each_case
def test_a_snapshot_anywhere_and_its_tail_give_the_same(case: dict[str, Any]) -> None:
    """[LG8] A snapshot taken after any entry, and the rest: the same as all at once."""
    entries = entries_of(case)
    for cut in range(len(entries) + 1):
        snapshot = wire_of(fold(entries[:cut], state_of(case["start"])))
        assert wire_of(fold(entries[cut:], state_of(snapshot))) == case["expected"]


def test_an_entry_of_an_unknown_kind_is_only_counted_in_some_fixture() -> None:
    """[LG9] Python decodes only kinds it knows; the front end folds this fixture."""
    unknown = [case for case in CASES.values() if case.get("unknown_kinds")]
    assert unknown
    for case in unknown:
        with pytest.raises(msgspec.ValidationError, match="Invalid value"):
            entries_of(case)


def test_every_kind_is_in_some_fixture() -> None:
    """[LG7] A kind added to the log needs a fixture for both folds."""
    kinds = {entry["kind"] for case in KNOWN.values() for entry in case["entries"]}
    known = {kind.__struct_config__.tag for kind in Entry.__args__}
    assert kinds == known


def test_the_newest_page_of_nothing_is_empty() -> None:
    """[RS1]"""
    assert newest_page([], Limits()) == ()


def test_a_page_has_one_message_at_least() -> None:
    """[RS1] Where a log cuts its pages is in the logs' contract."""
    messages = [Message(seq=Seq(seq), author=MemberId("a"), at=1.0, text="xx") for seq in (1, 2, 3)]
    assert newest_page(messages, Limits(page_bytes=1)) == tuple(messages[2:])
    assert newest_page(messages, Limits(page_bytes=4)) == tuple(messages[1:])
    assert newest_page(messages, Limits(page_messages=2)) == tuple(messages[1:])


def test_a_gap_is_a_bug_of_the_caller() -> None:
    """[LG1] Entries are folded one by one; a missing one must never pass in silence."""
    with pytest.raises(AssertionError, match="gap"):
        fold(entries_of(CASES["posts"])[1:])
