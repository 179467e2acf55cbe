"""People without an account, on the server's default identity: they may choose a name."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from jupyter_collab.client import connect
from tests.servers import API, Login, Peer, Server, command


@pytest.fixture
def jp_server_config(tmp_path: Path) -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_collab": True}},
        "CollabExtension": {"database": str(tmp_path / "kept" / "conversations.db")},
    }


async def sign_in(server: Server) -> Login:
    """Opens the server's link with its token, as its first page tells to."""
    token = server.app.identity_provider.token
    return await server.log_in(None, headers={"Authorization": f"token {token}"})


async def enter(server: Server, login: Login) -> Peer:
    headers = {"Cookie": login.cookie, "Origin": f"http://{server.host}"}
    peer = await server.connect("team", user=None, headers=headers)
    await peer.send({"type": "hello", "protocol": 1})
    await peer.until("live")
    return peer


async def call_oneself(server: Server, login: Login, **fields: Any) -> Login:
    """What the page does: PATCH api/me, which sets the cookie anew."""
    headers = login.headers(with_xsrf=True)
    answer = await server.fetch("api/me", user=None, method="PATCH", headers=headers, body=fields)
    assert answer.code == 200, answer.body
    return login.renewed(answer)


async def test_generated_name_is_nobodys_claim(server: Server) -> None:
    """[ID5]"""
    peer = await enter(server, await sign_in(server))
    welcome = peer.seen[0]
    assert welcome["you"]["name"].startswith("Anonymous ")
    assert welcome["you"]["self_chosen"] is False
    assert welcome["can_rename_self"] is True


async def test_chosen_name_is_shown_as_self_chosen_to_everyone(server: Server) -> None:
    """[ID5] [RU11] The old messages get the new name, for it is the same person."""
    login = await sign_in(server)
    first = await enter(server, login)
    you = first.seen[0]["you"]
    await first.answer(command("post", text="hi"))
    colleague = await enter(server, await sign_in(server))
    login = await call_oneself(server, login, display_name="The\u202e Boss", name="The Boss")
    again = await enter(server, login)
    assert again.seen[0]["you"] == you | {"name": "The Boss", "self_chosen": True}
    while not colleague.entries() or colleague.entries()[-1]["kind"] != "profile_changed":
        await colleague.until("entries")
    assert colleague.entries()[-1]["body"]["member"]["name"] == "The Boss"


async def test_two_people_with_one_token_are_two_people(server: Server) -> None:
    """[ID1]"""
    peers = [await enter(server, await sign_in(server)) for _ in range(2)]
    assert len({peer.seen[0]["you"]["id"] for peer in peers}) == 2


async def test_nonsense_as_ones_own_fields_shuts_nobody_out(server: Server) -> None:
    """[ID4] The server takes any JSON for a name, a colour or a picture."""
    login = await sign_in(server)
    for value in (5, ["x"], {"a": 1}, None, "\u200b"):
        fields = {"display_name": value, "color": value, "avatar_url": value}
        login = await call_oneself(server, login, **fields)
        you = (await enter(server, login)).seen[0]["you"]
        assert you["name"].startswith("Anonymous ")
        assert (you["color"], you["avatar_url"]) == (None, None)


async def test_picture_of_ones_own_choice_is_shown_to_nobody(server: Server) -> None:
    """[ID4] It could be a tracker, or an address that does something."""
    login = await call_oneself(server, await sign_in(server), avatar_url="/logout")
    peer = await enter(server, login)
    assert peer.seen[0]["you"]["avatar_url"] is None
    assert "logout" not in repr(await server.fetch(f"{API}/conversations/team", user=None))


async def test_a_program_with_the_token_alone_stays_one_person_by_its_cookies(
    server: Server,
) -> None:
    """[ID10] Also for the log: the same command again is the same command."""
    token, cookies = server.app.identity_provider.token, SimpleCookie()
    people, acks, command_id = [], [], str(ULID())
    for _ in range(2):
        async with connect(server.url(""), "team", token=token, cookies=cookies) as program:
            people.append(program.you.id)
            acks.append(await program.post("once", command_id=command_id))
    assert people[0] == people[1]
    assert [ack.duplicate for ack in acks] == [False, True]
    async with connect(server.url(""), "team", token=token) as another:
        assert another.you.id != people[0]
