"""The newest entries of a conversation, encoded, for those who come back.

Owns how much of the log is kept at hand. Pure: must not know who comes back. Invariant: what
is kept is contiguous up to the newest, within the resume limits, and without a text that was
deleted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice

from msgspec import Raw

from ..limits import Limits
from ..protocol import codec
from ..protocol.entries import Entry, Redacted, erased, without_texts_before
from ..protocol.ids import Seq

__all__ = ["Recent"]


class Recent:
    """A window on the end of a log, as bytes."""

    __slots__ = ("_bytes", "_entries", "_limits")

    def __init__(self, limits: Limits, entries: Iterable[Entry]) -> None:
        self._limits = limits
        self._entries: deque[Raw] = deque()
        self._bytes = 0
        self.add(entries)

    def add(self, entries: Iterable[Entry]) -> tuple[Raw, ...]:
        """Takes the entries after the newest, lets go of the oldest; returns the new as bytes."""
        added = []
        for entry in entries:
            if isinstance(entry, Redacted):  # no text of it is told to anyone any more [LG11]
                self._erase(entry.body.target)
            encoded = Raw(codec.encode_entry(entry))
            added.append(encoded)
            self._entries.append(encoded)
            self._bytes += _size(encoded)
        self._shorten()
        return tuple(added)

    def newest(self, count: int) -> tuple[Raw, ...] | None:
        """The last `count` entries, oldest first, or None if they are no longer at hand."""
        skipped = len(self._entries) - count
        return None if skipped < 0 else tuple(islice(self._entries, skipped, None))

    def prune(self, floor: Seq) -> None:
        """Lets go of what is before `floor`, and of texts that aim at it: it was removed."""
        entries = [codec.decode_entry(encoded) for encoded in self._entries]
        self._entries.clear()
        self._bytes = 0
        self.add(without_texts_before(entry, floor) for entry in entries if entry.seq >= floor)

    def _shorten(self) -> None:
        while self._entries and (
            len(self._entries) > self._limits.resume_entries
            or self._bytes > self._limits.resume_bytes
        ):
            self._bytes -= _size(self._entries.popleft())

    def _erase(self, target: Seq) -> None:
        """Takes the text of a message out of what told of it."""
        for place, encoded in enumerate(self._entries):
            entry = codec.decode_entry(encoded)
            if (without := erased(entry, target)) is not entry:
                self._entries[place] = Raw(codec.encode_entry(without))
                self._bytes += _size(self._entries[place]) - _size(encoded)


def _size(encoded: Raw) -> int:
    return len(memoryview(encoded))
