"""python-socketio on asyncio: a room for each conversation; stores nothing, knows nobody.

Served by uvicorn with uvloop, which its documentation recommends. Prints its port, ends when
stdin does. Runs in the environment of the peers, so it imports nothing of ours.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any
from urllib.parse import parse_qs

import socketio
import uvicorn

__all__ = ["main"]

server = socketio.AsyncServer(async_mode="asgi", transports=["websocket"])


async def _connect(sid: str, environ: dict[str, Any]) -> None:
    """Joins the conversation that the query names."""
    conversation = parse_qs(environ["QUERY_STRING"])["conversation"][0]
    await server.save_session(sid, {"conversation": conversation})
    await server.enter_room(sid, conversation)


async def _post(sid: str, message: object) -> None:
    """Passes the message on to everyone, its sender too."""
    session = await server.get_session(sid)
    await server.emit("post", message, room=session["conversation"])


async def main() -> None:
    """Serves on a free port of the loopback, told on stdout, until stdin ends."""
    server.on("connect", _connect)
    server.on("post", _post)
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(socketio.ASGIApp(server), log_level="warning")
    serving = uvicorn.Server(config)

    async def stop_with_stdin() -> None:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        serving.should_exit = True

    print(listening.getsockname()[1], flush=True)
    await asyncio.gather(serving.serve([listening]), stop_with_stdin())


if __name__ == "__main__":
    if sys.platform != "win32":
        import uvloop

        uvloop.run(main())
    else:
        asyncio.run(main())
