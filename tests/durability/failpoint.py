"""Where a server can be killed: at the n-th time that it comes to a point of its work.

Owns the points. They are in the tests, around what the product calls, not in the product:
SQL by a connection of the tests' own, the sending of frames by whoever carries them.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from asyncio import Future
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from jupyter_collab.handlers.socket import SocketTransport
from tests.fakes import frames_in

__all__ = ["POINTS", "TIDYING", "Doom"]

_T = TypeVar("_T")

POINTS = (
    "before insert",
    "after insert",
    "before commit",
    "after commit",
    "before ack",
    "after ack",
    "in fan-out",
)
TIDYING = (  # of what was deleted or is old
    "after erasure",
    "before removal",
    "after removal",
    "after merge",
    "before truncation",
    "after truncation",
    "after forgetting",
)
_STATEMENTS = {
    "INSERT INTO entries": "insert",
    "COMMIT": "commit",
    "UPDATE entries SET body = json_set(body, '$.text', '')": "erasure",
    "DELETE FROM entries": "removal",
    "'merge'": "merge",
    "wal_checkpoint(TRUNCATE)": "truncation",
    "DELETE FROM erasures": "forgetting",
}


@dataclass(slots=True)
class Doom:
    """Kills this process at the `nth` time that it reaches `point`."""

    point: str
    nth: int
    _sent: set[tuple[str, int]] = field(default_factory=set)

    def reach(self, point: str) -> None:
        if point == self.point:
            self.nth -= 1
            if self.nth == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_sql(self) -> None:
        """From now on new connections of this process are watched."""
        doom = self

        class Watched(sqlite3.Connection):
            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                return doom.around(sql, partial(super().execute, sql, *args))

            def executemany(self, sql: str, *args: Any) -> sqlite3.Cursor:
                return doom.around(sql, partial(super().executemany, sql, *args))

        connect = sqlite3.connect
        sqlite3.connect = partial(connect, factory=Watched)  # type: ignore[assignment]  # as it is called

    def watch_sockets(self) -> None:
        """From now on what this process's sockets are sent is watched."""
        doom, write = self, SocketTransport.write

        def watched(transport: SocketTransport, frames: bytes) -> Future[None] | None:
            (conversation,) = transport._handler.path_args
            return doom.sending(conversation, frames_in(frames), partial(write, transport, frames))

        SocketTransport.write = watched  # type: ignore[assignment,method-assign]  # as it is called

    def around(self, sql: str, execute: Callable[[], _T]) -> _T:
        """Executes a statement between the points before and after it."""
        name = next((name for key, name in _STATEMENTS.items() if key in sql), "")
        self.reach(f"before {name}")
        done = execute()
        self.reach(f"after {name}")
        return done

    def sending(
        self, conversation: str, frames: list[dict[str, Any]], send: Callable[[], _T]
    ) -> _T:
        """Sends one session frames, between the points before and after what they carry."""
        seqs = {
            (conversation, entry["seq"])
            for frame in frames
            if frame["type"] == "entries"
            for entry in frame["entries"]
        }
        has_ack = any(frame["type"] == "ack" for frame in frames)
        if has_ack:
            self.reach("before ack")
        if seqs & self._sent:  # some have them, others not
            self.reach("in fan-out")
        sent = send()
        self._sent |= seqs
        if has_ack:
            self.reach("after ack")
        return sent
