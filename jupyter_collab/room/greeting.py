"""Whom a page is told of: those it needs at once, and the others when it asks.

Owns what all greetings share, as bytes, until it changes. Pure. Must not know who is greeted.
Invariant: what is told at once is bounded by the limits and by who is here, however many were
ever here [RS14].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from msgspec import Raw

from ..limits import Limits
from ..protocol.entries import Entry, ProfileChanged
from ..protocol.frames import Members, Who
from ..protocol.ids import MemberId
from ..protocol.members import Member, PresentMember
from ..protocol.ready import Encoded
from ..state import ConversationState, member_bytes, newest_page
from .presence import Presence

__all__ = ["Greeting"]


class Greeting:
    """What the greetings of one conversation, created by `creator`, have in common."""

    def __init__(
        self, limits: Limits, state: ConversationState, presence: Presence, creator: MemberId
    ) -> None:
        self._limits = limits
        self._state = state
        self._presence = presence
        self._creator = creator
        self._members: tuple[Member, ...] | None = None  # None: to be chosen again
        self._chosen: tuple[Member, ...] = ()  # as they were the last time
        self._named: frozenset[MemberId] = frozenset()  # by `members`
        self._present: tuple[PresentMember, ...] | None = None
        self._present_at = 0
        self._encoded_limits = Encoded[Limits]()
        self._encoded_members = Encoded[tuple[Member, ...]]()
        self._encoded_presence = Encoded[tuple[PresentMember, ...]]()

    @property
    def encoded_limits(self) -> Raw:
        return self._encoded_limits.of(self._limits)

    @property
    def encoded_members(self) -> Raw:
        return self._encoded_members.of(self.members())

    @property
    def encoded_presence(self) -> Raw:
        return self._encoded_presence.of(self.presence())

    def members(self) -> tuple[Member, ...]:
        """Those whom a page needs at once; the same object until they change."""
        if self._members is None:
            self._members = self._chosen = self._choose()
            self._named = frozenset(member.id for member in self._members)
            self._present = None
        return self._members

    def presence(self) -> tuple[PresentMember, ...]:
        """All who are here, then how others were last seen: those told of last, as far as they fit.

        The same object until it changes. Nobody is chosen for it alone: in a storm, each who
        comes would have them chosen again.
        """
        members = self._chosen or self.members()
        if self._present is None or self._present_at != self._presence.changes:
            ids = _once(chain(self._presence.here(), (member.id for member in members)))
            most = max(self._presence.people, self._limits.members_at_once)
            self._present = tuple(islice(self._presence.shown(ids), most))
            self._present_at = self._presence.changes
        return self._present

    def who(self, query: Who) -> Members:
        """Answers who members are, in the order of asking or else of their joining."""
        known = self._state.members
        asked = tuple(known) if query.ids is None else query.ids
        found = self._fitting(map(known.get, asked[query.after :][: query.limit]))
        members = tuple(filter(None, found))
        after = query.after + len(found)
        return Members(
            members=members,
            presence=tuple(self._presence.shown(member.id for member in members)),
            after=after if after < len(asked) else None,
        )

    def met(self, member: MemberId) -> None:
        """Somebody is here, or did something: whoever comes next needs to know who that is."""
        if member not in self._named:
            self._members = None

    def applied(self, entry: Entry) -> None:
        """The state has this entry now."""
        self.met(entry.author)
        if isinstance(entry, ProfileChanged):
            self._members = None

    def _choose(self) -> tuple[Member, ...]:
        """Whom the newest page names, who is here, and who was last, as far as they fit."""
        known = self._state.members
        page = newest_page(self._state.messages.values(), self._limits)
        reactions = chain.from_iterable(message.reactions for message in page)
        needed = _once(
            chain(
                (message.author for message in reversed(page)),
                (self._creator,),
                chain.from_iterable(reaction.members for reaction in reactions),
                self._presence.here(),
                self._presence.latest(),
                reversed(known),
            )
        )
        chosen = self._fitting(known[member] for member in needed if member in known)
        is_whole = len(chosen) == len(known)
        return tuple(known.values()) if is_whole else tuple(filter(None, chosen))

    def _fitting(self, members: Iterable[Member | None]) -> list[Member | None]:
        """The first of `members` that fit, at least one if there is any."""
        fitting: list[Member | None] = []
        size = 0
        for member in islice(members, self._limits.members_at_once):
            size += 0 if member is None else member_bytes(member)
            if fitting and size > self._limits.members_bytes:
                break
            fitting.append(member)
        return fitting


def _once(members: Iterable[MemberId]) -> Iterator[MemberId]:
    """Each of `members` where it comes first."""
    seen: set[MemberId] = set()
    for member in members:
        if member not in seen:
            seen.add(member)
            yield member
