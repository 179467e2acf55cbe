"""What hostile sockets took is given back, and those who chat meanwhile notice nothing.

`tests/hostile` looks at the answer to each kind of frame; here many come at once, to a server
in a process of its own, and what it holds is measured from inside.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import partial

import anyio
import pytest
from ulid import ULID

from jupyter_collab.protocol.commands import Post
from tests.chaos.history import History
from tests.chaos.process import JupyterProcess
from tests.chaos.wanderer import Wanderer
from tests.hostile.raw import CONTINUATION, frame, raw_connection
from tests.servers import command

SEEDS = int(os.environ.get("SEEDS", "2"))
IS_SOAK = SEEDS > 2
SOCKETS = 10  # of each kind at once
NEVER_UPGRADED = 500 * SEEDS  # 10,000 in a soak
PATIENCE_S = 300.0
MIB = 1 << 20
HELLO = frame(json.dumps({"type": "hello", "protocol": 1}).encode())
POST = json.dumps(command("edit", target=10**9, text="not there")).encode()


@pytest.fixture(scope="module")
def limits() -> Mapping[str, float]:
    return {
        "hello_s": 2.0,
        "heartbeat_s": 2.0,
        "silence_s": 8.0,
        "frames_per_window": 300,
        "connections_in_all": 0,
        "connections_per_person": 0,
        "connections_per_person_in_all": 0,
    }


ATTACKS: Mapping[str, tuple[bytes, set[int | None]]] = {
    "too many frames": (HELLO + frame(b'{"type":"typing","active":true}') * 310, {4103, None}),
    "a huge frame": (HELLO + frame(b"x" * (1 << 17)), {1009, None}),
    "a huge announcement": (HELLO + frame(b"", declared=1 << 62), {1009, None}),
    "empty fragments": (
        HELLO + frame(POST, fin=False) + frame(b"", CONTINUATION, fin=False) * 50_000,
        {4200, 1009, None},
    ),
    "deep nesting": (HELLO + frame(b"[" * 60_000), {4000, None}),
    "not UTF-8": (HELLO + frame(b"\xff\xfe"), {1007, 4000, None}),
    "a reserved bit": (HELLO + frame(b"{}", reserved=0b100), {1002, None}),
    "an unknown type": (HELLO + frame(b'{"type":"nothing"}'), {4000}),
    "no hello": (frame(POST), {4000}),
    "two hellos": (HELLO + HELLO, {4000}),
    "half a frame": (HELLO + frame(POST)[:-10], {4200, None}),
    "not a word": (b"", {4000}),
}


async def attack(server: JupyterProcess, name: str) -> None:
    """One socket of a kind: it ends with the code that is documented, or without one."""
    data, codes = ATTACKS[name]
    async with raw_connection(server.port) as mallory:
        await mallory.send(data)
        code = await mallory.ended(PATIENCE_S)
        assert code in codes, (name, code)


async def half_open(server: JupyterProcess) -> None:
    """Sockets that never become WebSockets, half of them in the middle of a request."""
    streams = [await anyio.connect_tcp("127.0.0.1", server.port) for _ in range(100)]
    for stream in streams[::2]:
        await stream.send(b"GET / HTTP/1.1\r\nHost: ")
    for stream in streams:
        await stream.aclose()


async def storm(server: JupyterProcess, bystander: Wanderer) -> None:
    """Everything at once, and somebody who chats."""
    async with anyio.create_task_group() as attacks:
        for name in ATTACKS:
            for _ in range(SOCKETS):
                attacks.start_soon(attack, server, name)
        for _ in range(NEVER_UPGRADED // 100):
            attacks.start_soon(half_open, server)
        for _ in range(20):
            (asked,) = await bystander.do(Post(command_id=str(ULID()), text="hi"))
            assert asked.seq is not None


async def test_hostile_sockets_leave_nothing_behind(jupyter_server: JupyterProcess) -> None:
    """[FR9] Tasks, descriptors and sessions are back where they were; memory does not grow."""
    history = History()
    bystander = Wanderer("bo", jupyter_server.url, "team", history)
    async with anyio.create_task_group() as visits:
        visits.start_soon(bystander.run)
        with anyio.fail_after(PATIENCE_S):
            await bystander.is_greeted(1)
            before = await jupyter_server.gauges()
            await storm(jupyter_server, bystander)
            first = last = await jupyter_server.calm(before)
            for _ in range(SEEDS - 1):
                await storm(jupyter_server, bystander)
                last = await jupyter_server.calm(before)
            assert last.rss_bytes - first.rss_bytes < 8 * MIB
            (asked,) = await bystander.do(Post(command_id=str(ULID()), text="bye"))
            await bystander.until(partial(bystander.has, asked.seq or 0))
        visits.cancel_scope.cancel()
    assert bystander.greeted == 1
    assert [fault for view in history.views for fault in view.faults] == []
