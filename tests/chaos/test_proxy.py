"""The weather of the chaos tests does what it says, and no more."""

from __future__ import annotations

import math
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from tests.chaos.proxy import Ending, How, Proxy, Remote, Weather, proxy_in_thread, proxy_to
from tests.hubs import eventually

PATIENCE_S = 20.0
SENT = bytes(range(256)) * 40


async def echo(client: SocketStream) -> None:
    """Says everything again, and ends when its client does."""
    async with client:
        try:
            async for data in client:
                await client.send(data)
        except anyio.BrokenResourceError:
            pass


@asynccontextmanager
async def echoing(up: Weather, down: Weather) -> AsyncIterator[tuple[Proxy, SocketStream]]:
    """A client of an echo behind a proxy with this weather."""
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, echo)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610  # no Django here
        async with (
            proxy_to(port, lambda _: (up, down)) as proxy,
            await anyio.connect_tcp("127.0.0.1", proxy.port) as client,
        ):
            with anyio.fail_after(PATIENCE_S):
                yield proxy, client
        tasks.cancel_scope.cancel()


async def read(client: SocketStream, size: float = math.inf) -> bytes:
    """Reads so many bytes, or to the end."""
    data = b""
    while len(data) < size:
        try:
            data += await client.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            break
    return data


@pytest.mark.parametrize(
    "weather",
    [
        Weather(),
        Weather(latency_s=0.001, jitter_s=0.002),
        Weather(bytes_per_s=1e6),
        Weather(piece_bytes=7),
        Weather(gather_s=0.02),
    ],
    ids=["fair", "late", "narrow", "chopped", "gathered"],
)
async def test_what_passes_is_what_came(weather: Weather) -> None:
    async with echoing(weather, weather) as (proxy, client):
        await client.send(SENT)
        assert await read(client, len(SENT)) == SENT
        await client.send_eof()
        assert await read(client) == b""
        await eventually(lambda: not proxy.links)
        assert not proxy.happened


@pytest.mark.parametrize("how", ["cut", "reset"])
async def test_a_link_ends_after_so_many_bytes(how: How) -> None:
    async with echoing(Weather(), Weather(piece_bytes=50, ending=Ending(how, 1000))) as (
        proxy,
        client,
    ):
        await client.send(SENT)
        received = await read(client)
        assert received == SENT[: len(received)]
        assert len(received) == 1000 or how == "reset"
        assert proxy.happened == {how: 1}


async def test_a_link_ends_before_a_word() -> None:
    ending = Ending("cut", before=b"ack")
    async with echoing(Weather(), Weather(ending=ending)) as (_, client):
        await client.send(b"one ack")
        assert await read(client) == b"one "


async def test_what_stalls_flows_again_and_nothing_is_lost() -> None:
    async with echoing(Weather(), Weather(ending=Ending("stall", 100))) as (proxy, client):
        await client.send(SENT)
        assert await read(client, 100) == SENT[:100]
        await proxy.links[0].stalled.wait()
        proxy.clear_up()
        assert await read(client, len(SENT) - 100) == SENT[100:]


async def test_a_link_that_vanished_keeps_both_ends_open_and_tells_nothing() -> None:
    async with echoing(Weather(), Weather()) as (proxy, client):
        await client.send(b"hi")
        assert await read(client, 2) == b"hi"
        proxy.end_all("vanish")
        await client.send(b"ho")
        with anyio.move_on_after(0.1) as waited:
            await client.receive()
        assert waited.cancelled_caught
        await client.aclose()
        assert len(proxy.links) == 1  # the server knows nothing of it


async def test_nobody_comes_through_while_it_is_down() -> None:
    async with echoing(Weather(), Weather()) as (proxy, _):
        proxy.is_down = True
        async with await anyio.connect_tcp("127.0.0.1", proxy.port) as turned_away:
            assert await read(turned_away) == b""
        assert proxy.happened == {"refused": 1}


def test_a_proxy_serves_those_who_block() -> None:
    """For tests with a browser: it runs in a thread of its own."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        proxy_in_thread(server.getsockname()[1]) as remote,
    ):
        with connected(remote) as client, server.accept()[0] as behind:
            behind.settimeout(PATIENCE_S)
            client.sendall(b"hi")
            assert behind.recv(2) == b"hi"
            remote.go_down()
            with pytest.raises(ConnectionResetError):
                behind.recv(1)
        with connected(remote) as client:
            assert client.recv(1) == b""
        remote.come_up()
        with connected(remote), server.accept()[0]:
            remote.end_all("vanish")
            remote.clear_up()


def connected(remote: Remote) -> socket.socket:
    return socket.create_connection(("127.0.0.1", remote.port), PATIENCE_S)
