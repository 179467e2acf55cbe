"""Hints between servers that share a database file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from jupyter_collab.broker.file import FileBroker
from jupyter_collab.limits import Limits
from jupyter_collab.log import reader, watch
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.ids import ConversationId
from tests.broker.contract import BrokerContract, Listener
from tests.fakes import TEAM
from tests.hubs import Visitor, eventually, hub_on
from tests.log.talk import Talk

OTHER = ConversationId("other")
LIMITS = Limits(heartbeat_s=600, silence_s=900)  # which tells of a new head as well


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@asynccontextmanager
async def file_broker(path: Path, listener: Listener) -> AsyncIterator[FileBroker]:
    """The broker of a server with that file open; the listener hears of it."""
    log = SqliteLog(path, LIMITS)
    await log.load(TEAM)
    broker = FileBroker(log=log)
    broker.listen(listener.hear, listener.followed)
    yield broker
    await broker.leave(listener.hear)
    await log.close()


@asynccontextmanager
async def another_server(path: Path) -> AsyncIterator[Talk]:
    """Writes to the file."""
    log = SqliteLog(path, LIMITS)
    yield Talk(log)
    await log.close()


class TestFileBroker(BrokerContract):
    """See the contract."""

    @pytest.fixture
    def make_broker(self, path: Path) -> Callable[[], FileBroker]:
        return lambda: FileBroker(log=SqliteLog(path, LIMITS))


async def test_servers_hear_of_each_others_entries(path: Path) -> None:
    """[LG19] Each sees the other's and its own, in one order."""
    logs = [SqliteLog(path, LIMITS) for _ in range(2)]
    async with (
        hub_on(logs[0], LIMITS, FileBroker(log=logs[0])) as here,
        hub_on(logs[1], LIMITS, FileBroker(log=logs[1])) as there,
    ):
        ada, bo = await Visitor.join(here, "ada"), await Visitor.join(there, "bo")
        for number in range(3, 9, 2):
            await ada.do("post", text=str(number))
            await bo.at(number)
            await bo.do("post", text=str(number + 1))
            await ada.at(number + 1)
        assert bo.texts == ada.texts == list("345678")


async def test_what_grew_before_anyone_listened_is_told_too(path: Path) -> None:
    """[LG19] So nothing falls between opening a room and following it."""
    async with another_server(path) as talk:
        await talk.admit("ada")
        async with file_broker(path, listener := Listener()):
            await eventually(lambda: ("team", 1) in listener.heard)


async def test_only_what_others_wrote_is_news(path: Path) -> None:
    """[LG19] An own commit costs no look at how far the conversations have come."""
    log, asked = SqliteLog(path, LIMITS), list[int]()
    here = Talk(log)
    await here.admit("ada")
    log.listen(lambda: asked.append(1))
    await eventually(lambda: asked)
    asked.clear()
    for _ in range(5):
        await here.post("ada", "hi")
        await anyio.sleep(LIMITS.watch_s * 1.5)
    assert asked == []
    async with another_server(path) as there:
        await there.post("ada", "ho")
        await eventually(lambda: asked)
    await log.close()


async def test_what_nobody_follows_is_not_told(path: Path) -> None:
    """[LG19] Nor what does not exist."""
    team, both = Listener(TEAM), Listener(TEAM, OTHER, ConversationId("nowhere"))
    async with another_server(path) as talk, file_broker(path, team) as broker:
        await talk.admit("ada", conversation="other")
        await talk.admit("ada", conversation="third")
        await talk.admit("ada")
        await eventually(lambda: ("team", 1) in team.heard)
        assert {conversation for conversation, _ in team.heard} == {"team"}
        broker.listen(both.hear, both.followed)
        await talk.post("ada", "hi")
        await eventually(lambda: {("team", 2), ("other", 1)} <= set(both.heard))
        await broker.leave(both.hear)


async def test_who_listens_again_hears_again(path: Path) -> None:
    """[LG19] Nothing is looked for in between."""
    async with another_server(path) as talk, file_broker(path, first := Listener()) as broker:
        await talk.admit("ada")
        await eventually(lambda: ("team", 1) in first.heard)
        await broker.leave(first.hear)
        heard = len(first.heard)
        await talk.post("ada", "hi")
        again = Listener()
        broker.listen(again.hear, again.followed)
        await eventually(lambda: ("team", 2) in again.heard)
        assert len(first.heard) == heard
        await broker.leave(again.hear)


async def test_a_failure_costs_one_hint(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG19] The next is told as ever."""

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("out of order")

    async with another_server(path) as talk:
        await talk.admit("ada")
        with monkeypatch.context() as broken:
            broken.setattr(reader, "read_heads", fail)
            async with file_broker(path, listener := Listener()):
                await eventually(lambda: "out of order" in caplog.text)
                assert listener.heard == []
                broken.undo()
                await talk.post("ada", "hi")
                await eventually(lambda: ("team", 2) in listener.heard)


async def test_a_look_that_fails_is_made_up_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG19] With the next connection, which begins with asking."""

    def fail(_: object) -> None:
        raise sqlite3.OperationalError("out of order")

    log, asked = SqliteLog(path, LIMITS), list[int]()
    await Talk(log).admit("ada")
    with monkeypatch.context() as broken:
        broken.setattr(watch, "_version_of", fail)
        log.listen(lambda: asked.append(1))
        await eventually(lambda: "out of order" in caplog.text)
    assert asked == []
    await Talk(log).post("ada", "hi")
    await eventually(lambda: asked)
    await log.close()
