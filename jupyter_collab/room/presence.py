"""Who is here: many connections in, one state per person out.

Pure: times come in as `Instant`s. Owns the grace after a lost connection, so that a reload
does not blink. Invariant: `news` tells each change once, and folding it onto `shown` of an
earlier moment gives `shown` of now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec.structs import replace

from ..clock import Instant
from ..limits import Limits
from ..protocol.entries import Entry
from ..protocol.frames import Activity, ActivityState, ClientFrame, Hello, Pong, Sync, Who
from ..protocol.ids import MemberId, SessionId
from ..protocol.members import PresenceState, PresentMember

__all__ = ["Departure", "Presence", "shows_a_person"]

Departure = Literal["clean", "broken", "dead"]


def shows_a_person(frame: ClientFrame) -> bool:
    """Says whether somebody did something; a page left open only answers and keeps in step."""
    match frame:
        case Hello() | Pong() | Sync() | Who():
            return False
        case Activity():
            return frame.state == "active"
        case _:
            return True


@dataclass(slots=True)
class _Here:
    sessions: dict[SessionId, ActivityState] = field(default_factory=dict)
    away_at: Instant | None = None  # when the last session went, if it did
    grace_s: float = 0.0

    def state(self) -> PresenceState:
        return "active" if "active" in self.sessions.values() else "idle"


class Presence:
    """The presence of one conversation's members.

    Attributes:
        changes: another number whenever `shown` answers otherwise.
    """

    def __init__(
        self, limits: Limits, last_seen: Mapping[MemberId, float], recent: Iterable[Entry] = ()
    ) -> None:
        """`recent` tells of those whose going a server that was killed could not store."""
        self._limits = limits
        seen = dict(last_seen)
        for entry in recent:
            seen[entry.author] = max(entry.at, seen.get(entry.author, entry.at))
        self._here: dict[MemberId, _Here] = {}
        self._shown = {  # who was seen last comes last
            member: PresentMember(member, "offline", 0, at)
            for member, at in sorted(seen.items(), key=lambda item: item[1])
        }
        self._told: dict[MemberId, PresentMember | None] = {}  # of those that changed since
        self.changes = 0

    @property
    def has_news(self) -> bool:
        return bool(self._told)

    @property
    def people(self) -> int:
        """How many members are here, those in their grace included."""
        return len(self._here)

    def here(self) -> Iterable[MemberId]:
        return self._here.keys()

    def connections(self, member: MemberId) -> int:
        return len(self._here[member].sessions) if member in self._here else 0

    def latest(self) -> Iterable[MemberId]:
        """Everyone who was ever here, who was seen last first."""
        return reversed(self._shown)

    def shown(self, members: Iterable[MemberId]) -> Iterator[PresentMember]:
        """Those of `members` who were ever here, as others see them now."""
        return (self._shown[member] for member in members if member in self._shown)

    def enter(self, session: SessionId, member: MemberId, now: Instant) -> None:
        here = self._here.setdefault(member, _Here())
        here.sessions[session] = "active"
        here.away_at = None
        self._show(member, now)

    def set_activity(
        self, session: SessionId, member: MemberId, state: ActivityState, now: Instant
    ) -> None:
        self._here[member].sessions[session] = state
        self._show(member, now)

    def leave(self, session: SessionId, member: MemberId, how: Departure, now: Instant) -> None:
        """Takes one connection away; the person stays shown for the grace of `how`."""
        here = self._here[member]
        del here.sessions[session]
        if here.sessions:
            self._show(member, now)
            return
        here.away_at = now
        here.grace_s = {
            "clean": self._limits.leave_grace_s,
            "broken": self._limits.break_grace_s,
            "dead": 0.0,
        }[how]

    def expire(self, now: Instant) -> list[tuple[MemberId, float]]:
        """Ends every grace that is over; returns who went, and when (UTC epoch seconds)."""
        gone = [
            (member, here.away_at.wall)
            for member, here in self._here.items()
            if here.away_at is not None and now.mono - here.away_at.mono >= here.grace_s
        ]
        for member, at in gone:
            del self._here[member]
            self._change(PresentMember(member, "offline", 0, at))
        return gone

    def news(self) -> tuple[PresentMember, ...]:
        """Those whose presence changed since this was last asked, and is not back as it was."""
        told, self._told = self._told, {}
        for member, before in told.items():
            if before is not None and _looks_like(before, self._shown[member]):
                self._shown[member] = before
                self.changes += 1
        return tuple(self._shown[m] for m, before in told.items() if self._shown[m] is not before)

    def _show(self, member: MemberId, now: Instant) -> None:
        here = self._here[member]
        before = self._shown.get(member)
        after = PresentMember(member, here.state(), len(here.sessions), now.wall)
        if before is None or not _looks_like(before, after):
            self._change(after)

    def _change(self, after: PresentMember) -> None:
        self._told.setdefault(after.id, self._shown.get(after.id))
        self._shown.pop(after.id, None)
        self._shown[after.id] = after
        self.changes += 1


def _looks_like(one: PresentMember, other: PresentMember) -> bool:
    """Says whether the two tell the same; `last_seen` says nothing of who is here."""
    if one.state != "offline":
        other = replace(other, last_seen=one.last_seen)
    return one == other
