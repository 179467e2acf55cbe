"""The room: typing, presence, heartbeat and rates, as time passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import LastSeen, LiveStretch
from jupyter_collab.protocol.frames import (
    Ephemeral,
    Ping,
)
from jupyter_collab.protocol.ids import MemberId, Seq, SessionId
from jupyter_collab.protocol.members import Role
from jupyter_collab.room.effect import Broadcast, Close, Keep, Send
from tests.fakes import TEAM, Clock, command, member, posted
from tests.rooms import (
    ADA,
    BO,
    S1,
    S2,
    S3,
    enter,
    history,
    kept,
    room,
)

# Typing


def typing(active: bool, by: MemberId = ADA) -> Broadcast:
    frame = Ephemeral(kind="typing", member=by, active=active, ttl_s=6.0)
    return Broadcast(frame, key=f"typing:{by}", besides=by)


def test_typing_is_told_to_others() -> None:
    """[PR6] Never to the typist's own pages."""
    clock = Clock()
    here = room(clock, history(2))
    enter(here, clock, S1)
    enter(here, clock, S2)
    enter(here, clock, S3, who=member("bo"))
    (effect,) = here.typing(ADA, True, clock.now)
    assert effect == typing(True)
    assert list(here.sessions(besides=ADA)) == [S3]
    assert list(here.sessions()) == [S1, S2, S3]


def test_typing_is_repeated_only_when_it_grows_old() -> None:
    """[PR6] A page that says it with every key costs nobody anything."""
    clock = Clock()
    here = room(clock, history(2))
    told = [bool(here.typing(ADA, True, clock.later(0.125))) for _ in range(80)]
    assert sum(told) == 5
    assert told[0]
    assert here.typing(ADA, True, clock.later(3.0)) == [typing(True)]
    assert here.typing(ADA, True, clock.later(2.9)) == [typing(True)]


def test_typing_stops_once() -> None:
    """[PR6]"""
    clock = Clock()
    here = room(clock, history(2))
    here.typing(ADA, True, clock.now)
    assert here.typing(ADA, False, clock.now) == [typing(False)]
    assert here.typing(ADA, False, clock.now) == []


def test_a_flood_of_typing_is_told_a_few_times() -> None:
    """[PR6] And the others are left with the truth."""
    clock = Clock()
    here = room(clock, history(2))
    told = [here.typing(ADA, n % 2 == 0, clock.later(1 / 256)) for n in range(900)]
    assert [effects for effects in told if effects] == [[typing(True)], [typing(False)]] * 6
    assert here.typing(ADA, True, clock.now) == []
    assert here.typing(ADA, True, clock.later(6.0)) == [typing(True)]


def test_a_repeat_too_many_leaves_the_end_to_be_told() -> None:
    """[PR6]"""
    clock = Clock()
    here = room(clock, history(2))
    for _ in range(5):
        here.typing(ADA, True, clock.now)
        here.typing(ADA, False, clock.now)
    assert here.typing(ADA, True, clock.now) == [typing(True)]
    assert here.typing(ADA, True, clock.later(3.0)) == []
    assert here.typing(ADA, False, clock.now) == [typing(False)]


@pytest.mark.parametrize("granted", ["viewer", "member"])
def test_typing_of_one_who_only_reads_is_nobodys_news(granted: Role) -> None:
    """[PR6] [RU3]"""
    clock = Clock()
    here = room(clock, history(2))
    enter(here, clock, S1, who=member("ada", role=granted))
    enter(here, clock, S2, who=member("bo"))
    expected = [typing(True)] if granted == "member" else []
    assert here.typing(ADA, True, clock.now) == expected
    assert bool(here.typing(ADA, False, clock.now)) == bool(expected)


@pytest.mark.parametrize("is_ticked", [True, False])
def test_typing_expires(is_ticked: bool) -> None:
    """[PR6] After 6 s everybody has forgotten it: there is nothing to take back."""
    clock = Clock()
    here = room(clock, history(2))
    here.typing(ADA, True, clock.now)
    clock.later(6.0)
    if is_ticked:
        here.tick(clock.now)
    assert here.typing(ADA, False, clock.now) == []


def test_typing_ends_with_the_message() -> None:
    """[PR6] Everyone sees the message; another frame would say nothing new."""
    clock = Clock()
    here = room(clock, history(2))
    here.typing(ADA, True, clock.now)
    here.typing(BO, True, clock.now)
    here.applied([posted(3)])
    assert here.typing(ADA, False, clock.now) == []
    assert here.typing(ADA, True, clock.now) == [typing(True)]
    assert here.typing(BO, False, clock.now) == [typing(False, BO)]


def test_typing_ends_with_leaving() -> None:
    """[PR6] With the last page, not with any."""
    clock = Clock()
    here = room(clock, history(2))
    enter(here, clock, S1)
    enter(here, clock, S2)
    here.typing(ADA, True, clock.now)
    assert here.leave(S1, "clean", clock.now) == []
    assert here.leave(S2, "clean", clock.now) == [typing(False)]
    assert here.leave(S2, "clean", clock.now) == []


