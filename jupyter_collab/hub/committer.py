"""Group commit: what waits while a commit is in flight shares the next one.

Owns the queue in front of the log. Must not know sessions or rooms. Invariant: requests are
stored in the order they were submitted, and each gets exactly one answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from itertools import chain
from typing import assert_never

import anyio
from msgspec import Struct

from .. import metrics
from ..answer import Answer, going_away
from ..edge import contained
from ..errors import Unavailable
from ..log.base import LastSeen, LiveStretch, Log, Note, ReadMark, Request
from ..protocol.ids import ConversationId

__all__ = ["Committer", "Ticket"]

logger = logging.getLogger(__name__)

_CLOSED = going_away(retry_after_s=2.0)
MAX_BATCH = 1000  # bounds how long one transaction keeps the others waiting


class Ticket(Struct, frozen=True):
    """A request on its way, and whom to tell."""

    request: Request
    answered: Callable[[Answer], None]


class Committer:
    """Feeds the log with batches; `delivered` hears of each batch after its answers."""

    def __init__(self, log: Log, delivered: Callable[[list[tuple[Ticket, Answer]]], None]) -> None:
        self._log = log
        self._delivered = delivered
        self._tickets: list[Ticket] = []
        self._notes: dict[Hashable, Note] = {}  # the latest of a key says it all
        self._late_notes: dict[Hashable, Note] = {}  # on their way, or waiting for the next try
        self._wake = anyio.Event()
        self._committing = anyio.Lock(fast_acquire=True)
        self._is_idle = anyio.Event()
        self._is_idle.set()
        self._refusal: Unavailable | None = None  # why nothing is taken, unless something is

    def submit(self, ticket: Ticket) -> None:
        """Queues a request; its answer comes on the event loop."""
        if self._refusal is not None:
            _tell(ticket, self._refusal)
            return
        self._tickets.append(ticket)
        self._stir()

    def keep(self, note: Note) -> None:
        """Queues something to store beside the log; nobody waits for it."""
        self._notes[_key(note)] = note
        self._stir()

    def under_way(self) -> set[ConversationId]:
        """The conversations of which something is still to be stored."""
        notes = chain(self._notes.values(), self._late_notes.values())
        return {
            *(ticket.request.conversation for ticket in self._tickets),
            *(note.conversation for note in notes),
        }

    async def drained(self) -> None:
        """Waits until nothing is left to be answered, also of what answers let in."""
        while not self._is_idle.is_set():
            await self._is_idle.wait()

    async def settled(self) -> None:
        """Waits until everything that was stored through here is answered and delivered."""
        async with self._committing:
            pass

    async def run(self) -> None:
        """Commits batch after batch, until cancelled; what is left then is not stored.

        After a failure it may be run again. Until then nothing is taken [FO16].
        """
        self._refusal, refusal = None, _internal()
        try:
            while True:
                while self._tickets or self._notes:
                    async with self._committing:
                        await self._commit()
                self._is_idle.set()
                await self._wake.wait()
                self._wake = anyio.Event()
        except anyio.get_cancelled_exc_class():
            refusal = _CLOSED
            raise
        finally:
            self._refuse(refusal)

    def _refuse(self, refusal: Unavailable) -> None:
        self._refusal = refusal
        tickets, self._tickets = self._tickets, []
        for ticket in tickets:
            _tell(ticket, refusal)
        self._is_idle.set()

    def _stir(self) -> None:
        if self._is_idle.is_set():
            self._is_idle = anyio.Event()
        self._wake.set()

    async def _commit(self) -> None:
        if tickets := self._tickets[:MAX_BATCH]:
            answers = await self._execute([ticket.request for ticket in tickets])
            answered = list(zip(tickets, answers, strict=True))
            del self._tickets[: len(tickets)]  # not before: they are owed an answer
            with metrics.fan_out_seconds.time():
                for ticket, answer in answered:
                    _tell(ticket, answer)
                with contained("telling what was stored"):
                    self._delivered(answered)
        if self._notes:
            self._late_notes, self._notes = self._late_notes | self._notes, {}
            self._late_notes = await self._note(self._late_notes)

    async def _execute(self, requests: list[Request]) -> Sequence[Answer]:
        with contained("storing commands"), metrics.commit_seconds.time():
            try:
                return await self._log.execute(requests)
            except Unavailable as unavailable:
                logger.error("the log can't store: %s", unavailable)
                return [unavailable] * len(requests)
        return [_internal()] * len(requests)

    async def _note(self, notes: dict[Hashable, Note]) -> dict[Hashable, Note]:
        """Stores notes; returns those that may be stored later."""
        with contained("storing notes"):
            try:
                await self._log.note(list(notes.values()))
            except Unavailable as unavailable:
                logger.error("the log can't store %d notes: %s", len(notes), unavailable)
                return notes
        return {}


def _key(note: Note) -> Hashable:
    match note:
        case ReadMark() | LastSeen():
            return type(note), note.conversation, note.member
        case LiveStretch():
            return type(note), note.conversation, note.started
        case _:
            assert_never(note)


def _tell(ticket: Ticket, answer: Answer) -> None:
    with contained("telling an answer"):  # who can't take theirs must not keep it from others
        ticket.answered(answer)


def _internal() -> Unavailable:
    return Unavailable("The server failed to store this. Try again.")
