"""The Python client against a server that follows a script: what a healthy one never does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import pytest
from msgspec import to_builtins
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from jupyter_collab import client
from jupyter_collab.client import Connection, Disconnected, connect
from jupyter_collab.errors import Invalid, NotAllowed, RateLimited, Refused, Unavailable
from jupyter_collab.limits import Limits
from tests.scripted import GREETING, LIMITED, Frame, on, posted, talking

PATIENCE_S = 20.0


async def test_a_ping_is_answered() -> None:
    """[FO5] With its number."""
    answers = {"hello": {"type": "ping", "n": 7, "head": 1}, "pong": {"type": "read", "seq": 9}}
    async with talking(lambda frame: [answers[frame["type"]]]) as (connection, heard):
        with anyio.fail_after(PATIENCE_S):
            await connection.until(lambda _: connection.read == 9)
        assert heard[-1] == {"type": "pong", "n": 7}


async def test_a_gap_is_asked_for_once_and_closed() -> None:
    """[RS6] `sync` from the last entry that is there."""
    late = {"type": "entries", "entries": [posted(3)]}

    def reply(frame: Frame) -> list[Frame]:
        if frame["type"] == "hello":
            return [late, late, {"type": "ping", "n": 1, "head": 3}]
        if frame["type"] == "sync":
            return [{"type": "entries", "entries": [posted(2), posted(3)]}]
        return []

    async with talking(reply) as (connection, heard):
        with anyio.fail_after(PATIENCE_S):
            await connection.until(lambda state: state.head == 3)
        asked = [frame for frame in heard if frame["type"] == "sync"]
        assert asked == [{"type": "sync", "after": 1, "limit": 500}]


async def test_unknown_frames_are_passed_over() -> None:
    fireworks = {"type": "fireworks", "colour": "red"}
    known = {"type": "read", "seq": 1}
    async with talking(on("hello", fireworks, known)) as (connection, _):
        kinds = [(await anext(connection)).__struct_config__.tag for _ in range(4)]
        assert kinds == ["welcome", "snapshot", "live", "read"]


async def test_a_malformed_frame_ends_the_connection() -> None:
    async with talking(on("post", {"type": "live"})) as (connection, _):
        with pytest.raises(Disconnected, match="malformed") as gone:
            await connection.post("hello")
        assert gone.value.is_final


@pytest.mark.parametrize(
    ("refusal", "kind", "code"),
    [
        ({"code": "of_a_later_version"}, Invalid, "of_a_later_version"),
        ({"code": "read_only"}, NotAllowed, "read_only"),
        ({"code": "unavailable", "retry_after_s": 4.5}, Unavailable, "unavailable"),
        ({"code": "rate_limited", "retry_after_s": 4.5}, RateLimited, "rate_limited"),
    ],
)
async def test_refusals_keep_their_code_and_wait(
    refusal: Frame, kind: type[Refused | Unavailable], code: str
) -> None:
    """[RA2] Of `retry_after_s`, to the digit."""

    def reply(frame: Frame) -> list[Frame]:
        if frame["type"] != "post":
            return []
        command_id = frame["command_id"]
        return [{"type": "refused", "command_id": command_id, "message": "No.", **refusal}]

    async with talking(reply) as (connection, _):
        with pytest.raises(kind) as refused:
            await connection.post("hello")
        assert isinstance(refused.value, Refused | Unavailable)
        assert refused.value.code == code
        assert refused.value.retry_after_s == refusal.get("retry_after_s")


async def test_answers_nobody_asked_for_change_nothing() -> None:
    stray: list[Frame] = [
        {"type": "ack", "command_id": "01J00000000000000000000000", "seq": 9},
        {"type": "page", "messages": [], "before": None},
    ]
    async with talking(on("hello", *stray)) as (connection, _):
        seen = [await anext(connection) for _ in range(5)]
        assert len(seen) == 5
        assert connection.state.head == 1


@pytest.mark.parametrize(
    "ask",
    [lambda connection: connection.post("hello"), lambda connection: connection.history(1)],
    ids=["command", "query"],
)
async def test_no_answer_is_an_error_in_the_end(
    ask: Callable[[Connection], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(on("nothing")) as (connection, _):
        monkeypatch.setattr(client, "ANSWER_S", 0.01)
        with pytest.raises(Unavailable, match="no answer"):
            await ask(connection)


def page(seq: int) -> Frame:
    message = {"seq": seq, "author": "user:ada", "at": 1.0, "text": f"message {seq}"}
    return {"type": "page", "messages": [message], "before": None}


async def test_a_late_page_answers_only_the_question_it_was_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[RS6] Pages come in the order of asking."""

    def reply(frame: Frame) -> list[Frame]:
        if frame["type"] != "history" or frame["before"] == 9:
            return []
        return [page(8), page(4)]  # of both: the first one is late

    async with talking(reply) as (connection, _):
        with monkeypatch.context() as hasty:
            hasty.setattr(client, "ANSWER_S", 0.01)
            with pytest.raises(Unavailable):
                await connection.history(9)
        assert (await connection.history(5)).messages[0].seq == 4


