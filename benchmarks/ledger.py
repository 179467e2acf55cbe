"""Who was delivered what: finds what is lost, came twice, or came in another order.

Owns the tags that make messages countable. Must not know how they travel. Costs a slice and
a comparison per read, however many messages it held.
"""

from __future__ import annotations

import re
from functools import cache

from .words import written

__all__ = ["TAG", "Ledger", "tagged"]

TAG = re.compile(rb"~(\d{8})~")
TEXT_CHARS = 200  # a short paragraph, as people write them
_TAG_CHARS = len("~00000000~ ")


def tagged(number: int) -> str:
    """The text of message `number`: 200 characters, as `TAG` finds it in any frame."""
    return f"~{number:08}~ {written(number, TEXT_CHARS - _TAG_CHARS)}"


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

    def tally(self, posted: int) -> tuple[int, int, int]:
        """Lost and duplicate deliveries, and clients that left the common order.

        `posted` messages, numbered from 0, should have reached every client.
        """
        expected = {b"%08d" % number for number in range(posted)}

        def compare(tags: list[bytes]) -> tuple[int, int]:
            unique = set(tags)
            return len(expected - unique), len(tags) - len(unique & expected)

        @cache  # most clients have followed to the same point
        def followed(count: int) -> tuple[int, int]:
            return compare(self._order[:count])

        results = [
            compare(self._order[: count - len(strays)] + strays) if strays else followed(count)
            for count, strays in zip(self.delivered, self._strays, strict=True)
        ]
        lost, duplicates = (sum(column) for column in zip(*results, strict=True))
        return lost, duplicates, sum(map(bool, self._strays))
