"""The tasks of a hub: one end for all, and no failure shared.

Owns the task group. Must not know what its tasks do. Invariant: a task that fails is logged
and gone, and the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import anyio
from anyio.abc import TaskGroup

from ..edge import contained
from ..errors import Unavailable

__all__ = ["Crew", "Work"]

logger = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]


class Crew:
    """Runs works from `run` to `stop`; what is spawned before or after is not done."""

    def __init__(self) -> None:
        self._tasks: TaskGroup | None = None
        self._is_over = False

    async def run(self, *works: Work, started: anyio.Event) -> None:
        """Runs `works`, and whatever is spawned, until `stop`."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            for work in works:
                self.spawn(work)
            started.set()
            if self._is_over:  # before it began: what runs is cancelled as it would be later
                self.stop()

    def spawn(self, work: Work) -> None:
        if self._tasks is not None:
            self._tasks.start_soon(_guarded, work)

    def stop(self) -> None:
        """Cancels every task; `run` returns when they have ended, also one that is to begin."""
        self._is_over = True
        if self._tasks is not None:
            self._tasks.cancel_scope.cancel()
            self._tasks = None


async def _guarded(work: Work) -> None:
    with contained("a task of the hub"):
        try:
            await work()
        except Unavailable as unavailable:
            logger.warning("the log can't be read: %s", unavailable)
