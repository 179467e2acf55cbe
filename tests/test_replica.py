"""What a client knows, from the frames that it was sent."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from jupyter_collab.errors import ProtocolError
from jupyter_collab.limits import Limits
from jupyter_collab.protocol.lenient import Received, decode_server
from jupyter_collab.replica import Replica

ADA = {"id": "user:ada", "name": "Ada"}


def _posted(seq: int, text: str = "hi") -> dict[str, Any]:
    return {
        "seq": seq,
        "kind": "posted",
        "author": "user:ada",
        "at": 1.0,
        "command_id": None,
        "body": {"text": text, "reply_to": None},
    }


def _message(seq: int) -> dict[str, Any]:
    return {"seq": seq, "author": "user:ada", "at": 1.0, "text": f"message {seq}"}


def _welcome(**changes: Any) -> dict[str, Any]:
    conversation = {"id": "team", "title": "Team", "epoch": "e1", "head": 2}
    conversation |= {"created_at": 1.0, "created_by": "user:ada"}
    return {
        "type": "welcome",
        "protocol": 1,
        "connection": "c1",
        "you": ADA,
        "conversation": conversation,
        "limits": msgspec.to_builtins(Limits()),
        "members": [ADA],
        "members_in_all": 1,
        "presence": [{"id": "user:ada", "state": "active", "connections": 1, "last_seen": None}],
        "read": 1,
        "drafts": [],
        "heartbeat_s": 20.0,
        **changes,
    }


def _received(frame: dict[str, Any]) -> Received:
    return decode_server(json.dumps(frame))


def _take(replica: Replica, *frames: dict[str, Any]) -> Replica:
    for frame in frames:
        known, unknown = _received(frame)
        assert known is not None
        replica.take(known, unknown)
    return replica


def _joined() -> Replica:
    """A replica that has message 2 and is live."""
    snapshot = {"type": "snapshot", "head": 2, "messages": [_message(2)], "before": None}
    return _take(Replica(), _welcome(), snapshot, {"type": "live", "head": 2})


def test_welcome_and_snapshot_give_the_conversation() -> None:
    """[RS7] Who you are, the members, who is here, your read mark."""
    replica = _joined()
    assert replica.you.name == "Ada"
    assert (replica.epoch, replica.read, replica.is_live) == ("e1", 1, True)
    assert list(replica.presence) == list(replica.state.members) == ["user:ada"]
    assert (replica.state.title, list(replica.state.messages)) == ("Team", [2])
    assert not replica.is_behind


def test_entries_are_folded_in() -> None:
    replica = _take(_joined(), {"type": "entries", "entries": [_posted(3), _posted(4)]})
    assert list(replica.state.messages) == [2, 3, 4]


def test_an_entry_that_is_there_already_changes_nothing() -> None:
    """[LG8] The same run again leaves the same state."""
    replica = _take(_joined(), {"type": "entries", "entries": [_posted(3, "first")]})
    _take(replica, {"type": "entries", "entries": [_posted(3, "again")]})
    assert replica.state.messages[replica.state.head].text == "first"


def test_a_gap_is_not_skipped_but_told() -> None:
    replica = _take(_joined(), {"type": "entries", "entries": [_posted(4)]})
    assert replica.state.head == 2
    assert replica.is_behind
    _take(replica, {"type": "entries", "entries": [_posted(3), _posted(4)]})
    assert replica.state.head == 4
    assert not replica.is_behind


def test_a_ping_tells_of_a_lost_last_entry() -> None:
    """[FO5] The head in a ping."""
    replica = _take(_joined(), {"type": "ping", "n": 1, "head": 3})
    assert replica.is_behind


def test_who_comes_back_still_knows_everyone() -> None:
    """[RS13] A welcome tells of nobody then; of another log it tells of everyone there."""
    replica = _take(_joined(), _welcome(members=[]), {"type": "live", "head": 2})
    assert list(replica.state.members) == ["user:ada"]
    bo = {"id": "user:bo", "name": "Bo"}
    snapshot = {"type": "snapshot", "head": 2, "messages": [], "before": None}
    _take(replica, _welcome(members=[bo]), {"type": "reset", "epoch": "e2"}, snapshot)
    assert list(replica.state.members) == ["user:bo"]


def test_what_came_instead_of_entries_says_who_everyone_is() -> None:
    """[RS13] Who is not told of then may have changed; an answer to a sync changes nobody."""
    bo = {"id": "user:bo", "name": "Bo"}
    snapshot = {"type": "snapshot", "head": 9, "messages": [], "before": None}
    replica = _take(_joined(), _welcome(members=[bo]), snapshot, {"type": "live", "head": 9})
    assert list(replica.state.members) == ["user:bo"]
    answer = {"type": "members", "members": [ADA], "presence": [], "after": None}
    _take(replica, answer, snapshot)
    assert list(replica.state.members) == ["user:bo", "user:ada"]


def test_how_many_members_there_are_follows() -> None:
    """[RS14] The entries before its head are counted in a welcome already."""
    replica = _take(_joined(), _welcome(members=[], members_in_all=300))
    person = {"kind": "joined", "body": {"member": ADA}}
    _take(replica, {"type": "entries", "entries": [_posted(3) | person, _posted(4)]})
    assert replica.members_in_all == 301
    conversation = _welcome()["conversation"] | {"head": 5}
    _take(replica, _welcome(members=[], members_in_all=302, conversation=conversation))
    _take(replica, {"type": "entries", "entries": [_posted(5) | person]})
    assert replica.members_in_all == 302


def test_whom_something_names_and_nobody_told_of_is_a_stranger() -> None:
    """[RS15] Whatever names them, once, and not if they were told of meanwhile."""
    replica = _joined()
    assert replica.strangers() == ()
    reactions = [{"emoji": "🎉", "members": ["user:cam", "user:ada"]}]
    older = _message(1) | {"author": "user:bo", "reactions": reactions}
    _take(replica, {"type": "page", "messages": [older], "before": None})
    assert replica.strangers() == ("user:bo", "user:cam")
    assert replica.strangers() == ()
    here = {"id": "user:di", "state": "active", "connections": 1, "last_seen": 2.0}
    _take(replica, {"type": "presence", "members": [here]})
    _take(replica, {"type": "entries", "entries": [_posted(3) | {"author": "user:ed"}]})
    di = {"id": "user:di", "name": "Di"}
    gone = here | {"state": "offline", "last_seen": 3.0}
    _take(replica, {"type": "members", "members": [di], "presence": [gone], "after": None})
    assert replica.strangers() == ("user:ed",)
    assert [member.last_seen for member in replica.presence.values()] == [None, 3.0]
    conversation = _welcome()["conversation"] | {"created_by": "user:flo"}
    _take(replica, _welcome(conversation=conversation, presence=[here | {"id": "user:gil"}]))
    assert replica.strangers() == ("user:flo", "user:gil")


def test_messages_that_were_removed_for_good_go() -> None:
    """[LC4] A ping tells of it, and so does the next welcome."""
    replica = _take(_joined(), {"type": "entries", "entries": [_posted(3), _posted(4)]})
    _take(replica, {"type": "ping", "n": 1, "head": 4, "floor": 3})
    assert list(replica.state.messages) == [3, 4]
    conversation = _welcome()["conversation"] | {"head": 4, "floor": 4}
    _take(replica, _welcome(conversation=conversation))
    assert list(replica.state.messages) == [4]


def test_an_unknown_kind_only_counts() -> None:
    """[LG9] The cursor goes on, and the entries around it are folded."""
    later = _posted(4) | {"kind": "pinned", "body": {"target": 2}}
    replica = _take(_joined(), {"type": "entries", "entries": [_posted(3), later, _posted(5)]})
    assert list(replica.state.messages) == [2, 3, 5]
    assert replica.state.head == 5


def test_an_unknown_frame_is_passed_over() -> None:
    assert _received({"type": "fireworks", "colour": "red"}) == Received(None)


def test_unknown_fields_are_passed_over() -> None:
    frame, _ = _received({"type": "live", "head": 2, "mood": "good"})
    assert frame is not None


@pytest.mark.parametrize(
    "data",
    [
        "not JSON",
        b"\xff",
        "[]",
        '{"type": "entries", "entries": [{"seq": 3}]}',
        '{"type": "live"}',
        '{"type": "entries", "entries": [{"seq": 3, "kind": "posted"}]}',
    ],
)
def test_what_is_known_must_be_right(data: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_server(data)


def test_reset_forgets_the_log_but_not_the_people() -> None:
    """[RS4] A snapshot of the other log follows."""
    replica = _take(_joined(), {"type": "reset", "epoch": "e2"})
    assert (replica.epoch, replica.state.head, replica.state.messages) == ("e2", 0, {})
    assert replica.state.members
    snapshot = {"type": "snapshot", "head": 1, "messages": [_message(1)], "before": None}
    _take(replica, snapshot, {"type": "live", "head": 1})
    assert list(replica.state.messages) == [1]
    assert not replica.is_behind


def test_presence_and_read_mark_follow() -> None:
    """[RS9] A read mark that moved on another page of mine."""
    gone = {"id": "user:ada", "state": "offline", "connections": 0, "last_seen": 5.0}
    replica = _take(_joined(), {"type": "presence", "members": [gone]}, {"type": "read", "seq": 2})
    assert [member.state for member in replica.presence.values()] == ["offline"]
    assert replica.read == 2


def test_what_is_said_of_a_command_changes_nothing() -> None:
    ack = {"type": "ack", "command_id": "01J00000000000000000000000", "seq": 9}
    replica = _take(_joined(), ack, {"type": "goodbye", "code": 4101, "message": "Bye."})
    assert (replica.state.head, replica.is_live, replica.is_behind) == (2, True, False)
