"""What an operator gets wrong: another file, a directory that is not there, no permission."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_collab.log.backup import back_up
from tests.cli.operator import Said, collab, damage, nobody, quietly
from tests.log.files import companions
from tests.schemas import SCHEMAS, load_schema

READERS = ("info", "check", "backup")
WRITERS = (("erase",), ("rebuild",), ("prune", "--older-than", "1d"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that every user can reach, unlike `tmp_path`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for directory in (folder, *folder.glob("*/")):
            directory.chmod(0o755)


@pytest.fixture
def read_only(backup: Path, folder: Path) -> Path:
    """A backup that one may read, in a directory that one may read."""
    path = folder / "kept" / "talk.db"
    path.parent.mkdir()
    assert back_up(backup, path, quietly) == []
    path.chmod(0o444)
    path.parent.chmod(0o555)
    return path


def ask(command: str, path: Path) -> Said:
    words = (command, path.parent.parent) if command == "backup" else (command,)
    return collab(*words, "--database", path)


def foreign(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / f"{kind}.db"
    path.touch()
    if kind == "other":
        damage(path, "CREATE TABLE conversations (id INTEGER)")  # anyone may call one so
    return path


def test_a_file_that_is_no_backup_is_named(path: Path, tmp_path: Path) -> None:
    """[LC9] [LC11] Not a database at all, another program's, a directory; nothing is changed."""
    before = path.read_bytes()
    (tmp_path / "text.db").write_bytes(b"not a database at all " * 400)
    for wrong, what in {
        tmp_path / "text.db": "is not whole, so nothing was changed. SQLite can't read it: file",
        foreign(tmp_path, "other"): "is no backup, so nothing was changed. Another program",
        foreign(tmp_path, "empty"): "is no backup, so nothing was changed. It is empty.",
        tmp_path: "is a directory. Name the backup in it.",
    }.items():
        said = collab("restore", wrong, "--database", path)
        assert said.code == 1
        assert said.err.startswith(f"{wrong} {what}")
    assert path.read_bytes() == before
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("end", ["", "/talk.db", "/"])
def test_a_backup_makes_no_directory(path: Path, tmp_path: Path, end: str) -> None:
    """[LC7] Nor a file where a directory is meant: a disk may not be mounted."""
    missing = tmp_path / "disk"
    said = collab("backup", f"{missing / 'in'}{end}", "--database", path)
    assert said.code == 1
    assert said.err.startswith(f"There is no directory {missing}")
    said = collab("backup", f"{missing}/", "--database", path)
    assert said.err.startswith(f"There is no directory {missing}. Is it spelt right")
    assert not missing.exists()


@pytest.mark.parametrize(("kind", "why"), [("empty", "is empty"), ("other", "Another program")])
def test_a_file_of_another_program_is_told_from_a_damaged_one(
    tmp_path: Path, kind: str, why: str
) -> None:
    """[LC8] [LC11] By every command; none gives it our tables."""
    path = foreign(tmp_path, kind)
    before = path.read_bytes()
    for words in (*WRITERS, ("info",), ("check",), ("backup", tmp_path)):
        said = collab(*words, "--database", path)
        told = said.out + said.err
        assert said.code == 1, words
        assert told.startswith(f"{path} is no database of jupyter_collab."), words
        assert why in told
        assert "Is it the right file?" in told
        assert "go back to a backup" not in told
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    problems = json.loads(collab("check", "--json", "--database", path).out)["problems"]
    assert [problem["code"] for problem in problems] == ["foreign"]


def test_a_log_beside_an_empty_file_is_left(tmp_path: Path) -> None:
    """[LC8] [LC11] Its database may be elsewhere, and SQLite would delete it."""
    path = foreign(tmp_path, "empty")
    wal = companions(path)[1]
    wal.write_bytes(b"what a killed server left")
    for words in (*WRITERS, ("info",), ("check",), ("backup", tmp_path)):
        said = collab(*words, "--database", path)
        assert "It is empty." in said.out + said.err, words
    assert wal.read_bytes() == b"what a killed server left"
    assert sorted(tmp_path.iterdir()) == [path, wal]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """[LC11] By those that do not look for damage, too."""
    path = tmp_path / "text.db"
    path.write_bytes(b"not a database at all " * 400)
    for words in (*WRITERS, ("info",)):
        said = collab(*words, "--database", path)
        assert said.code == 1, words
        assert said.err.startswith(f"{path}: SQLite can't do it: file is not a database."), words


