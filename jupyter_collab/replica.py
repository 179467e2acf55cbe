"""Replica: what a client knows of a conversation, from the frames it was sent.

Owns the fold of frames. Pure: must not know of sockets, clocks or tasks. Invariant: `state`
never skips an entry; where one is missing it stays, and `is_behind` says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from .protocol.entries import Entry
from .protocol.frames import (
    Entries,
    Live,
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
        presence: who is here.
        read: your read mark.
        epoch: the log's; hand it to the next connection together with the state.
        is_live: whether the server has said that everything up to now was sent.
    """

    welcome: Welcome
    epoch: Epoch

    def __init__(self, state: ConversationState | None = None) -> None:
        self.state = ConversationState() if state is None else state
        self.presence: dict[MemberId, PresentMember] = {}
        self.read = Seq(0)
        self.is_live = False
        self._told_head = Seq(0)

    @property
    def you(self) -> Member:
        """Whom the server takes you for."""
        return self.welcome.you

    @property
    def is_behind(self) -> bool:
        """Says whether the server has told of an entry that is not here."""
        return self.is_live and self._told_head > self.state.head

    def take(self, frame: ServerFrame, unknown: frozenset[Seq] = frozenset()) -> None:
        """Takes one frame in; `unknown` are its entries of kinds that are not known here."""
        match frame:
            case Welcome():
                self._welcome(frame)
            case Reset():
                self.epoch = frame.epoch
                self.state.head = Seq(0)
                self.state.messages = {}
                self.state.members = _by_id(self.welcome.members)
            case Snapshot():
                self.state.head = frame.head
                self.state.messages = {message.seq: message for message in frame.messages}
            case Entries():
                known = {entry.seq: entry for entry in frame.entries}
                for seq in sorted(known.keys() | unknown):
                    self._apply(seq, known.get(seq))
            case Live():
                self.is_live = True
                self._told_head = frame.head
            case Ping():
                self._told_head = max(self._told_head, frame.head)
                self._forget_before(frame.floor)
            case Presence():
                self.presence |= {member.id: member for member in frame.members}
            case Read():
                self.read = frame.seq

    def _welcome(self, frame: Welcome) -> None:
        self.welcome = frame
        self.epoch = frame.conversation.epoch
        self.read = frame.read
        self.presence = {member.id: member for member in frame.presence}
        self.state.title = frame.conversation.title
        self.state.members |= _by_id(frame.members)  # none if entries tell of them [RS13]
        self._forget_before(frame.conversation.floor)

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
        else:
            self.state.apply(entry)


def _by_id(members: Iterable[Member]) -> dict[MemberId, Member]:
    return {member.id: member for member in members}
