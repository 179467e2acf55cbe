"""A database that can't be used: what people are told, that nothing is half stored, and after."""

from __future__ import annotations

import filecmp
import logging
import os
import resource
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import anyio
import pytest
from msgspec.structs import replace

from jupyter_collab.errors import Unavailable
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Duplicate
from jupyter_collab.log.worker import Worker
from jupyter_collab.protocol.commands import Admit
from jupyter_collab.protocol.ids import Seq
from tests.fakes import TEAM, command, member
from tests.hubs import eventually
from tests.log.conftest import OpenTalk
from tests.log.files import companions, held_by_another, posting_server, rows
from tests.log.folded import folded, state_of
from tests.log.talk import Talk, seq_of

pytestmark = pytest.mark.anyio

NOBODY = 65534
IMPATIENT = Limits(busy_timeout_s=0.05)


async def refusal(talk: Talk, text: str = "hi") -> str:
    """What someone is told whose post can't be stored."""
    with pytest.raises(Unavailable) as caught:
        await talk.post("ada", text)
    assert caught.value.code == "unavailable"
    return caught.value.message


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A directory, and no right to do more in it than the modes say: root could do all."""
    with tempfile.TemporaryDirectory() as name:
        was_root = os.geteuid() == 0
        if was_root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield Path(name)
        if was_root:
            os.seteuid(0)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes: as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_read_only_file_refuses_and_is_read(
    open_talk: OpenTalk, unprivileged: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG13] And takes posts again once it is writable, without a restart."""
    path = unprivileged / "conversations.db"
    first = open_talk(path)
    await first.admit("ada")
    await first.log.close()
    path.chmod(0o400)
    talk = open_talk(path)
    assert "read-only" in await refusal(talk)
    assert [entry.seq for entry in await talk.entries()] == [1]
    assert "read-only" in await refusal(talk)
    path.chmod(0o600)
    assert await talk.post("ada", "hi") == 2
    assert str(path) in caplog.text


async def test_locked_file_refuses_and_is_read(path: Path, open_talk: OpenTalk) -> None:
    """[LG13] After the time-out; and takes posts again once it is free."""
    talk = open_talk(limits=IMPATIENT)
    await talk.admit("ada")
    with held_by_another(path):
        assert "Another program" in await refusal(talk)
        assert [entry.seq for entry in await talk.entries()] == [1]
    assert await talk.post("ada", "hi") == 2


async def test_waiting_for_a_lock_holds_up_nobody(path: Path, open_talk: OpenTalk) -> None:
    """[LG13] Neither the event loop nor readers; the post is stored once the lock is gone."""
    talk = open_talk(limits=Limits(busy_timeout_s=60))
    await talk.admit("ada")
    stored: list[Seq] = []

    async def post() -> None:
        stored.append(await talk.post("ada", "patient"))

    with held_by_another(path) as let_go:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(post)
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
                assert (await talk.loaded()).info.head == 1
            assert stored == []
            let_go()
    assert stored == [2]


async def test_full_disk_stores_nothing_and_heals(path: Path, open_talk: OpenTalk) -> None:
    """[LG13] A batch is stored whole or not at all; reading goes on."""
    talk = open_talk()
    await talk.admit("ada")
    small, large = command("post", text="small"), command("post", text="x" * 30_000)
    batch = [talk.request("ada", asked) for asked in (small, large, large)]
    with file_size_limit(companions(path)[1].stat().st_size + 8192):
        with pytest.raises(Unavailable, match="disk"):
            await talk.log.execute(batch)
        assert [entry.seq for entry in await talk.entries()] == [1]
    assert [seq_of(outcome) for outcome in await talk.log.execute(batch)] == [2, 3, 3]


