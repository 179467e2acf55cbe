"""The Python client against a real server."""

from __future__ import annotations

import time
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import anyio
import pytest
from ulid import ULID

from jupyter_collab.client import Connection, Disconnected, connect
from jupyter_collab.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited, Unavailable
from jupyter_collab.protocol.frames import Ack, Entries, Ephemeral, Live, Snapshot, Welcome
from jupyter_collab.protocol.ids import MemberId, Seq
from tests.identities import token_of
from tests.log.files import prune
from tests.servers import Server

PATIENCE_S = 20.0
Frame = TypeVar("Frame")


@pytest.fixture
def collab_config() -> dict[str, Any]:
    return {"posts_per_window": 3, "window_s": 60.0, "people_per_conversation": 2}


def join(
    server: Server, *, user: str = "ada", conversation: str = "team", **options: Any
) -> AbstractAsyncContextManager[Connection]:
    return connect(server.url(""), conversation, token=token_of(user), **options)


async def first(connection: Connection, kind: type[Frame]) -> Frame:
    """Reads on to the next frame of one kind."""
    with anyio.fail_after(PATIENCE_S):
        async for frame in connection:
            if isinstance(frame, kind):
                return frame
    raise AssertionError(f"closed: {connection.closed}")


def _state_of(connection: Connection, member: str) -> str:
    present = connection.presence.get(MemberId(member))
    return "unknown" if present is None else present.state


async def test_a_connection_is_live_from_the_start(server: Server) -> None:
    """[RS1] Welcome, snapshot, live."""
    async with join(server) as ada:
        assert ada.you.id == "user:ada"
        assert ada.is_live
        kinds = [type(await anext(ada)) for _ in range(3)]
        assert kinds == [Welcome, Snapshot, Live]


async def test_a_run_over_what_was_removed_is_answered_by_the_newest_page(
    server: Server,
) -> None:
    """[LC3] The state goes on from there, and queries after it get their own answers."""
    async with join(server) as ada:
        for text in ("one", "two"):
            await ada.post(text)
        await anyio.to_thread.run_sync(prune, server.database, time.time() + 1)
        await ada.post("three")
        await ada.sync(after=0)
        page = await ada.history(4)
        assert ([message.text for message in page.messages], page.before) == ([], None)
        assert (list(ada.state.messages), ada.state.head) == ([4], 4)
        assert ada.welcome.conversation.floor == 1
    async with join(server, state=ada.state, epoch=ada.epoch) as again:
        assert again.welcome.conversation.floor == 4


async def test_two_people_talk(server: Server) -> None:
    """[FO3] The author sees their own entry too."""
    async with join(server) as ada, join(server, user="bo") as bo:
        ack = await ada.post("hello")
        for person in (ada, bo):
            state = await person.until(lambda state: state.head >= ack.seq)
            message = state.messages[state.head]
            assert (message.author, message.text) == ("user:ada", "hello")


async def test_every_command_is_folded(server: Server) -> None:
    async with join(server) as ada:
        first = await ada.post("helo")
        second = await ada.post("bye", reply_to=first.seq)
        await ada.edit(first.seq, "hello")
        await ada.react(first.seq, "🎉")
        await ada.react(first.seq, "👍")
        await ada.unreact(first.seq, "👍")
        await ada.rename("The team")
        last = await ada.redact(second.seq)
        state = await ada.until(lambda state: state.head >= last.seq)

        hello, bye = state.messages.values()
        assert (hello.text, [reaction.emoji for reaction in hello.reactions]) == ("hello", ["🎉"])
        assert (bye.redacted, bye.text, bye.reply_to) == (True, "", first.seq)
        assert state.title == "The team"


async def test_a_command_sent_again_is_done_once(server: Server) -> None:
    """[LG3] The same id gives the same seq."""
    async with join(server) as ada:
        command_id = str(ULID())
        first = await ada.post("once", command_id=command_id)
        again = await ada.post("once", command_id=command_id)
        assert (again.seq, again.duplicate) == (first.seq, True)


async def test_refusals_are_raised_by_kind(server: Server) -> None:
    async with join(server) as ada:
        with pytest.raises(Invalid) as empty:
            await ada.post(" ")
        assert empty.value.code == "empty"
        with pytest.raises(NotFound):
            await ada.edit(999, "nothing there")
        ack = await ada.post("same")
        with pytest.raises(Conflict) as unchanged:
            await ada.edit(ack.seq, "same")
        assert unchanged.value.code == "no_change"
        await ada.post("two")
        await ada.post("three")
        with pytest.raises(RateLimited) as limited:
            await ada.post("four")
        assert limited.value.retry_after_s is not None
        assert 0 < limited.value.retry_after_s <= 60


async def test_a_viewer_reads_only(server: Server) -> None:
    """[RU3] The refusal names the reason."""
    async with join(server):
        pass
    async with join(server, user="viewer") as viewer:
        with pytest.raises(NotAllowed) as refused:
            await viewer.post("hi")
        assert refused.value.code == "read_only"


