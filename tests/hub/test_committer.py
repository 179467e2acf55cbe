"""The queue in front of the log: one answer each, in order, whatever the log does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest

from jupyter_collab.answer import Answer
from jupyter_collab.errors import Refused, Unavailable
from jupyter_collab.hub import committer as committer_module
from jupyter_collab.hub.committer import Committer, Ticket
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import (
    Duplicate,
    LastSeen,
    LiveStretch,
    Note,
    Outcome,
    ReadMark,
    Request,
    Stored,
)
from jupyter_collab.log.memory import MemoryLog
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.commands import Admit, Command
from jupyter_collab.protocol.ids import Seq
from tests.fakes import TEAM, command, member
from tests.hubs import HeldLog, eventually, settled
from tests.rooms import ADA, BO


@dataclass(slots=True)
class Desk:
    """A running committer, and every answer in the order it came."""

    committer: Committer
    log: HeldLog
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    delivered: list[int] = field(default_factory=list)

    def submit(self, name: str, asked: Command) -> None:
        request = Request(conversation=TEAM, author=member("ada"), command=asked, at=1.0)
        self.committer.submit(Ticket(request, lambda answer: self.answers.append((name, answer))))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.answers]

    @property
    def seqs(self) -> list[int]:
        return [a.entry.seq for _, a in self.answers if isinstance(a, Stored)]


@asynccontextmanager
async def desk(log: HeldLog | None = None) -> AsyncIterator[Desk]:
    log = log or HeldLog(MemoryLog(Limits()))
    committer = Committer(log, lambda answered: here.delivered.append(len(answered)))
    here = Desk(committer, log)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(committer.run)
        here.submit("join", Admit(member("ada")))
        await committer.drained()
        yield here
        tasks.cancel_scope.cancel()


def post(text: str = "hi") -> Command:
    return command("post", text=text)


async def test_what_waits_during_a_commit_shares_the_next(tmp_path: Path) -> None:
    """[LG10] In the order of submission, each with an answer of its own."""
    log = HeldLog(SqliteLog(tmp_path / "log.db", Limits()))
    async with desk(log) as here:
        log.before_commit.shut()
        here.submit("a", post())
        await eventually(lambda: log.before_commit.waiting)
        known = post("known")
        for name, asked in [("b", known), ("c", post(" ")), ("d", known), ("e", post())]:
            here.submit(name, asked)
        assert here.names == ["join"]
        log.before_commit.open()
        await here.committer.drained()
        assert [len(batch) for batch in log.batches] == [1, 1, 4]
        assert here.names == ["join", "a", "b", "c", "d", "e"]
        assert here.seqs == [1, 2, 3, 4]
        assert isinstance(here.answers[3][1], Refused)
        assert here.answers[4][1] == Duplicate(Seq(3))
        assert here.delivered == [1, 1, 4]
    await log.close()


async def test_a_batch_is_delivered_after_its_answers() -> None:
    """[FO3] [LG6]"""
    log = HeldLog(MemoryLog(Limits()))
    seen: list[str] = []
    committer = Committer(log, lambda answered: seen.append(f"delivered {len(answered)}"))
    async with anyio.create_task_group() as tasks:
        for name in "ab":
            admit = Admit(member(name))
            request = Request(conversation=TEAM, author=member(name), command=admit, at=1.0)
            committer.submit(Ticket(request, lambda _, name=name: seen.append(name)))  # type: ignore[misc]  # mypy can't infer a default's type
        tasks.start_soon(committer.run)
        await committer.drained()
        tasks.cancel_scope.cancel()
    assert seen == ["a", "b", "delivered 2"]


async def test_a_batch_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """[LG10]"""
    monkeypatch.setattr(committer_module, "MAX_BATCH", 3)
    async with desk() as here:
        for number in range(7):
            here.submit(str(number), post())
        await here.committer.drained()
        assert [len(batch) for batch in here.log.batches] == [1, 3, 3, 1]
        assert here.seqs == list(range(1, 9))


async def test_a_log_that_can_not_store_answers_everyone_and_recovers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """[LG13]"""
    async with desk() as here:
        here.log.write_error = Unavailable("The disk is full.")
        here.submit("a", post())
        here.submit("b", post())
        await here.committer.drained()
        assert [answer for _, answer in here.answers[1:]] == [here.log.write_error] * 2
        here.log.write_error = None
        here.submit("c", post())
        await here.committer.drained()
        assert here.seqs == [1, 2]
    assert any("the log can't store" in record.message for record in caplog.records)


async def test_a_bug_in_the_log_fails_one_batch_and_tells_no_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """[FR8]"""
    async with desk() as here:
        here.log.write_error = RuntimeError("secret path")
        here.submit("a", post())
        await here.committer.drained()
        (_, answer) = here.answers[-1]
        assert isinstance(answer, Unavailable)
        assert "secret" not in str(answer)
        here.log.write_error = None
        here.submit("b", post())
        await here.committer.drained()
        assert here.seqs == [1, 2]
    assert any(record.exc_info for record in caplog.records)


async def test_who_can_not_take_their_answer_keeps_it_from_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("a bug")

    async with desk() as here:
        request = Request(conversation=TEAM, author=member("ada"), command=post(), at=1.0)
        here.committer.submit(Ticket(request, fail))
        here.submit("b", post())
        await here.committer.drained()
        assert here.names == ["join", "b"]
        assert here.delivered == [1, 2]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_settled_waits_for_what_is_stored_but_not_told() -> None:
    """[FO3] And for nothing when there is nothing."""
    async with desk() as here:
        await here.committer.settled()
        here.log.after_commit.shut()
        here.submit("a", post())
        await eventually(lambda: here.log.after_commit.waiting)
        seen: list[list[str]] = []

        async def wait() -> None:
            await here.committer.settled()
            seen.append(list(here.names))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await settled()
            assert seen == []
            here.log.after_commit.open()
        assert seen == [["join", "a"]]


async def test_what_is_left_at_the_end_is_told_so() -> None:
    """[FO6] What was submitted, what is under way, and what comes after."""
    async with anyio.create_task_group() as tasks:
        log = HeldLog(MemoryLog(Limits()))
        here = Desk(Committer(log, lambda _: None), log)
        tasks.start_soon(here.committer.run)
        log.before_commit.shut()
        here.submit("a", post())
        await eventually(lambda: log.before_commit.waiting)
        here.submit("b", post())
        tasks.cancel_scope.cancel()
    here.submit("c", post())
    assert here.names == ["a", "b", "c"]
    assert [getattr(answer, "code", None) for _, answer in here.answers] == ["going_away"] * 3


class ForgetfulLog(HeldLog):
    """Once it answers too little, which no log does."""

    forgets = True

    async def execute(self, requests: Sequence[Request]) -> list[Outcome]:
        outcomes = await super().execute(requests)
        forgets, self.forgets = self.forgets, False
        return outcomes[:-1] if forgets else outcomes


async def test_a_committer_that_failed_answers_who_waited_and_can_be_run_again() -> None:
    """[FO16] Also whoever comes in between, and with what it had to note."""
    log = ForgetfulLog(MemoryLog(Limits()))
    here = Desk(Committer(log, lambda _: None), log)
    log.after_commit.shut()
    here.submit("a", Admit(member("ada")))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_failing, here.committer.run)
        await eventually(lambda: log.after_commit.waiting)
        here.submit("b", post())
        here.committer.keep(mark(1))
        log.after_commit.open()
    here.submit("c", post())
    await here.committer.drained()
    assert here.names == ["a", "b", "c"]
    assert [getattr(answer, "code", None) for _, answer in here.answers] == ["unavailable"] * 3
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(here.committer.run)
        await eventually(lambda: log.noted == [mark(1)])
        here.submit("d", post())
        await here.committer.drained()
        assert here.names == ["a", "b", "c", "d"]
        assert here.seqs == [2]
        assert [len(batch) for batch in log.batches] == [1, 1], "what was refused is not stored"
        tasks.cancel_scope.cancel()
    here.submit("e", post())
    assert getattr(here.answers[-1][1], "code", None) == "going_away"


async def _failing(run: Callable[[], Awaitable[None]]) -> None:
    with pytest.raises(ValueError, match="shorter"):
        await run()


# What is kept beside the log


def mark(seq: int) -> ReadMark:
    return ReadMark(TEAM, ADA, Seq(seq))


async def test_the_latest_note_of_a_kind_says_it_all() -> None:
    """[LG14] However fast somebody scrolls."""
    stretch = LiveStretch(conversation=TEAM, started=1.0, ended=None, peak=1, total=1)
    later = LiveStretch(conversation=TEAM, started=1.0, ended=2.0, peak=1, total=1)
    other = LiveStretch(conversation=TEAM, started=9.0, ended=None, peak=1, total=1)
    notes: list[Note] = [mark(1), mark(2), LastSeen(TEAM, ADA, 3.0), LastSeen(TEAM, BO, 4.0)]
    async with desk() as here:
        for note in [*notes, stretch, later, other]:
            here.committer.keep(note)
        await here.committer.drained()
        assert here.log.noted == [*notes[1:], later, other]


async def test_a_note_that_could_not_be_stored_goes_with_the_next() -> None:
    """[LG14] [LG13]"""
    async with desk() as here:
        here.log.note_error = Unavailable("The disk is full.")
        here.committer.keep(mark(1))
        here.committer.keep(LastSeen(TEAM, ADA, 3.0))
        await here.committer.drained()
        here.log.note_error = None
        here.committer.keep(mark(2))
        await here.committer.drained()
        assert here.log.noted == [mark(2), LastSeen(TEAM, ADA, 3.0)]
        here.committer.keep(mark(3))
        await here.committer.drained()
        assert here.log.noted[2:] == [mark(3)]


async def test_a_bug_in_storing_notes_stops_no_commit(caplog: pytest.LogCaptureFixture) -> None:
    async with desk() as here:
        here.log.note_error = RuntimeError("a bug")
        here.committer.keep(mark(1))
        await here.committer.drained()
        here.log.note_error = None
        here.submit("a", post())
        await here.committer.drained()
        assert here.seqs == [1, 2]
        assert here.log.noted == []
    assert any(record.exc_info for record in caplog.records)


async def test_drained_waits_also_for_what_answers_let_in() -> None:
    """[FO6] Whoever waits for a place in flight submits when an answer frees one."""
    async with desk() as here:
        asked = iter([post() for _ in range(3)])

        def submit_next(_: Answer | None = None) -> None:
            if (command := next(asked, None)) is not None:
                request = Request(conversation=TEAM, author=member("ada"), command=command, at=1.0)
                here.committer.submit(Ticket(request, answered))

        def answered(answer: Answer) -> None:
            here.answers.append(("ada", answer))
            asyncio.get_running_loop().call_soon(submit_next)

        submit_next()
        await here.committer.drained()
        assert here.seqs == [1, 2, 3, 4]
