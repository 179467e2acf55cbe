"""A real Jupyter server is killed while people talk over real sockets, and comes back.

A seed that fails is its own repetition: `-k "real and 7"`. More of them: `SEEDS=100`.
"""

from __future__ import annotations

import random
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from tests.chaos.process import PATIENCE_S, UNLIMITED, JupyterProcess
from tests.durability.failpoint import POINTS
from tests.durability.life import random_command
from tests.durability.witness import Frame, Witness
from tests.identities import token_of
from tests.seeds import DEAR, seeds
from tests.servers import API

ONCE_FAILED: tuple[int, ...] = ()  # seeds that found something, tried for ever
PEOPLE = ("ada", "bo", "cy", "di")
_DOOM = """
from tests.durability.failpoint import Doom
doom = Doom({point!r}, {nth})
doom.watch_sql()
doom.watch_sockets()
"""


@dataclass(slots=True)
class DoomedServer(JupyterProcess):
    """Dies the `nth` time that it comes to `point`; its configuration is a program."""

    point: str = "never"
    nth: int = 0

    def _configure(self) -> None:
        JupyterProcess._configure(self)
        with (self.root / "jupyter_server_config.py").open("a") as config:
            config.write(_DOOM.format(point=self.point, nth=self.nth))


@dataclass(slots=True)
class Talker:
    """One person's socket. Everything asked and told goes to the witness."""

    name: str
    witness: Witness
    rng: random.Random
    is_live: bool = False
    owed: set[str] = field(default_factory=set)
    seqs: list[int] = field(default_factory=list)
    changed: anyio.Event = field(default_factory=anyio.Event)

    @property
    def who(self) -> str:
        return f"user:{self.name}"

    async def talk(self, server: JupyterProcess, *, says_new: bool) -> None:
        """Sends again what is owed, and then says new things until the server is gone."""
        url = f"ws://127.0.0.1:{server.port}/{API}/conversations/team/socket"
        headers = {"Authorization": f"token {token_of(self.name)}"}
        try:
            socket = await websocket_connect(HTTPRequest(url, headers=headers))
        except (OSError, StreamClosedError, HTTPClientError):
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen, socket)
            await self._send(socket, {"type": "hello", "protocol": 1})
            await self._until(lambda: self.is_live)
            for who, _, command in self.witness.unanswered():
                if who == self.who:
                    await self._ask(socket, command)
            await self._until(lambda: not self.owed)
            while says_new and socket.close_code is None and self.is_live:
                await self._ask(socket, random_command(self.rng, self.seqs))
                if self.rng.random() < 0.7:
                    await self._until(lambda: not self.owed)
            socket.close()

    async def _listen(self, socket: WebSocketClientConnection) -> None:
        while isinstance(data := await socket.read_message(), str):
            self._take(msgspec.json.decode(data))
            self.changed.set()
            self.changed = anyio.Event()
        self.is_live = False
        self.changed.set()

    def _take(self, frame: Frame) -> None:
        self.witness.tell(self.who, "team", frame)
        match frame["type"]:
            case "ack" | "refused":
                self.owed.discard(frame["command_id"])
            case "live":
                self.is_live = True
            case "entries":
                self.seqs += [e["seq"] for e in frame["entries"] if e["kind"] == "posted"]
            case "snapshot":
                self.seqs += [message["seq"] for message in frame["messages"]]
            case _:
                pass

    async def _ask(self, socket: WebSocketClientConnection, command: Frame) -> None:
        self.owed.add(command["command_id"])
        await self._send(socket, command)

    async def _send(self, socket: WebSocketClientConnection, frame: Frame) -> None:
        self.witness.ask(self.who, "team", frame)
        try:
            await socket.write_message(msgspec.json.encode(frame).decode())
        except (WebSocketClosedError, StreamClosedError):
            self.is_live = False

    async def _until(self, condition: Any) -> None:
        """Waits for something, or the end of the connection."""
        while not condition() and not (self.changed.is_set() and not self.is_live):
            await self.changed.wait()


async def talk_to(server: JupyterProcess, witness: Witness, seed: int, *, says_new: bool) -> None:
    """Everybody talks, until the server is gone or all is said."""
    async with anyio.create_task_group() as tasks:
        for number, name in enumerate(PEOPLE):
            talker = Talker(name, witness, random.Random(seed + number))
            tasks.start_soon(lambda t: t.talk(server, says_new=says_new), talker)


@pytest.mark.parametrize("seed", seeds(max(1, DEAR // 2), ONCE_FAILED))
async def test_a_real_server_that_is_killed_keeps_what_it_acknowledged(
    seed: int, tmp_path: Path
) -> None:
    """[LG6] [LG1] [LG3] Over real sockets, at every point, again and again, on one file.

    What went unanswered is then there once, or refused.
    """
    rng, witness = random.Random(seed), Witness()
    server = DoomedServer(tmp_path / "jupyter", UNLIMITED)
    try:
        for point in rng.sample(POINTS, len(POINTS)):
            server.point, server.nth = point, rng.randint(10, 60)
            await server.start()
            with anyio.fail_after(PATIENCE_S):
                await talk_to(server, witness, rng.randrange(1 << 30), says_new=True)
                assert await server.ended() == -signal.SIGKILL, f"{point!r} was not reached"
            await witness.check(server.database)
        server.point = "never"
        await server.start()
        with anyio.fail_after(PATIENCE_S):
            await talk_to(server, witness, 0, says_new=False)
        await server.stop()
    finally:
        await server.end()
    assert witness.unanswered() == []
    await witness.check(server.database)
    assert len(witness.acked) > 5
    server.check_log()