async def test_a_stranger_is_not_let_in(server: Server) -> None:
    """[ID1] No identity, no socket."""
    with pytest.raises(NotAllowed):
        async with connect(server.url(""), "team", token="wrong"):
            raise AssertionError("let in")


async def test_a_server_that_is_not_there(server: Server) -> None:
    await server.app.extension_manager.stop_all_extensions()
    with pytest.raises(Unavailable):
        async with connect("http://127.0.0.1:1/", "team"):
            raise AssertionError("let in")


async def test_a_path_without_our_extension(server: Server) -> None:
    with pytest.raises(Unavailable):
        async with connect(server.url("nothing/here"), "team", token=token_of("ada")):
            raise AssertionError("let in")


async def test_a_full_conversation_turns_away_for_good(server: Server) -> None:
    """[PR7] Over the limit: 4005, and no use in trying at once again."""
    async with join(server), join(server, user="bo"):
        with pytest.raises(Disconnected) as turned_away:
            async with join(server, user="cy"):
                raise AssertionError("let in")
        assert turned_away.value.close_code == 4005
        assert turned_away.value.is_final


async def test_resuming_sends_what_is_missing(server: Server) -> None:
    """[RS2] State and epoch of the earlier connection."""
    async with join(server) as ada:
        await ada.post("before")
        await ada.until(lambda state: len(state.messages) == 1)
    async with join(server, user="bo") as bo:
        await bo.post("meanwhile")
    async with join(server, state=ada.state, epoch=ada.epoch) as again:
        texts = [message.text for message in again.state.messages.values()]
        assert texts == ["before", "meanwhile"]
        seen = [type(await anext(again)) for _ in range(3)]
        assert seen == [Welcome, Entries, Live]


async def test_another_epoch_starts_over(server: Server) -> None:
    """[RS4] A cursor of another log."""
    async with join(server) as ada:
        await ada.post("here")
        await ada.until(lambda state: len(state.messages) == 1)
    async with join(server, state=ada.state, epoch="another") as again:
        assert [message.text for message in again.state.messages.values()] == ["here"]
        assert again.epoch == again.welcome.conversation.epoch


async def test_history_gives_older_pages(server: Server) -> None:
    """[RS6] A page before a cursor."""
    async with join(server) as ada:
        acks = [await ada.post(f"message {n}") for n in range(3)]
        page = await ada.history(before=acks[2].seq, limit=1)
        assert [message.text for message in page.messages] == ["message 1"]
        assert page.before is not None


async def test_sync_sends_entries_again(server: Server) -> None:
    """[RS6] A contiguous run after the cursor."""
    async with join(server) as ada:
        await ada.post("hello")
        await ada.until(lambda state: len(state.messages) == 1)
        await ada.sync(after=0)
        while (again := await first(ada, Entries)).entries[0].seq > 1:
            pass
        assert [entry.seq for entry in again.entries] == list(range(1, ada.state.head + 1))


async def test_typing_activity_and_reading_reach_the_server(server: Server) -> None:
    """[PR6] Typing is told to others."""
    async with join(server) as ada, join(server, user="bo") as bo:
        ack = await ada.post("hello")
        await bo.typing()
        typing = await first(ada, Ephemeral)
        assert (typing.member, typing.active) == ("user:bo", True)
        await bo.activity("idle")
        await ada.until(lambda _: _state_of(ada, "user:bo") == "idle")
        await bo.mark_read(ack.seq)
    async with join(server, user="bo") as bo:
        assert bo.read == ack.seq


async def test_iterating_ends_when_the_server_goes(server: Server) -> None:
    """[FO6] The close code and the wait are told."""
    async with join(server) as ada:
        await server.app.extension_manager.stop_all_extensions()
        with anyio.fail_after(PATIENCE_S):
            async for _ in ada:
                pass
        assert ada.closed is not None
        assert (ada.closed.close_code, ada.closed.is_final) == (4101, False)
        with pytest.raises(Disconnected):
            await ada.post("too late")
        with pytest.raises(Disconnected):
            await ada.until(lambda _: False)


async def test_an_error_of_the_body_comes_out_as_it_is(server: Server) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with join(server):
            raise KeyError("mine")


async def test_acks_settle_their_own_command(server: Server) -> None:
    """[FO4] Commands sent together each get their answer."""
    async with join(server) as ada:
        acks: dict[int, Ack] = {}

        async def post(n: int) -> None:
            acks[n] = await ada.post(f"message {n}")

        async with anyio.create_task_group() as posts:
            for n in range(3):
                posts.start_soon(post, n)
        state = await ada.until(lambda state: len(state.messages) == 3)
        told = {n: state.messages[Seq(ack.seq)].text for n, ack in acks.items()}
        assert told == {n: f"message {n}" for n in range(3)}
