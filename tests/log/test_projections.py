"""Whatever people do: the tables are the fold of the entries, in every log alike."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_collab.errors import Refused
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Duplicate, Log, Outcome, Request, Stored
from jupyter_collab.log.memory import MemoryLog
from jupyter_collab.log.projection import rebuild
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.log.transaction import writing
from jupyter_collab.protocol.entries import Renamed
from jupyter_collab.protocol.ids import ConversationId
from jupyter_collab.state import ConversationState, fold
from tests.log.conftest import OpenTalk
from tests.log.files import dump, rows, search
from tests.log.folded import folded, state_of
from tests.log.talk import Talk
from tests.strategies import CONVERSATIONS, batches

Batches = list[list[Request]]

LIMITS = Limits(page_messages=4, reactions_per_message=2)

modestly = settings(max_examples=40, deadline=None)


def in_each_log(check: Callable[[Log], Awaitable[None]]) -> None:
    """Runs a check on an empty log of each kind."""

    async def run() -> None:
        await check(MemoryLog(LIMITS))
        with tempfile.TemporaryDirectory() as name:
            log = SqliteLog(Path(name) / "conversations.db", LIMITS)
            await check(log)
            await log.close()

    anyio.run(run)


def told(outcome: Outcome) -> tuple[str, object]:
    if isinstance(outcome, Refused):
        return outcome.code, outcome.retry_after_s
    return type(outcome).__name__, outcome.seq if isinstance(outcome, Duplicate) else outcome.entry


@given(batches())
@modestly
def test_tables_are_the_fold_of_all_entries(asked: Batches) -> None:
    """[LG7] [LG1]"""

    async def check(log: Log) -> None:
        for batch in asked:
            await log.execute(batch)
        for conversation in CONVERSATIONS:
            state = await state_of(log, conversation)
            assert state == await folded(log, conversation)
            entries = await Talk(log).entries(conversation)
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))

    in_each_log(check)


@given(batches(), st.integers(0, 40))
@modestly
def test_a_room_that_began_in_the_middle_sees_the_same(asked: Batches, middle: int) -> None:
    """[LG8] What a snapshot and its tail come to is what a later snapshot shows of it."""

    async def check(log: Log) -> None:
        rooms: dict[ConversationId, ConversationState] = {}
        for number, batch in enumerate(asked):
            await log.execute(batch)
            if number == min(middle, len(asked) - 1):
                for name in CONVERSATIONS:
                    if (loaded := await log.load(name)) is not None:
                        rooms[name] = ConversationState(
                            head=loaded.info.head,
                            title=loaded.info.title,
                            messages={message.seq: message for message in loaded.page.messages},
                            members={member.id: member for member in loaded.members},
                        )
        for name, room in rooms.items():
            first = next(iter(room.messages), room.head + 1)
            fold(await Talk(log).entries(name), room)
            now = await state_of(log, name)
            assert now is not None
            now.messages = {seq: m for seq, m in now.messages.items() if seq >= first}
            assert room == now

    in_each_log(check)


@given(batches())
@modestly
def test_the_same_commands_again_change_nothing(asked: Batches) -> None:
    """[LG3]"""

    async def check(log: Log) -> None:
        requests = [request for batch in asked for request in batch]
        outcomes = [outcome for batch in asked for outcome in await log.execute(batch)]
        stored = [
            (request, outcome.entry.seq)
            for request, outcome in zip(requests, outcomes, strict=True)
            if isinstance(outcome, Stored) and outcome.entry.command_id is not None
        ]
        before = [await log.load(conversation) for conversation in CONVERSATIONS]
        again = await log.execute([request for request, _ in stored])
        assert again == [Duplicate(seq) for _, seq in stored]
        assert [await log.load(conversation) for conversation in CONVERSATIONS] == before

    in_each_log(check)


@given(batches())
@modestly
def test_every_log_answers_the_same(asked: Batches) -> None:
    """[LG5]"""
    answers: list[object] = []

    async def check(log: Log) -> None:
        said = [told(outcome) for batch in asked for outcome in await log.execute(batch)]
        index = [await log.conversations(person.author.id) for person in asked[0]]
        answers.append((said, index))

    in_each_log(check)
    assert answers[0] == answers[1]


@given(batches())
@modestly
def test_rebuilding_the_tables_changes_nothing(asked: Batches) -> None:
    """[LG7]"""

    async def check(log: Log) -> None:
        for batch in asked:
            await log.execute(batch)

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "conversations.db"
        log = SqliteLog(path, LIMITS)
        anyio.run(partial(check, log))
        anyio.run(log.close)
        before = dump(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            with writing(connection):
                rebuild(connection)
            connection.execute("INSERT INTO messages_fts (messages_fts) VALUES ('integrity-check')")
        assert dump(path) == before


@pytest.mark.anyio
async def test_tables_come_back_from_nothing(path: Path, open_talk: OpenTalk) -> None:
    """[LG7] Lost or wrong, they are made again from the entries, the search index too."""
    talk = open_talk()
    await talk.admit("ada", "bo")
    first, second = await talk.post("ada", "red"), await talk.post("bo", "green", reply_to=3)
    await talk.do("ada", "react", target=second, emoji="🎉")
    await talk.do("bo", "edit", target=second, text="blue")
    await talk.do("ada", "redact", target=first)
    assert isinstance((await talk.do("ada", "rename", title="Plans")), Stored)
    before, entries = await talk.loaded(), await talk.entries()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for sql in (
            "DELETE FROM messages WHERE seq = 4",
            "UPDATE messages SET text = 'wrong'",
            "DELETE FROM reactions",
            "DELETE FROM members",
            "UPDATE conversations SET title = 'wrong'",
            "INSERT INTO messages_fts (messages_fts) VALUES ('delete-all')",
        ):
            connection.execute(sql)
        with writing(connection):
            rebuild(connection)
    assert await talk.loaded() == before
    assert await talk.entries() == entries
    assert isinstance(entries[-1], Renamed)
    assert search(path, "blue") == [second]
    assert search(path, "wrong") == []
    assert rows(path, "SELECT count(*) FROM messages") == [(2,)]
