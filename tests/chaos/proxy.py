"""A TCP proxy with weather: it delays, throttles, chops, gathers, loses and cuts what passes.

Owns the links between clients and one server on the loopback. Must not know what is said on
them. Invariant: what passes is what came, in its order; each end of a link ends the other,
unless the link has vanished.
"""

from __future__ import annotations

import math
import random
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.from_thread import BlockingPortal, start_blocking_portal

__all__ = [
    "Ending",
    "Forecast",
    "How",
    "Link",
    "Proxy",
    "Remote",
    "Trouble",
    "Weather",
    "proxy_in_thread",
    "proxy_to",
]

How = Literal["cut", "reset", "stall", "vanish"]
Trouble = Literal["chop", "delay", "gather", "throttle"]
CHUNK_BYTES = 64 * 1024
MOST_PIECES = 16  # of one chunk, so that chopping a long one costs little
_ENDS = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a link stops working: after so many bytes of one direction, or before some word.

    "cut" closes both ends, "reset" with RST; "stall" takes nothing more from that direction;
    "vanish" keeps both ends open and loses all that they say, their own ends too.
    """

    how: How
    after_bytes: float = math.inf
    before: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What happens to the bytes of one direction."""

    latency_s: float = 0.0
    jitter_s: float = 0.0
    bytes_per_s: float = math.inf
    piece_bytes: int = CHUNK_BYTES  # chopped into pieces of at most this
    gather_s: float = 0.0  # held back, so that what comes meanwhile leaves in one
    ending: Ending | None = None


Forecast = Callable[[int], tuple[Weather, Weather]]  # of link n: upwards, and downwards


@dataclass(slots=True)
class Link:
    """One connection through the proxy. Its weather may be changed at any time."""

    client: SocketStream
    server: SocketStream
    up: Weather
    down: Weather
    chance: random.Random
    has_vanished: bool = False
    is_reset: bool = False
    stalled: anyio.Event = field(default_factory=anyio.Event)  # set when it begins
    released: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    happened: Callable[[str], None] = lambda _: None
    troubled: Counter[Trouble] = field(default_factory=Counter)

    def end(self, how: How) -> None:
        """Lets the link end now."""
        self.happened(how)
        match how:
            case "vanish":
                self.has_vanished = True
            case "stall":
                self.stalled.set()
            case "cut" | "reset":
                self.is_reset = how == "reset"
                self.scope.cancel()

    def release(self) -> None:
        """Lets what has stalled flow again, in fair weather."""
        self.up = self.down = Weather()
        self.released.set()

    async def run(self) -> None:
        try:
            with self.scope:
                async with anyio.create_task_group() as pumps:
                    pumps.start_soon(self._pump, self.client, self.server, True)
                    pumps.start_soon(self._pump, self.server, self.client, False)
        finally:
            for end in (self.client, self.server):
                await self._close(end)

    async def _close(self, end: SocketStream) -> None:
        if self.is_reset:
            linger = struct.pack("ii", 1, 0)  # closing sends RST at once
            raw = end.extra(SocketAttribute.raw_socket)  # noqa: S610  # no Django here
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        with anyio.CancelScope(shield=True), suppress(*_ENDS, OSError):
            await end.aclose()

    async def _pump(self, source: SocketStream, sink: SocketStream, is_up: bool) -> None:
        passed = 0
        try:
            while True:
                await self._wait_while_stalled()
                weather = self.up if is_up else self.down
                data = await self._gathered(source, weather)
                for piece in self._pieces(data, weather):
                    await self._forward(piece, sink, weather, passed)
                    passed += len(piece)
        except anyio.EndOfStream:
            if not self.has_vanished:
                with suppress(*_ENDS):
                    await sink.send_eof()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            if not self.has_vanished:
                self.scope.cancel()

    async def _wait_while_stalled(self) -> None:
        if self.stalled.is_set():
            await self.released.wait()

    async def _gathered(self, source: SocketStream, weather: Weather) -> bytes:
        data = await source.receive(CHUNK_BYTES)
        with anyio.move_on_after(weather.gather_s):
            while weather.gather_s and len(data) < CHUNK_BYTES:
                data += await source.receive(CHUNK_BYTES)
                self.troubled["gather"] += 1
        return data

    def _pieces(self, data: bytes, weather: Weather) -> Iterator[bytes]:
        size = max(weather.piece_bytes, len(data) // MOST_PIECES)
        at = 0
        while at < len(data):
            length = self.chance.randint(1, size) if size < CHUNK_BYTES else size
            yield data[at : at + length]
            self.troubled["chop"] += at > 0
            at += length

    async def _forward(
        self, piece: bytes, sink: SocketStream, weather: Weather, passed: int
    ) -> None:
        """Passes a piece on, or what of it comes before the link's end."""
        delay_s = weather.latency_s + self.chance.random() * weather.jitter_s
        held_s = len(piece) / weather.bytes_per_s
        if delay_s or held_s:
            self.troubled["delay"] += delay_s > 0
            self.troubled["throttle"] += held_s > 0
            await anyio.sleep(delay_s + held_s)
        left = _left(piece, weather.ending, passed)
        if self.has_vanished:
            return
        if left:
            await sink.send(piece[:left])
        if left < len(piece) and weather.ending is not None:
            self.end(weather.ending.how)
            await self._wait_while_stalled()  # what has vanished or ended takes nothing more
            if not self.has_vanished:
                await sink.send(piece[left:])


def _left(piece: bytes, ending: Ending | None, passed: int) -> int:
    """How many bytes of a piece pass before the end."""
    if ending is None:
        return len(piece)
    found = piece.find(ending.before) if ending.before else -1
    if found >= 0:
        return found
    return int(min(len(piece), max(0, ending.after_bytes - passed)))


def fair(_: int) -> tuple[Weather, Weather]:
    """Nothing happens."""
    return Weather(), Weather()


class Proxy:
    """Listens on `port`. Made by `proxy_to`.

    Attributes:
        links: those that are open now.
        is_down: who connects meanwhile is reset at once.
        happened: what has befallen links, counted.
        troubled: how often something that passed was chopped, delayed, and so on.
    """

    def __init__(self, server_port: int, forecast: Forecast, chance: random.Random) -> None:
        self.port = 0
        self.links: list[Link] = []
        self.is_down = False
        self.happened: Counter[str] = Counter()
        self.troubled: Counter[Trouble] = Counter()
        self._server_port = server_port
        self._forecast = forecast
        self._chance = chance
        self._made = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def clear_up(self) -> None:
        """From now on the weather is fair; a link that vanished stays as it is."""
        self._forecast = fair
        for link in self.links:
            link.release()

    def end_all(self, how: How) -> None:
        for link in list(self.links):
            link.end(how)

    async def handle(self, client: SocketStream) -> None:
        number, self._made = self._made, self._made + 1
        up, down = self._forecast(number)
        try:
            if self.is_down:
                raise ConnectionRefusedError
            server = await anyio.connect_tcp("127.0.0.1", self._server_port)
        except OSError:
            self.happened["refused"] += 1
            await client.aclose()
            return
        raw = server.extra(SocketAttribute.raw_socket)  # noqa: S610  # no Django here
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK_BYTES)  # a stall is felt soon
        link = Link(client, server, up, down, random.Random(self._chance.random()))
        link.happened = lambda how: self.happened.update([how])
        link.troubled = self.troubled
        self.links.append(link)
        try:
            await link.run()
        finally:
            self.links.remove(link)


