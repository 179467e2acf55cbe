"""JSON Schema of everything on the wire, made from the types that encode and decode it.

Owns the names of the schemas. Must not know of routes (see `handlers.openapi`) or of the
languages that are generated from it. Invariant: what the server sends has every field.
"""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from ..errors import CloseCode
from .commands import ClientCommand
from .entries import Entry
from .frames import ClientFrame, ConversationSummary, ServerFrame

__all__ = ["REF_TEMPLATE", "schemas"]

REF_TEMPLATE = "#/components/schemas/{name}"

_UNIONS: dict[str, Any] = {
    "ClientFrame": ClientFrame,
    "ClientCommand": ClientCommand,
    "ServerFrame": ServerFrame,
    "Entry": Entry,
}


def schemas() -> dict[str, Any]:
    """Returns the `components.schemas` of OpenAPI 3.1 for every frame and what it carries.

    A frame of a client may leave out what has a default; the server leaves nothing out, so
    there every property is required.
    """
    unions, components = msgspec.json.schema_components(
        [*_UNIONS.values(), ConversationSummary, CloseCode], ref_template=REF_TEMPLATE
    )
    for schema in components.values():
        _tidy(schema)
    return components | dict(zip(_UNIONS, unions, strict=False))


def _tidy(schema: dict[str, Any]) -> None:
    """Cleans the description's indent, and names every property that is always there."""
    if "description" in schema:
        schema["description"] = inspect.cleandoc(schema["description"])
    from_client = schema.get("additionalProperties") is False
    if "properties" in schema and not from_client:
        schema["required"] = list(schema["properties"])
        for field in schema["properties"].values():
            field.pop("default", None)
