"""The door: lets a session into its room, at once or after the log was asked.

Owns what a hello may be answered. Must not know sockets or tasks. Invariant: a session that
is greeted has been told what it missed, and hears of every entry from then on.
"""

from __future__ import annotations

import time
from asyncio import Future
from collections.abc import Awaitable, Callable, Iterable

from .. import metrics
from ..answer import goodbye
from ..clock import Instant
from ..errors import CloseCode, ProtocolError, Refused, Unavailable
from ..protocol.frames import PROTOCOL_VERSION, Goodbye, Hello
from ..room.effect import Effect
from ..room.room import Room
from .rooms import Rooms
from .session import Session
from .turnstile import Turnstile

__all__ = ["GREETINGS_PER_TURN", "Door"]

GREETINGS_PER_TURN = 8  # a part of a millisecond each, more in a large room


class Door:
    """Takes the hellos of one hub's sessions."""

    def __init__(
        self,
        rooms: Rooms,
        perform: Callable[[Room, Iterable[Effect]], None],
        dismiss: Callable[[Session, Goodbye], None],
    ) -> None:
        self._rooms = rooms
        self._perform = perform
        self._dismiss = dismiss
        self._turnstile = Turnstile(GREETINGS_PER_TURN)

    def hello(self, session: Session, hello: Hello) -> Awaitable[None] | None:
        """Lets a session in; what is returned must be waited for before it is in [FO15].

        Raises:
            ProtocolError: it is in already, or speaks another protocol.
        """
        if session.phase != "opened":
            raise ProtocolError("A connection says hello once.")
        if hello.protocol != PROTOCOL_VERSION:
            raise ProtocolError(
                f"This server speaks protocol {PROTOCOL_VERSION}. Reload to update.",
                close_code=CloseCode.VERSION,
            )
        session.phase = "joining"
        room = self._rooms.ready(session.conversation, session.member, at_least=hello.after or 0)
        turn = None if room is None else self._turnstile.enter()
        if room is None or turn is not None:
            return self._ask(session, hello, turn)
        self._greet(session, room, hello)
        return None

    async def _ask(self, session: Session, hello: Hello, turn: Future[None] | None) -> None:
        """Asks the log; a `turn` that was given is waited for before, or else one after it."""
        try:
            if turn is not None:
                await turn
            room = await self._rooms.open(session.conversation)
            if room is not None and (full := room.turned_away(session.member)) is not None:
                self._dismiss(session, full)  # before anything is written of it
                return
            after = hello.after or 0
            room = await self._rooms.enter(session.conversation, session.member, at_least=after)
            if turn is None and (turn := self._turnstile.enter()) is not None:
                await turn  # many waited for that one read
                room = await self._rooms.enter(session.conversation, session.member)
        except (Refused, Unavailable) as error:
            self._dismiss(session, goodbye(error))
            return
        if session.phase == "joining":  # else it went while the log was read
            self._greet(session, room, hello)

    def _greet(self, session: Session, room: Room, hello: Hello) -> None:
        effects, mode = room.enter(
            session.id, session.member, hello, _now(), can_rename_self=session.can_rename_self
        )
        self._perform(room, effects)
        if mode is not None:
            session.phase = "joined"
            metrics.count_resume(mode)


def _now() -> Instant:
    return Instant(time.monotonic(), time.time())
