"""The room: joining, resuming, entries and read marks, by inputs and effects alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Raw

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import ReadMark
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.entries import (
    EditedBody,
    RedactedBody,
    RenamedBody,
)
from jupyter_collab.protocol.frames import (
    Entries,
    Hello,
    Live,
    Read,
    Reset,
    Snapshot,
    Welcome,
)
from jupyter_collab.protocol.ids import MemberId, Seq, SessionId
from jupyter_collab.protocol.members import Member, PresentMember
from jupyter_collab.room.effect import Keep, Send
from tests.fakes import Clock, entry, joined, member, posted
from tests.rooms import (
    ADA,
    BO,
    EPOCH,
    S1,
    S2,
    S3,
    enter,
    history,
    kept,
    names,
    only,
    room,
    sent,
    told,
)

# Joining and resuming


def test_a_first_visit_gets_welcome_snapshot_live() -> None:
    """[RS1]"""
    clock = Clock()
    here = room(clock, history(4))
    effects = enter(here, clock)
    assert names(effects) == ["Welcome", "Snapshot", "Live"]
    snapshot = only(Snapshot, sent(effects))
    assert [message.seq for message in snapshot.messages] == [2, 3, 4]
    assert (snapshot.head, snapshot.before) == (4, None)
    assert only(Live, sent(effects)).head == 4


@pytest.mark.parametrize("page", [{"page_messages": 3}, {"page_bytes": 7}])
def test_the_snapshot_is_the_newest_page_and_its_cursor(page: dict[str, int]) -> None:
    """[RS1] By number, and by size."""
    clock = Clock()
    here = room(clock, history(9), Limits(**page))
    snapshot = only(Snapshot, sent(enter(here, clock)))
    assert [message.seq for message in snapshot.messages] == [7, 8, 9]
    assert snapshot.before == 7


def test_the_snapshot_follows_the_log() -> None:
    """[RS1] New messages push old ones off the page, and others change in it."""
    clock = Clock()
    here = room(clock, history(4), Limits(page_messages=3))
    assert only(Snapshot, sent(enter(here, clock))).before is None
    here.applied([posted(5), entry(6, EditedBody(Seq(4), "edited"))])
    snapshot = only(Snapshot, sent(enter(here, clock, S1)))
    assert [(m.seq, m.text) for m in snapshot.messages] == [(3, "hi"), (4, "edited"), (5, "hi")]
    assert (snapshot.head, snapshot.before) == (6, 3)


def test_an_empty_conversation_has_an_empty_page() -> None:
    """[RS1]"""
    clock = Clock()
    snapshot = only(Snapshot, sent(enter(room(clock, [joined(1)]), clock)))
    assert (snapshot.head, snapshot.messages, snapshot.before) == (1, (), None)


def test_one_snapshot_serves_all_who_come_before_the_next_entry() -> None:
    """[FO1]"""
    clock = Clock()
    here = room(clock, history(4))
    first, second = enter(here, clock), enter(here, clock, S2)
    assert isinstance(first[1], Send)
    assert isinstance(second[1], Send)
    assert isinstance(first[1].frame, Raw)
    assert second[1].frame is first[1].frame


def test_a_storm_of_greetings_encodes_what_they_share_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[FO8] [RS13] What was missed is bytes before the storm begins; who resumes needs no more."""
    clock = Clock()
    entries = [joined(1), *(joined(n, by=f"m{n}") for n in range(2, 102))]
    here = room(clock, entries, Limits(connections_per_person=0))
    encoded: list[object] = []

    def counting(encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        def count(part: Any) -> bytes:
            encoded.append(part)
            return encode(part)

        return count

    monkeypatch.setattr(codec, "encode", counting(codec.encode))
    monkeypatch.setattr(codec, "encode_entry", counting(codec.encode_entry))

    def storm(name: str, **hello: Any) -> list[type]:
        encoded.clear()
        for number in range(50):
            enter(here, clock, SessionId(f"{name}{number}"), **hello)
        return [type(part[0]) if isinstance(part, tuple) else type(part) for part in encoded]

    resuming, fresh = storm("r", after=1), storm("f")
    assert resuming.count(Limits) == 1
    assert set(resuming) == {Limits, PresentMember}
    assert (fresh.count(Member), fresh.count(Snapshot)) == (1, 1)
    assert fresh.count(PresentMember) <= 50  # each page changed who is here
    assert set(fresh) == {Member, Snapshot, PresentMember}


def test_a_greeting_tells_of_whom_came_and_changed_since_the_last() -> None:
    """[RS7] What greetings share is never stale."""
    clock = Clock()
    here = room(clock, history(2))
    enter(here, clock)
    here.applied([joined(3, by="bo")])
    welcome = only(Welcome, sent(enter(here, clock, S2, who=member("bo")), S2))
    assert [m.id for m in welcome.members] == [ADA, BO]
    assert [(m.id, m.state) for m in welcome.presence] == [(ADA, "active"), (BO, "active")]
    here.leave(S2, "clean", clock.now)
    here.tick(clock.later(4.0))
    welcome = only(Welcome, sent(enter(here, clock, S3), S3))
    assert [(m.id, m.state) for m in welcome.presence] == [(ADA, "active"), (BO, "offline")]


@pytest.mark.parametrize("after", [1, 2, 3])
def test_who_comes_back_gets_what_is_missing(after: int) -> None:
    """[RS2]"""
    clock = Clock()
    effects = enter(room(clock, history(4)), clock, after=after)
    assert names(effects) == ["Welcome", "Entries", "Live"]
    missing = only(Entries, sent(effects)).entries
    assert [item.seq for item in missing] == list(range(after + 1, 5))


def test_who_missed_nothing_gets_nothing() -> None:
    """[RS2]"""
    clock = Clock()
    assert names(enter(room(clock, history(4)), clock, after=4)) == ["Welcome", "Live"]


@pytest.mark.parametrize(
    ("after", "epoch", "told"), [(3, EPOCH, []), (0, "e0", [ADA, BO]), (1, EPOCH, [ADA, BO])]
)
def test_who_comes_back_is_not_told_whom_they_know(
    after: int, epoch: str, told: list[MemberId]
) -> None:
    """[RS13] Unless they get a page instead of what they missed."""
    clock = Clock()
    entries = [joined(1), joined(2, by="bo"), posted(3), posted(4)]
    here = room(clock, entries, Limits(resume_entries=2))
    effects = enter(here, clock, after=after, epoch=epoch)
    assert [member.id for member in only(Welcome, sent(effects)).members] == told
    newcomer = only(Welcome, sent(enter(here, clock, S2), S2))
    assert [member.id for member in newcomer.members] == [ADA, BO]


@pytest.mark.parametrize(("gap", "answer"), [(500, "Entries"), (501, "Snapshot")])
def test_a_gap_of_more_than_500_entries_gets_a_snapshot(gap: int, answer: str) -> None:
    """[RS2] [RS3] Whether the room loaded them or lived through them."""
    clock = Clock()
    after = 20
    entries = history(after + gap)
    for here in (room(clock, entries), room(clock, entries[:after])):
        here.applied(entries[after:])
        assert names(enter(here, clock, after=after)) == ["Welcome", answer, "Live"]


def test_a_gap_of_more_than_256_kib_gets_a_snapshot() -> None:
    """[RS2] [RS3]"""
    clock = Clock()
    here = room(clock, [joined(1)])
    here.applied([posted(seq, "x" * 32_000) for seq in range(2, 10)])
    assert names(enter(here, clock, after=1)) == ["Welcome", "Entries", "Live"]
    here.applied([posted(10, "x" * 32_000)])
    assert names(enter(here, clock, after=1)) == ["Welcome", "Snapshot", "Live"]


def test_one_entry_larger_than_the_limit_is_not_resent() -> None:
    """[RS3] Who has it all is not bothered."""
    clock = Clock()
    here = room(clock, [joined(1)], Limits(resume_bytes=1000))
    here.applied([posted(2, "x" * 2000)])
    assert names(enter(here, clock, after=1)) == ["Welcome", "Snapshot", "Live"]
    assert [type(f) for f in sent(enter(here, clock, S2, after=2), S2)] == [Welcome, Live]


@pytest.mark.parametrize(("after", "epoch"), [(2, "e0"), (2, None), (5, EPOCH), (0, "e0")], ids=str)
def test_another_log_resets(after: int, epoch: str | None) -> None:
    """[RS4]"""
    clock = Clock()
    effects = enter(room(clock, history(4)), clock, after=after, epoch=epoch)
    assert names(effects) == ["Welcome", "Reset", "Snapshot", "Live"]
    assert only(Reset, sent(effects)).epoch == EPOCH


def test_the_mode_of_joining_is_told() -> None:
    clock = Clock()
    here = room(clock, history(4), Limits(resume_entries=2))
    for after, mode in [(None, "fresh"), (3, "entries"), (1, "snapshot"), (9, "reset")]:
        hello = Hello(protocol=1, after=after, epoch=EPOCH)
        who = member("ada")
        found = here.enter(S1, who, hello, clock.now, can_rename_self=False)[1]
        assert found == mode


def test_welcome_says_who_and_where_you_are_and_what_holds() -> None:
    """[RS7] [RA6]"""
    clock = Clock()
    limits = Limits(heartbeat_s=7.0, posts_per_window=3)
    entries = [*history(3), joined(4, by="bo")]
    here = room(clock, entries, limits, read_marks={ADA: Seq(2)}, last_seen={BO: 5.0})
    hello = Hello(protocol=1)
    effects, _ = here.enter(S1, member("ada"), hello, clock.now, can_rename_self=True)
    welcome = only(Welcome, sent(effects))
    assert welcome.protocol == 1
    assert welcome.connection == S1
    assert welcome.you == member("ada")
    assert welcome.conversation == here.info
    assert (welcome.conversation.id, welcome.conversation.title) == ("team", "Team")
    assert (welcome.conversation.epoch, welcome.conversation.head) == (EPOCH, 4)
    assert welcome.limits == limits
    assert welcome.members == (member("ada"), member("bo"))
    assert {(m.id, m.state) for m in welcome.presence} == {(ADA, "active"), (BO, "offline")}
    assert welcome.read == 2
    assert welcome.heartbeat_s == 7.0
    assert welcome.can_rename_self


def test_welcome_says_the_role_that_will_be_applied() -> None:
    """[RU12] The lower of what the server and the conversation grant."""
    clock = Clock()
    here = room(clock, [joined(1), joined(2, by="bo", role="viewer")])
    assert only(Welcome, sent(enter(here, clock, who=member("bo")))).you.role == "viewer"
    viewer = member("ada", role="viewer")
    assert only(Welcome, sent(enter(here, clock, S2, who=viewer), S2)).you.role == "viewer"


def test_welcome_says_who_you_are_to_the_others() -> None:
    """[RS7] [RA8] As the conversation has you, even if the server has another name by now."""
    clock = Clock()
    here = room(clock, history(4))
    renamed = Member(ADA, "Countess", role="viewer")
    you = only(Welcome, sent(enter(here, clock, who=renamed))).you
    assert you == member("ada", role="viewer")


def test_a_newcomer_has_nothing_unread() -> None:
    """[RS8]"""
    clock = Clock()
    here = room(clock, history(4))
    here.applied([joined(5, by="bo")])
    assert only(Welcome, sent(enter(here, clock, who=member("bo")))).read == 5
    here.applied([joined(6, by="bo")])
    assert here.read_mark(BO) == 5


def test_a_glimpse_shows_what_a_welcome_does() -> None:
    """[RS7]"""
    clock = Clock()
    here = room(clock, history(4), read_marks={ADA: Seq(3)})
    enter(here, clock)
    glimpse = here.glimpse(ADA)
    assert glimpse.info == here.info
    assert glimpse.members == (member("ada"),)
    assert [m.state for m in glimpse.presence] == ["active"]
    assert glimpse.read == 3
    assert here.glimpse(BO).read == 0


# Entries


def test_entries_are_told_to_everyone_the_author_too() -> None:
    """[FO3] Together, in one frame."""
    clock = Clock()
    here = room(clock, history(2))
    new = [posted(3), posted(4)]
    assert told(here.applied(new)) == [Entries(entries=tuple(new))]
    assert here.head == 4


def test_entries_that_are_known_are_not_told_again() -> None:
    """[RS5]"""
    clock = Clock()
    here = room(clock, history(4))
    assert here.applied([posted(3), posted(4)]) == []
    assert told(here.applied([posted(4), last := posted(5)])) == [Entries(entries=(last,))]


def test_a_gap_is_never_papered_over() -> None:
    """[LG1] Who applies must read what is missing first."""
    here = room(Clock(), history(4))
    with pytest.raises(AssertionError, match="gap"):
        here.applied([posted(6)])


def test_what_was_removed_for_good_does_not_come_back() -> None:
    """[LC4] Whoever tells of an older removal, or of the same one twice, changes nothing."""
    clock = Clock()
    here = room(clock, history(4))
    here.pruned(Seq(4))
    here.pruned(Seq(3))
    snapshot = only(Snapshot, sent(enter(here, clock)))
    assert [message.seq for message in snapshot.messages] == [4]


def test_the_title_follows_the_log() -> None:
    here = room(Clock(), history(2))
    here.applied([entry(3, RenamedBody("New"))])
    assert here.info.title == "New"


def test_what_was_redacted_is_not_resent() -> None:
    """[LG11] Neither as an entry nor in the snapshot, nor what it had been before an edit."""
    clock = Clock()
    here = room(clock, [joined(1), posted(2, "secret")])
    here.applied([entry(3, EditedBody(Seq(2), "secret still")), posted(4, "fine")])
    here.applied([entry(5, RedactedBody(Seq(2)))])
    for effects in (enter(here, clock, after=1), enter(here, clock)):
        assert "secret" not in repr(sent(effects))
        assert "fine" in repr(sent(effects))


# Read marks


def test_a_read_mark_is_stored_and_told_to_the_persons_other_pages_only() -> None:
    """[RS9] [LG14]"""
    clock = Clock()
    here = room(clock, history(4))
    enter(here, clock, S1)
    enter(here, clock, S2)
    enter(here, clock, S3, who=member("bo"))
    effects = here.mark_read(ADA, 3, S1)
    assert effects == [Keep(ReadMark(here.id, ADA, Seq(3))), Send(S2, Read(seq=Seq(3)))]
    assert here.read_mark(ADA) == 3


def test_a_read_mark_moves_forward_only_and_not_past_the_head() -> None:
    """[LG14]"""
    here = room(Clock(), history(4), read_marks={ADA: Seq(3)})
    assert here.mark_read(ADA, 3) == here.mark_read(ADA, 2) == []
    assert kept(here.mark_read(ADA, 2**53 - 1)) == [ReadMark(here.id, ADA, Seq(4))]
    assert here.mark_read(ADA, 5) == []
