"""What every client of a run asked for, was told and saw; and the oracle that judges it.

Owns the record and the rules of what may be in it. Must not know how clients or weather work.
Invariant: `Story` knows nothing of the server but its log and what clients recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec

from jupyter_collab.protocol.commands import ClientCommand
from jupyter_collab.protocol.entries import Entry, Posted, Redacted
from jupyter_collab.protocol.frames import (
    Ack,
    Entries,
    Live,
    Message,
    Ping,
    Refusal,
    Reset,
    ServerFrame,
    Snapshot,
)
from jupyter_collab.protocol.ids import ConversationId
from jupyter_collab.rules import default_title
from jupyter_collab.state import ConversationState, fold

__all__ = ["Asked", "History", "Story", "Truth", "View"]

KINDS = {
    "post": "posted",
    "edit": "edited",
    "redact": "redacted",
    "react": "reacted",
    "unreact": "unreacted",
    "rename": "renamed",
}


@dataclass(slots=True)
class Asked:
    """One command of one client. Times are places in the order of all that was recorded."""

    author: str
    command: ClientCommand
    invoked: int
    tries: int = 0
    answered: int | None = None
    seq: int | None = None
    refused: str | None = None

    @property
    def is_refused_for_good(self) -> bool:
        """A second try may meet the first one later: only one that was alone is sure."""
        return self.refused is not None and self.tries == 1


@dataclass(slots=True)
class View:
    """What one connection told its client, held to the order of the protocol as it comes.

    `head` is what the client had before, None on a first visit.
    """

    member: str
    head: int | None
    seen: dict[int, Entry] = field(default_factory=dict)
    is_live: bool = False
    faults: list[str] = field(default_factory=list)

    def take(self, frame: ServerFrame) -> None:
        match frame:
            case Reset():
                self.head = None
            case Snapshot():
                self._expect(not self.is_live, "a snapshot after live")
                self.head = frame.head
            case Entries():
                for entry in frame.entries:
                    self._take_entry(entry)
            case Live():
                self._expect(frame.head == self.head, f"live at {frame.head} for {self.head}")
                self.is_live = True
            case Ping():
                self._expect(frame.head <= (self.head or 0), f"missing: {self.head}, {frame}")
            case Ack(duplicate=False):
                self._expect(frame.seq not in self.seen, f"{frame} after its entry")
            case Refusal(command_id=None):
                self.faults.append(f"a query was refused: {frame}")

    def _take_entry(self, entry: Entry) -> None:
        self._expect(entry.seq == (self.head or 0) + 1, f"{entry.seq} came after {self.head}")
        self.head = entry.seq
        self.seen[entry.seq] = entry

    def _expect(self, is_so: bool, fault: str) -> None:
        if not is_so:
            self.faults.append(fault)


@dataclass(slots=True)
class History:
    """Everything that the clients of one run recorded."""

    asked: dict[str, Asked] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)
    _clock: count[int] = field(default_factory=count)

    def invoke(self, author: str, command: ClientCommand) -> Asked:
        asked = Asked(author, command, next(self._clock))
        self.asked[command.command_id] = asked
        return asked

    @property
    def answered(self) -> list[Asked]:
        return [asked for asked in self.asked.values() if asked.answered is not None]

    def answer(self, asked: Asked, answer: Ack | str) -> None:
        """Notes an ack, or the code of a refusal."""
        asked.answered = next(self._clock)
        if isinstance(answer, Ack):
            asked.seq = answer.seq
        else:
            asked.refused = answer


@dataclass(frozen=True, slots=True)
class Truth:
    """The conversation as the server has it in the end, over REST."""

    conversation: ConversationId
    entries: Sequence[Entry]
    messages: Sequence[Message]
    title: str

    @classmethod
    def of(cls, conversation: str, entries: Any, messages: Any, title: str) -> Truth:
        return cls(
            ConversationId(conversation),
            msgspec.convert(entries, list[Entry]),
            msgspec.convert(messages, list[Message]),
            title,
        )

    def fold(self) -> ConversationState:
        return fold(self.entries, ConversationState(title=default_title(self.conversation)))


@dataclass(frozen=True, slots=True)
class Story:
    """A run that is over. `ends` is what each client that ended connected has."""

    history: History
    truth: Truth
    ends: Sequence[ConversationState]

    def faults(self) -> list[str]:
        """None if nothing is lost, there twice, out of order, foreign, stale or made up."""
        if misnumbered := [*_numbering(self.truth)]:
            return misnumbered  # it has no fold
        return [
            *_commands(self.history, self.truth),
            *_order(self.history),
            *_views(self.history, self.truth),
            *_projections(self.truth, self.ends),
        ]


def _numbering(truth: Truth) -> Iterable[str]:
    seqs = [entry.seq for entry in truth.entries]
    if seqs != list(range(1, len(seqs) + 1)):
        yield f"the log is numbered {seqs}"


def _commands(history: History, truth: Truth) -> Iterable[str]:
    ids = Counter(e.command_id for e in truth.entries if e.command_id is not None)
    yield from (f"duplicate: {id_} is there {n} times" for id_, n in ids.items() if n > 1)
    by_id = {str(e.command_id): e for e in truth.entries if e.command_id is not None}
    redacted = _redacted(truth)
    for id_, asked in history.asked.items():
        entry = by_id.get(id_)
        if asked.seq is not None and (entry is None or entry.seq != asked.seq):
            yield f"lost: {asked} is {entry}"
        if asked.is_refused_for_good and entry is not None:
            yield f"phantom: {asked} is {entry}"
        if asked.answered is None:
            yield f"unanswered: {asked}"
    for id_, entry in by_id.items():
        if (known := history.asked.get(id_)) is None:
            yield f"phantom: nobody asked for {entry}"
        elif not _is_of(entry, known, is_erased=_message_of(entry) in redacted):
            yield f"foreign: {known} became {entry}"


def _order(history: History) -> Iterable[str]:
    """What was acknowledged before another was asked for comes before it; so do one's own."""
    stored = sorted((a for a in history.asked.values() if a.seq), key=lambda a: a.seq or 0)
    latest_invoked = -1
    latest_of: dict[str, int] = {}
    for asked in stored:
        if asked.answered is not None and asked.answered < latest_invoked:
            yield f"reordered: {asked} after one that was asked for later"
        if asked.invoked < latest_of.get(asked.author, -1):
            yield f"reordered: {asked} after a later one of its author"
        latest_invoked = max(latest_invoked, asked.invoked)
        latest_of[asked.author] = asked.invoked


