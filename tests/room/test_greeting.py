"""Whom a page is told of: those it needs at once, and the others when it asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec import Raw

from jupyter_collab.limits import Limits
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.entries import (
    Entry,
    ProfileChangedBody,
    ReactedBody,
)
from jupyter_collab.protocol.frames import Welcome, Who
from jupyter_collab.protocol.ids import MemberId, Seq, SessionId
from jupyter_collab.protocol.members import Member
from jupyter_collab.room.room import Room
from jupyter_collab.state import member_bytes
from tests.fakes import Clock, entry, joined, member, posted
from tests.rooms import S1, S2, enter, only, room, sent

EVER = 30


def names(members: Iterable[Member | Any]) -> list[str]:
    return [member.id.removeprefix("user:") for member in members]


@dataclass(slots=True)
class Crowd:
    """A conversation that Ada began, and where m2 to m30 came one after the other."""

    limits: Limits
    talk: list[Entry] = field(default_factory=list)
    last_seen: dict[str, float] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)

    def room(self) -> Room:
        people = [joined(1), *(joined(seq, by=f"m{seq}") for seq in range(2, EVER + 1))]
        seen = {MemberId(f"user:{name}"): at for name, at in self.last_seen.items()}
        return room(self.clock, [*people, *self.talk], self.limits, last_seen=seen)


def welcomed(here: Room, clock: Clock, who: str = "ada", session: SessionId = S1) -> Welcome:
    return only(Welcome, sent(enter(here, clock, session, who=member(who)), session))


def test_in_a_small_conversation_everyone_is_told() -> None:
    """[RS14] In the order of their joining, with when they were last seen."""
    crowd = Crowd(Limits(members_at_once=EVER), last_seen={"m7": 50.0})
    welcome = welcomed(crowd.room(), crowd.clock, "m3")
    assert names(welcome.members) == ["ada", *(f"m{seq}" for seq in range(2, EVER + 1))]
    assert welcome.members_in_all == EVER
    assert welcome.presence[0].id == "user:m3"
    seen = {present.id: (present.state, present.last_seen) for present in welcome.presence}
    assert seen[MemberId("user:m7")] == ("offline", 50.0)


def test_a_page_is_told_of_whom_it_needs_and_of_whom_was_there_last() -> None:
    """[RS14] Authors, latest first; who began it; reactors; who is here; then the others."""
    talk = [
        posted(31, by="m9"),
        posted(32, by="m8"),
        entry(33, ReactedBody(Seq(31), "🎉"), by="m7"),
    ]
    crowd = Crowd(Limits(members_at_once=8), talk, last_seen={"m4": 90.0, "m5": 80.0, "m9": 99.0})
    here = crowd.room()
    enter(here, crowd.clock, S2, who=member("m6"))
    welcome = welcomed(here, crowd.clock, "m2")
    # Who wrote the newest entries was seen then, whatever was stored.
    assert names(welcome.members) == ["m8", "m9", "ada", "m7", "m6", "m2", "m4", "m5"]
    assert welcome.members_in_all == EVER
    assert names(welcome.presence)[:2] == ["m6", "m2"]
    assert len(welcome.presence) == 8
    assert set(names(welcome.presence)) <= set(names(welcome.members))


def test_whom_the_page_names_goes_before_who_is_here() -> None:
    """[RS14] All who are here are in `presence` all the same."""
    crowd = Crowd(Limits(members_at_once=3), [posted(31, by="m9"), posted(32, by="m8")])
    here = crowd.room()
    for number in range(10, 16):
        enter(here, crowd.clock, SessionId(f"t{number}"), who=member(f"m{number}"))
    welcome = welcomed(here, crowd.clock, "m16")
    assert names(welcome.members) == ["m8", "m9", "ada"]
    assert names(welcome.presence) == [f"m{number}" for number in range(10, 17)]


def test_what_is_told_of_members_has_a_size_too() -> None:
    """[RS14] At least one is told of, however long their picture's address is."""
    size = member_bytes(member("m30"))
    for most, told in ((0, 1), (size * 5, 5), (size * 5 - 1, 4)):
        crowd = Crowd(Limits(members_bytes=most))
        here = crowd.room()
        assert len(welcomed(here, crowd.clock, "m30").members) == told
        answer = here.who(Who(ids=tuple(MemberId(f"user:m{n}") for n in range(10, 20))))
        assert (len(answer.members), answer.after) == (told, told)


@pytest.mark.parametrize("by", ["m20", "ada"])
def test_who_comes_next_is_told_of_who_did_something(by: str) -> None:
    """[RS14] What greetings share is never stale."""
    crowd = Crowd(Limits(members_at_once=4), [posted(31)])
    here = crowd.room()
    welcomed(here, crowd.clock)
    here.applied([posted(32, by="m5"), entry(33, ReactedBody(Seq(31), "🎉"), by=by)])
    told = names(welcomed(here, crowd.clock, session=S2).members)
    assert {"m5", by} <= set(told)
    changed = member("ada", role="viewer")
    here.applied([entry(34, ProfileChangedBody(changed))])
    assert changed in welcomed(here, crowd.clock).members


def test_who_comes_is_told_to_those_who_come_later() -> None:
    """[RS14]"""
    crowd = Crowd(Limits(members_at_once=4))
    here = crowd.room()
    welcomed(here, crowd.clock)
    welcomed(here, crowd.clock, "m2", S2)
    assert "m2" in names(welcomed(here, crowd.clock).members)


def test_members_are_encoded_again_only_for_whom_was_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[FO8] Who is told of already may come, write and react as much as they like."""
    crowd = Crowd(Limits(members_at_once=8), [posted(31)])
    here = crowd.room()
    told = welcomed(here, crowd.clock).members
    first = here._greeting.encoded_members
    for seq, who in enumerate(names(told), 32):
        enter(here, crowd.clock, SessionId(f"t{seq}"), who=member(who))
        here.applied([posted(seq, by=who)])
        assert here._greeting.encoded_members is first
    monkeypatch.setattr(codec, "encode", lambda _: pytest.fail("encoded"))
    assert isinstance(here._greeting.encoded_presence, Raw)


def test_who_answers_a_part_of_everyone() -> None:
    """[RS15] In the order of their joining, until there is nobody left."""
    crowd = Crowd(Limits(members_at_once=12), last_seen={"m14": 50.0})
    here = crowd.room()
    parts = [here.who(Who()), here.who(Who(after=12)), here.who(Who(after=24))]
    assert [part.after for part in parts] == [12, 24, None]
    everyone = [name for part in parts for name in names(part.members)]
    assert everyone == ["ada", *(f"m{seq}" for seq in range(2, EVER + 1))]
    assert [present.id for present in parts[1].presence if present.last_seen == 50.0] == [
        "user:m14"
    ]
    assert here.who(Who(after=28, limit=1)).after == 29
    for after in (EVER, 2**53 - 1):
        nobody = here.who(Who(after=after))
        assert (nobody.members, nobody.after) == ((), None)


def test_who_answers_for_ids() -> None:
    """[RS15] In the order of asking; whom nobody knows is left out, and counts."""
    crowd = Crowd(Limits(members_at_once=3))
    here = crowd.room()
    ids = tuple(MemberId(f"user:{name}") for name in ("m9", "nobody", "m8", "m7"))
    first = here.who(Who(ids=ids))
    assert (names(first.members), first.after) == (["m9", "m8"], 3)
    rest = here.who(Who(ids=ids, after=3))
    assert (names(rest.members), rest.after) == (["m7"], None)
    assert here.who(Who(ids=())).members == ()
