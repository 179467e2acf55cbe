"""How a program comes to a conversation's socket: address, token, cookies, and what may fail.

Owns the HTTP side of the Python client. Must not know what is said over the socket.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import cast
from urllib.parse import quote

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from .errors import NotAllowed, Unavailable

__all__ = ["open_socket"]


async def open_socket(
    url: str,
    conversation: str,
    token: str | None,
    headers: Mapping[str, str],
    cookies: SimpleCookie,
) -> WebSocketClientConnection:
    """Opens the socket of a conversation, and puts into `cookies` what the server sets.

    Raises:
        NotAllowed: the server does not let this caller in.
        Unavailable: it can't be reached.
    """
    address = (
        f"ws{url.removeprefix('http').rstrip('/')}"
        f"/jupyter_collab/api/v1/conversations/{quote(conversation)}/socket"
    )
    authorization = {} if token is None else {"Authorization": f"token {token}"}
    kept = "; ".join(f"{name}={cookie.coded_value}" for name, cookie in cookies.items())
    cookie = {"Cookie": kept} if kept else {}
    try:
        socket = await _connected(
            HTTPRequest(address, headers={**authorization, **cookie, **headers})
        )
    except HTTPClientError as exc:
        if exc.code in {401, 403}:
            raise NotAllowed("The server does not let you in.") from exc
        raise Unavailable(f"The server answered {exc}.") from exc
    except OSError as exc:
        raise Unavailable(f"The server can't be reached: {exc}.") from exc
    assert socket.headers is not None, "the handshake had an answer"
    for header in socket.headers.get_list("Set-Cookie"):
        cookies.load(header)
    return socket


async def _connected(request: HTTPRequest) -> WebSocketClientConnection:
    """Opens a socket; one that opens after the caller gave up is closed."""
    opening = cast("Future[WebSocketClientConnection]", websocket_connect(request))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_late)
        raise


def _close_late(opening: Future[WebSocketClientConnection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
