"""Garbage collection: what it looks through, and when it may stop everyone for it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_collab.hub.garbage import MANY, PUT_OFF_S, WITHIN_S, Crowd, leave_out
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from tests.hubs import Visitor, eventually, hub_on, sqlite, stopped_clock
from tests.servers import Server


@pytest.fixture
def unfrozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("unfrozen")
async def test_what_a_server_made_at_its_start_is_not_looked_through_again(
    server: Server,
) -> None:
    """[FO14] What comes after it is, as ever."""
    made_before = [object()]
    extension: Any = server.app.web_app.settings["jupyter_collab"]
    await extension._start_jupyter_server_extension(server.app)
    assert gc.get_freeze_count() > 10_000
    made_after = [object()]
    assert not is_looked_through(made_before)
    assert is_looked_through(made_after)


@pytest.mark.usefixtures("unfrozen")
async def test_a_server_that_stops_leaves_nothing_out(server: Server) -> None:
    """[FO14] The process may go on without it."""
    extension: Any = server.app.web_app.settings["jupyter_collab"]
    await extension._start_jupyter_server_extension(server.app)
    made_before = [object()]
    await extension.stop_extension()
    assert gc.get_freeze_count() == 0
    assert is_looked_through(made_before)


def is_looked_through(one: object) -> bool:
    return id(one) in {id(other) for other in gc.get_objects()}


class Cycle:
    """What only a garbage collection finds, once it is dropped."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.usefixtures("unfrozen")
def test_no_garbage_is_left_out() -> None:
    """[FO14] Not even old garbage: what is left out is not looked for again."""
    gc.disable()
    try:
        cycle = Cycle()
        gone = weakref.ref(cycle)
        gc.collect()
        gc.collect()  # it is old now
        del cycle
        leave_out()
        assert gone() is None
    finally:
        gc.enable()


@pytest.fixture
def calm() -> Iterator[None]:
    """Few objects to look through: a whole round comes as soon as many are new."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    gc.collect()
    gc.freeze()
    gc.collect()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def whole_rounds() -> int:
    return int(gc.get_stats()[2]["collections"])


ALL = 300_000


def work() -> int:
    """Makes so many that stay for a while, or fewer if a whole round comes; says how many."""
    before, made = whole_rounds(), list[object]()
    while len(made) < ALL and whole_rounds() == before:
        made.append([])
    return len(made)


def come(crowd: Crowd, now: float, connections: int = MANY) -> None:
    for _ in range(connections):
        crowd.came(now)


def crowd_at(now: float) -> Crowd:
    crowd = Crowd()
    come(crowd, now)
    return crowd


@pytest.mark.usefixtures("calm")
def test_no_whole_round_comes_while_a_crowd_does() -> None:
    """[FO14] Of others neither: it is the process's. One comes when it is due after a minute."""
    assert work() < ALL, "as ever"
    crowd = crowd_at(100.0)
    assert work() == ALL
    crowd.came(100.0 + PUT_OFF_S / 2)
    crowd.tick(100.0 + PUT_OFF_S - 0.1)
    assert work() == ALL
    crowd.tick(100.0 + PUT_OFF_S)
    assert work() < ALL


@pytest.mark.usefixtures("calm")
def test_what_is_dropped_in_a_crowd_is_found_after_it() -> None:
    """[FO14] Also what was there before it and is old: nothing is hidden for good."""
    old = Cycle()
    gc.collect()
    crowd = crowd_at(100.0)
    gone_old, gone_new = weakref.ref(old), weakref.ref(Cycle())
    del old
    work()
    assert gone_new() is None, "what is young is looked for as ever"
    assert gone_old() is not None
    crowd.tick(100.0 + PUT_OFF_S)
    work()
    assert gone_old() is None


@pytest.mark.usefixtures("calm")
def test_one_crowd_after_the_other_does_not_put_off_for_ever() -> None:
    """[FO14] Between them a whole round has come, or had a minute to come."""
    crowd, now = crowd_at(0.0), PUT_OFF_S
    crowd.tick(now)
    come(crowd, now)
    assert work() < ALL, "it was due"
    come(crowd, now)
    assert work() == ALL, "it has come"
    now += PUT_OFF_S
    crowd.tick(now)
    come(crowd, now + PUT_OFF_S)
    assert work() == ALL, "it had its time"
    crowd.end()


@pytest.mark.usefixtures("calm")
def test_a_few_or_one_by_one_are_no_crowd() -> None:
    """[FO14]"""
    before = gc.get_threshold()
    crowd = Crowd()
    come(crowd, 100.0, MANY - 1)
    come(crowd, 100.0 + WITHIN_S + 0.1, MANY - 1)
    assert gc.get_threshold() == before


@pytest.mark.usefixtures("calm")
def test_what_others_set_meanwhile_stays() -> None:
    """[FO14] The setting is the process's: another server in it, or an extension, may set it."""
    before = gc.get_threshold()
    first, second = crowd_at(100.0), crowd_at(100.0)
    second.end()
    assert work() == ALL, "the first has put it off"
    first.end()
    assert gc.get_threshold() == before
    first = crowd_at(300.0)
    gc.set_threshold(900, 9, 9)
    first.end()
    assert gc.get_threshold() == (900, 9, 9)


@pytest.mark.usefixtures("calm")
async def test_a_hub_lets_rounds_come_again_after_a_crowd_and_at_its_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[FO14]"""
    clock, before = stopped_clock(monkeypatch), gc.get_threshold()
    async with hub_on(sqlite(tmp_path), Limits(heartbeat_s=0.1)) as hub:
        for _ in range(MANY):
            await Visitor.connect(hub)
        assert gc.get_threshold() != before
        clock.later(PUT_OFF_S)
        await eventually(lambda: gc.get_threshold() == before)
        clock.later(PUT_OFF_S)
        for _ in range(MANY):
            await Visitor.connect(hub, "bo")
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
async def test_a_closed_connection_needs_no_collection(server: Server) -> None:
    """[FO14] Nothing of it is in a cycle, so its memory is free at once."""
    ada = await server.join("team")
    hub: Hub = server.app.web_app.settings["jupyter_collab_hub"]
    (session,) = hub._sessions.values()
    transport: Any = session._transport
    handler = weakref.ref(transport._handler)
    del session, transport
    ada.close()
    await eventually(lambda: handler() is None)
