"""Fifty people of whom five never read: the server stays small, and the others are not held up.

`make soak` posts 100,000 times without those who do not read and as often beside them, and
compares the latencies: on a machine that does nothing else. It is bound by the clients, who
take 0.55 to 0.75 ms of a processor for a post, so that it lasts some 2 to 3 minutes.
"""

from __future__ import annotations

import statistics
import sys
from array import array
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import chain

import anyio
import pytest
from anyio.lowlevel import checkpoint
from tornado.httpclient import AsyncHTTPClient

from tests.chaos.process import Gauges, JupyterProcess
from tests.chaos.proxy import proxy_to
from tests.chaos.reader import Reader, readers_of
from tests.identities import token_of
from tests.seeds import DEAR, IS_SOAK

POSTS = 5000 * DEAR if IS_SOAK else 2000
CONTROL_POSTS = POSTS if IS_SOAK else POSTS // 4
POSTS_PER_TURN = 250
BYTES = 1000 if IS_SOAK else 4000  # of one post; all are more than sockets and outboxes hold
READERS, DEAF = 45, 5
PATIENCE_S = 120.0 if not IS_SOAK else 3600.0
MIB = 1 << 20
MOST_MIB = 16  # what those who do not read may cost the server: 5 outboxes, and some
MOST_SLOWER = 1.1  # the 99th percentile of the others beside them


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


async def talk(
    readers: list[Reader], posts: int, after_turn: Callable[[], Awaitable[None]]
) -> array[float]:
    """Each posts in turn, bursts of 50, until everybody has it; returns the latencies."""
    head = readers[0].head
    for reader in readers:
        del reader.latencies_s[:]
    for turn in range(posts // POSTS_PER_TURN):
        await readers[turn % len(readers)].post(POSTS_PER_TURN, BYTES)
        for reader in readers:
            await reader.reaches(head + (turn + 1) * POSTS_PER_TURN)
        await after_turn()
    return array("d", chain.from_iterable(reader.latencies_s for reader in readers))


def p99_ms(latencies_s: Sequence[float]) -> float:
    return statistics.quantiles(latencies_s, n=100)[98] * 1000


async def test_those_who_never_read_are_nobody_elses_problem(
    jupyter_server: JupyterProcess,
) -> None:
    """[FO2] [FO13] They are closed with 4102, and catch up when they read again."""
    server = jupyter_server
    looks: list[Gauges] = []

    async def look() -> None:
        """As long as all who do not read are still there, nobody closed."""
        if not looks or looks[-1].sessions == looks[0].sessions:
            looks.append(await server.gauges())

    with anyio.fail_after(PATIENCE_S):
        async with proxy_to(server.port) as proxy, readers_of(server.url) as come:
            readers = [await come(f"p{number}") for number in range(READERS)]
            deaf = [await come(f"deaf{number}", url=proxy.url) for number in range(DEAF)]
            for reader in (*readers, *deaf):
                await reader.reaches(READERS + DEAF)
            control = await talk(readers, CONTROL_POSTS, checkpoint)
            await look()
            proxy.end_all("stall")
            held_up = await talk(readers, POSTS, look)
            before, *while_deaf = (it for it in looks if it.sessions == looks[0].sessions)
            after = await server.gauges()
            assert after.sessions == before.sessions - DEAF
            assert while_deaf
            peak_bytes = max(it.rss_bytes for it in (*looks, after))
            assert peak_bytes - before.rss_bytes < MOST_MIB * MIB
            tell(f"p99 {p99_ms(control):.1f} ms, beside the deaf {p99_ms(held_up):.1f} ms")
            tell(
                f"memory {before.rss_bytes / MIB:.0f} MiB, then at most {peak_bytes / MIB:.0f} MiB "
                f"({len(while_deaf)} looks while they were deaf), {after.rss_bytes / MIB:.0f} MiB"
            )
            if IS_SOAK:
                assert p99_ms(held_up) <= MOST_SLOWER * p99_ms(control)
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
