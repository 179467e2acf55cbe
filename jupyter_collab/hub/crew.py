"""The tasks of a hub: one end for all, and no failure shared.

Owns the task group. Must not know what its tasks do. Invariant: a task that fails is logged,
and the others go on. What is to run until the stop is begun again, what was spawned is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import anyio
from anyio.abc import TaskGroup

from ..edge import contained
from ..errors import Unavailable

__all__ = ["BEGUN_AGAIN_S", "Crew", "Work"]

logger = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]

BEGUN_AGAIN_S = 1.0  # later, so that what always fails is no tight loop


class Crew:
    """Runs works from `run` to `stop`; what is spawned before or after is not done."""

    def __init__(self) -> None:
        self._tasks: TaskGroup | None = None
        self._is_over = False

    async def run(self, *works: Work, started: anyio.Event) -> None:
        """Runs `works`, and whatever is spawned, until `stop`.

        A work that fails is begun again [FO16]; one that returns has done what it had to.
        """
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            for work in works:
                tasks.start_soon(_kept_up, work)
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


async def _kept_up(work: Work) -> None:
    while not await _guarded(work):  # noqa: ASYNC110  # it waits for time, not for an event
        await anyio.sleep(BEGUN_AGAIN_S)


async def _guarded(work: Work) -> bool:
    """Does it once; False if it failed."""
    with contained("a task of the hub"):
        try:
            await work()
        except Unavailable as unavailable:
            logger.warning("the log can't be read: %s", unavailable)
        else:
            return True
    return False
