"""Who is here, against a model that anyone can check by eye."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import LastSeen
from jupyter_collab.protocol.frames import ActivityState, Ephemeral, Hello
from jupyter_collab.protocol.frames import Presence as PresenceFrame
from jupyter_collab.protocol.ids import MemberId, SessionId
from jupyter_collab.protocol.members import PresentMember
from jupyter_collab.room.effect import Broadcast, Close, Effect, Keep
from jupyter_collab.room.presence import Departure, Presence
from tests.fakes import Clock, joined, member, posted
from tests.rooms import room
from tests.seeds import DEAR

ADA = MemberId("user:ada")
LIMITS = Limits()
TICK_S = 1.0
EXAMPLES = 20 * DEAR
GRACE_S: dict[Departure, float] = {"clean": 3.0, "broken": 12.0, "dead": 0.0}


def presence(**last_seen: float) -> Presence:
    return Presence(LIMITS, {MemberId(f"user:{name}"): at for name, at in last_seen.items()})


def tab(number: int) -> SessionId:
    return SessionId(f"s{number}")


def everyone(here: Presence) -> tuple[PresentMember, ...]:
    """Who was seen last comes first."""
    return tuple(here.shown(here.latest()))


def shown(here: Presence) -> dict[str, tuple[str, int]]:
    return {m.id.removeprefix("user:"): (m.state, m.connections) for m in everyone(here)}


def test_a_person_is_shown_once_in_the_best_state_of_their_tabs() -> None:
    """[PR1]"""
    here, clock = presence(), Clock()
    here.enter(tab(1), ADA, clock.now)
    here.enter(tab(2), ADA, clock.now)
    assert shown(here) == {"ada": ("active", 2)}
    here.set_activity(tab(1), ADA, "hidden", clock.now)
    assert shown(here) == {"ada": ("active", 2)}
    here.set_activity(tab(2), ADA, "idle", clock.now)
    assert shown(here) == {"ada": ("idle", 2)}
    here.leave(tab(2), ADA, "clean", clock.now)
    assert shown(here) == {"ada": ("idle", 1)}


@pytest.mark.parametrize("how", GRACE_S)
def test_a_person_is_shown_for_the_grace_of_their_departure(how: Departure) -> None:
    """[PR2] [PR3]"""
    here, clock = presence(), Clock()
    here.enter(tab(1), ADA, clock.now)
    left = clock.later(60.0)
    here.leave(tab(1), ADA, how, left)
    if GRACE_S[how]:
        assert here.expire(clock.later(GRACE_S[how] - 0.25)) == []
        assert shown(here) == {"ada": ("active", 1)}
        clock.later(0.25)
    assert here.expire(clock.now) == [(ADA, left.wall)]
    assert everyone(here) == (PresentMember(ADA, "offline", 0, left.wall),)
    assert here.people == 0


def test_a_reload_is_not_seen_by_others() -> None:
    """[PR2] [PR5]"""
    here, clock = presence(), Clock()
    here.enter(tab(1), ADA, clock.now)
    here.news()
    here.leave(tab(1), ADA, "clean", clock.later(1.0))
    here.enter(tab(2), ADA, clock.later(2.5))
    assert here.expire(clock.later(60.0)) == []
    assert here.news() == ()


def test_a_change_that_is_taken_back_is_not_told() -> None:
    """[PR5] Nor one that looks the same, whatever happened in between."""
    here, clock = presence(ada=5.0), Clock()
    here.enter(tab(1), ADA, clock.now)
    told = here.news()
    here.set_activity(tab(1), ADA, "idle", clock.later(0.01))
    here.set_activity(tab(1), ADA, "active", clock.later(0.01))
    assert here.has_news
    assert here.news() == ()
    assert everyone(here) == told


def test_a_visit_too_short_to_be_told_still_changes_when_one_was_last_seen() -> None:
    """[PR4] [PR5]"""
    here, clock = presence(ada=5.0), Clock()
    here.enter(tab(1), ADA, clock.now)
    here.leave(tab(1), ADA, "dead", clock.now)
    here.expire(clock.now)
    assert here.news() == (PresentMember(ADA, "offline", 0, clock.wall),)


def test_those_who_were_here_before_are_shown_offline() -> None:
    """[PR4] [RS7]"""
    assert everyone(presence(bo=6.0, ada=5.0)) == (
        PresentMember(MemberId("user:bo"), "offline", 0, 6.0),
        PresentMember(ADA, "offline", 0, 5.0),
    )


def test_whose_going_could_not_be_stored_is_last_seen_when_they_wrote() -> None:
    """[PR4] A server that is killed stores nothing any more."""
    written = [joined(1), posted(2), posted(3, by="bo")]  # each at the time of its number
    here = Presence(LIMITS, {ADA: 1.5, MemberId("user:bo"): 9.0}, written)
    assert {member.id: member.last_seen for member in everyone(here)} == {ADA: 2.0, "user:bo": 9.0}


@dataclass(slots=True)
class Tab:
    person: str
    heard: float
    state: ActivityState = "active"
    is_frozen: bool = False


class People(RuleBasedStateMachine):
    """Some people open, hide, reload, close, lose and freeze tabs and type; another watches.

    The model: tabs, and until when a person without tabs is waited for.
    """

    tabs = Bundle("tabs")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        people = [joined(1), joined(2, by="bo"), joined(3, by="cam")]
        self.room = room(self.clock, people)
        self.ids = count()
        self.seen: dict[str, PresentMember] = {m.id: m for m in self.room.glimpse(ADA).presence}
        self.open: dict[SessionId, Tab] = {}
        self.wait_until: dict[str, float] = {}
        # When they wrote their first entries.
        self.left_at = {"user:ada": 1.0, "user:bo": 2.0, "user:cam": 3.0}
        self.stored = dict(self.left_at)
        self.typed: dict[str, float] = {}
        self.shown_typing: dict[str, float] = {}
        self.seen_going: set[str] = set()
        self.ticked = self.clock.mono

    @rule(target=tabs, person=st.sampled_from(["ada", "bo", "cam"]))
    def open_tab(self, person: str) -> SessionId:
        return self.come(person)

    def come(self, person: str) -> SessionId:
        session = SessionId(f"s{next(self.ids)}")
        hello = Hello(protocol=1)
        self.room.enter(session, member(person), hello, self.clock.now, can_rename_self=False)
        self.open[session] = Tab(person, self.clock.mono)
        return session

    @rule(session=tabs, state=st.sampled_from(["active", "idle", "hidden"]))
    def say(self, session: SessionId, state: ActivityState) -> None:
        """Late words of a tab that was closed for its silence change nothing."""
        self.room.heard(session, self.clock.now)
        self.room.activity(session, state, self.clock.now)
        if (said := self.open.get(session)) is not None:
            said.state, said.heard = state, self.clock.mono

    @rule(session=tabs, active=st.booleans())
    def type(self, session: SessionId, active: bool) -> None:
        if (typist := self.open.get(session)) is not None:
            self.typed[typist.person] = self.clock.mono if active else -math.inf
            who = MemberId(f"user:{typist.person}")
            self.note(self.room.typing(who, active, self.clock.now))

    @rule(session=tabs)
    def post(self, session: SessionId) -> None:
        if (author := self.open.get(session)) is not None:
            self.typed[author.person] = -math.inf
            self.shown_typing.pop(f"user:{author.person}", None)  # everyone's page ends it
            self.room.applied([posted(self.room.head + 1, by=author.person)])

    @rule(session=tabs)
    def freeze(self, session: SessionId) -> None:
        """Its machine sleeps, or the network is gone without a word."""
        if session in self.open:
            self.open[session].is_frozen = True

    @rule(session=consumes(tabs), how=st.sampled_from(["clean", "broken"]))
    def close(self, session: SessionId, how: Departure) -> None:
        self.note(self.room.leave(session, how, self.clock.now))
        if session in self.open:
            self.forget(session, GRACE_S[how])

    @rule(
        target=tabs,
        session=consumes(tabs),
        how=st.sampled_from(["clean", "broken"]),
        quarters=st.integers(0, 11),
    )
    def reload(self, session: SessionId, how: Departure, quarters: int) -> SessionId:
        """Back in less than 3 s: nobody sees the person gone."""
        person = self.open[session].person if session in self.open else "ada"
        was_here, self.seen_going = session in self.open, set()
        self.close(session, how)
        self.wait(quarters)
        again = self.come(person)
        self.see()
        assert not was_here or f"user:{person}" not in self.seen_going
        return again

    @rule(quarters=st.integers(1, 160))
    def wait(self, quarters: int) -> None:
        """Seconds pass, in quarters; about once a second the server looks around."""
        for _ in range(quarters):
            self.clock.later(0.25)
            for session, opened in self.open.items():
                if not opened.is_frozen:
                    opened.heard = self.clock.mono
                    self.room.heard(session, self.clock.now)
            if self.clock.mono - self.ticked >= TICK_S:
                self.tick()
                self.see()

    def tick(self) -> None:
        self.ticked = self.clock.mono
        silent = [s for s, t in self.open.items() if self.clock.mono - t.heard >= 30.0]
        effects = self.room.tick(self.clock.now)
        closed = [(e.session, e.goodbye.code) for e in effects if isinstance(e, Close)]
        assert closed == [(session, 4200) for session in silent]
        for session in silent:
            self.forget(session, GRACE_S["dead"])
        self.note(effects)

    def forget(self, session: SessionId, grace_s: float) -> None:
        person = self.open.pop(session).person
        if not any(other.person == person for other in self.open.values()):
            self.wait_until[person] = self.clock.mono + grace_s
            self.left_at[f"user:{person}"] = self.clock.wall

    def note(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Keep(note=LastSeen() as note):
                    self.stored[note.member] = note.at
                case Broadcast(frame=Ephemeral() as typing):
                    until = self.clock.mono + typing.ttl_s if typing.active else -math.inf
                    self.shown_typing[typing.member] = until

    def see(self) -> None:
        """Another person's page takes in what is told."""
        for effect in self.room.presence_news():
            assert isinstance(effect, Broadcast)
            assert isinstance(effect.frame, PresenceFrame)
            for news in effect.frame.members:
                assert news != self.seen.get(news.id), "only changes are told"
                self.seen[news.id] = news
                if news.state == "offline":
                    self.seen_going.add(news.id)

    @invariant()
    def others_see_who_is_here(self) -> None:
        """[PR1] [PR2] [PR3] [PR4] [PR5]"""
        self.see()
        for person in ("ada", "bo", "cam"):
            self.check(person, [t.state for t in self.open.values() if t.person == person])
        assert self.seen == {m.id: m for m in self.room.glimpse(ADA).presence}

    def check(self, person: str, states: list[ActivityState]) -> None:
        found = self.seen.get(f"user:{person}")
        if states:
            best = "active" if "active" in states else "idle"
            assert found is not None
            assert (found.state, found.connections) == (best, len(states))
        elif self.clock.mono < self.wait_until.get(person, 0.0):
            assert found is not None
            assert found.state != "offline"
        elif found is not None and found.state == "offline":
            assert found.connections == 0
            assert found.last_seen == self.left_at[found.id] == self.stored[found.id]
        else:  # between two ticks
            assert found is None or self.clock.mono < self.wait_until[person] + TICK_S

    @invariant()
    def typing_is_shown_only_of_who_types(self) -> None:
        """[PR6] For 6 s after the last key, and not after leaving, stopping or the message."""
        here = {tab.person for tab in self.open.values()}
        for typist, until in self.shown_typing.items():
            if until > self.clock.mono:
                person = typist.removeprefix("user:")
                assert person in here
                assert self.clock.mono < self.typed[person] + 6.0


TestPeople = People.TestCase
TestPeople.settings = settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None)
