"""A log and people who use it: the language in which the logs' tests are written."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from jupyter_collab.errors import Refused
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Duplicate, Loaded, Log, Outcome, Request, Stored
from jupyter_collab.protocol.commands import Admit, ClientCommand, Command
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.frames import Message
from jupyter_collab.protocol.ids import ConversationId, MemberId, Seq
from jupyter_collab.protocol.members import Member
from tests.fakes import TEAM, command, member

__all__ = ["BORN", "MakeLog", "Talk", "code_of", "entry_of", "seq_of", "with_id_of"]

MakeLog = Callable[[Limits], Log]

BORN = 1_700_000_000.0  # when the first thing happens; each later one a second later


class Talk:
    """Asks a log for things, one by one, each a second after the one before."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._seconds = count()

    def request(
        self,
        author: str | Member,
        asked: Command,
        *,
        conversation: str = TEAM,
        retry_after_s: float = 0.0,
    ) -> Request:
        return Request(
            conversation=ConversationId(conversation),
            author=member(author) if isinstance(author, str) else author,
            command=asked,
            at=BORN + next(self._seconds),
            retry_after_s=retry_after_s,
        )

    async def ask(
        self,
        author: str | Member,
        asked: Command,
        *,
        conversation: str = TEAM,
        retry_after_s: float = 0.0,
    ) -> Outcome:
        request = self.request(
            author, asked, conversation=conversation, retry_after_s=retry_after_s
        )
        (outcome,) = await self.log.execute([request])
        return outcome

    async def admit(self, *people: str | Member, conversation: str = TEAM) -> None:
        for person in people:
            known = member(person) if isinstance(person, str) else person
            entry_of(await self.ask(known, Admit(known), conversation=conversation))

    async def post(self, author: str, text: str, **fields: Any) -> Seq:
        conversation = fields.pop("conversation", TEAM)
        asked = command("post", text=text, **fields)
        return seq_of(await self.ask(author, asked, conversation=conversation))

    async def do(self, author: str, type: str, **fields: Any) -> Outcome:
        conversation = fields.pop("conversation", TEAM)
        return await self.ask(author, command(type, **fields), conversation=conversation)

    async def loaded(self, conversation: str = TEAM) -> Loaded:
        loaded = await self.log.load(ConversationId(conversation))
        assert loaded is not None
        return loaded

    async def entries(self, conversation: str = TEAM) -> list[Entry]:
        """Every entry there is."""
        found: list[Entry] = []
        while more := await self.log.entries(ConversationId(conversation), len(found), 500):
            found.extend(more)
        return found

    async def history(self, conversation: str = TEAM) -> list[Message]:
        """Every message there is, page by page."""
        found: list[Message] = []
        before: int | None = None
        while True:
            page = await self.log.messages(ConversationId(conversation), before, 50)
            found[:0] = page.messages
            if page.before is None:
                return found
            before = page.before

    async def message(self, seq: Seq, conversation: str = TEAM) -> Message:
        (found,) = [m for m in await self.history(conversation) if m.seq == seq]
        return found

    async def unread(self, name: str) -> dict[str, int]:
        found = await self.log.conversations(MemberId(f"user:{name}"))
        return {summary.id: summary.unread for summary in found}


def entry_of(outcome: Outcome) -> Entry:
    assert isinstance(outcome, Stored), outcome
    return outcome.entry


def seq_of(outcome: Outcome) -> Seq:
    return outcome.seq if isinstance(outcome, Duplicate) else entry_of(outcome).seq


def code_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.code


def with_id_of(known: ClientCommand, type: str, **fields: Any) -> ClientCommand:
    """Another command under a known id."""
    return command(type, **{**fields, "command_id": known.command_id})
