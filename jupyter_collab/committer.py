"""Group commit: what waits while a commit is in flight shares the next one.

Owns the queue in front of the log. Must not know sessions or rooms. Invariant: requests are
stored in the order they were submitted, and each gets exactly one answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import anyio

from . import metrics
from .answer import Answer
from .errors import Unavailable
from .log.base import Log, Note, Request

__all__ = ["Committer", "Ticket"]

logger = logging.getLogger(__name__)

MAX_BATCH = 1000  # bounds how long one transaction keeps the others waiting


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request on its way, and whom to tell."""

    request: Request
    answered: Callable[[Answer], None]


class Committer:
    """Feeds the log with batches; `delivered` hears of each batch after its answers."""

    def __init__(self, log: Log, delivered: Callable[[list[tuple[Ticket, Answer]]], None]) -> None:
        self._log = log
        self._delivered = delivered
        self._tickets: list[Ticket] = []
        self._notes: list[Note] = []
        self._wake = anyio.Event()
        self._is_idle = anyio.Event()
        self._is_idle.set()

    def submit(self, ticket: Ticket) -> None:
        """Queues a request; its answer comes on the event loop."""
        self._tickets.append(ticket)
        self._stir()

    def keep(self, note: Note) -> None:
        """Queues something to store beside the log; nobody waits for it."""
        self._notes.append(note)
        self._stir()

    async def drained(self) -> None:
        """Waits until everything submitted so far is answered."""
        await self._is_idle.wait()

    async def run(self) -> None:
        """Commits batch after batch, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake = anyio.Event()
            while self._tickets or self._notes:
                await self._commit()
            self._is_idle.set()

    def _stir(self) -> None:
        if self._is_idle.is_set():
            self._is_idle = anyio.Event()
        self._wake.set()

    async def _commit(self) -> None:
        tickets, self._tickets = self._tickets[:MAX_BATCH], self._tickets[MAX_BATCH:]
        notes, self._notes = self._notes, []
        if tickets:
            answers = await self._execute([ticket.request for ticket in tickets])
            with metrics.fan_out_seconds.time():
                answered = list(zip(tickets, answers, strict=True))
                for ticket, answer in answered:
                    ticket.answered(answer)
                self._delivered(answered)
        if notes:
            await self._note(notes)

    async def _execute(self, requests: list[Request]) -> Sequence[Answer]:
        started = time.perf_counter()
        try:
            return await self._log.execute(requests)
        except Unavailable as unavailable:
            logger.error("the log can't store: %s", unavailable)
            return [unavailable] * len(requests)
        except Exception:  # an edge: one bad batch must not stop the commits of everyone
            logger.exception("storing %d commands failed", len(requests))
            return [_internal()] * len(requests)
        finally:
            metrics.commit_seconds.observe(time.perf_counter() - started)

    async def _note(self, notes: list[Note]) -> None:
        try:
            await self._log.note(notes)
        except Unavailable as unavailable:
            logger.error("the log can't store %d notes: %s", len(notes), unavailable)


def _internal() -> Unavailable:
    return Unavailable("The server failed to store this. Your text is kept; try again.")