# Presence, heartbeat and the end


def test_a_full_conversation_turns_people_away_but_not_pages() -> None:
    """[PR7] With a sentence that says why."""
    clock = Clock()
    here = room(clock, history(2), Limits(people_per_conversation=2))
    enter(here, clock, S1)
    enter(here, clock, S2, who=member("bo"))
    (effect,) = enter(here, clock, S3, who=member("cam"))
    assert isinstance(effect, Close)
    assert (effect.session, effect.goodbye.code) == (S3, 4005)
    assert "2 people" in effect.goodbye.message
    assert isinstance(enter(here, clock, S3)[0], Send)


def test_a_place_is_kept_for_one_who_reloads() -> None:
    """[PR2] [PR7]"""
    clock = Clock()
    here = room(clock, history(2), Limits(people_per_conversation=1))
    enter(here, clock, S1)
    here.leave(S1, "clean", clock.now)
    assert isinstance(enter(here, clock, S2, who=member("bo"))[0], Close)
    assert isinstance(enter(here, clock, S2)[0], Send)
    here.leave(S2, "clean", clock.now)
    here.tick(clock.later(3.0))
    assert isinstance(enter(here, clock, S2, who=member("bo"))[0], Send)


def test_one_person_has_a_bound_of_pages() -> None:
    """[PR7]"""
    clock = Clock()
    here = room(clock, history(2), Limits(connections_per_person=2))
    enter(here, clock, S1)
    enter(here, clock, S2)
    (effect,) = enter(here, clock, S3)
    assert isinstance(effect, Close)
    assert effect.goodbye.code == 4005
    here.leave(S1, "clean", clock.now)
    assert isinstance(enter(here, clock, S3)[0], Send)


def test_limits_of_people_can_be_switched_off() -> None:
    """[PR7]"""
    clock = Clock()
    here = room(clock, history(2), Limits(people_per_conversation=0, connections_per_person=0))
    for number in range(200):
        who = member(f"p{number % 60}")
        session = SessionId(f"x{number}")
        assert isinstance(enter(here, clock, session, who=who)[0], Send)


def test_presence_is_told_to_all() -> None:
    """[PR5]"""
    clock = Clock()
    here = room(clock, history(2))
    enter(here, clock)
    assert here.has_presence_news
    (effect,) = here.presence_news()
    assert isinstance(effect, Broadcast)
    assert (effect.key, effect.besides) == (None, None)
    assert here.presence_news() == []
    assert not here.has_presence_news


def test_the_server_pings_with_its_head() -> None:
    """[FO5] Every 20 s, all at once, and nobody when nobody is there."""
    clock = Clock()
    here = room(clock, history(4), Limits(silence_s=1000.0))
    assert here.tick(clock.later(25.0)) == []
    enter(here, clock)
    assert here.tick(clock.now) == [Broadcast(Ping(n=1, head=Seq(4)))]
    assert here.tick(clock.later(19.75)) == []
    here.applied([posted(5)])
    assert here.tick(clock.later(0.25)) == [Broadcast(Ping(n=2, head=Seq(5)))]


def test_who_is_silent_is_closed() -> None:
    """[PR3] [PR4] And is gone in the same breath."""
    clock = Clock()
    here = room(clock, history(4), Limits(heartbeat_s=500.0))
    enter(here, clock, S1)
    enter(here, clock, S2, who=member("bo"))
    here.typing(ADA, True, clock.later(29.0))
    here.heard(S2, clock.now)
    here.heard(SessionId("unknown"), clock.now)
    effects = here.tick(clock.later(1.0))
    assert effects[:1] == [typing(False)]
    assert isinstance(effects[1], Close)
    assert (effects[1].session, effects[1].goodbye.code) == (S1, 4200)
    assert effects[2:] == [Keep(LastSeen(here.id, ADA, clock.wall))]
    assert list(here.sessions()) == [S2]


def test_a_stretch_of_life_is_recorded() -> None:
    """[LG15] [PR4]"""
    clock = Clock()
    here = room(clock, history(4))
    started = clock.wall
    assert isinstance(kept(enter(here, clock, S1))[0], LiveStretch)
    enter(here, clock, S2, who=member("bo"))
    here.leave(S2, "broken", clock.later(10.0))
    here.leave(S1, "clean", clock.later(10.0))
    assert kept(here.tick(clock.later(2.0)))[:1] == [LastSeen(here.id, BO, started + 10.0)]
    ended = LiveStretch(
        conversation=here.id, started=started, ended=started + 20.0, peak=2, total=2
    )
    assert kept(here.tick(clock.later(1.0))) == [LastSeen(here.id, ADA, started + 20.0), ended]


def test_two_who_go_in_one_tick_end_a_stretch_once() -> None:
    """[LG15] When the later of them left."""
    clock = Clock()
    here = room(clock, history(4))
    enter(here, clock, S1)
    enter(here, clock, S2, who=member("bo"))
    here.leave(S1, "clean", clock.later(9.0))
    here.leave(S2, "broken", clock.later(-1.0))
    *_, stretch = notes = kept(here.tick(clock.later(60.0)))
    assert [type(note) for note in notes] == [LastSeen, LastSeen, LiveStretch]
    assert isinstance(stretch, LiveStretch)
    assert stretch.ended == Clock().wall + 9.0


