"""The members of a large conversation, over the wire."""

from __future__ import annotations

import json
from typing import Any

from openapi_schema_validator import OAS31Validator

from jupyter_collab.handlers.openapi import openapi
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import LastSeen, Request
from jupyter_collab.protocol.commands import Admit, Post, React
from jupyter_collab.protocol.ids import ConversationId, MemberId, Seq
from jupyter_collab.protocol.members import Member
from tests.fakes import TEAM, command_id
from tests.servers import Server

EVER, HERE = 1000, 50
MOST_BYTES = 60_000
API = "conversations/team/members"


def check_schema(name: str, value: Any) -> None:
    """Holds an answer to its description in openapi.json."""
    components = openapi()["components"]
    OAS31Validator({"$ref": f"#/components/schemas/{name}", "components": components}).validate(
        value
    )


def person(number: int) -> Member:
    return Member(MemberId(f"user:student{number:04}"), f"Student Number {number:04}")


async def fill(server: Server, *, message_bytes: int) -> None:
    """A thousand people come; the last fifty of them write a page, and react to it."""
    hub = server.app.web_app.settings["jupyter_collab_hub"]
    assert isinstance(hub, Hub)

    async def do(who: Member, command: Any) -> None:
        await hub.log.execute(
            [Request(conversation=ConversationId(TEAM), author=who, command=command, at=1.7e9)]
        )

    everyone = [person(number) for number in range(EVER)]
    requests = [
        Request(conversation=TEAM, author=who, command=Admit(who), at=1.7e9) for who in everyone
    ]
    await hub.log.execute(requests)
    await hub.log.note([LastSeen(TEAM, who.id, 1.7e9 + n / 7) for n, who in enumerate(everyone)])
    for number in range(Limits().page_messages):
        who = everyone[EVER - 1 - number]
        await do(who, Post(command_id=command_id(), text="x" * message_bytes))
    await do(everyone[7], React(command_id=command_id(), target=Seq(EVER + 50), emoji="🎉"))


async def joining(server: Server, user: str) -> tuple[int, list[dict[str, Any]]]:
    """What a newcomer's page is sent up to `live`, in bytes of the socket, and as frames."""
    peer = await server.connect("team", user=user)
    await peer.send({"type": "hello", "protocol": 1})
    size = 0
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["type"] != "live":
        data = await peer.connection.read_message()
        assert isinstance(data, str)
        size += len(data.encode()) + 10  # the longest header of a frame from a server
        frames.append(json.loads(data))
    return size, frames


async def test_joining_takes_60_kb_with_1000_members_and_50_here(server: Server) -> None:
    """[RS14] However full the newest page is."""
    await fill(server, message_bytes=Limits().page_bytes // Limits().page_messages - 8)
    for number in range(HERE - 1):
        await server.join("team", user=f"student{number:04}")
    size, (welcome, snapshot, _) = await joining(server, "student0049")
    assert size <= MOST_BYTES
    assert len(snapshot["messages"]) == Limits().page_messages
    assert len(welcome["members"]) == Limits().members_at_once
    assert welcome["members_in_all"] == EVER
    told = {member["id"] for member in welcome["members"]}
    assert {message["author"] for message in snapshot["messages"]} <= told
    assert sum(present["state"] == "active" for present in welcome["presence"]) == HERE


async def test_the_others_come_when_asked_for(server: Server) -> None:
    """[RS15] [AP2] Over REST as by the socket."""
    await fill(server, message_bytes=9)
    peer = await server.join("team", user="student0007")
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        await peer.send({"type": "who", "after": after})
        frame = await peer.until("members")
        assert frame == await server.ask(f"{API}?after={after}", user="student0007")
        check_schema("Members", frame)
        assert len(json.dumps(frame)) < 24_000
        found += frame["members"]
        after = frame["after"]
    assert [member["id"] for member in found] == [person(number).id for number in range(EVER)]
    await peer.send({"type": "who", "ids": [person(500).id, "user:nobody"]})
    frame = await peer.until("members")
    assert [member["name"] for member in frame["members"]] == ["Student Number 0500"]
    assert [present["last_seen"] for present in frame["presence"]] == [1.7e9 + 500 / 7]
    assert frame["after"] is None


async def test_a_view_is_bounded_as_a_greeting_is(server: Server) -> None:
    """[RS14]"""
    await fill(server, message_bytes=9)
    view = await server.ask("conversations/team", user="student0007")
    check_schema("ConversationView", view)
    assert (len(view["members"]), view["members_in_all"]) == (Limits().members_at_once, EVER)
    for query in ("after=-1", "limit=0", "limit=x"):
        assert (await server.fetch(f"jupyter_collab/api/v1/{API}?{query}")).code == 400
