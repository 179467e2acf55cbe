"""What every broker does within one process."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_collab.broker.base import Broker
from jupyter_collab.protocol.ids import ConversationId, Seq
from tests.fakes import TEAM

__all__ = ["BrokerContract", "Listener"]


class Listener:
    """Remembers what it heard; follows the team's conversation."""

    def __init__(self, *follows: ConversationId) -> None:
        self.heard: list[tuple[str, int]] = []
        self.follows = follows or (TEAM,)

    def hear(self, conversation: ConversationId, head: Seq) -> None:
        self.heard.append((conversation, head))

    def followed(self) -> tuple[ConversationId, ...]:
        return self.follows


class BrokerContract:
    """Tests that take the fixture `make_broker`."""

    async def test_everyone_hears_but_the_sender(self, make_broker: Callable[[], Broker]) -> None:
        """[RS5] Whether or not the sender listens."""
        broker, one, two, three = make_broker(), Listener(), Listener(), Listener()
        for listener in (one, two):
            broker.listen(listener.hear, listener.followed)
        broker.hint(TEAM, Seq(3), sender=one.hear)
        broker.hint(TEAM, Seq(4), sender=three.hear)
        assert one.heard == [("team", 4)]
        assert two.heard == [("team", 3), ("team", 4)]
        for listener in (one, two):
            await broker.leave(listener.hear)

    async def test_who_leaves_hears_no_more_and_the_others_do(
        self, make_broker: Callable[[], Broker]
    ) -> None:
        """[RS5]"""
        broker, one, two = make_broker(), Listener(), Listener()
        for listener in (one, two):
            broker.listen(listener.hear, listener.followed)
        await broker.leave(one.hear)
        await broker.leave(one.hear)
        broker.hint(TEAM, Seq(3), sender=Listener().hear)
        assert one.heard == []
        assert two.heard == [("team", 3)]
        await broker.leave(two.hear)