@asynccontextmanager
async def proxy_to(
    server_port: int, forecast: Forecast = fair, *, seed: int = 0
) -> AsyncIterator[Proxy]:
    """Runs a proxy in front of a port of the loopback; its links end with it."""
    proxy = Proxy(server_port, forecast, random.Random(seed))
    async with await anyio.create_tcp_listener(local_host="127.0.0.1", backlog=1024) as listener:
        proxy.port = listener.extra(SocketAttribute.local_port)  # noqa: S610  # no Django here
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, proxy.handle)
            yield proxy
            tasks.cancel_scope.cancel()


@dataclass(frozen=True, slots=True)
class Remote:
    """A proxy in a thread of its own, for tests that block, such as those with a browser."""

    _proxy: Proxy
    _portal: BlockingPortal

    @property
    def url(self) -> str:
        return self._proxy.url

    @property
    def port(self) -> int:
        return self._proxy.port

    def end_all(self, how: How) -> None:
        """Ends every link that is open."""
        self._portal.call(self._proxy.end_all, how)

    def clear_up(self) -> None:
        self._portal.call(self._proxy.clear_up)

    def go_down(self) -> None:
        """Cuts everybody off, and lets nobody in until `come_up`."""
        self._portal.call(self._go, True)

    def come_up(self) -> None:
        self._portal.call(self._go, False)

    def _go(self, is_down: bool) -> None:
        self._proxy.is_down = is_down
        if is_down:
            self._proxy.end_all("reset")


@contextmanager
def proxy_in_thread(server_port: int, forecast: Forecast = fair) -> Iterator[Remote]:
    """As `proxy_to`, beside the caller's thread."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(proxy_to(server_port, forecast)) as proxy,
    ):
        yield Remote(proxy, portal)