@pytest.mark.parametrize("is_refused", [True, False])
async def test_a_sync_has_an_answer_of_its_own(is_refused: bool) -> None:
    """[RA5] Its refusal is not that of the history asked after it."""
    news = {"type": "entries", "entries": [posted(2)]}
    answer = LIMITED if is_refused else {"type": "entries", "entries": []}

    def reply(frame: Frame) -> list[Frame]:
        replies: dict[str, list[Frame]] = {"sync": [news], "history": [answer, page(4)]}
        return replies.get(frame["type"], [])

    async with talking(reply) as (connection, _):
        await connection.sync(after=5)
        assert (await connection.history(5)).messages[0].seq == 4
        assert connection._questions == []


async def test_a_refusal_after_news_is_that_of_the_first_query() -> None:
    """[RA5] News that nobody asked for answer no query."""
    news = {"type": "entries", "entries": [posted(2)]}
    replies: dict[str, list[Frame]] = {"history": [news], "sync": [LIMITED]}
    async with talking(lambda frame: replies.get(frame["type"], [])) as (connection, _):

        async def ask() -> None:
            with pytest.raises(RateLimited):
                await connection.history(5)

        async with anyio.create_task_group() as asking:
            asking.start_soon(ask)
            await connection.until(lambda state: state.head == 2)
            await connection.sync(after=2)


async def test_a_page_says_that_the_syncs_before_it_are_over() -> None:
    """[FO4] Queries are answered in their order."""
    async with talking(on("history", page(4))) as (connection, _):
        await connection.sync(after=5)
        assert (await connection.history(5)).messages[0].seq == 4
        assert connection._questions == []


async def test_a_close_ends_what_is_waiting() -> None:
    """Whether it was stored is not known, so the error is no refusal."""
    async with talking(on("post", {"type": "close", "code": 1011})) as (connection, _):
        with pytest.raises(Disconnected) as gone:
            await connection.post("hello")
        assert (gone.value.close_code, gone.value.is_final) == (1011, False)
        with pytest.raises(Disconnected):
            await connection.history(1)


async def test_a_goodbye_says_why_and_when_to_come_back() -> None:
    """[FR7] The last frame before the close."""
    goodbye = {"type": "goodbye", "code": 4100, "message": "Busy.", "retry_after_s": 4.5}
    last: list[Frame] = [goodbye, {"type": "close", "code": 4100}]
    async with talking(on("post", *last)) as (connection, _):
        with pytest.raises(Disconnected, match="Busy") as gone:
            await connection.post("hello")
        assert (gone.value.close_code, gone.value.retry_after_s) == (4100, 4.5)


async def test_too_large_a_frame_is_not_tried_again() -> None:
    """[FR4] 1009 counts as 4009."""
    async with talking(on("post", {"type": "close", "code": 1009})) as (connection, _):
        with pytest.raises(Disconnected) as gone:
            await connection.post("hello")
        assert gone.value.is_final


async def test_a_server_that_only_listens_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_S", 0.01)
    monkeypatch.setattr("tests.scripted.GREETING", ())
    with pytest.raises(Unavailable, match="said nothing"):
        async with talking(on("nothing")):
            raise AssertionError("let in")


async def test_a_silent_connection_is_taken_for_dead() -> None:
    """[PR3] On this side as well."""
    greeting = to_builtins(GREETING[0]) | {"limits": to_builtins(Limits(silence_s=0.01))}
    async with talking(on("hello", greeting)) as (connection, _):
        with anyio.fail_after(PATIENCE_S), pytest.raises(Disconnected):
            await connection.until(lambda _: False)


class Late(WebSocketHandler):
    """Opens only when it is let."""

    def initialize(self, asked: anyio.Event, let: anyio.Event, closed: anyio.Event) -> None:
        self._asked, self._let, self._closed = asked, let, closed

    async def prepare(self) -> None:
        self._asked.set()
        await self._let.wait()

    def on_close(self) -> None:
        self._closed.set()


async def test_a_socket_that_opens_after_its_caller_gave_up_is_closed() -> None:
    asked, let, closed = anyio.Event(), anyio.Event(), anyio.Event()
    events = {"asked": asked, "let": let, "closed": closed}
    server = HTTPServer(Application([(r"/.*", Late, events)]))
    socket, port = bind_unused_port()
    server.add_socket(socket)

    async def come() -> None:
        async with connect(f"http://127.0.0.1:{port}/", "team"):
            raise AssertionError("nobody was let in")

    with anyio.fail_after(PATIENCE_S):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(come)
            await asked.wait()
            tasks.cancel_scope.cancel()
        let.set()
        await closed.wait()
    server.stop()
