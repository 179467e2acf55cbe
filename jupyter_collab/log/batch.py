"""One write transaction of the SQLite log: commands in order, each with its outcome.

Owns numbering, idempotency and what a decision is told of the log. Must not know when a
transaction begins or ends. Invariant: counter rows, entries and projections agree once
`answer` returned. What it has read it remembers, since nobody else can write meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex
from sqlite3 import Connection

import msgspec

from ..errors import Conflict, Refused
from ..limits import Limits
from ..protocol.commands import Admit
from ..protocol.entries import (
    Body,
    Entry,
    Joined,
    Posted,
    ProfileChanged,
    Redacted,
    Renamed,
    entry_of,
)
from ..protocol.ids import ConversationId, MemberId, Seq
from ..protocol.members import Member
from ..rules import Context, decide, default_title, target_of
from .base import Duplicate, Outcome, ReadMark, Request, Stored
from .bulk import Row, insert, matching
from .digest import digest_of
from .erasure import erase
from .note import keep
from .projection import insert_messages, message_row, project
from .reader import read_member, read_message
from .rows import kind_of

__all__ = ["Batch"]

_encode = msgspec.json.Encoder().encode

_Key = tuple[ConversationId, MemberId, str | None]

_ENTRIES = "entries (conversation, seq, kind, author, at, command_id, digest, body)"


@dataclass(slots=True)
class _Counter:
    title: str
    head: Seq
    last_activity: float
    has_moved: bool = False


class Batch:
    """Answers requests inside a transaction that the caller began and ends."""

    def __init__(self, connection: Connection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits
        self._known = dict[_Key, tuple[Seq, bytes | None]]()  # commands that are stored
        self._counters: dict[ConversationId, _Counter | None] = {}
        self._members: dict[tuple[ConversationId, MemberId], Member | None] = {}
        self._marks: list[ReadMark] = []  # of newcomers
        self._entries: list[Row] = []  # decided and not yet inserted, nor the messages
        self._messages: list[Row] = []

    def answer(self, requests: Sequence[Request]) -> list[Outcome]:
        """Decides each request after those before it, and stores what they come to."""
        self._look_up(requests)
        outcomes = [self._answer(request) for request in requests]
        self._finish()
        return outcomes

    def _answer(self, request: Request) -> Outcome:
        digest = None
        if not isinstance(request.command, Admit):
            digest = digest_of(request.command)
            if (known := self._known.get(_key(request))) is not None:
                return self._repeated(request, *known, digest)
        decided = decide(request.command, self._context(request))
        if isinstance(decided, Refused):
            return decided
        return Stored(self._append(request, decided, digest))

    def _finish(self) -> None:
        """Writes what waits, the counter rows that have moved, and the marks that they allow."""
        self._insert()
        self._connection.executemany(
            """
            UPDATE conversations SET head = :head, last_activity = :last_activity
            WHERE id = :conversation
            """,
            [
                {
                    "conversation": conversation,
                    "head": counter.head,
                    "last_activity": counter.last_activity,
                }
                for conversation, counter in self._counters.items()
                if counter is not None and counter.has_moved
            ],
        )
        for mark in self._marks:
            keep(self._connection, mark)

    def _look_up(self, requests: Sequence[Request]) -> None:
        """Finds which of the commands are stored."""
        rows = matching(
            self._connection,
            """
            SELECT conversation, author, command_id, seq, digest
            FROM asked CROSS JOIN entries
                ON conversation = column1 AND author = column2 AND command_id = column3
            """,
            [_key(it) for it in requests if not isinstance(it.command, Admit)],
        )
        for conversation, author, command_id, seq, digest in rows:
            self._known[conversation, author, command_id] = seq, digest

    def _repeated(self, request: Request, seq: Seq, stored: bytes | None, digest: bytes) -> Outcome:
        if stored not in (None, digest):
            self._insert()
            self._look_up([request])  # it may have been erased since
            seq, stored = self._known[_key(request)]
        if stored is None or stored == digest:  # erased with its text, or the same
            return Duplicate(seq)
        return Conflict("This command id belongs to another command.", code="id_reused")

    def _context(self, request: Request) -> Context:
        conversation = request.conversation
        counter = self._counter(conversation)
        target = target_of(request.command)
        if target is not None:
            self._insert()
        return Context(
            author=request.author,
            stored=self._member(conversation, request.author.id),
            target=None if target is None else read_message(self._connection, conversation, target),
            title=None if counter is None else counter.title,
            retry_after_s=request.retry_after_s,
            limits=self._limits,
        )

    def _append(self, request: Request, body: Body, digest: bytes | None) -> Entry:
        counter = self._counter(request.conversation) or self._create(request)
        entry = entry_of(
            body,
            seq=Seq(counter.head + 1),
            author=request.author.id,
            at=request.at,
            command_id=getattr(request.command, "command_id", None),
        )
        self._entries.append(_entry_row(request.conversation, entry, digest))
        if isinstance(entry, Posted):
            self._messages.append(message_row(request.conversation, entry))
        else:
            self._insert()
            project(self._connection, request.conversation, entry)
        if digest is not None:
            self._known[_key(request)] = entry.seq, digest
        counter.head = entry.seq
        counter.last_activity = entry.at
        counter.has_moved = True
        self._follow(request.conversation, counter, entry)
        return entry

    def _create(self, request: Request) -> _Counter:
        title = default_title(request.conversation)
        self._connection.execute(
            """
            INSERT INTO conversations
                (id, title, epoch, head, created_at, created_by, last_activity)
            VALUES (:conversation, :title, :epoch, 0, :at, :author, :at)
            """,
            {
                "conversation": request.conversation,
                "title": title,
                "epoch": token_hex(6),
                "at": request.at,
                "author": request.author.id,
            },
        )
        counter = _Counter(title, Seq(0), request.at)
        self._counters[request.conversation] = counter
        return counter

    def _insert(self) -> None:
        """Inserts what was put off, before anything else reads it."""
        if self._entries:
            insert(self._connection, _ENTRIES, self._entries)
            insert_messages(self._connection, self._messages)
            self._entries, self._messages = [], []

    def _follow(self, conversation: ConversationId, counter: _Counter, entry: Entry) -> None:
        """Does what an entry brings with it beside the projections."""
        match entry:
            case Joined():
                self._members[conversation, entry.author] = entry.body.member
                self._marks.append(ReadMark(conversation, entry.author, entry.seq))
            case ProfileChanged():
                self._members[conversation, entry.author] = entry.body.member
            case Renamed():
                counter.title = entry.body.title
            case Redacted():
                erase(self._connection, conversation, entry.body.target)
            case _:
                pass

    def _counter(self, conversation: ConversationId) -> _Counter | None:
        if conversation not in self._counters:
            row = self._connection.execute(
                "SELECT title, head, last_activity FROM conversations WHERE id = :conversation",
                {"conversation": conversation},
            ).fetchone()
            self._counters[conversation] = None if row is None else _Counter(*row)
        return self._counters[conversation]

    def _member(self, conversation: ConversationId, member: MemberId) -> Member | None:
        key = conversation, member
        if key not in self._members:
            self._members[key] = read_member(self._connection, conversation, member)
        return self._members[key]


def _key(request: Request) -> _Key:
    """What is stored at most once; of no entry if the command is the server's own."""
    return request.conversation, request.author.id, getattr(request.command, "command_id", None)


def _entry_row(conversation: ConversationId, entry: Entry, digest: bytes | None) -> Row:
    return (
        conversation,
        entry.seq,
        kind_of(entry),
        entry.author,
        entry.at,
        entry.command_id,
        digest,
        _encode(entry.body).decode(),
    )
