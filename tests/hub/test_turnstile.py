"""Who passes in which turn of the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio

from jupyter_collab.hub.turnstile import Turnstile
from tests.servers import Server


async def test_so_many_pass_in_each_turn_in_the_order_they_came() -> None:
    """[FO15] The first at once; nobody waits for who has gone."""
    turnstile = Turnstile(2)
    passed: list[tuple[int, int]] = []
    turn = 0

    async def visit(number: int, scope: anyio.CancelScope) -> None:
        with scope:
            if (waiting := turnstile.enter()) is not None:
                await waiting
            passed.append((turn, number))

    async with anyio.create_task_group() as visits:
        scopes = [anyio.CancelScope() for _ in range(9)]
        for number, scope in enumerate(scopes):
            visits.start_soon(visit, number, scope)
        await asyncio.sleep(0)
        scopes[3].cancel()
        while len(passed) < 8:
            turn += 1
            await asyncio.sleep(0)
    assert [number for _, number in passed] == [0, 1, 2, 4, 5, 6, 7, 8]
    turns = [turn for turn, _ in passed]
    assert max(turns.count(turn) for turn in turns) == 2
    assert turns[-1] - turns[0] <= 5


async def test_places_that_nobody_took_are_not_saved_up() -> None:
    """[FO15]"""
    turnstile = Turnstile(2)
    assert turnstile.enter() is None
    for _ in range(5):
        await asyncio.sleep(0)
    assert [turnstile.enter() is None for _ in range(3)] == [True, True, False]


async def test_sockets_sign_in_by_it(server: Server) -> None:
    """[FO15] All of them get in."""
    asked: list[bool] = []

    class Counted(Turnstile):
        def enter(self) -> Any:
            turn = super().enter()
            asked.append(turn is None)
            return turn

    server.app.web_app.settings["jupyter_collab_turnstile"] = Counted(1)
    await asyncio.gather(*(server.join("team", user=f"p{number}") for number in range(20)))
    assert len(asked) == 20
