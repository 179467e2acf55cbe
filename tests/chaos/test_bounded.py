"""Fifty people of whom five never read: the server stays small, and the others are not held up.

`make soak` posts 100,000 times, and tells the latencies with and without those who do not read.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Mapping

import anyio
import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.chaos.process import JupyterProcess
from tests.chaos.proxy import proxy_to
from tests.chaos.reader import Reader, readers_of
from tests.identities import token_of

SEEDS = int(os.environ.get("SEEDS", "2"))
IS_SOAK = SEEDS > 2
POSTS = 5000 * SEEDS if IS_SOAK else 2000
BYTES = 1000 if IS_SOAK else 4000  # of one post; all are more than sockets and outboxes hold
READERS, DEAF = 45, 5
PATIENCE_S = 120.0 if not IS_SOAK else 3600.0
MIB = 1 << 20


@pytest.fixture(scope="module")
def limits() -> Mapping[str, float]:
    return {
        "people_per_conversation": 60,
        "heartbeat_s": 600.0,
        "silence_s": 900.0,
        "stall_s": 600.0,  # it is the outbox that is tried here
    }


async def closes(server: JupyterProcess, code: int) -> int:
    """How many sockets the server has closed with a code."""
    headers = {"Authorization": f"token {token_of('auditor')}"}
    answer = await AsyncHTTPClient(force_instance=True).fetch(
        f"{server.url}metrics", headers=headers
    )
    label = f'jupyter_collab_closes_total{{code="{code}"}} '
    counts = [line for line in answer.body.decode().splitlines() if line.startswith(label)]
    return int(float(counts[0].removeprefix(label))) if counts else 0


async def talk(readers: list[Reader], posts: int) -> list[float]:
    """Each posts in turn, bursts of 50; returns the latencies once everybody has everything."""
    head, turns = readers[0].head, posts // 250
    for reader in readers:
        reader.latencies_s.clear()
    for turn in range(turns):
        await readers[turn % len(readers)].post(250, BYTES)
    for reader in readers:
        await reader.reaches(head + turns * 250)
    return [latency for reader in readers for latency in reader.latencies_s]


def p99_ms(latencies_s: list[float]) -> float:
    return statistics.quantiles(latencies_s, n=100)[98] * 1000


async def test_those_who_never_read_are_nobody_elses_problem(
    jupyter_server: JupyterProcess,
) -> None:
    """[FO2] [FO13] They are closed with 4102, and catch up when they read again."""
    server = jupyter_server
    with anyio.fail_after(PATIENCE_S):
        async with proxy_to(server.port) as proxy, readers_of(server.url) as come:
            readers = [await come(f"p{number}") for number in range(READERS)]
            deaf = [await come(f"deaf{number}", url=proxy.url) for number in range(DEAF)]
            for reader in (*readers, *deaf):
                await reader.reaches(READERS + DEAF)
            control = await talk(readers, POSTS // 4)
            before = await server.gauges()
            proxy.end_all("stall")
            held_up = await talk(readers, POSTS)
            after = await server.gauges()
            assert after.sessions == before.sessions - DEAF
            assert after.rss_bytes - before.rss_bytes < 32 * MIB
            tell(f"p99 {p99_ms(control):.1f} ms, beside the deaf {p99_ms(held_up):.1f} ms")
            tell(f"memory {before.rss_bytes / MIB:.0f} MiB, then {after.rss_bytes / MIB:.0f} MiB")
            while await closes(server, 4102) < DEAF:  # noqa: ASYNC110  # nobody announces it
                await anyio.sleep(0.1)
            proxy.clear_up()
            for number, late in enumerate(deaf):
                await late.ends()
                again = await come(f"deaf{number}", before=late)
                await again.reaches(readers[0].head)


def tell(what: str) -> None:
    """In a soak only: a figure is no verdict."""
    if IS_SOAK:
        sys.stderr.write(f"\n{what}\n")
