"""What one client got, byte by byte, so that the others who get the same need not be taken apart.

Owns the bytes and which of them are whole frames. Must not know sockets. Most servers send
everyone the same frames in the same order: for all but the first to get them, a comparison of
memory says which messages they hold. Whoever gets other bytes is looked at frame by frame, and
may come back later. Invariant: what `known` accepts has the tags that the ledger's order has.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from .ledger import TAG, Ledger

__all__ = ["Stream"]

_BREAK = 0  # no frame begins with it, so nobody who waits before it gets past it


class Stream:
    """The bytes behind the order of a ledger, as far as one client's frames were like it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._bytes = bytearray()
        self._ends, self._counts = [0], [0]  # of frames, and the deliveries until there
        self._count_at, self._end_of = {0: 0}, {0: 0}

    def known(self, client: int, data: bytes) -> tuple[int, list[bytes]]:
        """How many of the bytes are frames that someone had at this point, and their tags.

        Notes them in the ledger. 0 says that they must be looked at.
        """
        count = self._ledger.delivered[client]
        start = self._end_of.get(count)
        if start is None or not self._bytes.startswith(data, start):
            return 0, []
        if not self._ledger.is_in_order(client):
            return 0, []
        end = start + len(data)
        if (until := self._count_at.get(end)) is None:  # it ends within a frame
            frame = bisect_right(self._ends, end) - 1
            end, until = self._ends[frame], self._counts[frame]
        return end - start, self._ledger.follow(client, until)

    def learn(self, client: int, frames: bytes, ends: Sequence[int]) -> list[bytes]:
        """Takes whole frames apart, notes in the ledger what they held, and gives the tags.

        `ends` is where the frames end.
        """
        tags = TAG.findall(frames)
        before = self._ledger.delivered[client]
        is_first = before == self._ledger.length
        self._ledger.record(client, tags)
        if tags and self._ledger.is_in_order(client):
            if is_first and before not in self._end_of:
                self._go_on_at(before)
            self._extend(before, frames, ends, tags)
        return tags

    def _go_on_at(self, count: int) -> None:
        """Begins anew after what nobody else will get like this."""
        self._bytes.append(_BREAK)
        self._note(len(self._bytes), count)

    def _extend(
        self, count: int, frames: bytes, ends: Sequence[int], tags: Sequence[bytes]
    ) -> None:
        """Adds what is new in frames that begin after so many deliveries."""
        start = self._end_of.get(count)
        if start is None:
            return
        known = len(self._bytes) - start
        if known >= len(frames) or not frames.startswith(self._bytes[start:]):
            return
        new = [end for end in ends if end > known]
        starts = [known, *new]
        held = [frames.count(b"~", *pair) // 2 for pair in zip(starts, new, strict=False)]
        already = self._counts[-1] - count
        if not all(held) or already + sum(held) != len(tags):  # an answer to one, or a ping
            return
        self._bytes += frames[known:]
        for end, more in zip(new, held, strict=True):
            self._note(start + end, self._counts[-1] + more)

    def _note(self, end: int, count: int) -> None:
        self._ends.append(end)
        self._counts.append(count)
        self._count_at[end], self._end_of[count] = count, end
