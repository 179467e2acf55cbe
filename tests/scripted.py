"""A server that follows a script, for what a healthy one never does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import to_builtins
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from jupyter_collab.client import Connection, connect
from jupyter_collab.limits import Limits

__all__ = ["GREETING", "LIMITED", "Frame", "on", "posted", "served", "talking"]

Frame = dict[str, Any]
PERSON = {"id": "user:ada", "name": "Ada"}
INFO = {"id": "team", "title": "Team", "epoch": "e1", "head": 1, "created_at": 1.0}
GREETING: tuple[Frame, ...] = (
    {
        "type": "welcome",
        "protocol": 1,
        "connection": "c1",
        "you": PERSON,
        "conversation": {**INFO, "created_by": "user:ada"},
        "limits": to_builtins(Limits()),
        "members": [PERSON],
        "members_in_all": 1,
        "presence": [],
        "read": 1,
        "drafts": [],
        "heartbeat_s": 20.0,
    },
    {"type": "snapshot", "head": 1, "messages": [], "before": None},
    {"type": "live", "head": 1},
)
LIMITED: Frame = {"type": "refused", "command_id": None, "code": "rate_limited", "message": "No."}


class Script(WebSocketHandler):
    """Sends the greeting after hello, and then whatever `reply` says to each frame."""

    def initialize(self, reply: Callable[[Frame], list[Frame]], heard: list[Frame]) -> None:
        self._reply, self._heard = reply, heard

    async def on_message(self, message: str | bytes) -> None:
        frame = json.loads(message)
        self._heard.append(frame)
        answers = list(GREETING) if frame["type"] == "hello" else []
        for answer in [*answers, *self._reply(frame)]:
            if answer["type"] == "close":
                self.close(answer["code"])
                return
            await self.write_message(json.dumps(answer))


@asynccontextmanager
async def talking(
    reply: Callable[[Frame], list[Frame]],
) -> AsyncIterator[tuple[Connection, list[Frame]]]:
    """A connection to a server with this script, and the frames that the server got."""
    async with served(reply) as (url, heard), connect(url, "team") as connection:
        yield connection, heard


@asynccontextmanager
async def served(
    reply: Callable[[Frame], list[Frame]],
) -> AsyncIterator[tuple[str, list[Frame]]]:
    heard: list[Frame] = []
    routes = [(r"/.*/socket", Script, {"reply": reply, "heard": heard})]
    server = HTTPServer(Application(routes))
    socket, port = bind_unused_port()
    server.add_socket(socket)
    try:
        yield f"http://127.0.0.1:{port}/", heard
    finally:
        server.stop()
        await server.close_all_connections()


def on(kind: str, *frames: Frame) -> Callable[[Frame], list[Frame]]:
    """Answers each frame of one type, and no other."""
    return lambda frame: list(frames) if frame["type"] == kind else []


def posted(seq: int) -> Frame:
    body = {"text": f"message {seq}", "reply_to": None}
    return {
        "seq": seq,
        "kind": "posted",
        "author": "user:ada",
        "at": 1.0,
        "command_id": None,
        "body": body,
    }
