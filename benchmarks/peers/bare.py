"""The peer that everyone could write: a Tornado WebSocket broadcaster that stores nothing.

Owns nothing but open sockets: a text frame that comes in goes out to everyone in the
conversation with `write_message`, as Tornado's own chat demo does. Given a number, it keeps
so many frames of each conversation in memory, as the demo does too, and sends them to whoever
joins. Ends when stdin does.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict, deque

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

__all__ = ["Broadcaster", "main"]

BACKLOG = 1024  # with the default of 128, a storm waits a second for lost SYNs

_conversations: dict[str, set[Broadcaster]] = defaultdict(set)
_kept: dict[str, deque[str | bytes]] = {}


class Broadcaster(WebSocketHandler):
    """One client of one conversation."""

    def initialize(self, keep: int) -> None:
        """Takes how many frames are kept for those who join later."""
        self.keep = keep

    def open(self, *args: str, **kwargs: str) -> None:
        """Joins the conversation that the path names."""
        self.set_nodelay(True)
        self.peers = _conversations[args[0]]
        self.kept = _kept.setdefault(args[0], deque(maxlen=self.keep))
        for message in self.kept:
            self.write_message(message)
        self.peers.add(self)

    def on_message(self, message: str | bytes) -> None:
        """Passes the frame on to everyone, its sender too."""
        if self.keep:
            self.kept.append(message)
        for peer in self.peers:
            try:
                peer.write_message(message)
            except WebSocketClosedError:
                continue  # its own `on_close` is on the way

    def on_close(self) -> None:
        """Leaves the conversation."""
        self.peers.discard(self)


async def main(keep: int) -> None:
    """Serves on a free port of the loopback, told on stdout, until stdin ends."""
    sockets = bind_sockets(0, "127.0.0.1", backlog=BACKLOG)
    application = Application([(r"/([\w-]+)", Broadcaster, {"keep": keep})])
    HTTPServer(application).add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
