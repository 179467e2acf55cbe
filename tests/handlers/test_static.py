"""The front end's files: what goes out, to whom, with which headers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from jupyter_collab.handlers import static
from tests.servers import Server

CORE = b"export default 1;\n" * 100
NAME = "core.0123abcd.js"


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build's output, with one file that the manifest does not name."""
    directory = tmp_path / "static"
    directory.mkdir()
    (directory / NAME).write_bytes(CORE)
    (directory / f"{NAME}.gz").write_bytes(gzip.compress(CORE))
    (directory / f"{NAME}.br").write_bytes(b"brotli, as far as a server can tell")
    (directory / "loader.js").write_bytes(b"loader")
    (directory / "secret.js").write_bytes(b"secret")
    (directory / "manifest.json").write_text(json.dumps({"core": NAME, "loader": "loader.js"}))
    monkeypatch.setattr(static, "STATIC", directory)
    return directory


async def test_file_goes_out_without_login_and_is_cached_for_ever(server: Server) -> None:
    """[UI8]"""
    response = await server.fetch(f"jupyter_collab/static/{NAME}", user=None)
    assert (response.code, response.body) == (200, CORE)
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Encoding" not in response.headers


async def test_caches_get_neither_a_cookie_nor_a_way_around_the_origin(server: Server) -> None:
    """[UI8]"""
    headers = {"Origin": "https://elsewhere.example"}
    response = await server.fetch(f"jupyter_collab/static/{NAME}", user="ada", headers=headers)
    assert response.code == 200
    assert "Set-Cookie" not in response.headers
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_encoding_is_the_best_that_is_accepted(server: Server) -> None:
    """[UI8]"""
    for accept, encoding in [
        ("br, gzip", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br; q=0.0, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("*;q=0, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("br;q=nonsense", None),
        ("identity", None),
        ("", None),
        ("x-gzip, brotli", None),
    ]:
        headers = {"Accept-Encoding": accept}
        response = await server.fetch(f"jupyter_collab/static/{NAME}", user=None, headers=headers)
        assert response.headers.get("Content-Encoding") == encoding, accept
        if encoding == "gzip":
            assert gzip.decompress(response.body) == CORE


async def test_file_without_compressed_variants_is_sent_as_it_is(server: Server) -> None:
    """[UI8]"""
    headers = {"Accept-Encoding": "br, gzip"}
    response = await server.fetch("jupyter_collab/static/loader.js", user=None, headers=headers)
    assert response.body == b"loader"
    assert "Content-Encoding" not in response.headers


async def test_head_has_the_headers_of_get_and_no_body(server: Server) -> None:
    """[UI8]"""
    response = await server.fetch(f"jupyter_collab/static/{NAME}", user=None, method="HEAD")
    assert (response.code, response.body) == (200, b"")
    assert response.headers["Content-Length"] == str(len(CORE))


async def test_known_etag_is_answered_without_a_body(server: Server) -> None:
    """[UI8] Each encoding has an ETag of its own."""
    path = f"jupyter_collab/static/{NAME}"
    plain = await server.fetch(path, user=None)
    packed = await server.fetch(path, user=None, headers={"Accept-Encoding": "gzip"})
    etag = plain.headers["ETag"]
    assert etag != packed.headers["ETag"]
    again = await server.fetch(path, user=None, headers={"If-None-Match": etag})
    assert (again.code, again.body) == (304, b"")


async def test_only_what_the_manifest_names_is_served(server: Server) -> None:
    """[UI8]"""
    for name in (
        "secret.js",
        "manifest.json",
        f"{NAME}.gz",
        "..%2f..%2fextension.py",
        "%2e%2e%2fsecret.js",
        "core.js",
        "%00",
        NAME.upper(),
        "..%5csecret.js",
    ):
        response = await server.fetch(f"jupyter_collab/static/{name}", user=None)
        assert response.code == 404, name
        assert b"secret" not in response.body


async def test_new_build_is_served_without_a_restart(server: Server, built: Path) -> None:
    """[UI8]"""
    await server.fetch(f"jupyter_collab/static/{NAME}", user=None)
    (built / "core.new.js").write_bytes(b"new")
    (built / "manifest.json").write_text(json.dumps({"core": "core.new.js"}))
    assert (await server.fetch("jupyter_collab/static/core.new.js", user=None)).body == b"new"
    assert (await server.fetch(f"jupyter_collab/static/{NAME}", user=None)).code == 404


async def test_without_a_build_there_is_nothing(server: Server, built: Path) -> None:
    """[UI8] The page then gets the front end through the kernel."""
    (built / "manifest.json").unlink()
    assert (await server.fetch(f"jupyter_collab/static/{NAME}", user=None)).code == 404
