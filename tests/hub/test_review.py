"""Who may stay: the reasons to end a session that it did not give itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

import anyio
import pytest

from jupyter_collab.hub.review import PARTS, close_stalled, review
from jupyter_collab.hub.session import AskRole, Session
from jupyter_collab.limits import Limits
from jupyter_collab.protocol.frames import Goodbye
from jupyter_collab.protocol.ids import SessionId
from jupyter_collab.protocol.members import Role
from tests.fakes import TEAM, FakeTransport, member
from tests.hubs import eventually, settled

LIMITS = Limits(stall_s=3.0)


async def test_only_a_write_that_does_not_end_is_a_stall() -> None:
    """[FO7] Not many writes that take their time, each of which ends."""
    dismissed: list[tuple[Session, int]] = []

    def dismiss(session: Session, goodbye: Goodbye) -> None:
        dismissed.append((session, goodbye.code))

    transports = [FakeTransport(is_stuck=True) for _ in range(2)]
    stuck, slow = (
        Session(SessionId(str(n)), TEAM, member("ada"), transport, limits=LIMITS, now=0.0)
        for n, transport in enumerate(transports)
    )
    for second in range(4):
        assert dismissed == []
        for one in (stuck, slow):
            one.outbox.put(b"1")
            one.flush()
        close_stalled([stuck, slow], LIMITS, float(second), dismiss)
        transports[1].release()
        await settled()
    assert dismissed == [(stuck, 4102)]


class Reviewed:
    """Sessions under review, by a clock that only the review moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.sessions: list[Session] = []
        self.dismissed: list[tuple[Session, int]] = []
        self.asked: list[tuple[float, Session]] = []
        monkeypatch.setattr("jupyter_collab.hub.review.anyio.current_time", lambda: self.now)
        monkeypatch.setattr("jupyter_collab.hub.review.anyio.sleep", self._sleep)
        self._checkpoint = anyio.lowlevel.checkpoint

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        await self._checkpoint()

    def add(self, ask: Callable[[], Role | None] | AskRole | None = None) -> Session:
        """A session that has just been let in, whose person may do what `ask` says."""
        number = len(self.sessions)
        session = Session(
            SessionId(str(number)),
            TEAM,
            member("ada"),
            FakeTransport(),
            limits=LIMITS,
            now=self.now,
        )

        def note() -> object:
            self.asked.append((self.now, session))
            return "member" if ask is None else ask()

        session.ask_role = note  # type: ignore[assignment]  # as `ask` does
        self.sessions.append(session)
        return session

    def dismiss(self, session: Session, goodbye: Goodbye) -> None:
        if session in self.sessions:
            self.dismissed.append((session, goodbye.code))
            self.sessions.remove(session)

    async def until(self, condition: Callable[[], object]) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(review, lambda: self.sessions, LIMITS, self.dismiss)
            await eventually(condition)
            tasks.cancel_scope.cancel()


async def test_each_is_asked_about_in_time_and_not_more_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[ID9] Every 4 s, whenever they came."""
    reviewed = Reviewed(monkeypatch)
    began: dict[Session, float] = {}

    def grow() -> bool:
        if len(began) < 40:
            session = reviewed.add()
            began[session] = reviewed.now
        return reviewed.now >= 40.0

    await reviewed.until(grow)
    for session, start in began.items():
        times = [at for at, asked in reviewed.asked if asked is session]
        gaps = [later - sooner for sooner, later in zip([start, *times], times, strict=False)]
        assert max(gaps) <= LIMITS.review_s + 1e-6
        assert min(gaps) >= LIMITS.review_s * (1 - 3 / PARTS)


async def test_an_answer_at_once_needs_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ID9] Thousands are asked about, again and again."""
    reviewed, running = Reviewed(monkeypatch), set[int]()

    def ask() -> Role:
        running.add(len(asyncio.all_tasks()))
        return "member"

    for _ in range(100):
        reviewed.add(ask)
    await reviewed.until(lambda: len(reviewed.asked) >= 300)
    assert len(running) == 1


async def test_who_lost_their_rights_goes_and_one_authorizer_that_fails_keeps_no_other_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[ID9] Whether it raises, never answers, or answers later."""
    reviewed = Reviewed(monkeypatch)

    def fail() -> Role:
        raise RuntimeError("no directory")

    async def later() -> Role:
        await settled()
        return "viewer"

    bad, stays = reviewed.add(fail), reviewed.add()
    reviewed.add(anyio.sleep_forever)
    gone, changed = reviewed.add(lambda: None), reviewed.add(later)
    await reviewed.until(lambda: len(reviewed.dismissed) >= 3)
    assert {(gone, 4004), (changed, 4203), (bad, 4203)} == set(reviewed.dismissed)
    assert stays in reviewed.sessions


async def test_a_role_does_not_outlive_an_authorizer_that_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """[ID9] Twice in a row, told once; a good answer in between starts the count over."""
    reviewed = Reviewed(monkeypatch)

    def fail() -> Role:
        raise RuntimeError("no directory")

    def at_times(answers: Iterator[bool]) -> Role:
        return "member" if next(answers) else fail()

    async def later(answers: Iterator[bool]) -> Role:
        return at_times(answers)

    bad = reviewed.add(fail)
    for shaky in (at_times, later):
        reviewed.add(partial(shaky, cycle([False, True])))
    await reviewed.until(lambda: len(reviewed.asked) >= 30)
    assert reviewed.dismissed == [(bad, 4203)]
    assert [session for _, session in reviewed.asked].count(bad) == 2
    told = [record.getMessage() for record in caplog.records if "in a row" in record.message]
    assert told == [
        "0 of 'user:ada' ends: the authorizer failed 2 times in a row to say what they may do"
    ]
