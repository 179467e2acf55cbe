"""The same command again, however it comes: one entry, the same answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from msgspec.structs import replace

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Duplicate, Outcome, Stored
from jupyter_collab.log.sqlite import SqliteLog
from tests.fakes import command as typed
from tests.hubs import Visitor, hub_on, sqlite, stopped_clock
from tests.log.talk import Talk, code_of, seq_of, with_id_of
from tests.servers import API, Server, command

YEAR_S = 365 * 86_400.0
COMMANDS = "conversations/{}/commands"


async def over_rest(
    server: Server, asked: dict[str, Any], *, conversation: str = "team", user: str = "ada"
) -> dict[str, Any]:
    """The ack of a command over REST."""
    path = COMMANDS.format(conversation)
    ack: dict[str, Any] = await server.ask(path, user=user, method="POST", body=asked)
    return ack


async def test_from_two_connections_at_once(server: Server) -> None:
    """[LG3] [LG10] Sent by all of a person's tabs and over REST in the same moment."""
    tabs = [await server.join("team") for _ in range(4)]
    for _ in range(10):
        asked = command("post", text="once")
        answers: list[dict[str, Any]] = []

        async def ask(tab: int, asked: dict[str, Any], answers: list[dict[str, Any]]) -> None:
            answers.append(await tabs[tab].answer(asked))

        async def ask_rest(asked: dict[str, Any], answers: list[dict[str, Any]]) -> None:
            answers.append(await over_rest(server, asked))

        async with anyio.create_task_group() as tasks:
            for tab in range(len(tabs)):
                tasks.start_soon(ask, tab, asked, answers)
            tasks.start_soon(ask_rest, asked, answers)
        assert len({answer["seq"] for answer in answers}) == 1
        assert sorted(answer["duplicate"] for answer in answers) == [False, *[True] * 4]
    page = await server.ask("conversations/team/messages")
    assert [message["text"] for message in page["messages"]] == ["once"] * 10


async def test_whatever_carries_the_retry(server: Server) -> None:
    """[LG3] [LG4] [LG11] Over the socket, REST and a new socket; also once it is deleted."""
    first = await server.join("team")
    asked = command("post", text="hi")
    seq = (await first.answer(asked))["seq"]
    first.close()
    again = await server.join("team")
    assert (await again.answer(asked))["duplicate"]
    assert (await over_rest(server, asked))["seq"] == seq

    other = {**asked, "text": "ho"}
    assert (await again.answer(other))["code"] == "id_reused"
    answer = await server.fetch(f"{API}/{COMMANDS.format('team')}", method="POST", body=other)
    assert (answer.code, b"id_reused" in answer.body) == (409, True)

    elsewhere = await over_rest(server, asked, conversation="other")
    assert not elsewhere["duplicate"]
    someone = await over_rest(server, asked, user="bo")
    assert not someone["duplicate"]
    assert someone["seq"] != seq

    await again.answer(command("redact", target=seq))
    ack = await again.answer(asked)
    assert (ack["seq"], ack["duplicate"]) == (seq, True)
    page = await server.ask("conversations/team/messages")
    assert [message["text"] for message in page["messages"]] == ["", "hi"]


async def test_from_two_servers_at_once(tmp_path: Path) -> None:
    """[LG3] [LG1] Two servers of one file: one stores it, the other is told so."""
    servers = [Talk(SqliteLog(tmp_path / "log.db", Limits())) for _ in range(2)]
    await servers[0].admit("ada")
    outcomes: list[list[Outcome]] = [[], []]
    asked = [typed("post", text=str(number)) for number in range(30)]

    async def send(server: int) -> None:
        for one in asked:
            outcomes[server].append(await servers[server].ask("ada", one))

    async with anyio.create_task_group() as tasks:
        for server in range(2):
            tasks.start_soon(send, server)
    seqs = [[seq_of(outcome) for outcome in told] for told in outcomes]
    assert seqs[0] == seqs[1] == list(range(2, 32))
    for pair in zip(*outcomes, strict=True):
        assert sorted(type(outcome).__name__ for outcome in pair) == ["Duplicate", "Stored"]
    assert len(await servers[0].entries()) == 31
    for talk in servers:
        await talk.log.close()


async def test_after_a_year_and_a_restart(tmp_path: Path) -> None:
    """[LG3] [LG4] As long as the entry is kept, whatever the clock says, forwards or back."""
    talk = Talk(SqliteLog(tmp_path / "log.db", Limits()))
    await talk.admit("ada")
    asked = typed("post", text="hi")
    seq = seq_of(await talk.ask("ada", asked))
    await talk.log.close()
    again = Talk(SqliteLog(tmp_path / "log.db", Limits()))
    for after_s in (YEAR_S, 10 * YEAR_S, -YEAR_S):
        request = again.request("ada", asked)
        (outcome,) = await again.log.execute([replace(request, at=request.at + after_s)])
        assert outcome == Duplicate(seq)
        twisted = again.request("ada", with_id_of(asked, "post", text="ho"))
        (outcome,) = await again.log.execute([replace(twisted, at=twisted.at + after_s)])
        assert code_of(outcome) == "id_reused"
    assert isinstance(await again.ask("ada", typed("post", text="hi")), Stored)
    await again.log.close()


async def test_after_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[LG3] [RA3] While the rate refuses anything new, and long after; the clock may step back."""
    clock = stopped_clock(monkeypatch)
    limits = Limits(posts_per_window=2)
    async with hub_on(sqlite(tmp_path, limits), limits) as hub:
        ada = await Visitor.join(hub)
        ids = []
        for text in ("one", "two"):
            ids.append(await ada.send("post", text=text))
            await ada.answered(ids[-1])
        assert (await ada.do("post", text="three"))["code"] == "rate_limited"
        for step_s in (0.0, 100.0, -3600.0, YEAR_S):
            clock.wall += step_s
            clock.mono += max(0.0, step_s)
            ada.transport.writes.clear()
            for seq, (id_, text) in enumerate(zip(ids, ("one", "two"), strict=True), start=2):
                await ada.send("post", command_id=id_, text=text)
                answer = await ada.answered(id_)
                assert (answer["type"], answer["seq"], answer["duplicate"]) == ("ack", seq, True)
        clock.wall -= 2 * YEAR_S
        assert (await ada.do("post", text="three"))["seq"] == 4  # rates go by another clock
        assert (await ada.do("post", text="four"))["seq"] == 5
        assert (await ada.do("post", text="five"))["code"] == "rate_limited"
