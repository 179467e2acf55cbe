"""What garbage collection looks through: neither what stays, nor what could be freed at once."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_collab.hub.garbage import CONNECTIONS_PER_STEP, Residents
from jupyter_collab.hub.hub import Hub
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


@pytest.mark.usefixtures("unfrozen")
def test_open_connections_are_left_out_as_they_become_more() -> None:
    """[FO14] A bounded number of times: not for those who come back."""
    residents, times = Residents(), 0
    for connections in (1, CONNECTIONS_PER_STEP - 1, CONNECTIONS_PER_STEP, 300, 10, 300, 500):
        made = [object()]
        residents.note(connections)
        times += id(made) not in {id(one) for one in gc.get_objects()}
    assert times == 2


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
