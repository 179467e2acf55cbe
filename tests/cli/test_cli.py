"""`jupyter collab …`, as an operator runs it, beside a real server."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import anyio
import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.backup import back_up, examine
from jupyter_collab.log.sqlite import SqliteLog
from tests.cli.operator import COMMAND, collab, damage, quietly, run
from tests.log.files import companions, dump, posting_server, rows, search
from tests.log.talk import Talk
from tests.servers import Server

SECRET = "zquixotically"
REMAINS = "quixotic"  # the index cuts common beginnings off


async def remains_in(path: Path) -> bool:
    """Looks for the secret in another process: closing a file drops SQLite's locks of it here."""
    files = [str(file) for file in companions(path)[:2] if file.exists()]
    found = await anyio.run_process(["grep", "-qaF", REMAINS, *files], check=False)
    return found.returncode == 0


async def test_a_running_server_is_backed_up_checked_and_described(
    server: Server, tmp_path: Path
) -> None:
    """[LC7] [LC8] [LC11] What is acknowledged before is in the copy, and the server goes on."""
    for number in range(5):
        await server.post("team", f"message {number}")
    made = tmp_path / "backup" / "backup.db"
    made.parent.mkdir()
    told = await run("backup", made, "--database", server.database)
    assert told.code == 0
    assert "checked" in told.out
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [file.name for file in made.parent.iterdir()] == ["backup.db"]
    assert dump(made) == dump(server.database)
    assert rows(made, "SELECT * FROM entries") == rows(server.database, "SELECT * FROM entries")
    assert (await run("check", "--database", server.database)).code == 0
    described = json.loads((await run("info", "--json", "--database", server.database)).out)
    assert described["is_in_use"] is True
    assert described["conversations"][0]["entries"] == 6
    refused = await run("restore", made, "--database", server.database)
    assert (refused.code, "Stop it first" in refused.err) == (1, True)
    refused = await run("rebuild", "--database", server.database)
    assert (refused.code, "Stop it first" in refused.err) == (1, True)
    assert await server.post("team", "on") == 7


def test_a_backup_is_of_one_moment_whatever_is_written_meanwhile(tmp_path: Path) -> None:
    """[LC7] A server that posts without a pause neither stops it nor is stopped by it."""
    path = tmp_path / "conversations.db"
    with posting_server(path) as (server, told):
        first = [int(told.readline()) for _ in range(20)]
        said = collab("backup", tmp_path / "backup.db", "--database", path)
        server.kill()
        last = [int(line) for line in told if line.endswith("\n")]
    assert said.code == 0, said.err
    ((held,),) = rows(tmp_path / "backup.db", "SELECT head FROM conversations")
    assert first[-1] <= held <= last[-1]
    assert collab("check", "--database", tmp_path / "backup.db").code == 0
    assert collab("check", "--database", path).code == 0


def test_a_backup_replaces_nothing(path: Path, tmp_path: Path) -> None:
    """[LC7] In a directory it is named after the time."""
    (tmp_path / "there.db").write_text("mine")
    refused = collab("backup", tmp_path / "there.db", "--database", path)
    assert (refused.code, "there already" in refused.err) == (1, True)
    assert (tmp_path / "there.db").read_text() == "mine"
    (tmp_path / "folder").mkdir()
    assert collab("backup", tmp_path / "folder", "--database", path).code == 0
    (made,) = (tmp_path / "folder").iterdir()
    assert made.name.startswith("conversations-20")


@pytest.mark.parametrize("has_links", [True, False])
def test_a_backup_replaces_nothing_that_appears_meanwhile(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_links: bool
) -> None:
    """[LC7] Nor where a file can't have two names, as on a memory stick."""
    target = tmp_path / "there.db"

    def no_links(*_: object) -> None:
        raise PermissionError

    def appears(_done: int, _all: int) -> None:
        target.write_text("mine")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(FileExistsError, match=r"there\.db"):
        back_up(path, target, appears)
    assert target.read_text() == "mine"
    target.unlink()
    assert back_up(path, target, quietly) == []
    assert collab("check", "--database", target).code == 0
    assert list(tmp_path.glob(".*")) == []


async def test_deleted_words_are_in_no_backup(path: Path, tmp_path: Path) -> None:
    """[LC7] [LG11] Though they are still in old parts of the search index."""
    log = SqliteLog(path, Limits())
    talk = Talk(log)
    await talk.admit("ada", conversation="new")
    seq = await talk.post("ada", f"the {SECRET} one", conversation="new")
    assert search(path, SECRET) == [seq]
    hinder = "CREATE TRIGGER hinder BEFORE UPDATE ON erasures BEGIN SELECT RAISE(ABORT, ''); END"
    damage(path, hinder)
    await talk.do("ada", "redact", target=seq, conversation="new")
    assert await remains_in(path)
    assert (await run("backup", tmp_path / "backup.db", "--database", path)).code == 0
    damage(path, "DROP TRIGGER hinder")
    assert not await remains_in(tmp_path / "backup.db")
    assert (await run("erase", "--database", path)).code == 0
    assert not await remains_in(path)
    await log.close()


