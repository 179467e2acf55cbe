"""What a broker is: how hubs tell each other that a conversation's log has grown.

Owns the contract. Carries hints only, so losing one costs latency, never data. Must not know
entries, rooms or sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from ..protocol.ids import ConversationId, Seq

__all__ = ["Broker", "Followed", "Hear"]

Hear = Callable[[ConversationId, Seq], None]  # "conversation X is at 42"
Followed = Callable[[], Iterable[ConversationId]]


class Broker(Protocol):
    """Carries hints between the hubs that share a log. Delivery is not guaranteed."""

    def listen(self, hear: Hear, followed: Followed) -> None:
        """Calls `hear` on the event loop for hints of another hub, until it leaves.

        Hints of other conversations than those of `followed` need not come.
        """
        ...

    def hint(self, conversation: ConversationId, head: Seq, *, sender: Hear) -> None:
        """Tells every listener but `sender` that a conversation's log has reached `head`."""
        ...

    async def leave(self, hear: Hear) -> None:
        """Calls `hear` no more, and nobody else any less. Idempotent."""
        ...
