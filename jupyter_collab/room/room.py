"""The state machine of one conversation on one server: inputs in, effects out.

Owns who is connected, what they have been told, typing and the newest part of the log in
memory. Pure: no sockets, tasks, clocks or SQL; the hub performs the effects. Invariant: a
session is sent every entry after its cursor, in order, once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec import Raw
from msgspec.structs import replace

from ..clock import Instant
from ..errors import CloseCode
from ..limits import Limits
from ..log.base import LastSeen, Loaded, ReadMark
from ..protocol import codec
from ..protocol.commands import Command
from ..protocol.entries import Entry, Joined, Posted
from ..protocol.frames import (
    PROTOCOL_VERSION,
    ActivityState,
    ConversationInfo,
    Ephemeral,
    Goodbye,
    Hello,
    Live,
    Members,
    Ping,
    Read,
    Reset,
    Snapshot,
    Who,
)
from ..protocol.frames import Presence as PresenceFrame
from ..protocol.ids import ConversationId, MemberId, Seq, SessionId
from ..protocol.members import Member
from ..protocol.ready import Frame, ReadyEntries, ReadyWelcome
from ..rate import RateWindows, per_window
from ..rules import effective_role
from ..state import ConversationState, newest_page
from .effect import Broadcast, Close, Effect, Glimpse, Keep, ResumeMode, Send
from .greeting import Greeting
from .presence import Departure, Presence
from .recent import Recent
from .stretch import StretchRecorder

__all__ = ["Room"]

NOBODY = Raw(b"[]")  # they are known, or entries tell of them [RS13]
TYPING_NEWS = 6  # in the time that typing is shown: a page that repeats it needs 3


@dataclass(slots=True)
class _Connection:
    member: Member
    heard: float  # monotonic seconds
    is_at_work: bool = False  # the page said so, and not since that it is not


class Room:
    """One conversation in memory, loaded from the log.

    Attributes:
        used: when somebody last came, went or asked for it, in monotonic seconds.
    """

    def __init__(self, loaded: Loaded, limits: Limits, now: Instant) -> None:
        self._limits = limits
        self._info = loaded.info
        self._state = ConversationState(
            head=loaded.info.head,
            title=loaded.info.title,
            messages={message.seq: message for message in loaded.page.messages},
            members={member.id: member for member in loaded.members},
        )
        self._has_older = loaded.page.before is not None
        self._recent = Recent(limits, loaded.recent)
        self._read = dict(loaded.read_marks)
        self._presence = Presence(limits, loaded.last_seen, loaded.recent)
        self._stretch = StretchRecorder(loaded.info.id, loaded.stretch, _last_sign(loaded))
        self._connections: dict[SessionId, _Connection] = {}
        self._typing: dict[MemberId, float] = {}  # until, monotonic seconds
        self._typing_news = RateWindows(limits.typing_ttl_s)
        self._rates = RateWindows(limits.window_s)
        self._greeting = Greeting(limits, self._state, self._presence, loaded.info.created_by)
        self._snapshot: Raw | None = None  # the newest page, until it changes
        self._pings = 0
        self._pinged = now.mono
        self.used = now.mono

    # What is asked

    @property
    def id(self) -> ConversationId:
        return self._info.id

    @property
    def head(self) -> Seq:
        return self._state.head

    @property
    def has_presence_news(self) -> bool:
        return self._presence.has_news

    @property
    def info(self) -> ConversationInfo:
        """The conversation as it is now."""
        return replace(self._info, title=self._state.title, head=self._state.head)

    def member(self, member: MemberId) -> Member | None:
        return self._state.members.get(member)

    def read_mark(self, member: MemberId) -> Seq:
        return self._read.get(member, Seq(0))

    def glimpse(self, member: MemberId) -> Glimpse:
        shown, in_all = self._greeting, len(self._state.members)
        read = self.read_mark(member)
        return Glimpse(self.info, shown.members(), in_all, shown.presence(), read)

    def who(self, query: Who) -> Members:
        """Answers who some members are [RS15]."""
        return self._greeting.who(query)

    def sessions(self, *, besides: MemberId | None = None) -> Iterable[SessionId]:
        """Everyone's sessions, or all but one member's."""
        if besides is None:
            return self._connections.keys()
        return (s for s, c in self._connections.items() if c.member.id != besides)

    @property
    def at_work(self) -> int:
        """How many pages have a person at them, as far as they told."""
        return sum(connection.is_at_work for connection in self._connections.values())

    @property
    def is_empty(self) -> bool:
        """Says whether nobody is here, or shown as if they were, or held to a rate."""
        return not (self._connections or self._presence.people or self._rates)

    def is_idle(self, now: Instant) -> bool:
        """Says whether that has been so for so long that the room may leave memory."""
        return self.is_empty and now.mono - self.used >= self._limits.idle_unload_s

    # Coming and going

    def enter(
        self,
        session: SessionId,
        member: Member,
        hello: Hello,
        now: Instant,
        *,
        can_rename_self: bool,
    ) -> tuple[list[Effect], ResumeMode | None]:
        """Greets a session: where it is, what it missed, and from then on everything.

        Returns the effects and how it caught up, or None if it was turned away [PR7].
        """
        if (goodbye := self.turned_away(member)) is not None:
            return [Close(session, goodbye)], None
        self._connections[session] = _Connection(member, now.mono)
        self.used = now.mono
        was_here = self._presence.connections(member.id) > 0
        self._presence.enter(session, member.id, now)
        self._greeting.met(member.id)
        missed, mode = self._catch_up(hello)
        frames = [
            self._welcome(session, member, mode, can_rename_self=can_rename_self),
            *missed,
            Live(head=self.head),
        ]
        effects: list[Effect] = [Send(session, frame) for frame in frames]
        if not was_here:
            came = self._stretch.came(member.id, self._presence.people, now.wall)
            effects += map(Keep, came)
        return effects, mode

    def turned_away(self, member: Member) -> Goodbye | None:
        """Says why one more session of a member can't come in, None if it can [PR7]."""
        limits = self._limits
        connections = self._presence.connections(member.id)
        if 0 < limits.connections_per_person <= connections:
            message = f"You have this conversation open {connections} times; close one first."
            return Goodbye(code=CloseCode.FULL, message=message)
        is_new = member.id not in self._presence.here()
        if is_new and 0 < limits.people_per_conversation <= self._presence.people:
            message = f"This conversation is full: {self._presence.people} people are here."
            return Goodbye(code=CloseCode.FULL, message=message)
        return None

    def leave(self, session: SessionId, how: Departure, now: Instant) -> list[Effect]:
        """Takes a session out; others see it after the grace of `how` [PR2]."""
        connection = self._connections.pop(session, None)
        if connection is None:
            return []
        self.used = now.mono
        member = connection.member.id
        self._presence.leave(session, member, how, now)
        if self._presence.connections(member):
            return []
        return self.typing(member, False, now)

    def heard(self, session: SessionId, now: Instant) -> None:
        """A byte came from the session: it is alive."""
        if (connection := self._connections.get(session)) is not None:
            connection.heard = now.mono

    # What sessions say

    def take_rate(self, member: MemberId, command: Command, now: Instant) -> float:
        """Takes a place in the member's window for this kind of command [RA1].

        Returns the seconds to wait, 0 if a place was taken.
        """
        kind = type(command).__name__
        return self._rates.take((member, kind), per_window(self._limits, kind), now.mono)

    def give_back_rate(self, member: MemberId, command: Command, then: float) -> None:
        """The command that took a place at `then` was not stored [RA3]."""
        self._rates.give_back((member, type(command).__name__), then)

    def typing(self, member: MemberId, active: bool, now: Instant) -> list[Effect]:
        """Tells the others, unless what they were told is still fresh [PR6]."""
        ttl_s = self._limits.typing_ttl_s
        until = self._typing.pop(member, -math.inf)  # the others show it until then
        is_news = until > now.mono
        if active:
            is_old = until - now.mono <= ttl_s * 2 / 3  # a page repeats it at half
            is_news = is_old and self._may_type(member, now)
            self._typing[member] = now.mono + ttl_s if is_news else until
        if not is_news:
            return []
        frame = Ephemeral(kind="typing", member=member, active=active, ttl_s=ttl_s)
        return [Broadcast(frame, key=f"typing:{member}", besides=member)]

    def activity(self, session: SessionId, state: ActivityState, now: Instant) -> list[Effect]:
        """Notes what a page's person does; others hear by `presence_news`."""
        if (connection := self._connections.get(session)) is not None:
            connection.is_at_work = state == "active"
            self._presence.set_activity(session, connection.member.id, state, now)
        return []

    def mark_read(
        self, member: MemberId, seq: int, session: SessionId | None = None
    ) -> list[Effect]:
        """Moves a read mark forward and tells the person's other sessions [RS9]."""
        mark = Seq(min(seq, self.head))
        if mark <= self.read_mark(member):
            return []
        self._read[member] = mark
        return [
            Keep(ReadMark(self._info.id, member, mark)),
            *(
                Send(other, Read(seq=mark))
                for other, connection in self._connections.items()
                if connection.member.id == member and other != session
            ),
        ]

    # What the log says

    def applied(self, entries: Sequence[Entry]) -> list[Effect]:
        """Takes a contiguous run of new entries, own or foreign, and tells everyone."""
        fresh = tuple(entry for entry in entries if entry.seq > self.head)
        if not fresh:
            return []
        for entry in fresh:
            self._state.apply(entry)
            self._greeting.applied(entry)
            if isinstance(entry, Posted):
                self._typing.pop(entry.author, None)
            elif isinstance(entry, Joined):
                self._read.setdefault(entry.body.member.id, entry.seq)  # nothing unread [RS8]
        self._trim()
        self._snapshot = None
        return [Broadcast(ReadyEntries(entries=self._recent.add(fresh)))]

    def pruned(self, floor: Seq) -> None:
        """Forgets the messages before `floor`, which were removed; pings tell of it [LC4]."""
        if floor <= self._info.floor:
            return
        self._info = replace(self._info, floor=floor)
        messages = self._state.messages
        kept = {seq: message for seq, message in messages.items() if seq >= floor}
        self._has_older = self._has_older and len(kept) == len(messages)
        self._state.messages = kept
        self._recent.prune(floor)
        self._snapshot = None

    # What time says

    def tick(self, now: Instant) -> list[Effect]:
        """Pings, ends what is over, and closes what is dead. Call it about once a second."""
        effects = self._close_silent(now) + self._end_graces(now)
        self._typing = {m: until for m, until in self._typing.items() if until > now.mono}
        self._typing_news.forget_idle(now.mono)
        self._rates.forget_idle(now.mono)
        if self._connections and now.mono - self._pinged >= self._limits.heartbeat_s:
            self._pinged = now.mono
            self._pings += 1
            ping = Ping(n=self._pings, head=self.head, floor=self._info.floor)
            effects.append(Broadcast(ping))
        return effects

    def shut(self, now: Instant) -> list[Effect]:
        """Ends every grace at once: the server stops. Its sessions have left before."""
        return self._end_graces(Instant(math.inf, now.wall))

    def presence_news(self) -> list[Effect]:
        """Tells everyone whose presence changed [PR5]."""
        news = self._presence.news()
        return [Broadcast(PresenceFrame(members=news))] if news else []

    # Parts

    def _may_type(self, member: MemberId, now: Instant) -> bool:
        """Takes a place for news of someone typing, for one who may write."""
        if self._typing_news.take(member, TYPING_NEWS, now.mono) > 0:
            return False
        stored, connections = self.member(member), self._connections.values()
        roles = (effective_role(c.member, stored) for c in connections if c.member.id == member)
        return "viewer" not in roles

    def _welcome(
        self, session: SessionId, member: Member, mode: ResumeMode, *, can_rename_self: bool
    ) -> ReadyWelcome:
        greeting = self._greeting
        stored = self._state.members.get(member.id, member)
        return ReadyWelcome(
            protocol=PROTOCOL_VERSION,
            connection=session,
            you=replace(stored, role=effective_role(member, stored)),
            conversation=self.info,
            limits=greeting.encoded_limits,
            members=NOBODY if mode == "entries" else greeting.encoded_members,
            members_in_all=len(self._state.members),
            presence=greeting.encoded_presence,
            read=self.read_mark(member.id),
            drafts=(),
            heartbeat_s=self._limits.heartbeat_s,
            can_rename_self=can_rename_self,
        )

    def _catch_up(self, hello: Hello) -> tuple[list[Frame], ResumeMode]:
        """What a page needs to be at the head, and how that is called."""
        if hello.after is None:
            return [self.newest()], "fresh"
        if hello.epoch != self._info.epoch or hello.after > self.head:
            return [Reset(epoch=self._info.epoch), self.newest()], "reset"
        missing = self._recent.newest(self.head - hello.after)
        if missing is None:
            return [self.newest()], "snapshot"
        return [ReadyEntries(entries=missing)] if missing else [], "entries"

    def newest(self) -> Raw:
        """The newest page, as bytes: the same for all who come before the next entry."""
        if self._snapshot is None:
            page = newest_page(self._state.messages.values(), self._limits)
            is_cut = self._has_older or len(page) < len(self._state.messages)
            before = page[0].seq if page and is_cut else None
            snapshot = Snapshot(head=self.head, messages=page, before=before)
            self._snapshot = Raw(codec.encode(snapshot))
        return self._snapshot

    def _trim(self) -> None:
        messages = self._state.messages
        while len(messages) > self._limits.page_messages:
            del messages[next(iter(messages))]
            self._has_older = True

    def _end_graces(self, now: Instant) -> list[Effect]:
        """Stores who has gone, and the end of the stretch with the last one [PR4] [LG15]."""
        gone = self._presence.expire(now)
        effects: list[Effect] = [Keep(LastSeen(self._info.id, who, at)) for who, at in gone]
        if gone:
            latest = max(at for _, at in gone)
            effects += map(Keep, self._stretch.went(self._presence.people, latest))
        return effects

    def _close_silent(self, now: Instant) -> list[Effect]:
        deadline = now.mono - self._limits.silence_s
        silent = [s for s, c in self._connections.items() if c.heard <= deadline]
        message = f"Nothing came from this page for {self._limits.silence_s:g} s."
        effects: list[Effect] = []
        for session in silent:
            effects += self.leave(session, "dead", now)
            effects.append(Close(session, Goodbye(code=CloseCode.HEARTBEAT, message=message)))
        return effects


def _last_sign(loaded: Loaded) -> float:
    """When the conversation last showed life, as far as the log can tell."""
    written = (entry.at for entry in loaded.recent[-1:])
    return max([loaded.info.created_at, *written, *loaded.last_seen.values()])
