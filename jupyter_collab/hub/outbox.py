"""What waits to be written to one session, bounded.

Pure: it holds bytes and knows no socket. Invariant: at most `frames` frames and `bytes_`
bytes wait, or one frame of any size, in the order they came; ephemerals give way before
anything that a client must not miss.
"""

from __future__ import annotations

__all__ = ["Outbox"]


class Outbox:
    """A queue of encoded frames. A frame with a key is ephemeral: the latest of a key wins."""

    __slots__ = ("_bytes", "_ephemeral", "_most_bytes", "_most_frames", "_put", "_waiting")

    def __init__(self, *, frames: int, bytes_: int) -> None:
        self._most_frames = frames
        self._most_bytes = bytes_
        self._waiting: dict[int | str, bytes] = {}  # by number, or by key if ephemeral
        self._ephemeral: set[str] = set()
        self._put = 0
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, frame: bytes, key: str | None = None) -> bool:
        """Queues a frame; False if it does not fit even without the ephemerals."""
        if key is None:
            self._put += 1
            self._waiting[self._put] = frame
        else:
            self._bytes -= len(self._waiting.pop(key, b""))
            self._waiting[key] = frame  # last: what it says is true after all before it
            self._ephemeral.add(key)
        self._bytes += len(frame)
        if self._fits():
            return True
        self._drop_ephemeral()
        return self._fits()

    def take(self) -> bytes:
        """Removes and joins all that waits, in one run of bytes."""
        frames = b"".join(self._waiting.values())
        self.clear()
        return frames

    def clear(self) -> None:
        """Forgets everything that waits."""
        self._waiting.clear()
        self._ephemeral.clear()
        self._bytes = 0

    def _fits(self) -> bool:
        waiting = len(self._waiting)  # one alone leaves at once: a refused page is asked for again
        return waiting <= 1 or (waiting <= self._most_frames and self._bytes <= self._most_bytes)

    def _drop_ephemeral(self) -> None:
        for key in self._ephemeral:
            self._bytes -= len(self._waiting.pop(key))
        self._ephemeral.clear()
