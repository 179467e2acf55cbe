"""GET openapi.json: what scripts and bots may ask over REST, for people and generators.

Owns the description of the routes. Must not know how they answer. Invariant: it is made from
the types that the handlers encode and decode, so it can't tell other than they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct
from tornado.web import RequestHandler, authenticated

from .. import __version__
from ..protocol.ids import CONVERSATION_PATTERN
from ..protocol.schema import REF_TEMPLATE, schemas
from .api import CollabAPIHandler
from .rest import (
    API,
    ConversationIndex,
    ConversationView,
    EntriesQuery,
    MembersQuery,
    MessagesQuery,
    ReadBody,
)

__all__ = ["OpenAPIHandler", "openapi", "openapi_handlers"]

_SOCKET = """Upgrades to a WebSocket: text frames, each one JSON object with a `type`.

A client sends `ClientFrame`s, `hello` first; the server sends `ServerFrame`s. A browser needs
its cookie and the same Origin, anyone else a token. Closes by `CloseCode`.
"""
_COMMAND = """Sending the same `command_id` again as the same person returns the first answer,
so a command whose answer was lost can be repeated safely. Where the server makes up a person
for whoever brings its token alone, keep the cookies of its first answer to stay that person.
"""
_REFUSALS = {
    400: "The request is malformed or breaks a limit.",
    403: "You are not signed in, may not do this, or the XSRF token is missing.",
    404: "There is no such conversation, or nothing of what the command aims at.",
    409: "It contradicts what is stored, or would change nothing.",
    410: "Older messages were removed for good; `conversation.floor` says how far.",
    413: "The body is larger than a frame may be.",
    426: "The WebSocket version is another than 13.",
    429: "Too many in the window; `Retry-After` and `retry_after_s` say when.",
    503: "The server can't store or read now; trying again may work.",
}
_READ = (400, 403, 404, 429, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    """One method of one route; `answer` and `body` name schemas, `query` has the fields."""

    summary: str
    answer: str | None = None
    query: type[Struct] | None = None
    body: str | None = None
    refusals: tuple[int, ...] = _READ
    description: str = ""
    status: int = 200


_OPERATIONS: dict[tuple[str, str], _Operation] = {
    ("/conversations", "get"): _Operation(
        summary="List all conversations with your unread counts, latest activity first",
        answer="ConversationIndex",
        refusals=(403, 429, 503),
    ),
    ("/conversations/{conversation}", "get"): _Operation(
        summary="Show a conversation: its log, members, presence and your read mark",
        answer="ConversationView",
    ),
    ("/conversations/{conversation}/commands", "post"): _Operation(
        summary="Do one command; the conversation comes into being on first use",
        body="ClientCommand",
        answer="Ack",
        refusals=(400, 403, 404, 409, 413, 429, 503),
        description=_COMMAND,
    ),
    ("/conversations/{conversation}/entries", "get"): _Operation(
        summary="The entries after a seq, as `sync` answers",
        query=EntriesQuery,
        answer="Entries",
        refusals=(400, 403, 404, 410, 429, 503),
    ),
    ("/conversations/{conversation}/members", "get"): _Operation(
        summary="The members after the first so many, as `who` answers",
        query=MembersQuery,
        answer="Members",
    ),
    ("/conversations/{conversation}/messages", "get"): _Operation(
        summary="The page of messages before a seq, as `history` answers",
        query=MessagesQuery,
        answer="Page",
    ),
    ("/conversations/{conversation}/read", "put"): _Operation(
        summary="Move your read mark forward",
        body="ReadBody",
        status=204,
    ),
    ("/conversations/{conversation}/socket", "get"): _Operation(
        summary="Join a conversation",
        description=_SOCKET,
        status=101,
        refusals=(400, 403, 404, 426),
    ),
    ("/openapi.json", "get"): _Operation(summary="This document", refusals=(403,)),
}


class OpenAPIHandler(CollabAPIHandler):
    @authenticated
    def get(self) -> None:
        """Describes the routes and frames [AP4]."""
        self.finish(_encoded())


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(openapi())


def openapi() -> dict[str, Any]:
    """Makes the OpenAPI 3.1 description of everything under `/jupyter_collab/api/v1`."""
    paths: dict[str, dict[str, Any]] = {}
    for (path, method), operation in _OPERATIONS.items():
        item = paths.setdefault(path, {})
        if "{conversation}" in path:
            item["parameters"] = [{"$ref": "#/components/parameters/conversation"}]
        item[method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_collab",
            "version": __version__,
            "description": "Live conversations inside Jupyter notebooks.",
        },
        "servers": [{"url": "."}],  # relative to this document, whatever the base URL
        "security": [{"token": []}, {"cookie": [], "xsrf": []}],
        "paths": paths,
        "components": _components(),
    }


def _described(operation: _Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"summary": operation.summary}
    if operation.description:
        described["description"] = operation.description
    if operation.query is not None:
        described["parameters"] = _parameters(operation.query)
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _json(operation.body)}
    success: dict[str, Any] = {"description": "Done."}
    if operation.answer is not None:
        success["content"] = _json(operation.answer)
    elif operation.status == 200:
        success["content"] = {"application/json": {"schema": {"type": "object"}}}
    described["responses"] = {
        str(operation.status): success,
        **{
            str(status): {"$ref": f"#/components/responses/{status}"}
            for status in operation.refusals
        },
    }
    return described


def _parameters(query: type[Struct]) -> list[dict[str, Any]]:
    (schema,) = _own_schemas(query).values()
    return [
        {"name": name, "in": "query", "schema": field}
        for name, field in schema["properties"].items()
    ]


def _own_schemas(*types: type[Struct]) -> dict[str, Any]:
    return msgspec.json.schema_components(types, ref_template=REF_TEMPLATE)[1]


def _components() -> dict[str, Any]:
    return {
        "schemas": _own_schemas(ConversationIndex, ConversationView, ReadBody) | schemas(),
        "responses": {
            str(status): {"description": text, "content": _json("Refusal")}
            for status, text in _REFUSALS.items()
        },
        "parameters": {
            "conversation": {
                "name": "conversation",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": f"^{CONVERSATION_PATTERN}$"},
            }
        },
        "securitySchemes": {
            "token": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`token` and the server's token, with a space between.",
            },
            "cookie": {
                "type": "apiKey",
                "in": "cookie",
                "name": "username-<host>-<port>",
                "description": "What signing in to the server sets.",
            },
            "xsrf": {
                "type": "apiKey",
                "in": "header",
                "name": "X-XSRFToken",
                "description": "The value of the `_xsrf` cookie; for POST and PUT.",
            },
        },
    }


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF_TEMPLATE.format(name=schema)}}}


openapi_handlers: list[tuple[str, type[RequestHandler]]] = [(API + "/openapi.json", OpenAPIHandler)]
