"""Deleted words leave the file: entries, tables, search index, write-ahead log, free pages."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jupyter_collab.log import erasure
from tests.fakes import command
from tests.log.conftest import OpenTalk
from tests.log.files import raw, rows, search, until
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


async def fill(talk: Talk, batches: int) -> None:
    """So much that the search index takes many steps to merge."""
    for number in range(batches):
        texts = (" ".join(f"{number}x{post}x{word}" for word in range(20)) for post in range(50))
        await talk.log.execute([talk.request("ada", command("post", text=text)) for text in texts])


def merges(path: Path) -> list[tuple[Any, ...]]:
    """Changes with each step."""
    return rows(path, "SELECT block FROM messages_fts_data WHERE id = 10")


def has_gone_on(path: Path, before: list[tuple[Any, ...]]) -> bool:
    return merges(path) != before


async def until_gone(path: Path) -> None:
    await until(lambda: not pending(path))
    assert remains(path) == []


async def test_deleted_words_are_nowhere_in_the_file(path: Path, open_talk: OpenTalk) -> None:
    """[LG11] In a moment where there is little; what is not deleted stays."""
    talk = open_talk()
    await talk.admit("ada")
    seq = await post_secret(talk)
    await talk.post("ada", "kept, even so")
    assert search(path, SECRETS[1]) == [seq]
    assert remains(path) == [REMAINS[0], REMAINS[1]]
    await talk.do("ada", "redact", target=seq)
    await until_gone(path)
    assert rows(path, "SELECT digest FROM entries WHERE seq IN (2, 3)") == [(None,), (None,)]
    assert b"even so" in raw(path)
    await talk.log.close()
    assert remains(path) == []


async def test_a_long_history_is_cleared_in_steps(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG11] A step leaves the writer to others for longer than it took; a restart ends nothing."""
    talk = open_talk()
    await talk.admit("ada")
    seq = await post_secret(talk)
    await fill(talk, 60)
    assert search(path, SECRETS[1]) == [seq]
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "SHARE", 1e6)
        await talk.do("ada", "redact", target=seq)
        await until(lambda: rows(path, "SELECT started FROM erasures") == [(1,)])
        await talk.post("ada", "on")
        await talk.log.close()
    assert pending(path) == 1
    await open_talk().loaded()
    await until_gone(path)


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
    await until_gone(path)


async def test_deletions_that_go_on_keep_no_word_in_the_file(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LG11] However often something is deleted, what was deleted before that comes to its end."""
    talk = open_talk()
    await talk.admit("ada")
    first = await post_secret(talk)
    await fill(talk, 60)
    search(path, SECRETS[1])
    await talk.do("ada", "redact", target=first)
    last = (await talk.loaded()).info.head
    for target in range(last - 200, last - 100):
        merged = merges(path)
        await talk.do("ada", "redact", target=target)
        await until(partial(has_gone_on, path, merged))
        if (first,) not in rows(path, "SELECT seq FROM erasures"):
            break
    else:
        pytest.fail("the first of them is still there")
    await until_gone(path)


async def test_a_failure_to_clear_away_fails_no_deletion(
    path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture
) -> None:
    """[LG11] [LG13] The deletion is stored; the rest is tried again later."""
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
        await until(lambda: "out of the file has failed" in caplog.text)
        database.execute("DROP TRIGGER in_the_way")
    await talk.log.note(())
    await until_gone(path)
