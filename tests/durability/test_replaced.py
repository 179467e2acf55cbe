"""A database that is replaced or deleted under a running server, as people see it."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from anyio import to_thread

from jupyter_collab.limits import Limits
from jupyter_collab.log.sqlite import SqliteLog
from tests.log.files import companions
from tests.log.talk import Talk
from tests.servers import API, PATIENCE_S, Server, command


async def backup(path: Path) -> Path:
    """Another database with one message in a conversation of the same name."""
    talk = Talk(SqliteLog(path, Limits()))
    await talk.admit("ada")
    await talk.post("ada", "from the backup")
    await talk.log.close()
    return path


async def test_pages_begin_anew_with_a_replaced_database(server: Server, tmp_path: Path) -> None:
    """[LG16] [RS4] Everyone is told to come back, and gets the other epoch's log."""
    ada, bo = await server.join("team"), await server.join("team", user="bo")
    (welcome,) = [frame for frame in ada.seen if frame["type"] == "welcome"]
    for number in range(5):
        await ada.answer(command("post", text=str(number)))
    await to_thread.run_sync((await backup(tmp_path / "b.db")).replace, server.database)
    asked = command("post", text="after")
    await ada.send(asked)
    with anyio.fail_after(PATIENCE_S):
        assert [await ada.closed(), await bo.closed()] == [4201, 4201]
    assert ada.seen[-1]["type"] == "goodbye"
    assert "ack" not in [frame["type"] for frame in ada.seen if frame.get("seq", 0) > 7]

    epoch = welcome["conversation"]["epoch"]
    again = await server.join("team", after=7, epoch=epoch)
    assert "reset" in [frame["type"] for frame in again.seen]
    (snapshot,) = [frame for frame in again.seen if frame["type"] == "snapshot"]
    assert [message["text"] for message in snapshot["messages"]] == ["from the backup"]
    ack = await again.answer(asked)
    assert (ack["type"], ack["seq"], ack["duplicate"]) == ("ack", 3, False)


async def test_a_deleted_database_is_said_and_read_on(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG16] Over the socket and REST; nothing is stored where nobody would find it."""
    ada = await server.join("team")
    first = command("post", text="before")
    await ada.answer(first)
    for file in companions(server.database):
        await anyio.Path(file).unlink()
    refused = await ada.answer(command("post", text="lost"))
    assert refused["code"] == "unavailable"
    assert "gone from its place" in refused["message"]
    assert refused["message"].endswith("Your text is kept.")
    path = "conversations/team/commands"
    answer = await server.fetch(f"{API}/{path}", method="POST", body=command("post", text="lost"))
    assert answer.code == 503
    page = await server.ask("conversations/team/messages")
    assert [message["text"] for message in page["messages"]] == ["before"]
    assert not await anyio.Path(server.database).exists()
    assert str(server.database) in caplog.text


async def test_an_empty_file_in_place_of_the_database_is_no_restored_one(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG16] Nobody is told of a restore; the server goes on once the right file is back."""
    ada = await server.join("team")
    await ada.answer(command("post", text="before"))
    path, away = anyio.Path(server.database), tmp_path / "away.db"
    await path.rename(away)
    await path.touch()
    asked = command("post", text="meanwhile")
    for _ in range(2):
        refused = await ada.answer(asked)
        assert refused["code"] == "unavailable"
        assert "gone from its place" in refused["message"]
    page = await server.ask("conversations/team/messages")
    assert [message["text"] for message in page["messages"]] == ["before"]
    assert await path.read_bytes() == b""
    assert caplog.text.count(f"{path} is gone: what lies there is an empty file") == 1
    await anyio.Path(away).replace(path)
    ack = await ada.answer(asked)
    assert (ack["type"], ack["seq"], ack["duplicate"]) == ("ack", 3, False)
    bo = await server.join("team", user="bo")
    (snapshot,) = [frame for frame in bo.seen if frame["type"] == "snapshot"]
    assert [message["text"] for message in snapshot["messages"]] == ["before", "meanwhile"]
    assert "goodbye" not in [frame["type"] for frame in ada.seen]
