"""Hints between hubs of one process."""

from __future__ import annotations

from jupyter_collab.broker.memory import MemoryBroker
from jupyter_collab.protocol.ids import ConversationId, Seq
from tests.fakes import TEAM


class Hub:
    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []

    def hear(self, conversation: ConversationId, head: Seq) -> None:
        self.heard.append((conversation, head))


async def test_everyone_hears_but_the_sender() -> None:
    """[RS5] Whether or not the sender listens."""
    broker, one, two, three = MemoryBroker(), Hub(), Hub(), Hub()
    broker.listen(one.hear)
    broker.listen(two.hear)
    broker.hint(TEAM, Seq(3), sender=one.hear)
    broker.hint(TEAM, Seq(4), sender=three.hear)
    assert one.heard == [("team", 4)]
    assert two.heard == [("team", 3), ("team", 4)]


async def test_who_leaves_hears_no_more_and_the_others_do() -> None:
    broker, one, two = MemoryBroker(), Hub(), Hub()
    broker.listen(one.hear)
    broker.listen(two.hear)
    await broker.leave(one.hear)
    await broker.leave(one.hear)
    broker.hint(TEAM, Seq(3), sender=Hub().hear)
    assert one.heard == []
    assert two.heard == [("team", 3)]
