"""Rooms kept in step with a real log, while it is opened, read and written by others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest

from jupyter_collab.broker.memory import MemoryBroker
from jupyter_collab.errors import NotFound, Unavailable
from jupyter_collab.hub.crew import Crew
from jupyter_collab.hub.rooms import EVERYTHING, Rooms
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Request
from jupyter_collab.log.memory import MemoryLog
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.commands import Admit
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.frames import Ack, Goodbye, Refusal
from jupyter_collab.protocol.ids import ConversationId, Seq
from jupyter_collab.protocol.members import Member
from jupyter_collab.room.room import Room
from tests.fakes import TEAM, command, member
from tests.hubs import HeldLog, eventually, settled
from tests.rooms import ADA, BO


@dataclass(slots=True)
class House:
    """Running rooms over a log that others write as well."""

    log: HeldLog
    other: SqliteLog
    rooms: Rooms = field(init=False)
    told: list[str] = field(default_factory=list)  # entries and answers, as they come

    def take(self, room: Room, entries: Sequence[Entry]) -> None:
        effects = room.applied(entries)
        if effects:
            self.told += [f"entry {entry.seq}" for entry in entries]

    def lose(self, room: Room, farewell: Goodbye) -> None:
        self.told.append(f"lost at {room.head}: {farewell.code}")
        self.rooms.unload(room.id)

    def submit(self, room: Room, text: str, who: Member | None = None) -> None:
        def answered(answer: Ack | Refusal) -> None:
            self.told.append(answer.code if isinstance(answer, Refusal) else f"ack {answer.seq}")

        self.rooms.submit(room, who or member("ada"), command("post", text=text), answered)

    async def write(self, *, who: str = "bo", text: str = "hi") -> None:
        """Another server writes an entry: Bo joins, and then posts."""
        requests = [
            Request(conversation=TEAM, author=member(who), command=asked, at=1.0)
            for asked in (Admit(member(who)), command("post", text=text))
        ]
        await self.other.execute(requests)


@asynccontextmanager
async def house(path: Path, limits: Limits | None = None) -> AsyncIterator[House]:
    limits = limits or Limits()
    log, other, crew = (
        HeldLog(SqliteLog(path / "log.db", limits)),
        SqliteLog(path / "log.db", limits),
        Crew(),
    )
    here = House(log, other)
    here.rooms = Rooms(log, MemoryBroker(), limits, here.take, crew.spawn, here.lose)
    async with anyio.create_task_group() as tasks:
        started = anyio.Event()
        tasks.start_soon(lambda: crew.run(here.rooms.committer.run, started=started))
        await started.wait()
        yield here
        crew.stop()
    await log.close()
    await other.close()
    assert (here.rooms._reading, here.rooms._heads) == ({}, {}), "nothing is left over"


async def test_a_first_visit_makes_the_conversation(tmp_path: Path) -> None:
    """[RU2] [RU11]"""
    async with house(tmp_path) as here:
        assert await here.rooms.open(TEAM) is None
        room = await here.rooms.enter(TEAM, member("ada"))
        assert room is here.rooms.get(TEAM) is here.rooms.joined(TEAM)
        assert here.rooms.all() == [room]
        assert (room.head, room.member(ADA)) == (1, member("ada"))
        assert await here.rooms.enter(TEAM, member("ada")) is room
        assert room.head == 1


async def test_a_viewer_makes_no_conversation(tmp_path: Path) -> None:
    """[RU2]"""
    async with house(tmp_path) as here:
        with pytest.raises(NotFound):
            await here.rooms.enter(TEAM, member("ada", role="viewer"))
        assert here.rooms.all() == []


async def test_a_changed_profile_is_written_once(tmp_path: Path) -> None:
    """[RU11]"""
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        renamed = Member(ADA, "Ada L.")
        await here.rooms.enter(TEAM, renamed)
        await here.rooms.enter(TEAM, Member(ADA, "Ada L.", role="viewer"))
        assert room.head == 2
        assert room.member(ADA) == renamed


async def test_two_tabs_of_a_newcomer_write_one_entry(tmp_path: Path) -> None:
    """[RU11]"""
    async with house(tmp_path) as here:
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(here.rooms.enter, TEAM, member("ada"))
        room = here.rooms.joined(TEAM)
        assert room.head == 1


async def test_many_who_come_at_once_read_the_log_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.write()
        here.log.after_load.shut()
        opened: list[Room | None] = []

        async def open_() -> None:
            opened.append(await here.rooms.open(TEAM))

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(open_)
            await eventually(lambda: here.log.after_load.waiting)
            here.log.after_load.open()
        assert here.log.reads == 1
        assert opened == [here.rooms.joined(TEAM)] * 10


async def test_what_is_committed_while_a_room_is_read_is_not_missed(tmp_path: Path) -> None:
    """[RS5] Neither by this server nor by another."""
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        here.rooms.unload(TEAM)
        here.log.after_load.shut()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: here.rooms.open(TEAM))
            await eventually(lambda: here.log.after_load.waiting)
            here.submit(room, "own")
            await here.rooms.committer.drained()
            await here.write()
            here.rooms.catch_up(TEAM, Seq(4))
            here.rooms.catch_up(TEAM, Seq(3))  # hints may come in any order
            here.log.after_load.open()
        assert here.rooms.joined(TEAM).head == 4
        assert here.told == ["ack 2", "entry 2", "entry 3", "entry 4"]


async def test_a_load_that_fails_leaves_nothing_and_the_next_works(tmp_path: Path) -> None:
    """[LG13]"""
    async with house(tmp_path) as here:
        await here.write()
        here.log.read_error = Unavailable("The disk is broken.")
        with pytest.raises(Unavailable):
            await here.rooms.open(TEAM)
        assert (here.rooms._reading, here.rooms.all()) == ({}, [])
        here.log.read_error = None
        assert await here.rooms.open(TEAM) is not None


async def test_a_caller_who_gives_up_harms_nobody(tmp_path: Path) -> None:
    """A second one must not read at the same time as the first."""
    async with house(tmp_path) as here:
        await here.write()
        here.log.after_load.shut()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: here.rooms.open(TEAM))
            await eventually(lambda: here.log.after_load.waiting)
            with anyio.move_on_after(0):
                await here.rooms.open(TEAM)
            assert TEAM in here.rooms._reading
            tasks.start_soon(lambda: here.rooms.open(TEAM))
            await settled()
            assert here.log.reads == 1
            here.log.after_load.open()
        assert here.log.reads == 1


async def test_a_newcomer_who_gives_up_is_let_in_all_the_same(tmp_path: Path) -> None:
    """[LG6] What was submitted is stored, whoever waits for it."""
    async with house(tmp_path) as here:
        here.log.before_commit.shut()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.rooms.enter, TEAM, member("ada"))
            await eventually(lambda: here.log.before_commit.waiting)
            tasks.cancel_scope.cancel()
        here.log.before_commit.open()
        await here.rooms.committer.drained()
        room = await here.rooms.open(TEAM)
        assert room is not None
        assert room.member(ADA) == member("ada")


async def test_own_and_foreign_entries_come_in_one_order(tmp_path: Path) -> None:
    """[FO3] [LG1] An own entry after one that no hint told of waits for it."""
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        await here.write()
        here.submit(room, "own")
        await eventually(lambda: room.head == 4)
        assert here.told[-4:] == ["ack 4", "entry 2", "entry 3", "entry 4"]


async def test_a_hint_brings_what_another_server_wrote(tmp_path: Path) -> None:
    """[RS5]"""
    async with house(tmp_path, Limits(entries_per_page=2)) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        for _ in range(5):
            await here.write()
        here.rooms.catch_up(TEAM, Seq(7))
        await eventually(lambda: room.head == 7)
        assert here.told == [f"entry {seq}" for seq in range(2, 8)]


async def test_a_hint_that_comes_while_reading_is_not_lost(tmp_path: Path) -> None:
    """[RS5] Even if what was just read did not have it yet."""
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        here.log.after_read.shut()
        here.rooms.catch_up(TEAM, Seq(2))  # a hint may be wrong
        await eventually(lambda: here.log.after_read.waiting)
        await here.write()
        here.rooms.catch_up(TEAM, Seq(3))
        here.log.after_read.open()
        await eventually(lambda: room.head == 3)


async def test_a_hint_that_comes_when_all_have_read_is_not_lost(tmp_path: Path) -> None:
    """[RS5] Nor if the last in the queue finds that it need not read any more."""
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        async with here.rooms._alone_with(TEAM):
            await here.write()
            here.rooms.catch_up(TEAM, Seq(3))
        await eventually(lambda: room.head == 3)


async def test_a_hint_that_comes_while_a_read_fails_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[RS5] [LG13]"""
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        await here.write()

        async def fail(*_: object) -> tuple[Entry, ...]:
            here.rooms.catch_up(TEAM, Seq(3))
            monkeypatch.undo()
            raise Unavailable("The disk is broken.")

        monkeypatch.setattr(here.log, "entries", fail)
        with pytest.raises(Unavailable):
            await here.rooms.open(TEAM, at_least=2)
        await eventually(lambda: room.head == 3)


