"""What is known of one conversation opens nothing in another."""

from __future__ import annotations

from typing import Any

from tests.servers import Server, command


async def test_messages_of_another_conversation_are_not_found(server: Server) -> None:
    """[RU13]"""
    for number in range(5):
        await server.post("theirs", f"secret {number}", user="bo")
    mine = await server.post("mine", "hi", user="ada")
    theirs = mine + 2
    peer = await server.join("mine", user="ada")
    before = server.stored()
    for body in (
        command("post", text="x", reply_to=theirs),
        command("edit", target=theirs, text="x"),
        command("redact", target=theirs),
        command("react", target=theirs, emoji="🎉"),
        command("unreact", target=theirs, emoji="🎉"),
    ):
        answer = await peer.answer(body)
        assert (answer["type"], answer["code"]) == ("refused", "not_found"), body
    assert server.stored() == before


async def test_command_id_of_another_conversation_is_another_command(server: Server) -> None:
    """[LG3]"""
    body = command("post", text="hi")
    one, two = await server.join("one"), await server.join("two")
    first, second = await one.answer(body), await two.answer(body)
    assert (first["duplicate"], second["duplicate"]) == (False, False)


async def test_cursor_of_another_conversation_is_reset(server: Server) -> None:
    """[RS4]"""
    theirs = await server.join("theirs", user="bo")
    welcome = next(frame for frame in theirs.seen if frame["type"] == "welcome")
    await server.post("mine", "hi")
    peer = await server.join("mine", after=1, epoch=welcome["conversation"]["epoch"])
    types = [frame["type"] for frame in peer.seen]
    assert types == ["welcome", "reset", "snapshot", "live"]


async def test_nothing_of_another_conversation_is_told(server: Server) -> None:
    """[RS9] [PR5] No message, name, title, typing or presence."""
    outsider = await server.join("mine", user="ada")
    insider = await server.join("theirs", user="bo")
    seq = (await insider.answer(command("post", text="secret text")))["seq"]
    for frame in (
        {"type": "typing", "active": True},
        {"type": "activity", "state": "idle"},
        {"type": "mark_read", "seq": seq},
        command("rename", title="secret title"),
        command("react", target=seq, emoji="🎉"),
    ):
        await insider.send(frame)
    await insider.answer(command("post", text="last secret"))
    insider.close()
    await server.join("theirs", user="eve")
    await outsider.answer(command("post", text="after all that"))
    told = repr(outsider.seen)
    for word in ("secret", "user:bo", "user:eve", "theirs"):
        assert word not in told


async def test_another_conversations_read_mark_is_bounded_by_this_head(server: Server) -> None:
    """[LG14] A mark beyond the log would hide what is yet to be written."""
    peer = await server.join("mine", user="ada")
    await peer.send({"type": "mark_read", "seq": 2**53 - 1})
    await server.post("mine", "hi", user="bo")
    view: dict[str, Any] = await server.ask("conversations/mine", user="ada")
    assert view["read"] < view["conversation"]["head"]
    index = await server.ask("conversations", user="ada")
    assert index["conversations"][0]["unread"] == 1
