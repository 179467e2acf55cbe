"""Room for a storm: how many connections may wait to be accepted.

Owns one number. Must not know who connects. A Jupyter server listens for 128; when 200 pages
come back at once the rest would try again after a second, which is all that anyone notices.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Mapping

from tornado.httpserver import HTTPServer

__all__ = ["BACKLOG", "widen_backlog"]

logger = logging.getLogger(__name__)

BACKLOG = 2048  # as many as `connections_in_all`; Linux takes at most net.core.somaxconn


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
