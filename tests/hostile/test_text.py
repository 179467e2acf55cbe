"""Strings that mean something to SQL, to full-text search or to a file system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.servers import API, Server, command

SQL = (
    "'; DROP TABLE entries; --",
    "' OR '1'='1",
    '" OR ""="',
    "1; UPDATE conversations SET head = 0",
    "' UNION SELECT * FROM sqlite_master --",
    "%' ESCAPE '\\",
    ":conversation :seq ?1 @x $x",
    "\\'; --",
    "x' || randomblob(1000000000) || '",
    "ATTACH DATABASE '/tmp/x' AS x",
    "admin'/*",
    "{{7*7}} ${7*7} #{7*7} %(x)s {0}",
)
SEARCH = (
    "*",
    '"',
    '""',
    "AND OR NOT",
    "NEAR(a b)",
    "text:secret",
    "^a -b +c",
    "(",
    "a*b(c)",
    "col : x",
    "'fts5'",
)
NAMES = (
    "..",
    ".",
    "../team",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2fteam",
    "team%2f..%2fother",
    "%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "file:%2f%2f%2fetc",
    "team%00.db",
    "team%0d%0aX-Injected:%20yes",
    "con\\aux",
    "team;drop",
    "team'--",
    "~root",
    "te%C2%ADam",
    "%EF%BC%AE",
)


@pytest.fixture
def collab_config() -> dict[str, Any]:
    return {f"{kind}_per_window": 0 for kind in ("posts", "edits", "renames")}


def files_in(directory: Path) -> set[Path]:
    return {path for path in directory.rglob("*") if path.is_file()}


async def test_statements_and_queries_are_only_text(server: Server) -> None:
    """[FR1] [LG7] In a message, an edit and a title: stored and shown as they are."""
    peer = await server.join("team")
    for text in (*SQL, *SEARCH):
        seq = (await peer.answer(command("post", text="before")))["seq"]
        assert (await peer.answer(command("edit", target=seq, text=text)))["type"] == "ack"
        assert (await peer.answer(command("post", text=text)))["type"] == "ack"
        assert (await peer.answer(command("rename", title=text)))["type"] == "ack"
        view = await server.ask("conversations/team")
        assert view["conversation"]["title"] == text
        page = await server.ask("conversations/team/messages?limit=2")
        assert [message["text"] for message in page["messages"]] == [text, text]


async def test_impossible_names_reach_no_file_and_no_other_conversation(
    server: Server, tmp_path: Path
) -> None:
    """[RU1]"""
    await server.post("team", "secret")
    before, files = server.stored(), files_in(tmp_path)
    for name in NAMES:
        assert await server.handshake(name) in (400, 404), name
        for route in ("", "/entries", "/messages"):
            response = await server.fetch(f"{API}/conversations/{name}{route}")
            assert response.code in (400, 404), name
            assert b"secret" not in response.body
            assert "X-Injected" not in response.headers
        path = f"{API}/conversations/{name}/commands"
        response = await server.fetch(path, method="POST", body=command("post", text="x"))
        assert response.code in (400, 404), name
    assert server.stored() == before
    assert files_in(tmp_path) == files
