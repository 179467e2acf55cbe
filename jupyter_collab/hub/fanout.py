"""Frames to sockets: encoded once, written once per session and event-loop turn.

Owns the open sessions and what waits for them. Must not know rooms' rules or the log.
Invariant: a session that can't keep up is dismissed, and nobody else notices.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

from ..errors import CloseCode, ProtocolError, Unavailable
from ..limits import Limits
from ..protocol import codec
from ..protocol.frames import Goodbye
from ..protocol.framing import PING, text_frame
from ..protocol.ids import MemberId, SessionId
from ..protocol.ready import Frame
from .garbage import Crowd
from .session import Session

__all__ = ["FLUSHED_AT_ONCE", "Fanout"]

FLUSHED_AT_ONCE = 200  # about 16 µs each; the loop is also that of people's kernels


class Fanout:
    """The sessions of one server.

    Attributes:
        stirs: grows while frames are taken or written, and only then [FO10].
        crowd: is told of whom comes.
    """

    def __init__(self) -> None:
        self.sessions: dict[SessionId, Session] = {}
        self._own: Counter[MemberId] = Counter()
        self._dirty: list[Session] = []
        self.stirs = 0
        self.crowd = Crowd()

    def check_space(self, member: MemberId, limits: Limits) -> None:
        """Looks whether one more session of a member is within the limits.

        Raises:
            ProtocolError: the member has too many [PR8].
            Unavailable: the server has.
        """
        if 0 < limits.connections_in_all <= len(self.sessions):
            raise Unavailable("This server has no room for more connections. Try again later.")
        own = self._own[member]
        if 0 < limits.connections_per_person_in_all <= own:
            message = f"You have {own} conversations open on this server; close one first."
            raise ProtocolError(message, close_code=CloseCode.FULL)

    def add(self, session: Session) -> None:
        """Takes in a session that has just been opened."""
        self.sessions[session.id] = session
        self._own[session.member.id] += 1
        self.crowd.came(session.opened)

    def remove(self, session: Session) -> bool:
        """Lets go of a session; False if it was gone already."""
        if self.sessions.pop(session.id, None) is None:
            return False
        self._own[session.member.id] -= 1
        if not self._own[session.member.id]:
            del self._own[session.member.id]
        return True

    def send(self, session: Session, frame: Frame) -> bool:
        """Queues a frame for one session; False if its outbox is full.

        A greeting always fits: it leaves at once, and who could not be greeted never came in.
        """
        return self._put(session, _encode(frame), None) or session.phase == "joining"

    def broadcast(self, ids: Iterable[SessionId], frame: Frame, key: str | None) -> list[Session]:
        """Queues the same bytes for many sessions; returns those whose outbox is full."""
        data = _encode(frame)
        sessions = self.sessions
        return [sessions[id_] for id_ in ids if not self._put(sessions[id_], data, key)]

    def ping(self, ids: Iterable[SessionId]) -> None:
        """Asks each peer for a sign of life, below the protocol: it works in frozen pages."""
        for id_ in ids:
            self._put(self.sessions[id_], PING, "ping")

    def close(self, session: Session, goodbye: Goodbye) -> None:
        """Says goodbye after what waits, or instead of it to one who does not read [FR7]."""
        if goodbye.code == CloseCode.SLOW:
            session.outbox.clear()
        session.outbox.put(_encode(goodbye))
        session.close(goodbye.code, goodbye.message)

    def _put(self, session: Session, data: bytes, key: str | None) -> bool:
        if session.phase == "closed":
            return True
        self._mark(session)
        return session.outbox.put(data, key)

    def _mark(self, session: Session) -> None:
        """Has a session flushed. A flush is under way whenever one is marked."""
        if session.is_dirty:
            return
        session.is_dirty = True
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.append(session)

    def _flush(self) -> None:
        """Writes to a part of those who wait, so that a large room is no long turn [FO12]."""
        self.stirs += 1
        dirty, self._dirty = self._dirty[:FLUSHED_AT_ONCE], self._dirty[FLUSHED_AT_ONCE:]
        if self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        for session in dirty:
            session.is_dirty = False
            session.flush()


def _encode(frame: Frame) -> bytes:
    return text_frame(codec.encode(frame))
