"""Who may stay: looks again and again at the sessions that are open.

Owns the reasons for which a session ends without a frame of its own. Must not know where
access is decided. Invariant: an authorizer that is slow for one delays no one else's review.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import anyio

from .answer import SLOW, going_away, goodbye
from .edge import contained
from .errors import CloseCode, NotAllowed, ProtocolError
from .limits import Limits
from .protocol.frames import Goodbye
from .session import Session

__all__ = ["close_speechless", "close_stalled", "farewells", "review"]

Dismiss = Callable[[Session, Goodbye], None]


async def review(
    sessions: Callable[[], Iterable[Session]], limits: Limits, dismiss: Dismiss
) -> None:
    """Asks for every session, every `review_s` seconds, what its person may do by now [ID9].

    An answer that takes as long as that is not waited for: the next review asks again.
    """

    async def look_at(session: Session) -> None:
        with contained("asking what somebody may do"), anyio.fail_after(limits.review_s):
            if (reason := await _reason_to_leave(session)) is not None:
                dismiss(session, reason)

    while True:
        await anyio.sleep(limits.review_s)
        async with anyio.create_task_group() as looks:
            for session in list(sessions()):
                looks.start_soon(look_at, session)


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


async def _reason_to_leave(session: Session) -> Goodbye | None:
    role = await session.ask_role()
    if role is None:
        return goodbye(NotAllowed("You may not read this conversation any more."))
    if role != session.member.role:  # a new hello says what the person may do now
        return Goodbye(code=CloseCode.CREDENTIALS, message="What you may do here has changed.")
    return None
