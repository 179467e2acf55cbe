"""Deleted words leave the file: entries, tables, search index, write-ahead log, free pages."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes import command
from tests.log.conftest import OpenTalk
from tests.log.files import raw, rows
from tests.log.talk import Talk, seq_of

pytestmark = pytest.mark.anyio

SECRETS = ("zquixotically", "Zxylograph")
REMAINS = (b"quixotic", b"xylograph", b"Xylograph")  # the index cuts common beginnings off


async def post_secret(talk: Talk) -> int:
    """A message with a text, and another after an edit."""
    seq = await talk.post("ada", f"the {SECRETS[0]} one")
    await talk.do("ada", "edit", target=seq, text=f"the {SECRETS[1]} one")
    return seq


def remains(path: Path) -> list[bytes]:
    return [word for word in REMAINS if word in raw(path)]


def pending(path: Path) -> int:
    return len(rows(path, "SELECT * FROM erasures"))


async def test_deleted_words_are_nowhere_in_the_file(path: Path, open_talk: OpenTalk) -> None:
    """[LG11] At once where there is little; what is not deleted stays."""
    talk = open_talk()
    await talk.admit("ada")
    seq = await post_secret(talk)
    await talk.post("ada", "kept, even so")
    assert remains(path) == [REMAINS[0], REMAINS[1]]
    await talk.do("ada", "redact", target=seq)
    assert remains(path) == []
    assert rows(path, "SELECT digest FROM entries WHERE seq IN (2, 3)") == [(None,), (None,)]
    assert b"even so" in raw(path)
    await talk.log.close()
    assert remains(path) == []


async def test_a_long_history_is_cleared_in_steps(path: Path, open_talk: OpenTalk) -> None:
    """[LG11] Each later write goes one step on, after a restart as well."""
    talk = open_talk()
    await talk.admit("ada")
    seq = await post_secret(talk)
    for number in range(60):
        texts = (" ".join(f"{number}x{post}x{word}" for word in range(20)) for post in range(50))
        await talk.log.execute([talk.request("ada", command("post", text=text)) for text in texts])
    await talk.do("ada", "redact", target=seq)
    assert pending(path) == 1
    await talk.log.close()
    again = open_talk()
    writes = 0
    while pending(path):
        await again.post("ada", "on")
        assert (writes := writes + 1) < 100
    assert writes > 1
    assert remains(path) == []


async def test_more_is_deleted_while_words_are_still_there(path: Path, open_talk: OpenTalk) -> None:
    """[LG11] A deletion in the middle of clearing away another."""
    talk = open_talk()
    await talk.admit("ada")
    first = await talk.post("ada", f"one {SECRETS[0]}")
    second = await talk.post("ada", f"two {SECRETS[1]}")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchone()
        await talk.do("ada", "redact", target=first)
        await talk.do("ada", "redact", target=second)
        assert pending(path) == 2
    await talk.post("ada", "on")
    assert pending(path) == 0
    assert remains(path) == []


async def test_a_failure_to_clear_away_fails_no_deletion(
    path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG11] [LG13] The deletion is stored; the rest is tried again with the next write."""
    talk = open_talk()
    await talk.admit("ada")
    seq = await post_secret(talk)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(
            """
            CREATE TRIGGER in_the_way BEFORE UPDATE ON erasures
            BEGIN SELECT RAISE(ABORT, 'not now'); END
            """
        )
        assert seq_of(await talk.do("ada", "redact", target=seq)) == 4
        assert "not out of the file" in caplog.text
        database.execute("DROP TRIGGER in_the_way")
    await talk.post("ada", "on")
    assert remains(path) == []
