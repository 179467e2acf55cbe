"""A turnstile: lets a few through in each turn of the event loop, the others in the next ones.

Owns the order of those who wait. Must not know who they are. Many sign in at once after a
server or a proxy was restarted, and the loop is also that of people's kernels.
"""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections import deque

__all__ = ["Turnstile"]


class Turnstile:
    """Lets `per_turn` through in each turn, in the order they came. Used on the event loop."""

    def __init__(self, per_turn: int) -> None:
        self._per_turn = per_turn
        self._left = per_turn  # places in this turn
        self._waiting: deque[Future[None]] = deque()
        self._turns = False

    def enter(self) -> Future[None] | None:
        """Returns what to wait for, None if there is a place in this turn."""
        self._turn_soon()
        if self._left and not self._waiting:
            self._left -= 1
            return None
        turn: Future[None] = get_running_loop().create_future()
        self._waiting.append(turn)
        return turn

    def _turn_soon(self) -> None:
        if not self._turns:
            self._turns = True
            get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._turns = False
        self._left = self._per_turn
        while self._waiting and self._left:
            turn = self._waiting.popleft()
            if not turn.done():  # else it was cancelled
                turn.set_result(None)
                self._left -= 1
        if self._waiting:
            self._turn_soon()