def _views(history: History, truth: Truth) -> Iterable[str]:
    log: dict[int, Entry] = {entry.seq: entry for entry in truth.entries}
    for view in history.views:
        yield from (f"{view.member}: {fault}" for fault in view.faults)
        for seq, entry in view.seen.items():
            stored = log.get(seq)
            if stored is None or not _is_same(entry, stored, history):
                yield f"{view.member} saw {entry}, and the log has {stored}"


def _projections(truth: Truth, ends: Iterable[ConversationState]) -> Iterable[str]:
    state = truth.fold()
    if list(truth.messages) != list(state.messages.values()):
        yield f"the projection differs from the fold: {truth.messages} {state.messages}"
    if truth.title != state.title:
        yield f"the title is {truth.title}, folded {state.title}"
    for end in ends:
        window = {s: m for s, m in state.messages.items() if s >= min(end.messages, default=0)}
        if (end.head, end.title, end.members) != (state.head, state.title, state.members):
            yield f"stale: {end.head} {end.title} {end.members}"
        if end.messages != window or not end.messages:
            wrong = [m for s, m in end.messages.items() if window.get(s) != m]
            yield f"another fold: {len(end.messages)} for {len(window)}, such as {wrong[:1]}"


def _redacted(truth: Truth) -> set[int]:
    return {entry.body.target for entry in truth.entries if isinstance(entry, Redacted)}


def _message_of(entry: Entry) -> int | None:
    """The message whose text an entry carries or is about."""
    return entry.seq if isinstance(entry, Posted) else getattr(entry.body, "target", None)


def _is_of(entry: Entry, asked: Asked, *, is_erased: bool) -> bool:
    """Says whether an entry is what a command asked for, but for a text that was erased."""
    wanted = msgspec.to_builtins(asked.command)
    wanted["kind"] = KINDS[wanted.pop("type")]
    found = msgspec.to_builtins(entry)
    found = {"kind": found["kind"], "command_id": found["command_id"], **found["body"]}
    if is_erased and "text" in wanted:
        wanted["text"] = found["text"] = ""
    return entry.author == asked.author and found == wanted


def _is_same(seen: Entry, stored: Entry, history: History) -> bool:
    """Says whether an entry that was seen is the stored one, or was before its text was erased."""
    if seen == stored:
        return True
    asked = history.asked.get(seen.command_id or "")
    was_erased = getattr(stored.body, "text", None) == ""
    return (
        was_erased
        and asked is not None
        and (type(seen), seen.seq, seen.at) == (type(stored), stored.seq, stored.at)
        and _is_of(seen, asked, is_erased=False)
    )
