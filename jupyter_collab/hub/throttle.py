"""Calls that come close together, made once.

Owns the timers of what is due. Must not know what is called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Throttle"]

_Key = TypeVar("_Key")


class Throttle(Generic[_Key]):
    """Calls `act(key)` once, `delay_s` seconds after the first `soon(key)`.

    Attributes:
        keys: those that are due.
    """

    def __init__(self, delay_s: float, act: Callable[[_Key], None]) -> None:
        self._delay_s = delay_s
        self._act = act
        self.keys: set[_Key] = set()

    def soon(self, key: _Key) -> None:
        """Has the call made, unless it is due already. To be called on the event loop."""
        if key not in self.keys:
            self.keys.add(key)
            asyncio.get_running_loop().call_later(self._delay_s, self._make, key)

    def _make(self, key: _Key) -> None:
        self.keys.discard(key)
        self._act(key)
