"""Fifty people in one room: everyone posts, and everyone ends with the same log."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AsyncExitStack

import anyio

from jupyter_collab.client import Connection, connect
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.frames import Entries
from jupyter_collab.protocol.lenient import decode_server
from jupyter_collab.state import ConversationState, fold
from tests.identities import token_of
from tests.servers import API, PATIENCE_S, Server

PEOPLE = [f"person{number:02}" for number in range(50)]
POSTS = 4


def enter(
    server: Server, user: str, before: Connection | None = None
) -> AbstractAsyncContextManager[Connection]:
    """Joins the conversation, with what the connection `before` had folded."""
    return connect(
        server.url(""),
        "team",
        token=token_of(user),
        state=None if before is None else before.state,
        epoch=None if before is None else before.epoch,
    )


async def whole_log(server: Server) -> list[Entry]:
    """Every entry of the conversation, from the first, as REST tells it."""
    entries: list[Entry] = []
    while True:
        after = entries[-1].seq if entries else 0
        answer = await server.fetch(f"{API}/conversations/team/entries?after={after}")
        frame, _ = decode_server(answer.body)
        assert isinstance(frame, Entries)
        if not frame.entries:
            return entries
        entries.extend(frame.entries)


async def check(server: Server, people: dict[str, Connection], truth: ConversationState) -> None:
    """Waits until everyone has come as far as `truth`, and holds what they have to it."""
    for user, connection in people.items():
        with anyio.fail_after(PATIENCE_S):
            state = await connection.until(lambda state: state.head >= truth.head)
        since = min(state.messages)  # their window begins with the page that they were shown
        window = {seq: message for seq, message in truth.messages.items() if seq >= since}
        assert state.head == truth.head, user
        assert state.messages == window, user
        assert state.members == truth.members, user


def said_by(user: str, truth: ConversationState) -> list[str]:
    author = f"user:{user}"
    return [message.text for message in truth.messages.values() if message.author == author]


async def test_fifty_people_who_post_end_with_the_same_log(server: Server) -> None:
    """[LG1] [FO3] [RS5] No entry is missing, doubled or out of order for anyone."""
    async with AsyncExitStack() as stack:
        people = {user: await stack.enter_async_context(enter(server, user)) for user in PEOPLE}

        async def talk(user: str) -> None:
            for number in range(POSTS):
                await people[user].post(f"{user} says {number}")

        async with anyio.create_task_group() as talking:
            for user in PEOPLE:
                talking.start_soon(talk, user)
        entries = await whole_log(server)
        assert [entry.seq for entry in entries] == list(range(1, len(PEOPLE) * (1 + POSTS) + 1))
        truth = fold(entries)
        await check(server, people, truth)
    for user in PEOPLE:
        assert said_by(user, truth) == [f"{user} says {number}" for number in range(POSTS)]


async def test_people_who_come_and_go_end_with_the_same_log(server: Server) -> None:
    """[RS2] [RS5] [PR7] Each leaves after every post, and comes back to what was missed."""
    last: dict[str, Connection] = {}

    async def come_and_go(user: str) -> None:
        for number in range(POSTS):
            async with enter(server, user, last.get(user)) as connection:
                await connection.post(f"{user} says {number}")
            last[user] = connection

    async with anyio.create_task_group() as talking:
        for user in PEOPLE:
            talking.start_soon(come_and_go, user)
    truth = fold(await whole_log(server))
    async with AsyncExitStack() as stack:
        people = {
            user: await stack.enter_async_context(enter(server, user, last[user]))
            for user in PEOPLE
        }
        await check(server, people, truth)
    for user in PEOPLE:
        assert said_by(user, truth) == [f"{user} says {number}" for number in range(POSTS)]