def test_a_stretch_that_a_crash_cut_short_ends_with_the_last_entry() -> None:
    """[LG15]"""
    clock = Clock()
    open_ = LiveStretch(conversation=TEAM, started=2.0, ended=None, peak=1, total=1)
    here = room(clock, history(4), stretch=open_)  # entries are stamped with their seq
    assert kept(enter(here, clock))[0] == replace(open_, ended=4.0)
    here = room(clock, history(4), stretch=open_, last_seen={BO: 7.0})
    assert kept(enter(here, clock))[0] == replace(open_, ended=7.0)


def test_shutting_stores_who_was_here() -> None:
    """[PR4] [LG15] Without waiting for any grace."""
    clock = Clock()
    here = room(clock, history(4))
    enter(here, clock)
    here.leave(S1, "broken", clock.now)
    last_seen, stretch = kept(here.shut(clock.now))
    assert last_seen == LastSeen(here.id, ADA, clock.wall)
    assert isinstance(stretch, LiveStretch)
    assert stretch.ended == clock.wall
    assert here.shut(clock.now) == []


def test_a_room_without_anyone_becomes_idle() -> None:
    """[RS11] Not while someone is there, however silent, nor while they are still shown."""
    clock = Clock()
    here = room(clock, history(4))
    assert not here.is_idle(clock.now)
    enter(here, clock)
    assert not here.is_idle(clock.later(5000.0))
    here.leave(S1, "broken", clock.now)
    assert not here.is_idle(clock.later(1800.0))
    here.tick(clock.now)
    assert here.is_idle(clock.now)


def test_a_room_that_leaves_memory_takes_no_rate_with_it() -> None:
    """[RA1] Whoever posts without a socket can't wait for the room to forget."""
    clock = Clock()
    here = room(clock, history(2), Limits(idle_unload_s=0.0))
    here.take_rate(ADA, command("post", text="hi"), clock.now)
    here.tick(clock.later(9.0))
    assert not here.is_idle(clock.now)
    here.tick(clock.later(1.0))
    assert here.is_idle(clock.now)


def test_activity_of_a_page_that_has_left_changes_nothing() -> None:
    """[PR1] Its last frame may come after its end."""
    clock = Clock()
    here = room(clock, history(2))
    enter(here, clock, S1)
    enter(here, clock, S2, who=member("bo"))
    here.presence_news()
    here.leave(S2, "clean", clock.now)
    here.presence_news()
    assert here.activity(S2, "idle", clock.now) == []
    assert here.presence_news() == []


# Rates


@pytest.mark.parametrize(
    ("kind", "fields", "limit"),
    [
        ("post", {"text": "hi"}, 10),
        ("edit", {"target": 2, "text": "hi"}, 10),
        ("redact", {"target": 2}, 10),
        ("react", {"target": 2, "emoji": "🎉"}, 30),
        ("unreact", {"target": 2, "emoji": "🎉"}, 30),
        ("rename", {"title": "New"}, 5),
    ],
)
def test_each_kind_of_command_has_a_window_per_person(
    kind: str, fields: dict[str, object], limit: int
) -> None:
    """[RA1] [RA2]"""
    clock = Clock()
    here = room(clock, history(2))
    asked = command(kind, **fields)
    waits = [here.take_rate(ADA, asked, clock.now) for _ in range(limit + 1)]
    assert waits == [0.0] * limit + [10.0]
    assert here.take_rate(BO, asked, clock.now) == 0.0
    other = command("rename", title="x") if kind != "rename" else command("post", text="x")
    assert here.take_rate(ADA, other, clock.now) == 0.0
    assert here.take_rate(ADA, asked, clock.later(10.0)) == 0.0


def test_a_command_that_was_not_stored_costs_nothing() -> None:
    """[RA3] Also when its window is forgotten already."""
    clock = Clock()
    here = room(clock, history(2), Limits(posts_per_window=1))
    post = command("post", text="hi")
    here.give_back_rate(ADA, post, clock.mono)
    then = clock.now
    assert here.take_rate(ADA, post, then) == 0.0
    assert here.take_rate(ADA, post, clock.later(1.0)) == 9.0
    here.give_back_rate(ADA, post, then.mono)
    assert here.take_rate(ADA, post, clock.now) == 0.0


def test_what_is_over_is_forgotten() -> None:
    """Neither rates, two each here, nor typing grow with those who were ever here."""
    clock = Clock()
    here = room(clock, history(2))
    for number in range(100):
        who = MemberId(f"user:{number}")
        here.typing(who, True, clock.now)
        here.take_rate(who, command("post", text="hi"), clock.now)
    here.tick(clock.later(5.0))
    assert (len(here._typing), len(here._typing_news), len(here._rates)) == (100, 100, 100)
    here.tick(clock.later(5.0))
    assert (len(here._typing), len(here._typing_news), len(here._rates)) == (0, 0, 0)
