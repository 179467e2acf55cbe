"""One socket as the hub sees it: its outbox, and at most one write under way until it closes.

Owns the order and the bound of what is written. Must not know rooms or the log. Invariant:
bytes leave in the order they were pushed, whole frames at a time.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

import anyio

from ..limits import Limits
from ..protocol.ids import ConversationId, SessionId
from ..protocol.members import Member, Role
from ..rate import RateWindow
from .outbox import Outbox

__all__ = ["AskRole", "Session", "Transport"]

AskRole = Callable[[], Role | Awaitable[Role | None] | None]


class Transport(Protocol):
    """What carries a session's bytes, such as a WebSocket."""

    def write(self, frames: bytes) -> Future[None] | None:
        """Writes whole frames. Returns what is done when they have left, None if they have.

        To a peer that is gone nothing is written.
        """
        ...

    def close(self, code: int, reason: str) -> None:
        """Closes after what was written."""
        ...


class Session:
    """One connection of one member to one conversation.

    `ask_role` tells what the member may do by now, None if nothing.
    """

    __slots__ = (
        "_stalled",
        "_transport",
        "_writing",
        "ask_role",
        "asked",
        "can_rename_self",
        "close_code",
        "conversation",
        "doubts",
        "frames",
        "id",
        "in_flight",
        "is_dirty",
        "member",
        "opened",
        "outbox",
        "phase",
        "queries",
    )

    def __init__(
        self,
        session: SessionId,
        conversation: ConversationId,
        member: Member,
        transport: Transport,
        *,
        limits: Limits,
        now: float,
        can_rename_self: bool = False,
        ask_role: AskRole | None = None,
    ) -> None:
        self.id = session
        self.conversation = conversation
        self.member = member
        self.can_rename_self = can_rename_self
        self.ask_role: AskRole = ask_role or self._role_at_first
        self.asked: float | None = None  # when that was last asked; owned by `review`
        self.doubts = 0  # how often in a row there was no answer; likewise
        self.phase: Literal["opened", "joining", "joined", "closed"] = "opened"
        self.close_code: int | None = None  # once the server chose to close
        self.opened = now
        self.in_flight = anyio.Semaphore(limits.commands_in_flight, fast_acquire=True)
        self.outbox = Outbox(frames=limits.outbox_frames, bytes_=limits.outbox_bytes)
        self.frames = RateWindow(limits.frames_per_window, limits.window_s)
        self.queries = RateWindow(limits.queries_per_window, limits.window_s)
        self.is_dirty = False  # something was put into the outbox in this turn of the loop
        self._transport = transport
        self._writing: Future[None] | None = None  # the one write under way
        self._stalled: tuple[Future[None], float] | None = None  # a write, and when it was seen

    def _role_at_first(self) -> Role | None:
        return self.member.role

    def flush(self) -> None:
        """Writes all that waits, unless a write is under way; its end flushes again [FO1]."""
        if self._writing is not None or not self.outbox:
            return
        written = self._transport.write(self.outbox.take())
        if written is not None and not written.done():
            self._writing = written
            written.add_done_callback(self._written)

    def is_stalled(self, now: float, stall_s: float) -> bool:
        """Says whether a write has been under way for so long; ask about once a second.

        `now` is in monotonic seconds.
        """
        if self._writing is None:
            return False
        if self._stalled is None or self._stalled[0] is not self._writing:
            self._stalled = self._writing, now
        return now - self._stalled[1] >= stall_s

    def close(self, code: int, reason: str) -> None:
        """Writes what waits and closes; nothing is pushed any more."""
        self.phase = "closed"
        self.close_code = code
        if self.outbox:  # behind a write under way, if there is one: the goodbye comes last
            self._transport.write(self.outbox.take())
        self._transport.close(code, reason)

    def _written(self, written: Future[None]) -> None:
        self._writing = self._stalled = None
        if not written.cancelled() and written.exception() is None:
            self.flush()
