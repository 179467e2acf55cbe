"""Databases of released versions, opened by today's code."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from ulid import ULID

from jupyter_collab.errors import Unavailable
from jupyter_collab.limits import Limits
from jupyter_collab.log.connection import open_writer
from jupyter_collab.log.migrations import migrations
from jupyter_collab.log.projection import rebuild
from jupyter_collab.log.transaction import writing
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.members import Member
from tests.fakes import command
from tests.log.conftest import OpenTalk
from tests.log.files import dump, held_by_another, rows, search
from tests.log.talk import seq_of
from tests.schemas import ADA, SCHEMAS, load_schema

RELEASED = sorted(SCHEMAS.glob("*.sql"))
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
HEADING = re.compile(r"^## \[?(\d[^\]\s]*)", re.MULTILINE)

OPEN = """
import sys
from pathlib import Path
from jupyter_collab.limits import Limits
from jupyter_collab.log.connection import open_writer
print("ready", flush=True)
open_writer(Path(sys.argv[1]), Limits(busy_timeout_s=60)).close()
"""


def schema(path: Path) -> list[tuple[str]]:
    return rows(path, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")


def unkept(changelog: str) -> set[str]:
    """The versions that a changelog tells of, and whose schema was not kept."""
    return set(HEADING.findall(changelog)) - {kept.stem for kept in RELEASED}


def test_the_schema_of_every_release_is_kept() -> None:
    """[LC1] `python -m tests.schemas <version>` keeps it, before the release."""
    assert unkept("## [Unreleased]\n\n## [9.9.9] - 2030-01-01\n\n## [0.1.0]\n") == {"9.9.9"}
    assert unkept(CHANGELOG.read_text("utf-8")) == set()


@pytest.mark.anyio
@pytest.mark.parametrize("kept", RELEASED, ids=lambda kept: kept.stem)
async def test_a_database_of_a_released_version_is_brought_up_to_date(
    kept: Path, path: Path, tmp_path: Path, open_talk: OpenTalk
) -> None:
    """[LC1] Its schema is that of a new one, its tables are its entries' fold, and it goes on."""
    load_schema(kept, path)
    talk = open_talk()
    entries: list[Entry] = await talk.entries()
    assert [entry.seq for entry in entries] == list(range(1, 13))
    loaded = await talk.loaded()
    assert (loaded.info.title, loaded.info.head, loaded.info.floor) == ("Plans", 12, 1)
    assert loaded.members[0] == Member(ADA, "Ada Lovelace", color="#123456")
    assert (loaded.read_marks[ADA], loaded.last_seen[ADA]) == (4, 9.5)
    assert loaded.stretch is not None
    texts = [(m.text, m.redacted, len(m.reactions)) for m in loaded.page.messages]
    assert texts == [("A better plan", False, 1), ("", True, 0)]
    assert search(path, "better") == [4]
    before = dump(path)
    with closing(open_writer(path, Limits())) as connection:
        with writing(connection):
            rebuild(connection)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert dump(path) == before
    again = command("post", text="on", command_id=str(ULID()))
    assert [seq_of(await talk.ask("ada", again)) for _ in range(2)] == [13, 13]
    fresh = open_talk(tmp_path / "fresh.db")
    await fresh.admit("ada")
    columns = "SELECT m.name, c.name, c.type FROM sqlite_schema m, pragma_table_info(m.name) c"
    assert sorted(rows(path, columns)) == sorted(rows(tmp_path / "fresh.db", columns))


@pytest.mark.anyio
async def test_an_upgrade_that_fails_changes_nothing(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC1] Half of it is done when it fails; the next try does all of it."""
    load_schema(SCHEMAS / "0.1.0.sql", path)
    before = schema(path), rows(path, "SELECT * FROM _sqlite_migrations")

    def fail(_: object) -> None:
        raise sqlite3.OperationalError("the disk is gone")

    with monkeypatch.context() as patch:
        last = migrations._migrations[-1]
        patch.setattr(
            migrations,
            "_migrations",
            [*migrations._migrations, type(last)("fails", fail)],
        )
        with pytest.raises(Unavailable):
            await open_talk().loaded()
    assert (schema(path), rows(path, "SELECT * FROM _sqlite_migrations")) == before
    assert (await open_talk().loaded()).info.floor == 1


def test_two_that_open_it_at_once_upgrade_it_once(path: Path) -> None:
    """[LC1] Both wait for a third, and none of them fails."""
    load_schema(SCHEMAS / "0.1.0.sql", path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    run = [sys.executable, "-c", OPEN, str(path)]
    with held_by_another(path) as let_go:
        both = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for process in both:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        let_go()
    for process in both:
        with process:
            assert process.wait(60) == 0
    names = [name for (name,) in rows(path, "SELECT name FROM _sqlite_migrations")]
    assert names == [migration.name for migration in migrations._migrations]
