"""The front end's files: hashed names, compressed ahead, cached for ever, without login.

Owns their headers and which encoding goes to whom. Must not know what is in them. Invariant:
only what the build's manifest names is served, whatever the URL says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.web import HTTPError, RequestHandler

__all__ = ["Asset", "StaticHandler", "accepted", "assets", "static_handlers"]

STATIC = Path(__file__).parent.parent / "static"
_SUFFIXES = {"br": ".br", "gzip": ".gz"}  # by preference


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's bytes by encoding, and its ETag."""

    bodies: Mapping[str, bytes]
    etag: str


@cache
def assets(directory: Path = STATIC) -> dict[str, Asset]:
    """Reads every file of the manifest and what was compressed of it, once; empty if unbuilt."""
    try:
        names = json.loads((directory / "manifest.json").read_bytes()).values()
    except FileNotFoundError:
        return {}
    return {name: _read(directory / name) for name in names}


def _read(path: Path) -> Asset:
    bodies = {"identity": path.read_bytes()}
    for encoding, suffix in _SUFFIXES.items():
        compressed = path.with_name(path.name + suffix)
        if compressed.exists():
            bodies[encoding] = compressed.read_bytes()
    return Asset(bodies, hashlib.sha256(bodies["identity"]).hexdigest()[:16])


def accepted(header: str) -> set[str]:
    """The codings that an Accept-Encoding header allows (RFC 9110, section 12.5.3).

    A coding with a weight of 0 is refused by name; `*` stands for all that are not named.
    """
    weights: dict[str, float] = {}
    for item in header.lower().split(","):
        coding, _, parameter = (part.strip() for part in item.partition(";"))
        weights[coding] = _weight(parameter)
    others = weights.get("*", 0.0)
    return {coding for coding in _SUFFIXES if weights.get(coding, others) > 0}


def _weight(parameter: str) -> float:
    if not parameter:
        return 1.0
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 0.0


class StaticHandler(RequestHandler):
    """GET and HEAD of one file, by anyone.

    Not a JupyterHandler: that would sign people in on the way, and shared caches would keep
    the cookie with the file.
    """

    def set_default_headers(self) -> None:
        """Nothing but a script, whatever it looks like."""
        self.set_header("X-Content-Type-Options", "nosniff")

    @allow_unauthenticated
    def get(self, name: str) -> None:
        """Sends the file in the best encoding that the browser takes."""
        asset = assets().get(name)
        if asset is None:
            raise HTTPError(404)
        fits = accepted(self.request.headers.get("Accept-Encoding", "")) & asset.bodies.keys()
        encoding = next((coding for coding in _SUFFIXES if coding in fits), "identity")
        if encoding != "identity":
            self.set_header("Content-Encoding", encoding)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("ETag", f'"{asset.etag}-{encoding}"')
        self.finish(asset.bodies[encoding])

    @allow_unauthenticated
    def head(self, name: str) -> None:
        """As GET; Tornado leaves the body out."""
        self.get(name)


static_handlers: list[tuple[str, type[RequestHandler]]] = [
    ("/jupyter_collab/static/([^/]+)", StaticHandler)
]
