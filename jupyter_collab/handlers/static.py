"""The front end's files: hashed names, compressed ahead, cached for ever, without login.

Owns their headers and which encoding goes to whom. Must not know what is in them. Invariant:
only what the build's manifest names is served, whatever the URL says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.web import HTTPError, RequestHandler

__all__ = ["STATIC", "StaticHandler", "accepted", "assets", "static_handlers"]

STATIC = Path(__file__).parent.parent / "static"
_SUFFIXES = {"br": ".br", "gzip": ".gz"}  # by preference


def assets() -> Mapping[str, Mapping[str, bytes]]:
    """The bytes of every file of the manifest, by encoding; empty if there was no build.

    They are read once for each build.
    """
    manifest = STATIC / "manifest.json"
    try:
        return _read_all(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=1)
def _read_all(manifest: Path, _built_ns: int) -> dict[str, dict[str, bytes]]:
    names = json.loads(manifest.read_bytes()).values()
    return {name: _read(manifest.with_name(name)) for name in names}


def _read(path: Path) -> dict[str, bytes]:
    bodies = {"identity": path.read_bytes()}
    for encoding, suffix in _SUFFIXES.items():
        compressed = path.with_name(path.name + suffix)
        if compressed.exists():
            bodies[encoding] = compressed.read_bytes()
    return bodies


def accepted(header: str) -> set[str]:
    """The encodings of ours that an Accept-Encoding header allows (RFC 9110, 12.5.3).

    A weight of 0 refuses; `*` stands for all that are not named.
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
        """Sends the file in the best encoding that the browser takes; Tornado adds the ETag."""
        bodies = assets().get(name)
        if bodies is None:
            raise HTTPError(404)
        fits = accepted(self.request.headers.get("Accept-Encoding", "")) & bodies.keys()
        encoding = next((coding for coding in _SUFFIXES if coding in fits), "identity")
        if encoding != "identity":
            self.set_header("Content-Encoding", encoding)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.set_header("Vary", "Accept-Encoding")
        self.finish(bodies[encoding])

    @allow_unauthenticated
    def head(self, name: str) -> None:
        """As GET; Tornado leaves the body out."""
        self.get(name)


static_handlers: list[tuple[str, type[RequestHandler]]] = [
    ("/jupyter_collab/static/([^/]+)", StaticHandler)
]