async def test_pruning_beside_a_server(server: Server) -> None:
    """[LC2] [LC5] Nothing before it is really asked for; then the words leave the file."""
    await server.post("team", f"the {SECRET} one")
    damage(server.database, "UPDATE messages SET at = at - 8640000")  # a hundred days
    words = ("prune", "--older-than", "90d", "--database", server.database)
    would = await run(*words, "--dry-run")
    assert (would.code, would.out) == (0, "team would lose 1 message.\n")
    assert (await run(*words, "--conversation", "other")).err.startswith("There is no conversation")
    assert await remains_in(server.database)
    did = await run(*words)
    assert (did.code, "team loses 1 message" in did.out) == (0, True)
    assert not await remains_in(server.database)
    assert await server.post("team", "on") == 3
    assert "Nothing" in (await run(*words)).out
    assert (await run("check", "--database", server.database)).code == 0


@pytest.mark.parametrize(
    ("statement", "code", "text"),
    [
        ("DELETE FROM entries WHERE conversation = 'team' AND seq = 5", "entries", "lacks entry 5"),
        ("UPDATE conversations SET head = head - 1 WHERE id = 'team'", "entries", "counter is at"),
        (
            "UPDATE conversations SET last_activity = 1 WHERE id = 'team'",
            "entries",
            "last activity",
        ),
        ("UPDATE conversations SET floor = 9 WHERE id = 'team'", "entries", "before 9"),
        ("UPDATE entries SET body = '{}' WHERE seq = 4", "entries", "Entry 4 of team"),
        ("UPDATE entries SET kind = 'odd' WHERE seq = 4", "entries", "Entry 4 of team"),
        ("UPDATE messages SET text = 'else' WHERE seq = 4", "table", "messages in team"),
        ("UPDATE messages SET text = 'else' WHERE seq = 4", "index", "search index"),
        ("DELETE FROM reactions", "table", "reactions in team"),
        ("UPDATE members SET name = 'Eve'", "table", "members in other"),
        ("UPDATE conversations SET title = 'Else'", "table", "titles in other"),
        ("UPDATE read_marks SET conversation = 'x' WHERE seq = 1", "reference", "read_marks"),
        (
            "INSERT INTO _sqlite_migrations VALUES (9, 'jupyter_collab', 'new', '')",
            "schema",
            "newer",
        ),
        ("DROP TABLE conversations", "foreign", "Another program"),
    ],
)
def test_what_is_wrong_is_found_and_left(path: Path, statement: str, code: str, text: str) -> None:
    """[LC8] In words and for programs; the file is as it was."""
    damage(path, "PRAGMA foreign_keys = OFF", statement)
    before = path.read_bytes()
    problems = examine(path, quietly)  # without the time that a process takes to start
    assert [problem.code for problem in problems if text in problem.text] == [code], problems
    assert path.read_bytes() == before


def test_a_damaged_file_is_told_with_what_to_do(path: Path, tmp_path: Path) -> None:
    """[LC8] [LC11] Pages overwritten, cut off, or no database at all."""
    whole = path.read_bytes()
    for name, content in {
        "overwritten": whole[:8192] + b"\xaa" * 4096 + whole[12288:],
        "cut": whole[: len(whole) // 2],
        "nothing": b"not a database at all " * 400,
    }.items():
        damaged = tmp_path / f"{name}.db"
        damaged.write_bytes(content)
        said = collab("check", "--database", damaged)
        assert (said.code, "jupyter collab restore" in said.out) == (1, True), (name, said)
        assert damaged.read_bytes() == content
        refused = collab("backup", tmp_path / "new.db", "--database", damaged)
        assert refused.code == 1
        assert not (tmp_path / "new.db").exists()
    told = json.loads(collab("check", "--json", "--database", tmp_path / "nothing.db").out)
    assert (told["whole"], told["problems"][0]["code"]) == (False, "damaged")


def test_tables_that_are_wrong_are_made_anew(path: Path) -> None:
    """[LC10]"""
    before = dump(path)
    damage(path, "UPDATE messages SET text = 'else'", "DELETE FROM reactions")
    said = collab("check", "--database", path)
    assert (said.code, "jupyter collab rebuild" in said.out) == (1, True)
    assert collab("rebuild", "--database", path).code == 0
    assert dump(path) == before
    assert collab("check", "--database", path).code == 0


def test_the_database_is_the_one_that_the_server_uses(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC11] By its configuration files, or by default in Jupyter's data directory."""
    (tmp_path / "config").mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("JUPYTER_NO_CONFIG", raising=False)
    missing = collab("info")
    assert missing.code == 1
    assert str(tmp_path / "data" / "jupyter_collab" / "conversations.db") in missing.err
    config = tmp_path / "config" / "jupyter_server_config.py"
    config.write_text(f"c.CollabExtension.database = {str(path)!r}")
    said = collab("info")
    assert said.code == 0, said.err
    assert str(path) in said.out
    assert "Plans" in said.out
    assert json.loads(collab("info", "--json").out)["is_in_use"] is False


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--help"], "jupyter collab"),
        (["prune", "--older-than", "soon"], "no age"),
        (["prune"], "--older-than"),
        (["fly"], "invalid choice"),
        ([], "required: command"),
        (["backup", "--help"], "while servers use it"),
    ],
)
def test_what_is_said_wrong_is_explained(words: list[str], told: str) -> None:
    """[LC11]"""
    said = collab(*words)
    assert told in said.out + said.err
    assert said.code == (0 if "--help" in words else 2)


def test_jupyter_finds_the_command() -> None:
    """[LC11]"""
    jupyter = COMMAND.with_name("jupyter")
    environment = {**os.environ, "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [jupyter, "collab", "--help"], capture_output=True, text=True, check=True, env=environment
    )
    assert "backup" in done.stdout
