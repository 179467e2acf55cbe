"""Many connections at once: none of them waits for a second try."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from typing import Any

import anyio
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from jupyter_collab.handlers import backlog
from jupyter_collab.handlers.backlog import pace_accepts, widen_backlog
from tests.servers import Server

STORM = 60
PATIENCE_S = 20.0
AT_ONCE_S = 0.8  # a second try comes after a second


def connected(port: int, count: int) -> int:
    """How many of so many connections are made without a second try; nobody accepts them."""
    with ExitStack() as clients:
        made = 0
        for _ in range(count):
            client = clients.enter_context(socket.socket())
            client.settimeout(AT_ONCE_S)
            try:
                client.connect(("127.0.0.1", port))
            except TimeoutError:
                break
            made += 1
        return made


async def test_a_storm_fits_into_the_widened_backlog() -> None:
    """[FO9] And not into the one before, on the same sockets."""
    server = HTTPServer(Application())
    sockets = bind_sockets(0, "127.0.0.1", backlog=5)
    server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    assert connected(port, STORM) < STORM
    assert widen_backlog(server) == 1
    assert connected(port, STORM) == STORM
    server.stop()


async def test_a_few_are_accepted_in_each_turn() -> None:
    """[FO15] All of them, in the end; and a server that stops accepts no more."""
    turn, accepted = 0, list[int]()

    class Counting(HTTPServer):
        def _handle_connection(self, connection: socket.socket, address: Any) -> None:
            accepted.append(turn)
            connection.close()

    server = Counting(Application())
    sockets = bind_sockets(0, "127.0.0.1", backlog=STORM)
    server.add_sockets(sockets)
    assert pace_accepts(server, 4) == 1
    assert connected(sockets[0].getsockname()[1], STORM) == STORM
    with anyio.fail_after(PATIENCE_S):
        while len(accepted) < STORM:
            turn += 1
            await asyncio.sleep(0)
    assert max(map(accepted.count, accepted)) == 4
    server.stop()
    assert pace_accepts(server) == 0
    assert pace_accepts(object()) == 0  # type: ignore[arg-type]  # another Tornado


async def test_a_socket_that_can_not_listen_again_stays_as_it_was() -> None:
    """[FO9]"""
    server = HTTPServer(Application())
    server.add_sockets(bind_sockets(0, "127.0.0.1"))
    for one in list(server._sockets.values()):
        one.close()
    assert widen_backlog(server) == 0
    assert widen_backlog(object()) == 0  # type: ignore[arg-type]  # another Tornado


async def test_the_extension_widens_what_its_server_listens_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[FO9] [FO15]"""
    widened: list[object] = []
    paced: list[object] = []
    monkeypatch.setattr("jupyter_collab.extension.widen_backlog", widened.append)
    monkeypatch.setattr("jupyter_collab.extension.pace_accepts", paced.append)
    extension: Any = server.app.web_app.settings["jupyter_collab"]
    listening = HTTPServer(Application())
    monkeypatch.setattr(server.app, "_http_server", listening, raising=False)
    await extension._start_jupyter_server_extension(server.app)
    assert widened == paced == [listening]
    assert backlog.BACKLOG == 2048