async def test_what_is_no_database_is_left_alone(path: Path, open_talk: OpenTalk) -> None:
    """[LG13] Nothing is overwritten; a restored file is enough to go on."""
    path.parent.mkdir()
    shutil.copy(__file__, path)
    talk = open_talk()
    assert "damaged" in await refusal(talk)
    with pytest.raises(Unavailable, match="damaged"):
        await talk.log.load(TEAM)
    assert filecmp.cmp(__file__, path, shallow=False)
    await anyio.Path(path).unlink()
    await talk.admit("ada")
    assert await talk.post("ada", "hi") == 2


async def test_a_database_of_something_else_is_left_alone(path: Path, open_talk: OpenTalk) -> None:
    """[LG13]"""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE entries (mine TEXT)")
    assert "log says more" in await refusal(open_talk())
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("entries",)]


async def test_a_newer_database_is_left_alone(path: Path, open_talk: OpenTalk) -> None:
    """[LG13] Its entries might mean what we don't know."""
    talk = open_talk()
    await talk.admit("ada")
    await talk.log.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('jupyter_collab', 'new')"
        )
    again = open_talk()
    assert "newer" in await refusal(again)
    with pytest.raises(Unavailable, match="newer"):
        await again.loaded()


async def test_a_place_that_can_not_be_is_told_without_its_path(
    tmp_path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG13] [FR8] The path is for the operator's log."""
    (tmp_path / "file").write_text("in the way")
    told = await refusal(open_talk(tmp_path / "file" / "conversations.db"))
    assert "can't open" in told
    assert str(tmp_path) not in told
    assert str(tmp_path) in caplog.text


async def test_a_bug_of_ours_is_not_the_databases(open_talk: OpenTalk) -> None:
    """[LG5] [FR8] Nothing of the batch is stored, and the next may come."""
    talk = open_talk()
    await talk.admit("ada")
    good = talk.request("ada", command("post", text="hi"))
    bad = replace(talk.request("ada", command("post", text="hi")), at=None)  # the bug
    with pytest.raises(sqlite3.IntegrityError):
        await talk.log.execute([good, bad])
    assert [seq_of(outcome) for outcome in await talk.log.execute([good])] == [2]


