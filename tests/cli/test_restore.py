"""Going back to a backup, whatever a server left where the database was."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jupyter_collab.log.backup import restore
from tests.cli.operator import collab, damage, run
from tests.hubs import Visitor, eventually, hub_on, sqlite
from tests.log.files import companions, dump, held_by_another, posting_server, rows
from tests.schemas import SCHEMAS, load_schema


def test_going_back_to_a_backup_keeps_what_was_there(path: Path, backup: Path) -> None:
    """[LC9] Beside it, whole; the restored file is its owner's alone."""
    damage(path, "DELETE FROM messages", "UPDATE conversations SET title = 'Later'")
    said = collab("restore", backup, "--database", path)
    assert said.code == 0, said.err
    assert dump(path)["messages"] == dump(backup)["messages"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (replaced,) = path.parent.glob("conversations.db.replaced-*")
    assert str(replaced) in said.out
    assert rows(replaced, "SELECT DISTINCT title FROM conversations") == [("Later",)]
    epochs = "SELECT epoch FROM conversations ORDER BY id"
    assert not set(rows(path, epochs)) & set(rows(backup, epochs))
    assert collab("check", "--database", path).code == 0
    assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []


def test_each_of_two_restores_in_one_second_keeps_what_was_there(path: Path, backup: Path) -> None:
    """[LC9]"""
    now, kept = datetime(2026, 11, 29, tzinfo=UTC), set[Path | None]()
    for _ in range(3):
        before = rows(path, "SELECT DISTINCT epoch FROM conversations")
        kept.add(replaced := restore(backup, path, now, lambda _done, _all: None))
        assert replaced is not None
        assert rows(replaced, "SELECT DISTINCT epoch FROM conversations") == before
    assert len(kept) == 3


def test_what_a_killed_server_left_goes_with_the_file_it_is_of(tmp_path: Path) -> None:
    """[LC9] What is in its write-ahead log, which would spoil another database."""
    path, backup = tmp_path / "conversations.db", tmp_path / "backup.db"
    acknowledged = leave_by_killing(path, backup)
    assert collab("restore", backup, "--database", path).code == 0
    (replaced,) = path.parent.glob("conversations.db.replaced-*")
    ((head,),) = rows(replaced, "SELECT max(seq) FROM entries")
    assert head >= acknowledged
    assert [file for file in companions(path)[1:] if file.exists()] == []
    assert rows(path, "SELECT head FROM conversations") < [(head,)]


@pytest.mark.parametrize("is_empty", [False, True])
def test_a_log_whose_database_is_missing_is_not_taken_for_that_of_the_backup(
    tmp_path: Path, *, is_empty: bool
) -> None:
    """[LC9] SQLite would write its pages over those of the backup. It is kept.

    Also where an empty file is in place of the database: SQLite would delete it.
    """
    path, backup = tmp_path / "conversations.db", tmp_path / "backup.db"
    acknowledged, away = leave_by_killing(path, backup), tmp_path / "away.db"
    path.rename(away)
    if is_empty:
        path.touch()
    assert collab("restore", backup, "--database", path).code == 0
    assert [file for file in companions(path)[1:] if file.exists()] == []
    assert dump(path)["messages"] == dump(backup)["messages"]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    (wal,) = path.parent.glob("conversations.db.replaced-*-wal")
    wal.rename(companions(away)[1])
    assert rows(away, "SELECT max(seq) FROM entries") >= [(acknowledged,)]


def test_a_restore_that_is_cut_off_leaves_the_database_with_all_that_was_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC9] [LG6] At the last step; what was in the write-ahead log is not set aside alone."""
    path, backup = tmp_path / "conversations.db", tmp_path / "backup.db"
    acknowledged = leave_by_killing(path, backup)

    def fail(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail)
        assert collab("restore", backup, "--database", path).code == 1
    assert rows(path, "SELECT max(seq) FROM entries") >= [(acknowledged,)]


def test_a_server_whose_database_was_moved_is_in_the_way_of_a_restore(
    path: Path, backup: Path, tmp_path: Path
) -> None:
    """[LC9] It has the files beside it, and may have its own database back."""
    with held_by_another(path):
        path.rename(tmp_path / "away.db")
        refused = collab("restore", backup, "--database", path)
        assert (refused.code, "Stop it first" in refused.err) == (1, True)
        assert not path.exists()
        assert all(file.exists() for file in companions(path)[1:])
    assert collab("restore", backup, "--database", path).code == 0


def test_a_restored_read_mark_ends_with_the_log(path: Path, backup: Path) -> None:
    """[LC9] [LG14] Whatever the backup has; the others are as they were."""
    marks = "SELECT conversation, member, seq FROM read_marks ORDER BY 1, 2"
    before = rows(backup, marks)
    damage(backup, "UPDATE read_marks SET seq = 1000 WHERE member = 'user:ada'")
    assert collab("restore", backup, "--database", path).code == 0
    heads = dict(rows(path, "SELECT id, head FROM conversations"))
    assert rows(path, marks) == [
        (name, member, heads[name] if member == "user:ada" else seq) for name, member, seq in before
    ]
    assert len({member for _, member, _ in before}) > 1


@pytest.mark.parametrize("is_relative", [False, True])
def test_a_link_means_the_database_that_it_leads_to(
    path: Path, backup: Path, tmp_path: Path, *, is_relative: bool
) -> None:
    """[LC9] [LC11] Not a directory entry: what SQLite adds, and what is kept, lies beside it."""
    link = tmp_path / "links" / "talk.db"
    link.parent.mkdir()
    link.symlink_to(Path("../conversations.db") if is_relative else path)
    damage(path, "UPDATE conversations SET title = 'Later'")
    with held_by_another(path):
        refused = collab("restore", backup, "--database", link)
        assert (refused.code, "Stop it first" in refused.err) == (1, True)
    assert collab("restore", backup, "--database", link).code == 0
    assert link.is_symlink()
    assert dump(path)["messages"] == dump(backup)["messages"]
    (replaced,) = path.parent.glob("conversations.db.replaced-*")
    assert rows(replaced, "SELECT DISTINCT title FROM conversations") == [("Later",)]
    assert list(link.parent.iterdir()) == [link]
    assert str(path) in collab("info", "--database", link).out


def leave_by_killing(path: Path, backup: Path) -> int:
    """Kills a server some time after a backup; returns the last seq that it acknowledged."""
    with posting_server(path) as (server, told):
        told.readline()
        assert collab("backup", backup, "--database", path).code == 0
        acknowledged = [int(told.readline()) for _ in range(20)]
        server.kill()
    assert companions(path)[1].read_bytes()
    return acknowledged[-1]


def test_a_damaged_database_is_replaced_and_a_damaged_backup_is_not_used(
    path: Path, backup: Path, tmp_path: Path
) -> None:
    """[LC9] Whatever is where the database should be, or nothing."""
    path.write_bytes(b"not a database at all " * 400)
    assert collab("restore", backup, "--database", path).code == 0
    assert collab("check", "--database", path).code == 0
    damage(backup, "DELETE FROM entries WHERE seq = 4")
    before = path.read_bytes()
    refused = collab("restore", backup, "--database", path)
    assert (refused.code, "nothing was changed" in refused.err) == (1, True)
    assert path.read_bytes() == before
    assert collab("restore", path, "--database", tmp_path / "fresh" / "c.db").code == 0
    assert "There is no file" in collab("restore", tmp_path / "none", "--database", path).err


def test_a_backup_of_a_released_version_is_restored(tmp_path: Path) -> None:
    """[LC9] [LC1] It is checked as it is and brought up to date on its way."""
    load_schema(SCHEMAS / "0.1.0.sql", tmp_path / "old.db")
    assert collab("restore", tmp_path / "old.db", "--database", tmp_path / "new.db").code == 0
    assert rows(tmp_path / "new.db", "SELECT floor FROM conversations") == [(1,), (1,)]


@pytest.mark.anyio
async def test_pages_start_anew_after_a_restore(tmp_path: Path) -> None:
    """[LC9] [RS4] What they had is of another history, though the numbers look alike."""
    async with hub_on(sqlite(tmp_path)) as hub:
        ada = await Visitor.join(hub)
        await ada.do("post", text="in the backup")
        path = tmp_path / "log.db"
        assert (await run("backup", tmp_path / "backup.db", "--database", path)).code == 0
        await ada.do("post", text="lost by going back")
        epoch = ada.find("welcome")[0]["conversation"]["epoch"]
    assert (await run("restore", tmp_path / "backup.db", "--database", path)).code == 0
    async with hub_on(sqlite(tmp_path)) as hub:
        back = await Visitor.join(hub, after=2, epoch=epoch)
        assert back.types[:3] == ["welcome", "reset", "snapshot"]
        (snapshot,) = back.find("snapshot")
        assert [message["text"] for message in snapshot["messages"]] == ["in the backup"]
        await back.do("post", text="on")
        await eventually(lambda: back.seqs == [3])
