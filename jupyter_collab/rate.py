"""An exact sliding window: at most so many in any so many seconds.

Pure: times come in as arguments, monotonic seconds. Invariant: at no moment do more than
`limit` taken times lie within the last `window_s`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from .errors import RateLimited
from .limits import Limits

__all__ = ["RateWindow", "RateWindows", "per_window"]


class RateWindow:
    """Counts what was taken in the last `window_s` seconds; a limit of 0 never refuses."""

    __slots__ = ("_limit", "_taken", "_window_s")

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._taken: deque[float] = deque()

    def take(self, now: float) -> float:
        """Takes a place and returns 0, or takes none and returns the seconds until one is free."""
        if self._limit <= 0:
            return 0.0
        taken = self._taken
        while taken and taken[0] + self._window_s <= now:
            taken.popleft()
        if len(taken) < self._limit:
            taken.append(now)
            return 0.0
        return taken[0] + self._window_s - now  # the same sum as above, so that it is exact

    def give_back(self, then: float) -> None:
        """Frees the place taken at `then`: what it was taken for came to nothing."""
        if then in self._taken:
            self._taken.remove(then)

    def is_idle(self, now: float) -> bool:
        """Says whether forgetting this window would change no answer."""
        return not self._taken or self._taken[-1] + self._window_s <= now


class RateWindows:
    """A window for each of many keys; whoever owns them calls `forget_idle` now and then."""

    __slots__ = ("_window_s", "_windows")

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._windows: dict[Hashable, RateWindow] = {}

    def __len__(self) -> int:
        return len(self._windows)

    def take(self, key: Hashable, limit: int, now: float) -> float:
        """As `RateWindow.take`, of the window of `key`."""
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = RateWindow(limit, self._window_s)
        return window.take(now)

    def check(self, key: Hashable, limit: int, now: float) -> None:
        """Takes a place in the window of `key`.

        Raises:
            RateLimited: there is none; it says when there will be.
        """
        if (retry_after_s := self.take(key, limit, now)) > 0:
            raise RateLimited(retry_after_s)

    def give_back(self, key: Hashable, then: float) -> None:
        """As `RateWindow.give_back`, of the window of `key`."""
        if (window := self._windows.get(key)) is not None:
            window.give_back(then)

    def forget_idle(self, now: float) -> None:
        """Drops the windows that no longer change any answer."""
        self._windows = {k: w for k, w in self._windows.items() if not w.is_idle(now)}


def per_window(limits: Limits, kind: str) -> int:
    """How many commands of a kind a person may give in a window; 0 is any number."""
    most: int = getattr(limits, _LIMIT_OF[kind])
    return most


_LIMIT_OF = {
    "Post": "posts_per_window",
    "Edit": "edits_per_window",
    "Redact": "redacts_per_window",
    "React": "reactions_per_window",
    "Unreact": "reactions_per_window",
    "Rename": "renames_per_window",
}
