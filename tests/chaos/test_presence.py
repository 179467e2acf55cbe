"""Who is shown as here, when clients and the server are killed, frozen and cut off."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import pytest
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from jupyter_collab.client import Connection, connect
from jupyter_collab.protocol.frames import Ephemeral
from jupyter_collab.protocol.ids import MemberId
from jupyter_collab.protocol.members import PresentMember
from tests.chaos.process import REPOSITORY, JupyterProcess
from tests.chaos.proxy import proxy_to
from tests.identities import token_of

PATIENCE_S = 60.0
ADA, BO = MemberId("user:ada"), MemberId("user:bo")


@pytest.fixture(scope="module")
def limits() -> Mapping[str, float]:
    return {
        "heartbeat_s": 1.5,
        "silence_s": 4.0,  # long enough for a busy machine
        "leave_grace_s": 0.2,
        "break_grace_s": 0.5,
        "typing_ttl_s": 60.0,  # so that it ends by being told
    }


@dataclass(slots=True)
class Person:
    """Ada's process, and what it said."""

    process: Process
    said: TextReceiveStream

    async def says(self, word: str) -> None:
        assert word in await self.said.receive()

    async def do(self, word: str) -> None:
        """Has it do something, and waits until it has."""
        assert self.process.stdin is not None
        await self.process.stdin.send(f"{word}\n".encode())
        await self.says(word)


@asynccontextmanager
async def person(url: str) -> AsyncIterator[Person]:
    """Ada, who is in."""
    command = [sys.executable, "-m", "tests.chaos.person", url, "ada"]
    async with await anyio.open_process(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None
    ) as process:
        assert process.stdout is not None
        ada = Person(process, TextReceiveStream(process.stdout))
        try:
            with anyio.fail_after(PATIENCE_S):
                await ada.says("in")
            yield ada
        finally:
            if process.returncode is None:
                process.kill()


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[Connection]:
    """What Bo sees."""
    with anyio.fail_after(PATIENCE_S):
        async with connect(url, "team", token=token_of("bo")) as bo:
            yield bo


async def sees(bo: Connection, condition: Callable[[PresentMember], bool]) -> PresentMember:
    """Waits until Ada is shown so."""
    await bo.until(lambda _: ADA in bo.presence and condition(bo.presence[ADA]))
    return bo.presence[ADA]


def is_active(ada: PresentMember) -> bool:
    return ada.state == "active" and ada.connections == 1


def is_gone(ada: PresentMember) -> bool:
    return ada.state == "offline" and ada.connections == 0


async def test_a_killed_client_is_gone_and_types_no_more(jupyter_server: JupyterProcess) -> None:
    """[PR2] [PR4] [PR6]"""
    async with watching(jupyter_server.url) as bo, person(jupyter_server.url) as ada:
        await sees(bo, is_active)
        await ada.do("idle")
        await sees(bo, lambda shown: shown.state == "idle")
        await ada.do("type")
        killed_at = time.time()
        ada.process.kill()
        gone = await sees(bo, is_gone)
        assert gone.last_seen is not None
        assert killed_at <= gone.last_seen <= time.time()
    typing = [frame async for frame in bo if isinstance(frame, Ephemeral)]
    assert [frame.active for frame in typing] == [True, False]


async def test_a_frozen_client_is_gone_and_comes_back_by_itself(
    jupyter_server: JupyterProcess,
) -> None:
    """[PR3] As a laptop that sleeps."""
    async with watching(jupyter_server.url) as bo, person(jupyter_server.url) as ada:
        await sees(bo, is_active)
        ada.process.send_signal(signal.SIGSTOP)
        await sees(bo, is_gone)
        ada.process.send_signal(signal.SIGCONT)
        await ada.says("in")
        await sees(bo, is_active)


async def test_a_half_open_client_is_gone(jupyter_server: JupyterProcess) -> None:
    """[PR3]"""
    async with (
        proxy_to(jupyter_server.port) as proxy,
        watching(jupyter_server.url) as bo,
        connect(proxy.url, "team", token=token_of("ada")),
    ):
        await sees(bo, is_active)
        proxy.end_all("vanish")
        await sees(bo, is_gone)


async def test_a_killed_server_shows_nobody_who_does_not_come_back(
    jupyter_server: JupyterProcess,
) -> None:
    """[PR1] [PR4] Bo comes back, Ada does not: she is shown as she was last known."""
    async with (
        watching(jupyter_server.url) as bo,
        connect(jupyter_server.url, "team", token=token_of("ada")) as ada,
    ):
        await sees(bo, is_active)
        await ada.post("the last word")
        wrote_at = list(ada.state.messages.values())[-1].at
        await jupyter_server.kill()
    await jupyter_server.start()
    async with watching(jupyter_server.url) as bo:
        assert bo.presence[BO].state == "active"
        assert bo.presence[ADA] == PresentMember(ADA, "offline", 0, wrote_at)
