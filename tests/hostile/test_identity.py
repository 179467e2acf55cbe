"""Nobody speaks as someone else, whatever they send."""

from __future__ import annotations

from typing import Any

import pytest

from tests.identities import Roles
from tests.servers import API, Server, command

COMMANDS = (
    command("post", text="forged"),
    command("edit", target=2, text="forged"),
    command("redact", target=2),
    command("react", target=2, emoji="🎉"),
    command("unreact", target=2, emoji="🎉"),
    command("rename", title="forged"),
)
STAMPS: dict[str, Any] = {
    "author": "user:bo",
    "at": 0.0,
    "seq": 1,
    "user": {"username": "bo"},
    "member": {"id": "user:bo", "name": "Bo"},
    "role": "owner",
    "kind": "assistant",
    "conversation": "other",
}


async def test_query_and_headers_name_nobody(server: Server) -> None:
    """[ID1]"""
    address = "team/socket?userId=bo&user=bo&username=bo&author=user:bo&x="
    peer = await server.connect(address, headers={"X-Forwarded-User": "bo", "Remote-User": "bo"})
    await peer.send({"type": "hello", "protocol": 1})
    assert (await peer.until("welcome"))["you"]["id"] == "user:ada"
    answer = await peer.answer(command("post", text="hi"))
    await peer.until("entries")
    posted = next(entry for entry in peer.entries() if entry["seq"] == answer["seq"])
    assert posted["author"] == "user:ada"


@pytest.mark.parametrize("field", STAMPS)
async def test_stamps_of_a_client_are_refused(server: Server, field: str) -> None:
    """[LG2] [FR2] Only the server says who, when and where; nothing of it is stored."""
    await server.post("team", "hi", user="ada")
    peer = await server.join("team", user="ada")
    before = server.stored()
    for body in COMMANDS:
        answer = await peer.answer(body | {field: STAMPS[field]})
        assert (answer["type"], answer["code"]) == ("refused", "malformed"), body
        path = "jupyter_collab/api/v1/conversations/team/commands"
        response = await server.fetch(path, method="POST", body=body | {field: STAMPS[field]})
        assert response.code == 400, body
    assert server.stored() == before


@pytest.mark.parametrize("field", ["user", "member", "role", "you", "connection", "session"])
async def test_hello_that_says_who_it_is_closes(server: Server, field: str) -> None:
    """[ID1] [FR3]"""
    peer = await server.connect("team", user="ada")
    await peer.send({"type": "hello", "protocol": 1, field: "bo"})
    assert await peer.closed() == 4000


async def test_time_is_the_servers(server: Server) -> None:
    """[LG2] A ULID tells of a time as well; it is only a name."""
    old = {"type": "post", "command_id": "00000000000000000000000000", "text": "from 1970"}
    peer = await server.join("team")
    seq = (await peer.answer(old))["seq"]
    page = await server.ask("conversations/team/messages")
    posted = next(message for message in page["messages"] if message["seq"] == seq)
    created_at = (await server.ask("conversations/team"))["conversation"]["created_at"]
    assert posted["at"] >= created_at


async def test_another_persons_command_id_is_no_way_in(server: Server) -> None:
    """[LG3] [RU6] Knowing an id of Bo's neither repeats nor changes what Bo wrote."""
    body = command("post", text="Bo's")
    bo = await server.join("team", user="bo")
    ada = await server.join("team", user="ada")
    first = await bo.answer(body)
    second = await ada.answer(body)
    assert second["seq"] != first["seq"]
    assert second["duplicate"] is False
    page = await server.ask("conversations/team/messages")
    assert [message["author"] for message in page["messages"]] == ["user:bo", "user:ada"]


async def test_others_messages_can_be_neither_edited_nor_deleted(server: Server) -> None:
    """[RU6] [RU7]"""
    seq = await server.post("team", "Bo's", user="bo")
    ada = await server.join("team", user="ada")
    before = server.stored()
    for body in (command("edit", target=seq, text="mine"), command("redact", target=seq)):
        assert (await ada.answer(body))["code"] == "not_allowed"
    assert server.stored() == before


async def test_nobody_takes_back_anothers_reaction(server: Server) -> None:
    """[ID1] [RU9]"""
    seq = await server.post("team", "hi", user="bo")
    bo = await server.join("team", user="bo")
    await bo.answer(command("react", target=seq, emoji="🎉"))
    ada = await server.join("team", user="ada")
    answer = await ada.answer(command("unreact", target=seq, emoji="🎉"))
    assert answer["code"] == "no_change"


async def test_read_marks_are_ones_own(server: Server) -> None:
    """[LG14] [RS9]"""
    seq = await server.post("team", "hi", user="bo")
    await server.join("team", user="ada")
    before = (await server.ask("conversations/team", user="bo"))["read"]
    path = "jupyter_collab/api/v1/conversations/team/read?user=bo"
    await server.fetch(path, user="ada", method="PUT", body={"seq": seq})
    assert (await server.ask("conversations/team", user="bo"))["read"] == before


@pytest.mark.parametrize("collab_config", [{"review_s": 0.1}])
async def test_open_sockets_follow_what_the_authorizer_says(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[ID9] Taken back while they talk: REST refuses at once, the socket ends soon after."""
    ada, bo = await server.join("team"), await server.join("team", user="bo")
    monkeypatch.setattr(
        Roles, "is_authorized", lambda _, handler, user, action, resource: user.username == "ada"
    )
    assert (await server.fetch(f"{API}/conversations/team", user="bo")).code == 403
    assert await bo.closed() == 4004
    assert await server.handshake(user="bo") == 403
    assert (await ada.answer(command("post", text="still here")))["type"] == "ack"
