"""Who passes in which turn of the event loop."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import anyio
import pytest

from jupyter_collab.handlers.socket import ConversationSocket
from jupyter_collab.hub.hub import Hub
from jupyter_collab.hub.turnstile import Turnstile
from tests.servers import Server

PATIENCE_S = 20.0


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


async def test_sockets_go_by_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """[FO15] Whoever vanishes with many others is gone a few turns later; all of them are."""
    open_, sockets = ConversationSocket.open, list[ConversationSocket]()

    async def noted(socket: ConversationSocket, conversation: str) -> None:
        sockets.append(socket)
        await open_(socket, conversation)

    monkeypatch.setattr(ConversationSocket, "open", noted)
    server.app.web_app.settings["jupyter_collab_exits"] = Turnstile(2)
    hub: Hub = server.app.web_app.settings["jupyter_collab_hub"]
    await asyncio.gather(*(server.join("team", user=f"p{number}") for number in range(7)))
    assert len(hub._sessions) == 7
    for socket in sockets:
        socket.on_close()
    left = [len(hub._sessions)]
    with anyio.fail_after(PATIENCE_S):
        while left[-1]:
            await asyncio.sleep(0)
            left.append(len(hub._sessions))
    assert left[0] == 5
    assert max(before - after for before, after in pairwise(left)) <= 2