def test_a_directory_is_told_from_nothing(tmp_path: Path) -> None:
    """[LC11]"""
    said = collab("check", "--database", tmp_path)
    assert said == Said(1, "", f"{tmp_path} is a directory. Name the file in it with --database.\n")
    assert "There is no database" in collab("check", "--database", tmp_path / "none").err


def test_the_schema_is_told_in_words(path: Path, tmp_path: Path) -> None:
    """[LC1] [LC11] Of an older database, too, which is left as it is; programs get the name."""
    assert "Schema    4, up to date\n" in collab("info", "--database", path).out
    told = json.loads(collab("info", "--json", "--database", path).out)
    assert told["schema"] == "let_old_messages_go"
    assert (told["schema_number"], told["schema_state"]) == (4, "current")
    old = tmp_path / "old.db"
    load_schema(SCHEMAS / "0.1.0.sql", old)
    before = old.read_bytes()
    said = collab("info", "--database", old)
    assert said.code == 0, said.err
    assert "older: the server will bring it up to date" in said.out
    assert "Plans" in said.out
    assert old.read_bytes() == before
    damage(path, "INSERT INTO _sqlite_migrations VALUES (9, 'jupyter_collab', 'new', '')")
    assert "Schema    5, newer than this program\n" in collab("info", "--database", path).out
    said = collab("check", "--database", path)
    assert (said.code, "upgrade" in said.out, "restore" in said.out) == (1, True, False)
    damage(path, "ALTER TABLE conversations RENAME COLUMN title TO name")
    said = collab("info", "--database", path)
    assert (said.code, "upgrade" in said.err) == (1, True)


def test_what_one_may_read_is_described_checked_and_copied(read_only: Path) -> None:
    """[LC11] Who may not write to a file can't tell whether another has it open."""
    (read_only.parent.parent).chmod(0o777)
    with nobody():
        said = {command: ask(command, read_only) for command in READERS}
    assert [it.code for it in said.values()] == [0, 0, 0], said
    assert "In use    unknown" in said["info"].out
    assert "Plans" in said["info"].out


@pytest.mark.parametrize("words", [*WRITERS, ("restore",)], ids=lambda words: words[0])
def test_what_one_may_not_write_to_is_named(
    read_only: Path, folder: Path, words: tuple[str, ...]
) -> None:
    """[LC11] The file, its directory, and what to do."""
    if words == ("restore",):
        words = ("restore", str(read_only))
    before = read_only.read_bytes()
    with nobody():
        said = collab(*words, "--database", read_only)
    assert said.code == 1
    assert said.err.startswith(f"You may not write to {read_only} and {read_only.parent}. Run this")
    assert read_only.read_bytes() == before
    with nobody():
        said = collab("backup", read_only.parent, "--database", read_only)
    assert said.err.startswith(f"You may not write to {read_only.parent}. Run this")
    assert [file.name for file in folder.iterdir()] == ["kept"]


def test_what_one_may_not_read_is_named(read_only: Path) -> None:
    """[LC11] By `check` too, which does not send one to itself."""
    read_only.chmod(0)
    with nobody():
        said = [ask(command, read_only) for command in READERS]
    assert {(it.code, it.out) for it in said} == {(1, "")}
    assert all(it.err.startswith(f"You may not read {read_only}. Run this") for it in said), said


def test_a_write_ahead_log_that_can_not_be_made_is_explained(path: Path, folder: Path) -> None:
    """[LC11] A server's database needs its companions even to be read."""
    kept = folder / "kept"
    kept.mkdir()
    (kept / "talk.db").write_bytes(path.read_bytes())
    kept.chmod(0o555)
    with nobody():
        said = [ask(command, kept / "talk.db") for command in READERS]
    assert {it.code for it in said} == {1}
    assert all(f"you may not write to {kept}. Run this" in it.err for it in said), said


def test_check_says_where_it_works_when_it_can_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC8] [LC11] A full disk, say, is not that of the database; nor does it name itself."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("jupyter_collab.log.backup.copy_database", full)
    said = collab("check", "--database", path)
    assert said.code == 1
    assert f"disk is full. It works on a copy in {tempfile.gettempdir()}." in said.err
    assert "jupyter collab check" not in said.err
