"""The description of the API: valid, complete, and true."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from openapi_spec_validator import validate
from tornado.web import RequestHandler

from jupyter_collab.handlers.openapi import openapi, openapi_handlers
from jupyter_collab.handlers.rest import API, ROUTES, rest_handlers
from jupyter_collab.handlers.socket import socket_handlers
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.frames import ClientFrame, ServerFrame
from jupyter_collab.protocol.ids import CONVERSATION_PATTERN
from tests.servers import Server

METHODS = ("get", "post", "put", "patch", "delete")


def registered() -> set[tuple[str, str]]:
    """Every route of the API with its methods, as the server has them."""
    routes = [*rest_handlers, *openapi_handlers, *socket_handlers()]
    found = set()
    for pattern, handler in routes:
        path = pattern.removeprefix(API)
        for group in ("([^/]+)", f"({CONVERSATION_PATTERN})"):
            path = path.replace(group, "{conversation}")
        for method in METHODS:
            if getattr(handler, method) is not getattr(RequestHandler, method):
                found.add((path, method))
    return found


def test_document_is_valid_openapi() -> None:
    """[AP4]"""
    validate(openapi())


def test_every_route_is_described_and_nothing_else() -> None:
    """[AP4]"""
    paths = openapi()["paths"]
    described = {(path, method) for path, item in paths.items() for method in item}
    assert {route for route in described if route[1] in METHODS} == registered()


@pytest.mark.parametrize("union", [ClientFrame, ServerFrame, Entry])
def test_every_frame_and_entry_is_described(union: Any) -> None:
    """[AP4]"""
    schemas = openapi()["components"]["schemas"]
    for kind in get_args(union):
        assert set(schemas[kind.__name__]["properties"]) >= set(kind.__struct_fields__)


def test_every_reference_leads_somewhere() -> None:
    """[AP4]"""
    document = openapi()
    text = json.dumps(document)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}
    for reference in references:
        found = document
        for step in reference.split("/"):
            found = found[step]
        assert found


async def test_document_is_served_beside_the_routes(server: Server) -> None:
    """[AP4]"""
    assert await server.ask("openapi.json") == json.loads(json.dumps(openapi()))


async def test_document_is_for_those_who_sign_in(server: Server) -> None:
    """[ID1]"""
    response = await server.fetch("jupyter_collab/api/v1/openapi.json", user=None)
    assert response.code == 403


def test_routes_stay_below_the_prefix() -> None:
    """[AP4]"""
    assert all(path.startswith("/conversations") for path in ROUTES)
