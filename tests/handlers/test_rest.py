"""REST: the socket's commands and pages, for scripts and bots."""

from __future__ import annotations

import json
import logging
import math
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from tornado.httpclient import HTTPResponse

from jupyter_collab.handlers.openapi import openapi
from tests.identities import token_of
from tests.servers import API, Server, command

TEAM = "conversations/team"


@pytest.fixture
def collab_config() -> dict[str, Any]:
    return {"page_messages": 5, "entries_per_page": 6, "frame_bytes": 4096, "window_s": 60.0}


async def do(
    server: Server, body: Any, *, user: str = "ada", conversation: str = "team"
) -> tuple[int, dict[str, Any]]:
    """Posts a command; returns the status and the answer."""
    path = f"{API}/conversations/{conversation}/commands"
    response = await server.fetch(path, user=user, method="POST", body=body)
    return response.code, json.loads(response.body)


def check_schema(name: str, value: Any) -> None:
    """Holds an answer to its description in openapi.json."""
    components = openapi()["components"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": components}
    OAS31Validator(schema).validate(value)


async def test_command_is_acknowledged_with_its_seq(server: Server) -> None:
    """[AP1]"""
    body = command("post", text="hi")
    status, answer = await do(server, body)
    assert status == 200
    assert answer == {
        "type": "ack",
        "command_id": body["command_id"],
        "seq": 2,  # 1 is Ada's `joined`
        "duplicate": False,
    }
    check_schema("Ack", answer)


async def test_repeated_command_gets_the_first_answer(server: Server) -> None:
    """[AP1] [LG3]"""
    body = command("post", text="hi")
    _, first = await do(server, body)
    status, again = await do(server, body)
    assert (status, again) == (200, first | {"duplicate": True})


async def test_command_over_rest_reaches_the_sockets(server: Server) -> None:
    """[AP1]"""
    peer = await server.join("team", user="bo")
    seq = await server.post("team", "hi", user="ada")
    while not peer.entries() or peer.entries()[-1]["seq"] < seq:
        await peer.until("entries")
    posted = peer.entries()[-1]
    assert (posted["author"], posted["body"]["text"]) == ("user:ada", "hi")


async def test_refused_command_has_the_status_of_its_code(server: Server) -> None:
    """[AP1]"""
    assert await server.post("team", "Bo's", user="bo") == 2
    for body, status, code in [
        (command("post", text=" "), 400, "empty"),
        (command("react", target=2, emoji="no"), 400, "bad_emoji"),
        (command("rename", title=""), 400, "bad_title"),
        (command("post", text=5), 400, "malformed"),
        (command("post", text="hi", author="user:bo"), 400, "malformed"),
        (command("edit", target=2, text="mine now"), 403, "not_allowed"),
        (command("edit", target=99, text="x"), 404, "not_found"),
        (command("post", text="x", reply_to=99), 404, "not_found"),
        (command("unreact", target=2, emoji="🎉"), 409, "no_change"),
    ]:
        found, answer = await do(server, body)
        assert (found, answer["code"]) == (status, code)
        assert answer["command_id"] == body["command_id"]
        check_schema("Refusal", answer)


async def test_another_command_under_a_known_id_is_a_conflict(server: Server) -> None:
    """[AP1] [LG4]"""
    body = command("post", text="hi")
    await do(server, body)
    status, answer = await do(server, body | {"text": "ho"})
    assert (status, answer["code"]) == (409, "id_reused")


async def test_malformed_body_is_refused(server: Server) -> None:
    """[AP1] [FR1]"""
    for body in (
        b"",
        b"{",
        b"[]",
        b'{"type":"post"}',
        b'{"type":"hello","protocol":1}',
        b'{"type":"admit","member":{"id":"user:bo","name":"Bo"}}',
        b'{"type":"post","type":"post"}',
        b'{"text": NaN}',
        b"\xff",
    ):
        status, answer = await do(server, body)
        assert (status, answer["code"], answer["command_id"]) == (400, "malformed", None), body


async def test_body_over_the_frame_limit_is_too_large(server: Server) -> None:
    """[AP1] [FR4]"""
    status, answer = await do(server, command("post", text="x" * 4096))
    assert (status, answer["code"]) == (413, "too_large")
    assert "4096" in answer["message"]


async def test_rate_limited_command_says_when(server: Server) -> None:
    """[AP1] [RA2]"""
    for number in range(10):
        await server.post("team", str(number))
    path = f"{API}/{TEAM}/commands"
    response = await server.fetch(path, method="POST", body=command("post", text="11"))
    answer = json.loads(response.body)
    assert (response.code, answer["code"]) == (429, "rate_limited")
    assert 0 < answer["retry_after_s"] <= 60
    assert response.headers["Retry-After"] == str(math.ceil(answer["retry_after_s"]))


async def test_closed_log_is_unavailable(server: Server) -> None:
    """[AP1] [LG13]"""
    await server.post("team", "hi")
    await server.app.web_app.settings["jupyter_collab_hub"].log.close()
    status, answer = await do(server, command("post", text="hi"))
    assert (status, answer["code"]) == (503, "unavailable")
    response = await server.fetch(f"{API}/conversations")
    assert (response.code, json.loads(response.body)["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0


async def test_viewer_reads_and_may_not_write(server: Server) -> None:
    """[ID3] [RU3]"""
    await server.post("team", "hi")
    assert (await server.ask(f"{TEAM}/messages", user="viewer"))["messages"][0]["text"] == "hi"
    status, answer = await do(server, command("post", text="hi"), user="viewer")
    assert (status, answer["code"]) == (403, "read_only")


async def test_viewer_creates_nothing(server: Server) -> None:
    """[RU2]"""
    status, _ = await do(server, command("post", text="hi"), user="viewer", conversation="new")
    assert status in (403, 404)
    assert (await server.ask("conversations"))["conversations"] == []


async def test_entries_are_what_sync_answers(server: Server) -> None:
    """[AP2] [RS6]"""
    for number in range(9):
        await server.post("team", str(number))
    peer = await server.join("team")
    await peer.send({"type": "sync", "after": 2, "limit": 4})
    frame = await peer.until("entries")
    answer = await server.ask(f"{TEAM}/entries?after=2&limit=4")
    assert answer == frame
    assert [entry["seq"] for entry in answer["entries"]] == [3, 4, 5, 6]
    check_schema("Entries", answer)


async def test_entries_start_at_the_beginning_and_are_bounded(server: Server) -> None:
    """[AP2]"""
    for number in range(9):
        await server.post("team", str(number))
    answer = await server.ask(f"{TEAM}/entries")
    assert [entry["seq"] for entry in answer["entries"]] == [1, 2, 3, 4, 5, 6]
    assert (await server.ask(f"{TEAM}/entries?after=10"))["entries"] == []


async def test_messages_are_what_history_answers(server: Server) -> None:
    """[AP2] [RS6]"""
    for number in range(9):
        await server.post("team", str(number))
    peer = await server.join("team")
    await peer.send({"type": "history", "before": 8, "limit": 3})
    frame = await peer.until("page")
    answer = await server.ask(f"{TEAM}/messages?before=8&limit=3")
    assert answer == frame
    assert [message["seq"] for message in answer["messages"]] == [5, 6, 7]
    check_schema("Page", answer)


async def test_messages_are_paged_back_to_the_beginning(server: Server) -> None:
    """[AP2]"""
    for number in range(9):
        await server.post("team", str(number))
    path = f"{TEAM}/messages"
    texts: list[str] = []
    while True:
        page = await server.ask(path)
        texts = [message["text"] for message in page["messages"]] + texts
        if page["before"] is None:
            break
        path = f"{TEAM}/messages?before={page['before']}"
    assert texts == [str(number) for number in range(9)]


async def test_bad_number_is_refused(server: Server) -> None:
    """[AP2]"""
    await server.post("team", "hi")
    values = ("", "x", "-1", "1.5", "0x1", "9007199254740992", "%ff", "1%202")
    for field in ("entries?after=", "entries?limit="):
        for value in values:
            response = await server.fetch(f"{API}/{TEAM}/{field}{value}")
            assert response.code == 400, (field, value)
            check_schema("Refusal", json.loads(response.body))


async def test_page_size_out_of_range_is_refused(server: Server) -> None:
    """[AP2]"""
    await server.post("team", "hi")
    for query in ("limit=0", "limit=501", "before=-1", "before=x"):
        assert (await server.fetch(f"{API}/{TEAM}/messages?{query}")).code == 400


async def test_index_shows_latest_first_with_unread(server: Server) -> None:
    """[AP3]"""
    await server.post("old", "by Ada", user="ada")
    await server.post("new", "by Bo", user="bo")
    await server.post("new", "by Ada", user="ada")
    await server.post("new", "by Bo", user="bo")
    index = await server.ask("conversations", user="ada")
    check_schema("ConversationIndex", index)
    new, old = index["conversations"]
    assert (new["id"], new["members"], new["unread"]) == ("new", 2, 1)
    assert (old["id"], old["members"], old["unread"]) == ("old", 1, 0)
    assert new["last_activity"] >= old["last_activity"] >= old["created_at"]


async def test_view_shows_the_log_its_members_and_presence(server: Server) -> None:
    """[AP3] [RS7]"""
    await server.post("team", "hi", user="bo")
    await server.join("team", user="ada")
    view = await server.ask(TEAM)
    check_schema("ConversationView", view)
    assert view["conversation"]["head"] == 3
    assert view["conversation"]["created_by"] == "user:bo"
    assert {member["id"] for member in view["members"]} == {"user:ada", "user:bo"}
    states = {member["id"]: member["state"] for member in view["presence"]}
    assert states["user:ada"] == "active"


async def test_read_mark_moves_forward_only(server: Server) -> None:
    """[LG14] [AP3]"""
    for number in range(3):
        await server.post("team", str(number), user="bo")
    await server.join("team", user="ada")
    for seq, mark in [(3, 3), (2, 3)]:
        path = f"{API}/{TEAM}/read"
        response = await server.fetch(path, method="PUT", body={"seq": seq})
        assert (response.code, response.body) == (204, b"")
        assert (await server.ask(TEAM))["read"] >= mark


async def test_moved_read_mark_is_told_to_ones_own_pages(server: Server) -> None:
    """[RS9]"""
    peer = await server.join("team", user="ada")
    seq = await server.post("team", "hi", user="bo")
    await server.fetch(f"{API}/{TEAM}/read", method="PUT", body={"seq": seq})
    assert (await peer.until("read"))["seq"] == seq


async def test_malformed_read_mark_is_refused(server: Server) -> None:
    """[AP2]"""
    await server.post("team", "hi")
    for body in (b"", b"{}", b"[]", b"\xff", b'{"seq":"1"}', b'{"seq":-1}', b'{"seq":1,"x":2}'):
        response = await server.fetch(f"{API}/{TEAM}/read", method="PUT", body=body)
        assert (response.code, json.loads(response.body)["code"]) == (400, "malformed"), body


async def everywhere(server: Server, conversation: str, **options: Any) -> list[HTTPResponse]:
    """Asks every route of one conversation."""
    path = f"{API}/conversations/{conversation}"
    post = command("post", text="hi")
    return [
        await server.fetch(path, **options),
        await server.fetch(f"{path}/entries", **options),
        await server.fetch(f"{path}/messages", **options),
        await server.fetch(f"{path}/read", method="PUT", body={"seq": 1}, **options),
        await server.fetch(f"{path}/commands", method="POST", body=post, **options),
    ]


async def test_unknown_conversation_is_not_found(server: Server) -> None:
    """[RU1]"""
    *reads, _ = await everywhere(server, "nowhere")
    for response in reads:
        assert response.code == 404
        assert json.loads(response.body)["code"] == "not_found"


async def test_impossible_name_is_not_found(server: Server) -> None:
    """[RU1]"""
    for name in ("Team", "..", "a%2Fb", "-a", "a" * 65, "t%C3%A9am", "a%0A", "a%00", "%ff"):
        for response in await everywhere(server, name):
            assert response.code in (400, 404), name
            assert json.loads(response.body)["type"] == "refused"
    assert (await server.ask("conversations"))["conversations"] == []


async def test_who_may_not_read_gets_nothing(server: Server) -> None:
    """[ID3]"""
    await server.post("team", "a secret")
    index = await server.fetch(f"{API}/conversations", user="stranger")
    for response in [index, *await everywhere(server, "team", user="stranger")]:
        assert response.code == 403
        assert b"secret" not in response.body
        check_schema("Refusal", json.loads(response.body))


async def test_who_is_not_signed_in_gets_nothing(server: Server) -> None:
    """[ID1]"""
    await server.post("team", "hi")
    for response in await everywhere(server, "team", user=None):
        assert response.code == 403


async def test_answers_are_for_nobody_else_and_run_nothing(server: Server) -> None:
    """[ID6] Every answer of the API, good or bad, has the headers."""
    await server.post("team", "hi")
    for response in [
        *await everywhere(server, "team"),
        *await everywhere(server, "nowhere", user="viewer"),
        await server.fetch(f"{API}/conversations"),
        await server.fetch(f"{API}/openapi.json"),
    ]:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        if response.code != 204:
            assert response.headers["Content-Type"].startswith("application/json")


async def test_method_that_is_not_there_is_refused_in_the_same_shape(server: Server) -> None:
    """[AP1]"""
    response = await server.fetch(f"{API}/{TEAM}", method="DELETE")
    assert response.code == 405
    check_schema("Refusal", json.loads(response.body))


async def test_failure_of_ours_tells_no_details(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """[FR8] [ID7] The log has the traceback, but not the query with its token."""

    async def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    hub = server.app.web_app.settings["jupyter_collab_hub"]
    monkeypatch.setattr(hub, "look_at", fail)
    with caplog.at_level(logging.DEBUG):
        response = await server.fetch(f"{API}/{TEAM}?token={token_of('ada')}", user=None)
    answer = json.loads(response.body)
    assert (response.code, answer["code"]) == (500, "internal")
    assert b"secret" not in response.body
    assert "secret detail" in caplog.text
    assert token_of("ada") not in caplog.text


@pytest.mark.parametrize("collab_config", [{"queries_per_window": 3, "window_s": 60.0}])
async def test_reads_have_a_rate(server: Server) -> None:
    """[RA5] One for all that a person reads, apart from other people's."""
    await server.post("team", "hi")
    for path in ("conversations", TEAM, f"{TEAM}/entries"):
        await server.ask(path)
    response = await server.fetch(f"{API}/{TEAM}/messages")
    answer = json.loads(response.body)
    assert (response.code, answer["code"]) == (429, "rate_limited")
    assert int(response.headers["Retry-After"]) == math.ceil(answer["retry_after_s"])
    check_schema("Refusal", answer)
    await server.ask(f"{TEAM}/messages", user="bo")
    await server.post("team", "still here")
