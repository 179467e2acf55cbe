"""Who was delivered what: finds what is lost, came twice, or came in another order.

Owns the tags that make messages countable. Must not know how they travel. Costs a slice and
a comparison per read, however many messages it held.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from .job import Tally
from .words import written

__all__ = ["TAG", "Ledger", "compared", "tagged", "tags_of"]

TAG = re.compile(rb"~(\d{8})~")
TEXT_CHARS = 200  # a short paragraph, as people write them
_TAG_CHARS = len("~00000000~ ")


def tagged(number: int) -> str:
    """The text of message `number`: 200 characters, as `TAG` finds it in any frame."""
    return f"~{number:08}~ {written(number, TEXT_CHARS - _TAG_CHARS)}"


def tags_of(numbers: Iterable[int]) -> list[bytes]:
    """What `TAG` finds of these messages."""
    return [b"%08d" % number for number in numbers]


def compared(tags: Sequence[bytes], expected: Iterable[int]) -> Tally:
    """One client's deliveries beside the messages that should have come, in their order."""
    wanted = tags_of(expected)
    lost, duplicates = _compared(tags, frozenset(wanted))
    return Tally(lost, duplicates, int(not lost and not duplicates and list(tags) != wanted))


class Ledger:
    """What each of `clients` was delivered, against one order that all should see.

    Attributes:
        delivered: how many deliveries each client had.
    """

    def __init__(self, clients: int) -> None:
        self.delivered = [0] * clients
        self._order: list[bytes] = []  # as the first client to get each message saw it
        self._strays: list[list[bytes]] = [[] for _ in range(clients)]

    def record(self, client: int, tags: list[bytes]) -> None:
        """Notes what one read of one client held, in order."""
        start = self.delivered[client]
        self.delivered[client] += len(tags)
        if not self._strays[client]:
            known = self._order[start : start + len(tags)]
            if known == tags:
                return
            if known == tags[: len(known)]:  # the first to get the rest
                self._order.extend(tags[len(known) :])
                return
        self._strays[client].extend(tags)

    def follow(self, client: int, until: int) -> list[bytes]:
        """Notes that a client got what comes next in the order; it now has so many."""
        start, self.delivered[client] = self.delivered[client], until
        return self._order[start:until]

    def is_in_order(self, client: int) -> bool:
        """Whether a client was delivered the beginning of the order, and nothing else."""
        return not self._strays[client]

    @property
    def length(self) -> int:
        """How many messages someone has got."""
        return len(self._order)

    def tally(self, posted: int) -> Tally:
        """What went wrong.

        `posted` messages, numbered from 0, should have reached every client.
        """
        expected = frozenset(tags_of(range(posted)))

        @cache  # most clients have followed to the same point
        def followed(count: int) -> tuple[int, int]:
            return _compared(self._order[:count], expected)

        results = [
            _compared(self._order[: count - len(strays)] + strays, expected)
            if strays
            else followed(count)
            for count, strays in zip(self.delivered, self._strays, strict=True)
        ]
        lost, duplicates = (sum(column) for column in zip(*results, strict=True))
        return Tally(lost, duplicates, sum(map(bool, self._strays)))


def _compared(tags: Sequence[bytes], expected: frozenset[bytes]) -> tuple[int, int]:
    unique = set(tags)
    return len(expected - unique), len(tags) - len(unique & expected)
