"""How many rooms without anyone stay in memory, and which of them go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import LastSeen, Request
from jupyter_collab.protocol.commands import Admit
from jupyter_collab.protocol.frames import Ack, Refusal
from jupyter_collab.protocol.ids import ConversationId
from tests.fakes import Clock, command, member
from tests.hubs import HeldLog, Visitor, eventually, hub_on, sqlite, stopped_clock

ADA = member("ada")
SOON = Limits(heartbeat_s=0.04, leave_grace_s=0.0, idle_rooms=3)  # the hub looks 100 times a second


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch)


def names(number: int) -> list[ConversationId]:
    return [ConversationId(f"c{n}") for n in range(number)]


def in_memory(hub: Hub) -> set[str]:
    return {room.id for room in hub._rooms.all()}


async def write(log: HeldLog, conversations: list[ConversationId]) -> None:
    """Conversations that Ada is in come into being, and this hub knows none of them."""
    await log.execute(
        [
            Request(conversation=name, author=ADA, command=Admit(ADA), at=1.0)
            for name in conversations
        ]
    )


async def look_at_all(hub: Hub, clock: Clock, conversations: list[ConversationId]) -> None:
    for name in conversations:
        clock.later(1.0)
        room = await hub.look_at(name)
        assert room is not None
        assert room.head == 1


async def test_rooms_that_were_looked_at_do_not_pile_up(tmp_path: Path, clock: Clock) -> None:
    """[RS16] Those that were not used for longest go, at the latest when as many have come."""
    log, limits = sqlite(tmp_path), Limits(heartbeat_s=4000.0, silence_s=4000.0, idle_rooms=3)
    async with hub_on(log, limits) as hub:
        await write(log, names(40))
        for name in names(40):
            await look_at_all(hub, clock, [name])
            assert len(in_memory(hub)) <= 2 * 3 + 1
    log = sqlite(tmp_path)
    async with hub_on(log, SOON) as hub:
        await look_at_all(hub, clock, [*names(6), *names(1)])
        await eventually(lambda: len(in_memory(hub)) == 3)
        assert in_memory(hub) == {"c4", "c5", "c0"}


async def test_a_room_with_a_session_is_kept(tmp_path: Path, clock: Clock) -> None:
    """[RS16] However long ago that came; and so is one whose person is still shown."""
    log = sqlite(tmp_path)
    async with hub_on(log, replace(SOON, posts_per_window=0)) as hub:
        await write(log, names(9))
        visitors = [await Visitor.connect(hub, conversation=name) for name in names(5)]
        for visitor in visitors:
            await visitor.hello()
            await visitor.until("live")
        await look_at_all(hub, clock, names(9)[5:])
        await eventually(lambda: in_memory(hub) == {*names(9)} - {"c5"})
        for visitor in visitors:
            assert (await visitor.do("post", text="hi"))["type"] == "ack"
            visitor.leave("broken")
            clock.later(1.0)
        rooms = hub._rooms.all()
        await eventually(lambda: not any(room._rates for room in rooms))  # it has looked
        assert in_memory(hub) >= {*names(5)}
        clock.later(12.0)
        await eventually(lambda: in_memory(hub) == {"c2", "c3", "c4"})
        back = await Visitor.connect(hub, conversation=names(1)[0])
        await back.hello()
        await back.until("live")
        assert [m["text"] for m in back.find("snapshot")[0]["messages"]] == ["hi"]


async def test_a_room_with_a_command_under_way_is_kept(tmp_path: Path, clock: Clock) -> None:
    """[RS16] Also once no rate counts that command any more."""
    log = sqlite(tmp_path)
    async with hub_on(log, SOON) as hub:
        await write(log, names(5))
        log.before_commit.shut()
        answers: list[Ack | Refusal] = []

        async def post() -> None:
            answers.append(await hub.command(names(1)[0], ADA, command("post", text="hi")))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(post)
            await eventually(lambda: log.before_commit.waiting)
            room = hub._rooms.joined(names(1)[0])
            clock.later(20.0)
            await eventually(lambda: room.is_empty)
            await look_at_all(hub, clock, names(5)[1:])
            await eventually(lambda: len(in_memory(hub)) == 4)
            assert in_memory(hub) == {"c0", "c2", "c3", "c4"}
            log.before_commit.open()
        assert isinstance(answers[0], Ack)
        assert room.head == 2
        await eventually(lambda: in_memory(hub) == {"c2", "c3", "c4"})


async def test_a_room_that_knows_more_than_the_log_is_kept(tmp_path: Path, clock: Clock) -> None:
    """[RS16] [LG14] A read mark that is not stored yet is not forgotten."""
    log = sqlite(tmp_path)
    async with hub_on(log, SOON) as hub:
        await write(log, names(5))
        await hub.command(names(1)[0], member("bo"), command("post", text="hi"))
        log.note_error = Unavailable("The disk is full.")
        await hub.mark_read(names(1)[0], ADA, 3)
        clock.later(20.0)
        await look_at_all(hub, clock, names(5)[1:])
        await eventually(lambda: in_memory(hub) == {"c0", "c2", "c3", "c4"})
        log.note_error = None
        hub._committer.keep(LastSeen(names(5)[1], ADA.id, 1.0))  # the late one goes with the next
        await hub._committer.drained()
        await look_at_all(hub, clock, names(5)[1:])
        await eventually(lambda: in_memory(hub) == {"c2", "c3", "c4"})
        room = await hub.look_at(names(1)[0])
        assert room is not None
        assert room.read_mark(ADA.id) == 3


async def test_a_room_that_is_being_read_is_kept(tmp_path: Path, clock: Clock) -> None:
    """[RS16] Whoever asked for it gets it, even where none is to stay."""
    log = sqlite(tmp_path)
    async with hub_on(log, Limits(idle_rooms=0, heartbeat_s=0.04)) as hub:
        await write(log, names(3))
        await hub.start()
        found: list[int] = []

        async def visit(name: ConversationId) -> None:
            found.append((await hub._rooms.enter(name, ADA, at_least=2)).head)

        async with anyio.create_task_group() as tasks:
            for name in names(3):
                for _ in range(5):
                    tasks.start_soon(visit, name)
        assert found == [1] * 15
        await eventually(lambda: in_memory(hub) == set())


async def test_use_keeps_a_room_and_news_of_others_does_not(tmp_path: Path, clock: Clock) -> None:
    """[RS11] Nobody here has a use of what another server's people write."""
    log, limits = sqlite(tmp_path), Limits(heartbeat_s=0.04, idle_unload_s=100.0)
    async with hub_on(log, limits) as hub:
        await write(log, names(2))
        asked, other = names(2)
        await look_at_all(hub, clock, [asked, other])
        clock.later(60.0)
        await hub.look_at(asked)
        hub._rooms.catch_up(other, hub._rooms.joined(other).head)
        clock.later(60.0)
        await eventually(lambda: in_memory(hub) == {asked})
