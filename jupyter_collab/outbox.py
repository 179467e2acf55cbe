"""What waits to be written to one session, bounded.

Pure: it holds bytes and knows no socket. Invariant: at most `frames` frames and `bytes_`
bytes wait; ephemerals give way before anything that a client must not miss.
"""

from __future__ import annotations

__all__ = ["Outbox"]


class Outbox:
    """A queue of encoded frames. A frame with a key is ephemeral: the latest of a key wins."""

    __slots__ = ("_bytes", "_ephemeral", "_frames", "_most_bytes", "_most_frames")

    def __init__(self, *, frames: int, bytes_: int) -> None:
        self._most_frames = frames
        self._most_bytes = bytes_
        self._frames: list[bytes] = []
        self._ephemeral: dict[str, bytes] = {}
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._frames or self._ephemeral)

    def put(self, frame: bytes, key: str | None = None) -> bool:
        """Queues a frame; False if it does not fit even without the ephemerals."""
        if key is not None:
            return self._put_ephemeral(frame, key)
        self._frames.append(frame)
        self._bytes += len(frame)
        if self._fits():
            return True
        self._drop_ephemeral()
        return self._fits()

    def take(self) -> bytes:
        """Removes and joins all that waits, in one run of bytes."""
        if self._ephemeral:
            self._frames.extend(self._ephemeral.values())
            self._ephemeral.clear()
        frames, self._frames, self._bytes = self._frames, [], 0
        return frames[0] if len(frames) == 1 else b"".join(frames)

    def clear(self) -> None:
        """Forgets everything that waits."""
        self._frames.clear()
        self._ephemeral.clear()
        self._bytes = 0

    def _put_ephemeral(self, frame: bytes, key: str) -> bool:
        self._bytes += len(frame) - len(self._ephemeral.pop(key, b""))
        self._ephemeral[key] = frame
        if not self._fits():
            self._drop_ephemeral()
        return True

    def _fits(self) -> bool:
        waiting = len(self._frames) + len(self._ephemeral)
        return waiting <= self._most_frames and self._bytes <= self._most_bytes

    def _drop_ephemeral(self) -> None:
        self._bytes -= sum(map(len, self._ephemeral.values()))
        self._ephemeral.clear()