@pytest.mark.parametrize("mode", [0o000, 0o200])
async def test_a_file_that_can_not_be_read_is_left_alone(
    open_talk: OpenTalk, unprivileged: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    """[LG13] Wrong permissions; and goes on once they are right, without a restart."""
    path = unprivileged / "conversations.db"
    first = open_talk(path)
    await first.admit("ada")
    await first.log.close()
    path.chmod(mode)
    talk = open_talk(path)
    assert "can't open" in await refusal(talk)
    with pytest.raises(Unavailable, match="can't open"):
        await talk.loaded()
    assert str(path) in caplog.text
    path.chmod(0o600)
    assert await talk.post("ada", "hi") == 2


async def test_a_read_only_directory_refuses(
    open_talk: OpenTalk, unprivileged: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG13] SQLite can't make its log there; and goes on once it can, without a restart."""
    path = unprivileged / "conversations.db"
    first = open_talk(path)
    await first.admit("ada")
    await first.log.close()
    await anyio.Path(unprivileged).chmod(0o500)
    talk = open_talk(path)
    assert "Its operator has to" in await refusal(talk)
    assert str(path) in caplog.text
    await anyio.Path(unprivileged).chmod(0o700)
    assert await talk.post("ada", "hi") == 2
    assert [entry.seq for entry in await talk.entries()] == [1, 2]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE entries SET body = '{\"text\":' WHERE seq = 2",
        "UPDATE entries SET body = '[]' WHERE seq = 2",
        "UPDATE entries SET kind = 'psoted' WHERE seq = 2",
        "UPDATE entries SET body = CAST(x'7b22ff' AS TEXT) WHERE seq = 2",
    ],
)
async def test_a_damaged_entry_is_the_databases_fault(
    path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    """[LG13] [FR8] Not ours: no 4104 for everyone who looks at it, and writing goes on."""
    talk = open_talk()
    await talk.admit("ada")
    await talk.post("ada", "hi")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(damage)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await talk.entries()
    assert str(path) in caplog.text
    assert await talk.post("ada", "on") == 3


@pytest.mark.parametrize("left", [0, 31, 32, 5000, 20_000, 30_001, 45_000])
async def test_a_truncated_or_torn_log_leaves_a_whole_beginning(
    path: Path, open_talk: OpenTalk, left: int
) -> None:
    """[LG1] [LG7] A disk that loses what it had synced: what is left is a log, and goes on."""
    with posting_server(path) as (server, told):
        for _ in range(20):
            told.readline()
        server.kill()
    wal = companions(path)[1]
    before = wal.stat().st_size
    assert before > left
    os.truncate(wal, left)
    with wal.open("ab") as torn:
        torn.write(b"torn" * 1000)
    companions(path)[2].unlink(missing_ok=True)  # and its shared memory is gone, too
    talk = open_talk()
    await talk.ask("ada", Admit(member("ada")))
    entries = await talk.entries()
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert await state_of(talk.log, TEAM) == await folded(talk.log, TEAM)
    assert await talk.post("ada", "on") == len(entries) + 1
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_clock_that_steps_back_changes_no_order(open_talk: OpenTalk) -> None:
    """[LG1] Entries are in order of `seq`; their times are what the clock said."""
    talk = open_talk()
    await talk.admit("ada")
    ahead, back = (
        replace(talk.request("ada", command("post", text=text)), at=at)
        for text, at in (("first", 2e9), ("second", 1e9))
    )
    for request in (ahead, back):
        await talk.log.execute([request])
    assert [(m.text, m.at) for m in await talk.history()] == [("first", 2e9), ("second", 1e9)]
    assert [entry.seq for entry in await talk.entries()] == [1, 2, 3]
    (repeat,) = await talk.log.execute([replace(ahead, at=0.0)])
    assert repeat == Duplicate(Seq(2))


async def test_a_full_database_is_called_full(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """[LG13] SQLite's own limit of pages stands in for the disk's."""
    path.parent.mkdir()
    worker = Worker(path, lambda: sqlite3.connect(path, check_same_thread=False))

    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("CREATE TABLE t (x)")

    with caplog.at_level(logging.ERROR), pytest.raises(Unavailable, match="disk is full"):
        await worker.run(fill)
    await worker.close()


async def test_an_operator_is_told_once_until_it_changes_or_heals(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG13] However many ask meanwhile: pages that come back each second, for a night."""
    path.parent.mkdir()
    faults: list[Exception] = []

    def connect() -> sqlite3.Connection:
        if faults:
            raise faults[0]
        return sqlite3.connect(path, check_same_thread=False)

    worker = Worker(path, connect)
    newer = Unavailable("It is newer.")
    newer.add_note("Install that.")
    for fault in (OSError("no way"), OSError("no way"), newer, newer, None, OSError("no way")):
        faults[:] = [fault] if fault else []
        await worker.reconnect()
        with suppress(Unavailable):
            await worker.run(lambda connection: connection.execute("SELECT 1").fetchone())
    await worker.close()
    assert [record.getMessage().removeprefix(f"{path}: ") for record in caplog.records] == [
        "no way",
        "It is newer.; Install that.",
        "can be used again",
        "no way",
    ]


async def test_upkeep_opens_nothing_after_the_end(path: Path, open_talk: OpenTalk) -> None:
    """[LG18] A connection that is left open would keep the write-ahead log from being emptied."""
    await open_talk().admit("ada")
    before = threading.active_count()
    worker = Worker(path, lambda: sqlite3.connect(path, check_same_thread=False))
    await worker.run(lambda connection: connection.execute("SELECT 1").fetchone())
    await worker.close()
    await eventually(lambda: threading.active_count() == before)
    with pytest.raises(Unavailable, match="stopping"):
        worker.do(lambda connection: connection.execute("SELECT 1").fetchone())  # as upkeep does
    assert not worker.is_connected
