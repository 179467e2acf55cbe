"""Who may stay: looks again and again at the sessions that are open.

Owns the reasons for which a session ends without a frame of its own. Must not know where
access is decided. Invariant: an authorizer that is slow for one delays no one else's review.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable

import anyio

from ..answer import SLOW, going_away, goodbye
from ..edge import contained
from ..errors import CloseCode, NotAllowed, ProtocolError
from ..limits import Limits
from ..protocol.frames import Goodbye
from ..protocol.members import Role
from .session import Session

__all__ = ["close_late", "close_speechless", "close_stalled", "farewells", "review"]

logger = logging.getLogger(__name__)

Dismiss = Callable[[Session, Goodbye], None]
PARTS = 20  # of one review, so that many sessions are looked at a few at a time
DOUBTS_AT_MOST = 2  # reviews in a row without an answer, after which a role counts no more
_ASKING = "asking what somebody may do"
_DOUBTED = Goodbye(
    code=CloseCode.CREDENTIALS, message="The server can't tell any more what you may do here."
)


async def review(
    sessions: Callable[[], Iterable[Session]], limits: Limits, dismiss: Dismiss
) -> None:
    """Asks for every session, every `review_s` seconds, what its person may do by now [ID9].

    A part of them at a time, so that many are no long spell. An answer that takes about as long
    as `review_s` is not waited for: the next review asks again. The second in a row that has
    none ends the session.
    """
    step_s = limits.review_s / PARTS

    async def wait_for(session: Session, answer: Awaitable[Role | None]) -> None:
        with contained(_ASKING) as asking, anyio.fail_after(limits.review_s - 3 * step_s):
            _judge(session, await answer, dismiss)
        _count(session, dismiss, has_failed=asking.has_failed)

    async with anyio.create_task_group() as looks:
        while True:
            await anyio.sleep(step_s)
            for session in _due(sessions(), anyio.current_time(), limits.review_s - 2 * step_s):
                with contained(_ASKING) as asking:
                    role = session.ask_role()
                    if isawaitable(role):  # which needs a task, as it may never answer
                        looks.start_soon(wait_for, session, role)
                        continue
                    _judge(session, role, dismiss)
                _count(session, dismiss, has_failed=asking.has_failed)


def _due(sessions: Iterable[Session], now: float, interval_s: float) -> list[Session]:
    """Those who have not been asked about for so long; the first time comes as late."""
    due = []
    for session in sessions:
        if session.asked is None:
            session.asked = now  # its socket has only just been let in
        elif now - session.asked >= interval_s:
            session.asked = now
            due.append(session)
    return due


def close_late(sessions: Iterable[Session], limits: Limits, now: float, dismiss: Dismiss) -> None:
    """Dismisses who is late with the hello or with reading; `now` is in monotonic seconds."""
    late = list(sessions)
    close_speechless(late, limits, now, dismiss)
    close_stalled(late, limits, now, dismiss)


def close_speechless(
    sessions: Iterable[Session], limits: Limits, now: float, dismiss: Dismiss
) -> None:
    """Dismisses who has not said hello in time [FR5]; `now` is in monotonic seconds."""
    late_hello = goodbye(ProtocolError(f"No hello came within {limits.hello_s:g} s."))
    for session in list(sessions):
        if session.phase == "opened" and session.opened <= now - limits.hello_s:
            dismiss(session, late_hello)


def close_stalled(
    sessions: Iterable[Session], limits: Limits, now: float, dismiss: Dismiss
) -> None:
    """Dismisses who does not read what is written to them [FO7]; `now` is monotonic seconds."""
    for session in list(sessions):
        if session.is_stalled(now, limits.stall_s):
            dismiss(session, SLOW)


def farewells(sessions: Iterable[Session], limits: Limits) -> list[tuple[Session, Goodbye]]:
    """What each session is told when the server stops: when to come back, spread over time."""
    leaving = list(sessions)
    step_s = limits.drain_s / max(1, len(leaving))
    return [
        (session, goodbye(going_away(round(rank * step_s, 2))))
        for rank, session in enumerate(leaving, start=1)
    ]


def _judge(session: Session, role: Role | None, dismiss: Dismiss) -> None:
    if role is None:
        dismiss(session, goodbye(NotAllowed("You may not read this conversation any more.")))
    elif role != session.member.role:  # a new hello says what the person may do now
        message = "What you may do here has changed."
        dismiss(session, Goodbye(code=CloseCode.CREDENTIALS, message=message))


def _count(session: Session, dismiss: Dismiss, *, has_failed: bool) -> None:
    """Ends a session whose role nobody has confirmed for long: who comes back is asked anew."""
    session.doubts = session.doubts + 1 if has_failed else 0
    if session.doubts >= DOUBTS_AT_MOST and session.phase != "closed":
        logger.warning(
            "%s of %r ends: the authorizer failed %d times in a row to say what they may do",
            session.id,
            session.member.id,
            session.doubts,
        )
        dismiss(session, _DOUBTED)