async def test_a_hint_of_what_is_not_there_is_asked_for_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        reads = here.log.reads
        assert await here.rooms.open(TEAM, at_least=99) is room
        assert here.log.reads == reads + 1
        here.rooms.catch_up(TEAM, room.head)
        here.rooms.catch_up(ConversationId("unknown"), Seq(5))
        await settled()
        assert here.log.reads == reads + 1


async def test_whoever_asks_for_everything_gets_every_page_of_it(tmp_path: Path) -> None:
    """[RS5] Also what is written, and hinted at, while the last and empty page is read."""
    async with house(tmp_path, Limits(entries_per_page=2)) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        for _ in range(5):
            await here.write()
        here.rooms.catch_up(TEAM, EVERYTHING)
        await eventually(lambda: room.head == 7)
        here.log.after_read.shut()
        here.rooms.catch_up(TEAM, EVERYTHING)
        await eventually(lambda: here.log.after_read.waiting)
        await here.write()
        here.rooms.catch_up(TEAM, Seq(8))
        here.log.after_read.open()
        await eventually(lambda: room.head == 8)


async def test_hints_that_pile_up_cost_one_read(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        await here.write()
        await here.write(who="cam")
        reads = here.log.reads
        for seq in (2, 3, 4, 5):
            here.rooms.catch_up(TEAM, Seq(seq))
        await eventually(lambda: room.head == 5)
        await eventually(lambda: not here.rooms._reading)
        assert here.log.reads == reads + 1


async def test_an_entry_is_never_shown_before_its_author_is_told(tmp_path: Path) -> None:
    """[FO3] Not even if a reader finds it in the log first."""
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        here.log.after_commit.shut()
        here.submit(room, "own")
        await eventually(lambda: here.log.after_commit.waiting)
        here.log.after_read.shut()
        here.rooms.catch_up(TEAM, Seq(2))
        await eventually(lambda: here.log.after_read.waiting)
        here.log.after_read.open()
        await settled()
        assert "entry 2" not in here.told
        here.log.after_commit.open()
        await eventually(lambda: room.head == 2)
        assert here.told[-2:] == ["ack 2", "entry 2"]


async def test_who_was_let_in_by_another_server_is_known_at_once(tmp_path: Path) -> None:
    """[RS7] Although no hint told of it, and a page of others came first."""
    async with house(tmp_path, Limits(entries_per_page=2)) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        for who in ("cam", "dee", "bo"):
            await here.write(who=who)
        assert await here.rooms.enter(TEAM, member("bo")) is room
        assert room.member(BO) == member("bo")
        assert room.head == 7


async def test_a_newcomer_after_a_gap_is_known_at_once(tmp_path: Path) -> None:
    """[RS7] [RS8]"""
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        await here.write()
        await here.rooms.enter(TEAM, member("cam"))
        assert room.head == 4
        assert room.read_mark(member("cam").id) == 4


async def test_an_entry_that_a_client_has_is_read_before_it_enters(tmp_path: Path) -> None:
    """[RS4] It saw it on another server: that is no reason to start afresh."""
    async with house(tmp_path) as here:
        await here.rooms.enter(TEAM, member("ada"))
        await here.write()
        room = await here.rooms.enter(TEAM, member("ada"), at_least=3)
        assert room.head == 3


async def test_a_room_that_is_let_go_of_while_it_is_read_is_opened_anew(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        room = await here.rooms.enter(TEAM, member("ada"))
        await here.write()
        here.log.after_read.shut()
        here.rooms.catch_up(TEAM, Seq(3))
        await eventually(lambda: here.log.after_read.waiting)
        here.rooms.unload(TEAM)
        here.rooms.unload(TEAM)
        here.log.after_read.open()
        await eventually(lambda: not here.rooms._reading)
        again = await here.rooms.open(TEAM)
        assert again is not None
        assert again is not room
        assert again.head == 3


async def test_the_log_in_memory_will_do_as_well() -> None:
    crew = Crew()
    rooms = Rooms(MemoryLog(Limits()), MemoryBroker(), Limits(), lambda *_: None, crew.spawn, print)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(rooms.committer.run)
        assert (await rooms.enter(TEAM, member("ada"))).head == 1
        tasks.cancel_scope.cancel()


async def test_nobody_enters_while_nothing_can_be_stored(tmp_path: Path) -> None:
    """[LG13] Who is known already does."""
    async with house(tmp_path) as here:
        await here.rooms.enter(TEAM, member("ada"))
        here.log.write_error = Unavailable("The disk is full.")
        with pytest.raises(Unavailable):
            await here.rooms.enter(TEAM, member("bo"))
        assert (await here.rooms.enter(TEAM, member("ada"))).head == 1
