"""What goes on with nobody asking: the log is tidied, and rooms learn what was removed.

Owns the rhythm. Must not know how a log removes things. Invariant: a log that can't be used
now is tried again in the next round.
"""

from __future__ import annotations

import logging

import anyio

from ..errors import Unavailable
from ..log.base import Log
from .rooms import Rooms

__all__ = ["keep_up"]

logger = logging.getLogger(__name__)


async def keep_up(log: Log, rooms: Rooms, period_s: float) -> None:
    """Does a round of upkeep every `period_s` seconds, until cancelled."""
    while True:
        await anyio.sleep(period_s)
        try:
            await log.note(())
            await rooms.check_floors()
        except Unavailable as unavailable:
            logger.warning("the log can't be tidied now: %s", unavailable)
