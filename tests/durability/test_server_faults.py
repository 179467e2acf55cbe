"""What an entirely real Jupyter server answers when its disk or its database fails."""

from __future__ import annotations

import logging
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.connection import open_writer
from tests.log.files import held_by_another
from tests.servers import API, Peer, Server, command

NOBODY = 65534
KEPT = "Your text is kept."
COMMANDS = f"{API}/conversations/team/commands"
SPOIL = """
import sys
path, word = sys.argv[1], sys.argv[2].encode()
with open(path, "r+b") as file:
    for start in range(0, 1 << 30, 4096):
        file.seek(start)
        page = file.read(4096)
        if not page:
            break
        if word in page:
            file.seek(start)
            file.write(bytes([0xA5]) * 4096)
"""


def _can_mount() -> bool:
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as name:
        if _mount(Path(name)) != 0:
            return False
        return subprocess.run(["umount", name], check=False).returncode == 0


def _mount(folder: Path) -> int:
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(folder)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode


def _fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 512)


@contextmanager
def _size_limit(folder: Path) -> Iterator[None]:
    """No file can grow beyond 40 KiB: less than a large post takes, more than shared memory."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40 * 1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _filled(folder: Path) -> Iterator[None]:
    """Somebody else's file takes all of the disk."""
    filler = folder / "filler"
    _fill(filler)
    try:
        yield
    finally:
        filler.unlink()


# A file system of one megabyte needs the right to mount it; the limit is for everyone.
FULL_DISKS = ["limit", *(["tmpfs"] if _can_mount() else [])]
Full = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=FULL_DISKS)
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Full]:
    """Makes the disk full on which the server keeps its database, and then room again."""
    folder = tmp_path / "kept"
    if request.param == "limit":
        yield partial(_size_limit, folder)
        return
    folder.mkdir()
    assert _mount(folder) == 0
    yield partial(_filled, folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def collab_config() -> dict[str, Any]:
    return {"busy_timeout_s": 0.05, "posts_per_window": 0, "queries_per_window": 0}


@contextmanager
def nobody(folder: Path) -> Iterator[None]:
    """No right to do more in a folder of one's own than the modes say."""
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)


async def check_refused(server: Server, peer: Peer, said: str) -> dict[str, Any]:
    """Holds the socket and REST to one clear answer to a large post; gives the command."""
    asked = command("post", text="x" * 30_000)
    refused = await peer.answer(asked)
    assert (refused["type"], refused["code"]) == ("refused", "unavailable")
    assert said in refused["message"]
    assert refused["message"].endswith(KEPT)
    assert str(server.database.parent) not in refused["message"]
    answer = await server.fetch(COMMANDS, method="POST", body=asked)
    assert answer.code == 503
    assert answer.headers["Retry-After"]
    assert said.encode() in answer.body
    return asked


async def check_reading(server: Server, peer: Peer, texts: list[str]) -> None:
    """History, a newcomer and presence work as ever."""
    await peer.send({"type": "history", "before": 1 << 40})
    page = await peer.until("page")
    assert [message["text"] for message in page["messages"]] == texts
    page = await server.ask("conversations/team/messages")
    assert [message["text"] for message in page["messages"]] == texts
    again = await server.join("team")
    again.close()


