"""The way through the kernel: a real server, the relay, and a real kernel around it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from queue import SimpleQueue
from typing import Any

import anyio
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from jupyter_collab import own_server
from jupyter_collab.relay import Relay
from tests.hubs import eventually
from tests.identities import token_of
from tests.servers import Server, command

PATIENCE_S = 60.0
HELLO = {"type": "hello", "protocol": 1, "client": "web/test"}
Content = Mapping[str, Any]


class Page:
    """A page's end of the comm: what it says, and what it was told."""

    def __init__(self, relay: Relay, name: str = "C1") -> None:
        self.name = name
        self.told: list[Content] = []
        self._relay = relay
        self._answers: SimpleQueue[Content] = SimpleQueue()

    def say(self, kind: str, **fields: object) -> None:
        content = {"type": "relay", "kind": kind, "connection": self.name, **fields}
        self._relay.take(content, self._answers.put)

    def frame(self, n: int, frame: object) -> None:
        self.say("frame", n=n, data=json.dumps(frame))

    async def until(self, kind: str, type: str | None = None) -> Any:
        """Reads on to an answer of this kind; of frames, to one of this type."""
        while True:
            with anyio.fail_after(PATIENCE_S):
                content = await anyio.to_thread.run_sync(self._answers.get, abandon_on_cancel=True)
            self.told.append(content)
            assert content["connection"] == self.name
            if content["kind"] != kind:
                continue
            if kind != "frame":
                return content
            frame = json.loads(content["data"])
            if frame["type"] == type:
                return frame

    async def texts(self, count: int) -> list[str]:
        """Of so many messages, however many come in a frame."""
        texts: list[str] = []
        while len(texts) < count:
            entries = (await self.until("frame", "entries"))["entries"]
            texts += [entry["body"]["text"] for entry in entries]
        return texts

    async def join(self, conversation: str = "team") -> Any:
        """Opens the connection; gives the welcome."""
        self.say("open", conversation=conversation)
        await self.until("opened")
        self.frame(1, HELLO)
        welcome = await self.until("frame", "welcome")
        await self.until("frame", "live")
        return welcome


