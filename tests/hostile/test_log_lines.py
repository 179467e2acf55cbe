"""What people plant in names, texts and addresses stays out of the log."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from jupyter_server.auth.identity import User
from tornado.httpclient import HTTPClientError

from tests.identities import People, token_of
from tests.servers import API, PATIENCE_S, Server, command

PLANTED = "\n[I 2026 ServerApp] forged line\x1b[31m\x1b]0;title\x07\r\u202e\u2028"
SECRET = "a-secret-text"


@pytest.fixture(autouse=True)
def mallory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs `mallory` in under names full of control characters."""
    user = User(f"mallory{PLANTED}", f"Mallory{PLANTED}", f"Mallory{PLANTED}" + "x" * 1000)
    monkeypatch.setattr(People, "unusual", {"mallory": user})


def our_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The messages of records that our code made."""
    return [record.getMessage() for record in caplog.records if "jupyter_collab" in record.pathname]


async def use_everything(server: Server) -> None:
    """Connects, posts, is refused, sends poison, asks over REST, and goes."""
    peer = await server.join("team", user="mallory", client=PLANTED.replace("\u2028", "")[:60])
    await peer.answer(command("post", text=SECRET))
    await peer.answer(command("post", text=f" {PLANTED}", reply_to=99))
    await peer.answer(command("rename", title=SECRET))
    await peer.answer(command("post", text={SECRET: SECRET}))
    await peer.answer(command("post", text="x", **{SECRET: PLANTED}))
    await peer.send({"type": SECRET, "text": SECRET})
    await peer.closed()
    path = f"{API}/conversations/team"
    for body in (
        command("post", text=SECRET, reply_to=99),
        {"type": SECRET},
        SECRET.encode(),
    ):
        await server.fetch(f"{path}/commands", user="mallory", method="POST", body=body)
    await server.fetch(f"{path}/entries?after={SECRET}", user="mallory")


async def test_planted_lines_are_quoted(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """[ID7] One record is one line, without escapes for the terminal, and short."""
    with caplog.at_level(logging.DEBUG):
        await use_everything(server)
    lines = our_lines(caplog)
    assert lines
    for line in lines:
        assert line.isprintable(), repr(line)
        assert "forged" not in line
        assert len(line) < 500


async def test_no_text_is_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """[ID7] Nor a title, nor a field's name, nor any value of a wrong frame."""
    with caplog.at_level(logging.DEBUG):
        await use_everything(server)
    assert SECRET not in "\n".join(our_lines(caplog))


async def test_no_token_is_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """[ID7] Wherever it came in: header or address, accepted or refused."""
    with caplog.at_level(logging.DEBUG):
        await use_everything(server)
        for user in ("ada", "stranger", "viewer"):
            query = f"?token={token_of(user)}"
            for path in ("conversations", "conversations/team", "conversations/nowhere"):
                await server.fetch(f"{API}/{path}{query}", user=None)
            too_large = b"x" * 100_000
            path = f"{API}/conversations/team/commands{query}"
            await server.fetch(path, user=None, method="POST", body=too_large)
            try:
                peer = await server.connect(f"team/socket{query}&x=", user=None)
            except HTTPClientError:
                continue
            await peer.send("{")
            await peer.closed()
    for user in ("mallory", "ada", "stranger", "viewer"):
        assert token_of(user) not in caplog.text


async def test_one_line_for_each_connect_disconnect_and_refusal(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """[ID7]"""
    with caplog.at_level(logging.INFO):
        peer = await server.join("team", user="ada")
        await peer.answer(command("post", text=" "))
        await peer.answer(command("post", text=1))
        await peer.send("{")
        await peer.closed()
        with anyio.fail_after(PATIENCE_S):
            while "disconnected" not in caplog.text:
                await anyio.lowlevel.checkpoint()
    lines = our_lines(caplog)
    for word, count in (("connected", 1), ("refused", 2), ("disconnected", 1)):
        assert [line.split()[0] for line in lines].count(word) == count, lines
    assert any("'user:ada'" in line for line in lines)


async def test_failure_in_the_socket_logs_no_address(
    server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[FR8] [ID7] The traceback is there, the token is not, and the page learns nothing."""

    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the cause")

    hub = server.app.web_app.settings["jupyter_collab_hub"]
    peer = await server.connect(f"team/socket?token={token_of('ada')}&x=", user=None)
    monkeypatch.setattr(hub, "receive", fail)
    with caplog.at_level(logging.DEBUG):
        await peer.send({"type": "hello", "protocol": 1})
        assert await peer.closed() == 4104
    assert "the cause" not in repr(peer.seen)
    assert "the cause" in caplog.text
    assert token_of("ada") not in caplog.text


async def test_failure_while_opening_logs_no_address(
    server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[FR8] [ID7]"""

    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the cause")

    hub = server.app.web_app.settings["jupyter_collab_hub"]
    monkeypatch.setattr(hub, "connect", fail)
    with caplog.at_level(logging.DEBUG):
        peer = await server.connect(f"team/socket?token={token_of('ada')}&x=", user=None)
        await peer.closed()
    assert "the cause" in caplog.text
    assert token_of("ada") not in caplog.text
