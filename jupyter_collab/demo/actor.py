"""A scripted member: joins over the socket, reads, types, answers.

Owns when something is said. Must not know the words (see `script`). Invariant: every message
of a person is looked at once, and no message of an actor ever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import anyio

from ..client import Connection, Disconnected, connect
from ..errors import Refused, Unavailable
from ..protocol.entries import Posted
from ..protocol.frames import Entries
from ..protocol.ids import MemberId, Seq
from ..state import ConversationState
from .script import HELPER, MAYA, OPENING, TITLE, Line, Scene

__all__ = ["Actor", "open_scene"]

READING_S = 0.6
CHARS_PER_S = 60.0
LONGEST_TYPING_S = 2.5  # a typing mark lasts 6 s


@dataclass(slots=True, kw_only=True)
class Actor:
    """Someone scripted, and how far they have read.

    Attributes:
        url: the server's base URL.
        conversation: its id.
        token: the actor's own.
        say: what the actor says to a message.
        replies: whether what they say quotes the message.
        actors: members that are not answered.
    """

    url: str
    conversation: str
    token: str
    say: Callable[[str, Scene], Line | None]
    replies: bool
    actors: Collection[MemberId]
    state: ConversationState | None = None
    epoch: str | None = None
    seen: Seq = Seq(0)

    async def play(self) -> None:
        """Takes part, and comes back whenever the connection breaks."""
        while True:
            try:
                async with connect(
                    self.url,
                    self.conversation,
                    token=self.token,
                    state=self.state,
                    epoch=self.epoch,
                    client="demo",
                ) as connection:
                    self.state, self.epoch = connection.state, connection.epoch
                    await self._attend(connection)
                    assert connection.closed is not None, "frames end with the connection"
                    raise connection.closed
            except Unavailable as away:
                if isinstance(away, Disconnected) and away.is_final:
                    raise
                await anyio.sleep(away.retry_after_s)

    async def _attend(self, connection: Connection) -> None:
        async for frame in connection:
            if not isinstance(frame, Entries):
                continue
            for entry in frame.entries:
                if entry.seq <= self.seen:
                    continue
                self.seen = entry.seq
                if isinstance(entry, Posted) and entry.author not in self.actors:
                    await self._answer(connection, entry)

    async def _answer(self, connection: Connection, entry: Posted) -> None:
        await anyio.sleep(READING_S)
        await connection.mark_read(entry.seq)
        line = self.say(entry.body.text, _scene(connection, entry))
        if line is None:
            return
        try:
            if line.emoji:
                await connection.react(entry.seq, line.emoji)
            if line.text:
                await connection.typing()
                await anyio.sleep(min(len(line.text) / CHARS_PER_S, LONGEST_TYPING_S))
                await connection.post(line.text, entry.seq if self.replies else None)
        except Refused:  # the message was deleted meanwhile: then there is nothing to say
            await connection.typing(active=False)


async def open_scene(maya: Connection, helper: Connection) -> None:
    """Says the opening, unless the conversation has messages already."""
    if maya.state.messages:
        return
    by_name = {MAYA: maya, HELPER: helper}
    await maya.rename(TITLE)
    for name, text, emoji in OPENING:
        ack = await by_name[name].post(text)
        if emoji:
            (other,) = by_name.keys() - {name}
            await by_name[other].react(ack.seq, emoji)


def _scene(connection: Connection, entry: Posted) -> Scene:
    def name(member: MemberId) -> str:
        return connection.state.members[member].name

    return Scene(
        here=[name(who.id) for who in connection.presence.values() if who.state != "offline"],
        messages=[
            (name(message.author), message)
            for message in connection.state.messages.values()
            if not message.redacted
        ],
        speaker=name(entry.author),
    )