@pytest.fixture
def near(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that the kernel's environment names, for Ada."""
    monkeypatch.setenv(own_server.URL, server.url(""))
    monkeypatch.setenv(own_server.TOKEN, token_of("ada"))
    return server


@pytest.fixture
def relay(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Relay]:
    relay = Relay()
    yield relay
    # The server has its part in every close, and runs on this loop.
    jp_asyncio_loop.run_until_complete(asyncio.to_thread(relay.stop))


def _connections(server: Server) -> int:
    hub = server.app.web_app.settings["jupyter_collab_hub"]
    return len(hub._sessions)


async def test_the_same_frames_go_both_ways(near: Server, relay: Relay) -> None:
    """[UI18] [UI19] Commands and their answers, and what others say; I am whom the token names."""
    page = Page(relay)
    welcome = await page.join()
    assert welcome["you"]["id"] == "user:ada"
    bo = await near.join("team", user="bo")
    page.frame(2, command("post", text="through the kernel"))
    ack = await page.until("frame", "ack")
    assert ack["seq"] == (await bo.until("entries"))["entries"][-1]["seq"]
    await near.post("team", "and back", user="bo")
    assert await page.texts(2) == ["through the kernel", "and back"]


async def test_every_message_is_taken_and_order_is_the_pages(near: Server, relay: Relay) -> None:
    """[UI18] Two messages that came on two threads, the later one first."""
    page = Page(relay)
    await page.join()
    page.frame(3, command("post", text="second"))
    page.frame(2, command("post", text="first"))
    assert await page.texts(2) == ["first", "second"]
    assert [told["n"] for told in page.told if told["kind"] == "took"] == [0, 1, 2, 3]


async def test_two_views_are_one_person_on_two_connections(near: Server, relay: Relay) -> None:
    """[UI18] [UI19] And the end of one is not the other's."""
    first, second = Page(relay, "C1"), Page(relay, "C2")
    assert (await first.join())["you"] == (await second.join())["you"]
    first.say("close", n=2)
    assert (await first.until("closed"))["code"] == 1000
    second.frame(2, command("post", text="still here"))
    await second.until("frame", "ack")


async def test_a_close_of_the_server_keeps_its_code_and_words(near: Server, relay: Relay) -> None:
    """[UI18] What the page does next depends on them."""
    page = Page(relay)
    page.say("open", conversation="team")
    await page.until("opened")
    page.frame(1, {**HELLO, "protocol": 99})
    goodbye = await page.until("frame", "goodbye")
    closed = await page.until("closed")
    assert (goodbye["code"], closed["code"]) == (4001, 4001)


async def test_a_page_that_says_nothing_is_gone(near: Server) -> None:
    """[UI20] Nothing of it is left on the server."""
    relay = Relay(silence_s=0.5)
    page = Page(relay)
    await page.join()
    assert _connections(near) == 1
    assert (await page.until("closed"))["code"] == 4200
    await eventually(lambda: _connections(near) == 0)
    await asyncio.to_thread(relay.stop)


async def test_a_token_that_is_wrong_is_said(
    near: Server, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[UI19]"""
    monkeypatch.setenv(own_server.TOKEN, "nobody's")
    page = Page(relay)
    page.say("open", conversation="team")
    closed = await page.until("closed")
    assert closed["code"] == 4004
    assert "Is JUPYTER_COLLAB_TOKEN right?" in closed["reason"]


async def test_a_server_that_is_away_may_come_back(
    near: Server, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[UI18] A page goes on trying."""
    monkeypatch.setenv(own_server.URL, "http://127.0.0.1:9/")
    page = Page(relay)
    page.say("open", conversation="team")
    assert (await page.until("closed"))["code"] == 1006


async def test_without_a_server_the_page_hears_what_to_set(
    relay: Relay, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[UI19] It is final: nothing changes while the kernel runs."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path_factory.mktemp("empty")))
    page = Page(relay)
    page.say("open", conversation="team")
    closed = await page.until("closed")
    assert closed["code"] == 4004
    assert closed["reason"].startswith("The kernel belongs to no Jupyter server. Set ")


def test_what_is_no_message_of_a_page_is_passed_over(relay: Relay) -> None:
    """[UI18]"""
    told: list[Content] = []
    for content in ({}, {"kind": "open"}, {"kind": "frame", "connection": "C1", "n": "1"}):
        relay.take(content, told.append)
    assert told == []


class Kernel:
    """A real kernel that shows a Chat, and a page that has it."""

    def __init__(self, client: AsyncKernelClient) -> None:
        self.client = client
        self.model = ""

    async def show(self) -> None:
        """Shows the widget, and returns once the page has it."""
        self.client.execute("from jupyter_collab import Chat\nChat('team')")
        result = await self._next("execute_result")
        self.model = result["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]

    def say(self, kind: str, **fields: object) -> None:
        content = {"type": "relay", "kind": kind, "connection": "C1", **fields}
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": self.model, "data": data})
        self.client.shell_channel.send(message)

    async def until(self, kind: str, words: str = "") -> Any:
        """Reads on to an answer of this kind that has these words in its frame."""
        while True:
            content = (await self._next("comm_msg"))["data"].get("content", {})
            if content.get("kind") == kind and words in content.get("data", ""):
                return content

    async def begin(self, code: str) -> None:
        """Runs a cell; returns once it has printed something."""
        self.client.execute(code)
        await self._next("stream")

    async def _next(self, type: str) -> Any:
        while True:
            message = await self.client.get_iopub_msg(timeout=PATIENCE_S)
            if message["msg_type"] == type:
                return message["content"]


@asynccontextmanager
async def _running_kernel() -> AsyncIterator[tuple[Kernel, AsyncKernelManager]]:
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel(env=dict(os.environ))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=PATIENCE_S)
        yield Kernel(client), manager
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def test_through_a_real_kernel_also_while_a_cell_runs(near: Server) -> None:
    """[UI18] [UI20] What others say arrives at once, what the page says when the cell is done."""
    async with _running_kernel() as (kernel, manager):
        await kernel.show()
        kernel.say("open", conversation="team")
        await kernel.until("opened")
        kernel.say("frame", n=1, data=json.dumps(HELLO))
        await kernel.until("frame", '"live"')
        await kernel.begin("print('busy', flush=True)\nimport threading\nthreading.Event().wait()")
        kernel.say("frame", n=2, data=json.dumps(command("post", text="when you are free")))
        await near.post("team", "you are busy", user="bo")
        await kernel.until("frame", "you are busy")
        await manager.interrupt_kernel()
        await kernel.until("frame", "when you are free")
        assert _connections(near) == 1
    await eventually(lambda: _connections(near) == 0)
