"""The end of a server that people are using, and of conversations that nobody uses."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import anyio
from ulid import ULID

from jupyter_collab.client import connect
from jupyter_collab.protocol.commands import Post
from tests.chaos.history import History, Story
from tests.chaos.process import JupyterProcess, jupyter
from tests.chaos.proxy import proxy_to
from tests.chaos.truth import whole
from tests.chaos.wanderer import Wanderer
from tests.hubs import eventually
from tests.identities import token_of
from tests.log.files import held_by_another, rows

PATIENCE_S = 120.0
PEOPLE = 30
DRAIN_S = 10.0  # also how long a stop waits for a commit


async def keep_posting(person: Wanderer, posts: int) -> None:
    for number in range(posts):
        texts = [f"{person.name} {number}.{n}" for n in range(5)]
        await person.do(*[Post(command_id=str(ULID()), text=text) for text in texts])


async def stop_in_the_middle_of_a_commit(server: JupyterProcess, history: History) -> int:
    """Stops it while commands are under way; returns the last seq that it stored."""
    with held_by_another(server.database) as let_go:
        before = head_of(server)
        await eventually(lambda: len(history.asked) - len(history.answered) >= PEOPLE)
        await server.gauges()  # it has read by now what was sent before
        server.signal(signal.SIGTERM)
        await eventually(lambda: not server.is_listening)
        await anyio.sleep(0.2)  # nobody tells when a server has not waited
        let_go()
        assert await server.ended() == 0
    head = head_of(server)
    assert head > before, "nothing was under way"
    return head


def head_of(server: JupyterProcess) -> int:
    ((head,),) = rows(server.database, "SELECT max(seq) FROM entries")
    return int(head)


async def test_a_stop_under_load_loses_nothing_and_says_goodbye_to_all(tmp_path: Path) -> None:
    """[FO6] [RS10] What is stored is acknowledged; whoever does not read holds nobody up."""
    history = History()
    async with (
        jupyter(tmp_path, drain_s=DRAIN_S, busy_timeout_s=PATIENCE_S) as server,
        proxy_to(server.port) as proxy,
        anyio.create_task_group() as visits,
    ):
        deaf = Wanderer("deaf", proxy.url, "team", History())
        people = [Wanderer(f"p{n}", server.url, "team", history) for n in range(PEOPLE)]
        for person in (deaf, *people):
            visits.start_soon(person.run)
        with anyio.fail_after(PATIENCE_S):
            for person in (deaf, *people):
                await person.is_greeted(1)
            proxy.end_all("stall")
            async with anyio.create_task_group() as lives:
                for person in people:
                    lives.start_soon(keep_posting, person, 8)
                await people[0].until(lambda: len(history.answered) > PEOPLE)
                head = await stop_in_the_middle_of_a_commit(server, history)
                for person in people:
                    await person.until(partial(len, person.goodbyes))
                await server.start()
            truth = await whole(server, "team")
            for person in people:
                await person.until(partial(person.has, len(truth.entries)))
        visits.cancel_scope.cancel()
    goodbyes = [person.goodbyes[0] for person in people]
    assert {goodbye.close_code for goodbye in goodbyes} == {4101}
    waits = [goodbye.retry_after_s for goodbye in goodbyes]
    assert len(set(waits)) == PEOPLE
    assert all(0 < wait <= DRAIN_S for wait in waits)
    ends = [person.state for person in people if person.state is not None]
    faults = Story(history, truth, ends).faults()
    assert faults == []
    stored = [asked for asked in history.asked.values() if (asked.seq or head + 1) <= head]
    assert [asked for asked in stored if asked.tries > 1] == []


async def test_a_conversation_that_nobody_uses_leaves_memory_and_comes_back_whole(
    tmp_path: Path,
) -> None:
    """[RS11] With its messages, members, title and read marks."""
    settings = {"idle_unload_s": 0.3, "leave_grace_s": 0.1, "break_grace_s": 0.1}
    async with jupyter(tmp_path, **settings) as server:
        async with connect(server.url, "team", token=token_of("ada")) as ada:
            await ada.rename("The team")
            seq = (await ada.post("hi")).seq
            await ada.react(seq, "🎉")
            await ada.mark_read(seq)
            assert (await server.gauges()).rooms == 1
        with anyio.fail_after(PATIENCE_S):
            while (await server.gauges()).rooms:  # noqa: ASYNC110  # nobody announces it
                await anyio.sleep(0.05)
        async with connect(server.url, "team", token=token_of("ada")) as again:
            assert again.state == ada.state
            assert again.read == seq
            assert (await server.gauges()).rooms == 1
