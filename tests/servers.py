"""A real server with the extension, and real clients that speak to it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import anyio
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect
from ulid import ULID

from tests.identities import token_of

__all__ = ["API", "Login", "Peer", "Server", "command"]

API = "jupyter_collab/api/v1"
PATIENCE_S = 60.0  # a test that waits for longer has failed


def command(type: str, **fields: Any) -> dict[str, Any]:
    """A command with a new id."""
    return {"type": type, "command_id": str(ULID()), **fields}


@dataclass(frozen=True, slots=True)
class Login:
    """What a browser has after signing in."""

    cookies: Mapping[str, str]

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    @property
    def xsrf(self) -> str:
        return self.cookies["_xsrf"]

    def renewed(self, response: HTTPResponse) -> Login:
        """With the cookies that a later answer set."""
        return Login({**self.cookies, **_cookies(response)})

    def headers(self, *, with_xsrf: bool) -> dict[str, str]:
        return {"Cookie": self.cookie} | ({"X-XSRFToken": self.xsrf} if with_xsrf else {})


@dataclass(frozen=True, slots=True)
class Server:
    """A Jupyter server that listens on `port`, with its database and who has connected."""

    app: ServerApp
    port: int
    database: Path
    peers: list[Peer] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://{self.host}{self.app.base_url}{path}"

    async def fetch(
        self,
        path: str,
        *,
        user: str | None = "ada",
        method: str = "GET",
        headers: Mapping[str, str] = {},  # never changed
        body: Any = None,
    ) -> HTTPResponse:
        """Asks for `path` below the base URL, by the token of `user`; never raises for a status.

        A body that is not bytes is sent as JSON.
        """
        token = {} if user is None else {"Authorization": f"token {token_of(user)}"}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = HTTPRequest(
            self.url(path),
            method=method,
            headers={**token, **headers},
            body=body,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            decompress_response=False,
        )
        return await AsyncHTTPClient(force_instance=True).fetch(request, raise_error=False)

    async def ask(self, path: str, **options: Any) -> Any:
        """The JSON of a 200 answer of the API."""
        response = await self.fetch(f"{API}/{path}", **options)
        assert response.code == 200, (response.code, response.body)
        return json.loads(response.body)

    async def post(self, conversation: str, text: str, *, user: str = "ada") -> int:
        """Posts a message over REST and returns its seq."""
        path = f"conversations/{conversation}/commands"
        body = command("post", text=text)
        ack = await self.ask(path, user=user, method="POST", body=body)
        seq: int = ack["seq"]
        return seq

    async def log_in(self, user: str | None, headers: Mapping[str, str] = {}) -> Login:
        """Signs in as a browser does, by the token of `user` or by headers; keeps the cookies."""
        page = await self.fetch("login", user=None)
        login = Login(_cookies(page))
        entry = await self.fetch("api/me", user=user, headers={"Cookie": login.cookie, **headers})
        return login.renewed(entry)

    async def handshake(
        self, conversation: str = "team", *, user: str | None = "ada", **headers: str
    ) -> int:
        """The status that a WebSocket handshake gets: 101 if it opens."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            peer = await self.connect(conversation, user=user, headers=names)
        except HTTPClientError as exc:
            return exc.code
        peer.close()
        return 101

    def stored(self, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of tables in the database file, by default of the log and its projections."""
        names = tables or ("conversations", "entries", "messages", "reactions", "members")
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608  # names of our own

    async def connect(
        self,
        conversation: str,
        *,
        user: str | None = "ada",
        headers: Mapping[str, str] = {},  # never changed
    ) -> Peer:
        """Opens the socket of a conversation, without a hello."""
        token = {} if user is None else {"Authorization": f"token {token_of(user)}"}
        url = self.url(f"{API}/conversations/{conversation}/socket", scheme="ws")
        request = HTTPRequest(url, headers={**token, **headers})
        peer = Peer(await websocket_connect(request))
        self.peers.append(peer)
        return peer

    async def join(self, conversation: str, *, user: str = "ada", **hello: Any) -> Peer:
        """Opens the socket of a conversation and reads until it is live."""
        peer = await self.connect(conversation, user=user)
        await peer.send({"type": "hello", "protocol": 1, **hello})
        await peer.until("live")
        return peer


@dataclass(slots=True)
class Peer:
    """One socket. `seen` has every frame that it has read."""

    connection: WebSocketClientConnection
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, frame: Any) -> None:
        """Sends an object as JSON, or a text or bytes as they are."""
        is_binary = isinstance(frame, bytes)
        data = frame if isinstance(frame, str | bytes) else json.dumps(frame)
        await self.connection.write_message(data, binary=is_binary)

    async def read(self) -> dict[str, Any] | None:
        """The next frame, or None when the socket has closed."""
        with anyio.fail_after(PATIENCE_S):
            data = await self.connection.read_message()
        if data is None:
            return None
        frame: dict[str, Any] = json.loads(data)
        self.seen.append(frame)
        return frame

    async def until(self, *types: str) -> dict[str, Any]:
        """Reads on to the next frame of one of these types."""
        with anyio.fail_after(PATIENCE_S):  # pings come for ever
            while (frame := await self.read()) is not None:
                if frame["type"] in types:
                    return frame
        raise AssertionError(f"closed with {self.close_code}, seen {self.seen}")

    async def answer(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Sends a command and reads on to its answer."""
        await self.send(frame)
        with anyio.fail_after(PATIENCE_S):
            while True:
                found = await self.until("ack", "refused")
                if found["command_id"] == frame["command_id"]:
                    return found

    async def closed(self) -> int | None:
        """Reads to the end, and says with which code it came."""
        with anyio.fail_after(PATIENCE_S):
            while await self.read() is not None:
                pass
        return self.close_code

    @property
    def close_code(self) -> int | None:
        return self.connection.close_code

    def entries(self) -> list[dict[str, Any]]:
        """Every entry that was read, in order."""
        frames = [frame for frame in self.seen if frame["type"] == "entries"]
        return [entry for frame in frames for entry in frame["entries"]]

    def close(self) -> None:
        self.connection.close()


def _cookies(response: HTTPResponse) -> dict[str, str]:
    """The cookies that a response sets, coded as they travel."""
    cookies: SimpleCookie = SimpleCookie()
    for header in response.headers.get_list("Set-Cookie"):
        cookies.load(header)
    return {name: morsel.coded_value for name, morsel in cookies.items() if morsel.value}
