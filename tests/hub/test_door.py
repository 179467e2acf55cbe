"""How many are let in at once, and what comes of those who wait."""

from __future__ import annotations

import asyncio
from pathlib import Path

import anyio

from jupyter_collab.hub.door import GREETINGS_PER_TURN
from jupyter_collab.limits import Limits
from tests.hubs import Visitor, eventually, hub_on, sqlite

PEOPLE = 5 * GREETINGS_PER_TURN
LIMITS = Limits(people_per_conversation=0, new_conversations_per_window=0)


async def most_in_a_turn(visitors: list[Visitor]) -> int:
    """Follows them turn by turn until all are in."""
    most, before = 0, 0
    with anyio.fail_after(20):
        while before < len(visitors):
            await asyncio.sleep(0)
            joined = sum(visitor.session.phase == "joined" for visitor in visitors)
            most, before = max(most, joined - before), joined
    return most


async def test_a_storm_of_hellos_is_answered_turn_by_turn(tmp_path: Path) -> None:
    """[FO15]"""
    async with hub_on(sqlite(tmp_path, LIMITS), LIMITS) as hub:
        names = [f"p{number}" for number in range(PEOPLE)]
        for name in names:
            (await Visitor.join(hub, name)).leave()
        visitors = [await Visitor.connect(hub, name) for name in names]
        async with anyio.create_task_group() as storm:
            for visitor in visitors:
                storm.start_soon(visitor.hello)
            assert await most_in_a_turn(visitors) <= GREETINGS_PER_TURN
        for visitor in visitors:
            assert visitor.types[:3] == ["welcome", "snapshot", "live"]


async def test_newcomers_who_waited_for_one_commit_are_greeted_turn_by_turn(
    tmp_path: Path,
) -> None:
    """[FO15]"""
    log = sqlite(tmp_path, LIMITS)
    async with hub_on(log, LIMITS) as hub:
        await Visitor.join(hub, "ada")
        log.before_commit.shut()
        visitors = [await Visitor.connect(hub, f"p{number}") for number in range(PEOPLE)]
        async with anyio.create_task_group() as storm:
            for visitor in visitors:
                storm.start_soon(visitor.hello)
            await eventually(lambda: log.before_commit.waiting)
            log.before_commit.is_shut = False
            log.before_commit.open()
            assert await most_in_a_turn(visitors) <= GREETINGS_PER_TURN
        for visitor in visitors:
            assert visitor.types[:3] == ["welcome", "snapshot", "live"]


async def test_who_goes_while_waiting_for_a_turn_is_not_greeted(tmp_path: Path) -> None:
    """[FO15] [PR7]"""
    async with hub_on(sqlite(tmp_path, LIMITS), LIMITS) as hub:
        names = [f"p{number}" for number in range(PEOPLE)]
        for name in names:
            (await Visitor.join(hub, name)).leave()
        visitors = [await Visitor.connect(hub, name) for name in names]
        async with anyio.create_task_group() as storm:
            for visitor in visitors:
                storm.start_soon(visitor.hello)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            waiting = [visitor for visitor in visitors if visitor.session.phase == "joining"]
            assert waiting
            for visitor in waiting:
                visitor.leave()
        assert not any(visitor.types for visitor in waiting)