async def test_a_full_disk(full: Full, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """[LG13] [LG6] Refused clearly, read on, nothing half stored; and heals without a restart."""
    ada = await server.join("team")
    await ada.answer(command("post", text="before"))
    with full():
        asked = await check_refused(server, ada, "disk")
        await check_reading(server, ada, ["before"])
    ack = await ada.answer(asked)
    assert (ack["type"], ack["seq"], ack["duplicate"]) == ("ack", 3, False)
    assert str(server.database) in caplog.text


async def test_a_locked_database(server: Server) -> None:
    """[LG13] Another program is writing for longer than we wait."""
    ada = await server.join("team")
    await ada.answer(command("post", text="before"))
    with held_by_another(server.database):
        asked = await check_refused(server, ada, "Another program")
        await check_reading(server, ada, ["before"])
    assert (await ada.answer(asked))["seq"] == 3


async def test_a_damaged_page(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """[LG13] [FR8] Met while reading history: that is refused, and nobody is thrown out."""
    ada = await server.join("team")
    for number in range(60):
        await ada.answer(command("post", text=f"needle {number} " + "x" * 2000))
    with closing(sqlite3.connect(server.database)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    arguments = [sys.executable, "-c", SPOIL, str(server.database), "needle 7 "]
    await anyio.run_process(arguments)  # another's: closing the file here would drop our locks
    await ada.send({"type": "history", "before": 12})
    refused = await ada.until("refused", "page")
    assert (refused["type"], refused["code"]) == ("refused", "unavailable")
    assert "damaged" in refused["message"]
    for path in ("messages?before=12", "entries?after=0"):
        answer = await server.fetch(f"{API}/conversations/team/{path}")
        assert (answer.code, b"damaged" in answer.body) == (503, True), answer.body
    ack = await ada.answer(command("post", text="on"))
    assert (ack["type"], ack["seq"]) == ("ack", 62)
    await ada.send({"type": "history", "before": 62, "limit": 5})
    page = await ada.until("page", "refused")
    assert page["messages"][-1]["text"].startswith("needle 59")
    assert str(server.database) in caplog.text


class TestReadOnly:
    """A file that the server may not write to; root may, so it is nobody meanwhile."""

    @pytest.fixture
    def collab_config(self, collab_config: dict[str, Any]) -> Iterator[dict[str, Any]]:
        with tempfile.TemporaryDirectory() as name:
            yield {**collab_config, "database": f"{name}/conversations.db"}

    async def test_a_read_only_file(self, server: Server, caplog: pytest.LogCaptureFixture) -> None:
        """[LG13] Refused clearly and read on; and heals without a restart."""
        with nobody(server.database.parent):
            ada = await server.join("team")
            await ada.answer(command("post", text="before"))
            server.database.chmod(0o400)
            log = server.app.web_app.settings["jupyter_collab_hub"].log
            for worker in (log._reader, log._writer):  # as after any other fault
                await worker.reconnect()
            asked = await check_refused(server, ada, "read-only")
            await check_reading(server, ada, ["before"])
            server.database.chmod(0o600)
            assert (await ada.answer(asked))["seq"] == 3
        assert str(server.database) in caplog.text


@dataclass(frozen=True, slots=True)
class Fault:
    """What is at the place of the database; `said` is a part of what people are told."""

    said: str
    make: Callable[[Path], object]
    mend: Callable[[Path], object]


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(statement)


def _make_newer(path: Path) -> None:
    open_writer(path, Limits()).close()
    values = "VALUES ('jupyter_collab', 'new')"
    _execute(path, f"INSERT INTO _sqlite_migrations (migration_set, name) {values}")


def _make_unreadable(path: Path) -> None:
    open_writer(path, Limits()).close()
    path.chmod(0o000)


def _fix_directory(path: Path) -> None:
    open_writer(path, Limits()).close()
    path.parent.chmod(0o500)


FAULTS = {
    "garbage": Fault(
        "damaged", lambda path: path.write_text("this is no database, " * 500), Path.unlink
    ),
    "a database of something else": Fault(
        "log says more",
        lambda path: _execute(path, "CREATE TABLE entries (mine TEXT)"),
        Path.unlink,
    ),
    "a newer schema": Fault(
        "A newer jupyter_collab made this database",
        _make_newer,
        lambda path: _execute(path, "DELETE FROM _sqlite_migrations WHERE name = 'new'"),
    ),
    "a file that nobody may read": Fault(
        "can't open", _make_unreadable, lambda path: path.chmod(0o600)
    ),
    "a directory that nobody may write to": Fault(
        "Its operator has to", _fix_directory, lambda path: path.parent.chmod(0o700)
    ),
    "a directory": Fault("can't open", Path.mkdir, Path.rmdir),
}


class TestBeforeTheFirstUse:
    """A database that can't be used from the start; root may do all, so it is nobody."""

    @pytest.fixture
    def collab_config(self, collab_config: dict[str, Any]) -> Iterator[dict[str, Any]]:
        with tempfile.TemporaryDirectory() as name:
            yield {**collab_config, "database": f"{name}/conversations.db"}

    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
    async def test_it_is_left_alone_and_heals_without_a_restart(
        self, fault: Fault, server: Server, caplog: pytest.LogCaptureFixture
    ) -> None:
        """[LG13] [FR8] A page is told why, and to come back; REST as well; its operator, where."""
        path = server.database
        with nobody(path.parent):
            fault.make(path)
            before = path.stat()
            peer = await server.connect("team")
            await peer.send({"type": "hello", "protocol": 1})
            goodbye = await peer.until("goodbye")
            assert (goodbye["code"], fault.said in goodbye["message"]) == (4100, True), goodbye
            assert str(path.parent) not in goodbye["message"]
            answer = await server.fetch(COMMANDS, method="POST", body=command("post", text="hi"))
            assert (answer.code, fault.said in answer.body.decode()) == (503, True), answer.body
            assert answer.headers["Retry-After"]
            found = path.stat()
            assert (found.st_ino, found.st_size) == (before.st_ino, before.st_size)
            assert str(path) in caplog.text
            fault.mend(path)
            ada = await server.join("team")
            assert (await ada.answer(command("post", text="hi")))["seq"] == 2

    async def test_each_page_is_told_and_the_servers_own_log_once(self, server: Server) -> None:
        """[LG13] [FR7] [ID7] Whoever comes, and again; the line looks as Jupyter's own do."""
        told: list[str] = []
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]  # a list is enough
        server.app.log.addHandler(handler)
        FAULTS["garbage"].make(server.database)
        for user in ("ada", "bo", "ada"):
            peer = await server.connect("team", user=user)
            await peer.send({"type": "hello", "protocol": 1})
            goodbye = await peer.until("goodbye")
            assert goodbye["message"] == (
                "The database of conversations is damaged. Its operator has to restore a backup."
            )
            assert goodbye["retry_after_s"] == 2.0
        (line,) = told
        assert line.startswith(f"{server.database}: file is not a database")
        FAULTS["garbage"].mend(server.database)
        await server.join("team")
        assert told[1:] == [f"{server.database}: can be used again"]
        server.app.log.removeHandler(handler)
