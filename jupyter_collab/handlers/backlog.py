"""Room for a storm: how many connections may wait to be accepted, and how many are at once.

Owns two numbers. Must not know who connects. A Jupyter server listens for 128; when 200 pages
come back at once the rest would try again after a second, which is all that anyone notices. And
it accepts all 128 in one turn of the event loop, which kernels share: that alone takes 17 ms, and
so does each next step of so many that go together from then on.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable, Mapping
from typing import cast

from tornado.httpserver import HTTPServer
from tornado.netutil import add_accept_handler

__all__ = ["ACCEPTS_PER_TURN", "BACKLOG", "pace_accepts", "widen_backlog"]

logger = logging.getLogger(__name__)

BACKLOG = 2048  # as many as `connections_in_all`; Linux takes at most net.core.somaxconn
ACCEPTS_PER_TURN = 8  # 0.15 ms each, and as long again for each request


def widen_backlog(server: HTTPServer, backlog: int = BACKLOG) -> int:
    """Listens again, for more, on the sockets of a server that listens [FO9].

    Returns how many sockets that was: none, where Tornado keeps them elsewhere one day.
    """
    listening: Mapping[int, socket.socket] = getattr(server, "_sockets", {})
    widened = 0
    for one in listening.values():
        with contextlib.suppress(OSError):  # then it stays as it was
            one.listen(backlog)
            widened += 1
    logger.debug("%d listening sockets let %d connections wait", widened, backlog)
    return widened


def pace_accepts(server: HTTPServer, per_turn: int = ACCEPTS_PER_TURN) -> int:
    """Has a server that listens accept a few connections in each turn of the loop [FO15].

    Returns on how many sockets: none, where Tornado keeps them elsewhere one day.
    """
    listening: dict[int, socket.socket] = getattr(server, "_sockets", {})
    removers: dict[int, Callable[[], None]] = getattr(server, "_handlers", {})
    for number, one in listening.items():
        if (remove := removers.pop(number, None)) is not None:
            remove()
            paced = cast("socket.socket", _Paced(one, per_turn))
            removers[number] = add_accept_handler(paced, server._handle_connection)
    return len(removers)


class _Paced:
    """A listening socket that says after a few connections that there are no more.

    Whoever accepts stops then, and comes back in the next turn, since more wait.
    """

    def __init__(self, listening: socket.socket, per_turn: int) -> None:
        self._listening = listening
        self._per_turn = per_turn
        self._left = per_turn

    def fileno(self) -> int:
        return self._listening.fileno()

    def close(self) -> None:
        self._listening.close()

    def accept(self) -> tuple[socket.socket, object]:
        try:
            if not self._left:
                raise BlockingIOError
            self._left -= 1
            return self._listening.accept()
        except BlockingIOError:
            self._left = self._per_turn
            raise
