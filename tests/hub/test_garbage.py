"""What garbage collection looks through: neither what stays, nor what could be freed at once."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from jupyter_collab.hub.garbage import CONNECTIONS_PER_STEP, Residents
from jupyter_collab.hub.hub import Hub
from jupyter_collab.protocol.ids import SessionId
from tests.hubs import eventually
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
    looked_through = {id(one) for one in gc.get_objects()}
    assert id(made_before) not in looked_through
    assert id(made_after) in looked_through


def is_looked_through(one: object) -> bool:
    return id(one) in {id(other) for other in gc.get_objects()}


@pytest.mark.usefixtures("unfrozen")
def test_open_connections_are_left_out_once_many_of_them_are_new() -> None:
    """[FO14] Also those who come back; not for the sake of those who have gone."""
    residents, ids = Residents(), (SessionId(f"s{number}") for number in count())

    def come(connections: int) -> list[SessionId]:
        came = [next(ids) for _ in range(connections)]
        for session in came:
            residents.came(session)
        return came

    made = [object()]
    for session in come(CONNECTIONS_PER_STEP - 1):
        residents.went(session)
    come(CONNECTIONS_PER_STEP - 1)
    assert is_looked_through(made)
    come(1)
    assert not is_looked_through(made)
    made_after = [object()]
    come(CONNECTIONS_PER_STEP - 1)
    assert is_looked_through(made_after)
    come(1)
    assert not is_looked_through(made_after)


@pytest.mark.usefixtures("unfrozen")
def test_no_garbage_is_kept_when_connections_are_left_out() -> None:
    """[FO14] Not even old garbage: what is left out is never looked for again."""
    gc.disable()
    try:
        cycle = Cycle()
        cycle.itself = cycle
        gone = weakref.ref(cycle)
        gc.collect()
        gc.collect()  # it is old now
        del cycle
        residents = Residents()
        for number in range(CONNECTIONS_PER_STEP):
            residents.came(SessionId(f"s{number}"))
        assert gone() is None
    finally:
        gc.enable()


class Cycle:
    itself: Cycle


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
