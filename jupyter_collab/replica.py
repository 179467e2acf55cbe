"""Replica: what a client knows of a conversation, from the frames it was sent.

Owns the fold of frames. Pure: must not know of sockets, clocks or tasks. Invariant: `state`
never skips an entry; where one is missing it stays, and `is_behind` says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from .protocol.entries import Entry, Joined
from .protocol.frames import (
    Entries,
    Live,
    Members,
    Message,
    Page,
    Ping,
    Presence,
    Read,
    Reset,
    ServerFrame,
    Snapshot,
    Welcome,
)
from .protocol.ids import Epoch, MemberId, Seq
from .protocol.members import Member, PresentMember
from .state import ConversationState

__all__ = ["Replica"]


class Replica:
    """A conversation as one client sees it.

    Attributes:
        state: the conversation as of `state.head`; its window grows from the last page on.
        welcome: what the server said of you and of the conversation when you came.
        members_in_all: how many members there are; `state.members` has those who were told of.
        presence: who is here, and when others were last seen.
        read: your read mark.
        epoch: the log's; hand it to the next connection together with the state.
        is_live: whether the server has said that everything up to now was sent.
    """

    welcome: Welcome
    epoch: Epoch

    def __init__(self, state: ConversationState | None = None) -> None:
        self.state = ConversationState() if state is None else state
        self.members_in_all = 0
        self.presence: dict[MemberId, PresentMember] = {}
        self.read = Seq(0)
        self.is_live = False
        self._told_head = Seq(0)
        self._told: dict[MemberId, Member] | None = None  # of in `welcome`, until live
        self._named: dict[MemberId, None] = {}  # by what came, and maybe not known

    @property
    def you(self) -> Member:
        """Whom the server takes you for."""
        return self.welcome.you

    @property
    def is_behind(self) -> bool:
        """Says whether the server has told of an entry that is not here."""
        return self.is_live and self._told_head > self.state.head

    def strangers(self) -> tuple[MemberId, ...]:
        """Those whom something named that came since this was last asked, and who are unknown."""
        named, self._named = self._named, {}
        return tuple(member for member in named if member not in self.state.members)

    def name(self, members: Iterable[MemberId]) -> None:
        """Something here names these: they need to be known."""
        self._named |= dict.fromkeys(members)

    def take(self, frame: ServerFrame, unknown: frozenset[Seq] = frozenset()) -> None:
        """Takes one frame in; `unknown` are its entries of kinds that are not known here."""
        match frame:
            case Welcome():
                self._welcome(frame)
            case Reset():
                self.epoch = frame.epoch
                self.state.head = Seq(0)
                self.state.messages = {}
            case Snapshot():
                self._snapshot(frame)
            case Page():
                self._meet(frame.messages)
            case Members():
                self.state.members |= _by_id(frame.members)
                self.presence |= {member.id: member for member in frame.presence}
            case Entries():
                known = {entry.seq: entry for entry in frame.entries}
                for seq in sorted(known.keys() | unknown):
                    self._apply(seq, known.get(seq))
            case Live():
                self.is_live = True
                self._told = None
                self._told_head = frame.head
            case Ping():
                self._told_head = max(self._told_head, frame.head)
                self._forget_before(frame.floor)
            case Presence():
                self.presence |= {member.id: member for member in frame.members}
                self.name(member.id for member in frame.members)
            case Read():
                self.read = frame.seq

    def _welcome(self, frame: Welcome) -> None:
        self.welcome = frame
        self._told = _by_id(frame.members)  # none if entries tell of them [RS13]
        self.epoch = frame.conversation.epoch
        self.read = frame.read
        self.members_in_all = frame.members_in_all
        self.presence = {member.id: member for member in frame.presence}
        self.name((frame.you.id, frame.conversation.created_by, *self.presence))
        self.state.title = frame.conversation.title
        self.state.members |= self._told
        self._forget_before(frame.conversation.floor)

    def _snapshot(self, frame: Snapshot) -> None:
        self.state.head = frame.head
        self.state.messages = {message.seq: message for message in frame.messages}
        if self._told is not None:  # others may be called differently now
            self.state.members = self._told
        self._meet(frame.messages)

    def _meet(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.name((message.author,))
            for reaction in message.reactions:
                self.name(reaction.members)

    def _forget_before(self, floor: Seq) -> None:
        """Messages before `floor` were removed for good [LC4]."""
        messages = self.state.messages
        if next(iter(messages), floor) < floor:
            self.state.messages = {seq: m for seq, m in messages.items() if seq >= floor}

    def _apply(self, seq: Seq, entry: Entry | None) -> None:
        """Folds in an entry if it is the next; one of an unknown kind only counts [LG9]."""
        self._told_head = max(self._told_head, seq)
        if seq != self.state.head + 1:
            return
        if entry is None:
            self.state.head = seq
            return
        self.state.apply(entry)
        self.name((entry.author,))
        if isinstance(entry, Joined) and seq > self.welcome.conversation.head:
            self.members_in_all += 1


def _by_id(members: Iterable[Member]) -> dict[MemberId, Member]:
    return {member.id: member for member in members}
