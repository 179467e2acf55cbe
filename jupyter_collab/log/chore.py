"""Work on the database that nobody waits for, in steps between the writer's jobs.

Owns when the next step is due, and what a failure of one comes to. Must not know what is done.
Invariant: another connection that is in the way is never waited for, and no step fails a job.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from sqlite3 import SQLITE_BUSY, Connection, Error

from ..errors import Unavailable
from .look import is_damage
from .transaction import without_waiting
from .worker import Worker

__all__ = ["Chore"]

logger = logging.getLogger(__name__)

AGAIN_S = 0.1  # after another connection was in the way


class Chore:
    """`step` says after how many seconds to go on, None if nothing is left. Begins with one."""

    def __init__(self, name: str, step: Callable[[Connection], float | None]) -> None:
        """`name` is for the operator's log: what fails if it does."""
        self._attempt = partial(_attempt, name, step)
        self._due: float | None = 0.0  # what a former process left

    def due_in(self, seconds: float) -> None:
        """There is something to do; what was due earlier stays so. In the writer's thread."""
        due = time.monotonic() + seconds
        self._due = due if self._due is None else min(due, self._due)

    def look(self, writer: Worker) -> float | None:
        """Takes a step if it is due, in the writer's thread; says when to look again, if at all."""
        if self._due is None or not writer.is_connected:
            return None
        left_s = self._due - time.monotonic()
        if left_s > 0:
            return left_s
        self._due = None
        with suppress(Unavailable):  # the operator was told; it is due again with other work
            wait_s = writer.do(self._attempt)
            if wait_s is not None:
                self.due_in(wait_s)
            return wait_s
        return None


def _attempt(
    name: str, step: Callable[[Connection], float | None], connection: Connection
) -> float | None:
    try:
        with without_waiting(connection):
            return step(connection)
    except Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == SQLITE_BUSY:
            return AGAIN_S
        if is_damage(error):
            raise
        logger.warning("%s has failed, and is tried again later: %s", name, error)
        return None
