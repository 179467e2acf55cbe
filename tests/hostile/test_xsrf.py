"""Every route of the API, by cookie, by cookie with the XSRF token, and by token."""

from __future__ import annotations

from typing import Any

from jupyter_collab.handlers.openapi import openapi
from tests.servers import API, Server, command

CHANGES = {"post", "put", "patch", "delete"}
TABLES = (
    "conversations",
    "entries",
    "messages",
    "reactions",
    "members",
    "read_marks",
    "presence",
    "collaboration_sessions",
)


def routes() -> list[tuple[str, str]]:
    """The method and path of everything that openapi.json describes, but the socket."""
    return [
        (method.upper(), f"{API}{path.replace('{conversation}', 'team')}")
        for path, item in openapi()["paths"].items()
        for method in item
        if method != "parameters" and not path.endswith("/socket")
    ]


def body_for(path: str) -> dict[str, Any] | None:
    if path.endswith("/commands"):
        return command("post", text="hi")
    return {"seq": 1} if path.endswith("/read") else None


async def test_change_by_cookie_needs_the_xsrf_token(server: Server) -> None:
    """[ID6]"""
    await server.post("team", "hi")
    login = await server.log_in("ada")
    for method, path in routes():
        found = []
        for headers, user in [
            (login.headers(with_xsrf=False), None),
            (login.headers(with_xsrf=True) | {"X-XSRFToken": "2|0|0|0"}, None),
            (login.headers(with_xsrf=True), None),
            ({}, "ada"),
        ]:
            body = body_for(path)
            answer = await server.fetch(path, user=user, method=method, headers=headers, body=body)
            found.append(answer.code in (200, 204))
        changes = method.lower() in CHANGES
        expected = [False, False, True, True] if changes else [True, True, True, True]
        assert found == expected, (method, path)


async def test_refused_change_stores_nothing(server: Server) -> None:
    """[ID6] [LG5]"""
    await server.post("team", "hi")
    login = await server.log_in("bo")
    before = server.stored(*TABLES)
    for method, path in routes():
        headers = login.headers(with_xsrf=False)
        await server.fetch(path, user=None, method=method, headers=headers, body=body_for(path))
    assert server.stored(*TABLES) == before


async def test_page_of_another_origin_changes_and_reads_nothing(server: Server) -> None:
    """[ID6] [ID2] Even with the cookie and its XSRF token."""
    await server.post("team", "hi")
    login = await server.log_in("bo")
    before = server.stored(*TABLES)
    for origin in ("https://elsewhere.example", "null"):
        headers = login.headers(with_xsrf=True) | {"Origin": origin}
        for method, path in routes():
            body = body_for(path)
            answer = await server.fetch(path, user=None, method=method, headers=headers, body=body)
            assert answer.code in (403, 404), (method, path)
            assert "Access-Control-Allow-Origin" not in answer.headers
    assert server.stored(*TABLES) == before


async def test_form_of_another_page_changes_nothing(server: Server) -> None:
    """[ID6] A form can send a cookie and any text as its body, but no header of ours."""
    await server.post("team", "hi")
    login = await server.log_in("bo")
    before = server.stored(*TABLES)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = login.headers(with_xsrf=False) | {"Content-Type": kind}
        body = command("post", text="forged")
        path = f"{API}/conversations/team/commands"
        answer = await server.fetch(path, user=None, method="POST", headers=headers, body=body)
        assert answer.code in (400, 403), kind
    assert server.stored(*TABLES) == before


async def test_get_changes_nothing(server: Server) -> None:
    """[ID6] Neither for a member, nor for a newcomer, nor for a conversation that is not there."""
    await server.post("team", "hi", user="ada")
    before = server.stored(*TABLES)
    for user in ("ada", "newcomer", "viewer"):
        for method, path in routes():
            if method == "GET":
                await server.fetch(path, user=user)
                await server.fetch(path.replace("/team", "/nowhere"), user=user)
                for other in ("HEAD", "OPTIONS"):
                    await server.fetch(path, user=user, method=other)
    assert server.stored(*TABLES) == before
