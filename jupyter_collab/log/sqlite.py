"""The log in one SQLite file: what a single server needs, with nothing else to install.

Owns which connection does what: one writes, one reads, one checkpoints, each in a thread of
its own. Must not know who asks. Invariant: what `execute` returned is committed and synced.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

from anyio import Lock

from ..errors import Unavailable
from ..limits import Limits
from ..place import real_path
from ..protocol.commands import Redact
from ..protocol.entries import Entry
from ..protocol.frames import ConversationSummary
from ..protocol.ids import ConversationId, MemberId, Seq
from . import reader
from .base import Loaded, MessagePage, Note, Outcome, Request
from .batch import Batch
from .checkpoint import Checkpointer
from .chore import Chore
from .connection import open_reader, open_writer
from .erasure import erase_further
from .note import keep
from .place import Place, Replaced, write_out
from .retention import Retention
from .search_index import DELAY_S, index_further
from .surroundings import check_surroundings
from .transaction import reading, without_syncing, writing
from .watch import Watch
from .worker import Worker

__all__ = ["SqliteLog"]

_T = TypeVar("_T")

UPKEEP_BUDGET_S = 0.05  # how long a round of upkeep may keep commands waiting


class SqliteLog:
    """Implements `base.Log`. The file is opened, and made if need be, at its first use."""

    def __init__(
        self, path: Path, limits: Limits, *, allow_network_file_system: bool = False
    ) -> None:
        path = real_path(path)
        self.replaced: Callable[[], None] = lambda: None
        self._place = Place(path)
        self._databases = 1  # how many there were at the path
        self._trusted = 0  # the one of them that was looked over
        self._starting_over = Lock(fast_acquire=True)
        self._watch = Watch(limits.watch_s)
        self._retention = Retention(limits.retention_days)
        self._indexing = Chore("bringing up the search index", index_further)
        self._erasing = Chore("taking the words of deleted messages out of the file", erase_further)
        self._writer = Worker(path, self._open_writer, upkeep=self._look)
        self._reader = Worker(path, self._open_reader)
        self._checkpointer = Checkpointer(path, self._place, self._open_reader)
        self._all = (self._writer, self._reader, self._checkpointer)
        self._path = path
        self._limits = limits
        self._allow_network = allow_network_file_system

    async def execute(self, requests: Sequence[Request]) -> list[Outcome]:
        return await self._write(partial(self._execute, requests))

    async def note(self, notes: Sequence[Note]) -> None:
        await self._write(partial(_keep_all, notes=notes) if notes else self._tidy)

    async def load(self, conversation: ConversationId) -> Loaded | None:
        return await self._read(
            lambda connection: reader.read_room(connection, conversation, self._limits)
        )

    async def entries(
        self, conversation: ConversationId, after: int, limit: int
    ) -> tuple[Entry, ...]:
        return await self._read(
            lambda connection: reader.read_entries(
                connection, conversation, after, limit, self._limits
            )
        )

    async def messages(
        self, conversation: ConversationId, before: int | None, limit: int
    ) -> MessagePage:
        return await self._read(
            lambda connection: reader.read_messages(
                connection, conversation, before, limit, self._limits
            )
        )

    async def conversations(self, member: MemberId) -> list[ConversationSummary]:
        return await self._read(lambda connection: reader.read_conversations(connection, member))

    def heads(self, conversations: Collection[ConversationId]) -> Future[dict[ConversationId, Seq]]:
        """Reads how far these conversations have come; those that do not exist are left out.

        Raises:
            Unavailable: the log is closed.
        """
        return self._reader.submit(lambda connection: reader.read_heads(connection, conversations))

    def listen(self, told: Callable[[], None] | None) -> None:
        """Has `told` called when others may have committed, and at first; None: no more."""
        if told is None:
            self._watch.end()
        else:
            self._watch.begin(told)
            self._writer.stir()

    async def close(self) -> None:
        await self._checkpointer.close()
        await self._reader.close()
        await self._writer.close()  # last, so that it checkpoints and clears -wal away
        self._place.close()

    def _open_writer(self) -> Connection:
        if not self._writer.has_connected:
            check_surroundings(self._path, allow_network=self._allow_network)
        self._watch.forget()
        databases = self._databases
        is_trusted = databases == self._trusted and not any(it.has_met_damage for it in self._all)

        def connect(may_make: bool) -> Connection:
            return open_writer(self._path, self._limits, may_make=may_make, is_trusted=is_trusted)

        connection = self._open(connect)
        self._trusted = databases
        return connection

    def _open_reader(self) -> Connection:
        return self._open(lambda _: open_reader(self._path, self._limits))

    def _open(self, connect: Callable[[bool], Connection]) -> Connection:
        is_other_open = any(it.is_connected for it in self._all)
        return self._place.open(connect, is_other_open=is_other_open)

    def _look(self) -> float | None:
        """Between the writer's jobs."""
        waits = [it.look(self._writer) for it in (self._watch, self._indexing, self._erasing)]
        return min((it for it in waits if it is not None), default=None)

    def _execute(self, requests: Sequence[Request], connection: Connection) -> list[Outcome]:
        with writing(connection):
            outcomes = Batch(connection, self._limits).answer(requests)
        self._indexing.due_in(DELAY_S)
        if any(isinstance(request.command, Redact) for request in requests):
            self._erasing.due_in(0.0)
        return outcomes

    def _tidy(self, connection: Connection) -> None:
        """What is to be done also where nobody writes, for what other processes left as well."""
        self._retention.prune(connection, UPKEEP_BUDGET_S)
        self._indexing.due_in(0.0)
        self._erasing.due_in(0.0)

    async def _write(self, job: Callable[[Connection], _T]) -> _T:
        if not self._writer.is_connected:
            # They share -shm, which stays read-only while any of them has it open as that.
            await self._checkpointer.reconnect()
            await self._reader.reconnect()
        result = await self._run(self._writer, partial(self._place.write, job))
        self._checkpointer.wrote()
        return result

    async def _read(self, query: Callable[[Connection], _T]) -> _T:
        if not self._writer.has_connected:
            await self._write(_nothing)
        job = partial(_read_once, query=query)
        return await self._run(self._reader, partial(self._place.read, job))

    async def _run(self, worker: Worker, job: Callable[[Connection], _T]) -> _T:
        async with self._starting_over:
            pass
        before = self._databases
        try:
            return await worker.run(job)
        except Replaced:
            await self._start_over(before)
            raise

    async def _start_over(self, before: int) -> None:
        """Closes all connections, once however many jobs have found out."""
        async with self._starting_over:
            if before == self._databases:
                self._databases += 1
                await self._checkpointer.reconnect()
                await self._reader.reconnect()  # what they read could not be written out
                is_written_out = False
                if self._writer.is_connected:
                    with suppress(Unavailable):
                        is_written_out = await self._writer.run(write_out)
                await self._writer.reconnect()  # last, so that it clears its -wal away
                self._place.let_go(is_written_out=is_written_out)
                self.replaced()


def _keep_all(connection: Connection, notes: Sequence[Note]) -> None:
    with without_syncing(connection), writing(connection):  # nobody was told that they are stored
        for note in notes:
            keep(connection, note)


def _read_once(connection: Connection, query: Callable[[Connection], _T]) -> _T:
    with reading(connection):
        return query(connection)


def _nothing(connection: Connection) -> None:
    """Opening the connection is all that was wanted."""
