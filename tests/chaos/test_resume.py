"""Coming back to a real server after any time, and in the middle of anything."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial

import anyio
import pytest
from ulid import ULID

from jupyter_collab.client import Connection, connect
from jupyter_collab.protocol.commands import Post
from jupyter_collab.protocol.frames import Entries, Live, ServerFrame, Welcome
from jupyter_collab.state import ConversationState
from tests.chaos.history import History, Story
from tests.chaos.process import JupyterProcess
from tests.chaos.proxy import proxy_to
from tests.chaos.truth import whole
from tests.chaos.wanderer import Wanderer
from tests.identities import token_of

PATIENCE_S = 120.0
PEOPLE = 200
ENTRIES, BYTES = 40, 16 * 1024


@pytest.fixture(scope="module")
def limits() -> Mapping[str, float]:
    return {
        "resume_entries": ENTRIES,
        "resume_bytes": BYTES,
        "page_messages": 20,
        "people_per_conversation": 0,
    }


def visit(
    server: JupyterProcess,
    conversation: str,
    state: ConversationState | None = None,
    epoch: str | None = None,
) -> AbstractAsyncContextManager[Connection]:
    """Ada comes, or comes back with what she had."""
    return connect(server.url, conversation, token=token_of("ada"), state=state, epoch=epoch)


async def greeting(connection: Connection) -> list[ServerFrame]:
    """What came between `welcome` and `live`."""
    frames: list[ServerFrame] = []
    async for frame in connection:
        if isinstance(frame, Live):
            break
        if not isinstance(frame, Welcome):
            frames.append(frame)
    return frames


async def talk(server: JupyterProcess, conversation: str, posts: int, size: int = 10) -> None:
    """Bo posts so many messages at once."""
    async with (
        connect(server.url, conversation, token=token_of("bo")) as bo,
        anyio.create_task_group() as tasks,
    ):
        for number in range(posts):
            tasks.start_soon(bo.post, f"{number} ".ljust(size, "x"))


async def left_after_a_word(
    server: JupyterProcess, conversation: str
) -> tuple[ConversationState, str]:
    """What Ada has when she goes; Bo was there before."""
    await talk(server, conversation, 3)
    async with visit(server, conversation) as ada:
        await ada.post("see you")
    return ada.state, ada.epoch


async def check(server: JupyterProcess, conversation: str, state: ConversationState) -> None:
    """Holds what Ada has to the whole log."""
    truth = await whole(server, conversation)
    faults = Story(History(), truth, [state]).faults()
    assert [fault for fault in faults if not fault.startswith("phantom")] == []  # none recorded


@pytest.mark.parametrize(
    ("posts", "size", "expected"),
    [
        (0, 10, []),
        (1, 10, ["Entries"]),
        (ENTRIES, 10, ["Entries"]),
        (ENTRIES + 1, 10, ["Snapshot"]),
        (5, 2500, ["Entries"]),
        (8, 2500, ["Snapshot"]),
    ],
)
async def test_a_gap_is_sent_as_entries_or_as_a_snapshot(
    jupyter_server: JupyterProcess, posts: int, size: int, expected: list[str]
) -> None:
    """[RS2] [RS3]"""
    name = f"gap-{posts}-{size}"
    state, epoch = await left_after_a_word(jupyter_server, name)
    after = state.head
    await talk(jupyter_server, name, posts, size)
    async with visit(jupyter_server, name, state, epoch) as ada:
        frames = await greeting(ada)
    assert [type(frame).__name__ for frame in frames] == expected
    seqs = [e.seq for f in frames if isinstance(f, Entries) for e in f.entries]
    assert seqs == ([*range(after + 1, after + posts + 1)] if expected == ["Entries"] else [])
    await check(jupyter_server, name, ada.state)


@pytest.mark.parametrize("stranger", ["other epoch", "no epoch", "beyond the log"])
async def test_a_cursor_of_another_log_is_reset(
    jupyter_server: JupyterProcess, stranger: str
) -> None:
    """[RS4]"""
    name = stranger.replace(" ", "-")
    state, epoch = await left_after_a_word(jupyter_server, name)
    told: str | None = {"other epoch": "another", "no epoch": None}.get(stranger, epoch)
    if stranger == "beyond the log":
        state.head += 1000  # type: ignore[assignment]  # of a backup that is older
    async with visit(jupyter_server, name, state, told) as ada:
        assert [type(f).__name__ for f in await greeting(ada)] == ["Reset", "Snapshot"]
        assert ada.epoch == epoch
        await ada.post("here again")
    await check(jupyter_server, name, ada.state)


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_a_restart_is_only_a_gap(jupyter_server: JupyterProcess, how: str) -> None:
    """[RS2] There is no session on the server to lose."""
    state, epoch = await left_after_a_word(jupyter_server, how)
    await talk(jupyter_server, how, 2)
    await (jupyter_server.stop() if how == "stopped" else jupyter_server.kill())
    await jupyter_server.start()
    await talk(jupyter_server, how, 3)
    async with visit(jupyter_server, how, state, epoch) as ada:
        (missed,) = await greeting(ada)
        assert isinstance(missed, Entries)
        assert len(missed.entries) == 5
    await check(jupyter_server, how, ada.state)


async def test_two_hundred_come_back_at_once_while_others_post(
    jupyter_server: JupyterProcess,
) -> None:
    """[RS5] [RS10] What is committed between anyone's head and `live` is not missed either."""
    history = History()
    async with proxy_to(jupyter_server.port) as proxy, anyio.create_task_group() as visits:
        people = [Wanderer(f"p{n}", proxy.url, "storm", history) for n in range(PEOPLE)]
        bo = Wanderer("bo", jupyter_server.url, "storm", history)
        for person in (bo, *people):
            visits.start_soon(person.run)
        with anyio.fail_after(PATIENCE_S):
            for person in people:
                await person.is_greeted(1)
            proxy.end_all("reset")
            while any(person.greeted < 2 for person in people):
                await bo.do(*[Post(command_id=str(ULID()), text="hi") for _ in range(3)])
            truth = await whole(jupyter_server, "storm")
            for person in people:
                await person.until(partial(person.has, len(truth.entries)))
        visits.cancel_scope.cancel()
    ends = [person.state for person in people if person.state is not None]
    assert Story(history, truth, ends).faults() == []
    assert len(ends) == PEOPLE
