"""The search index follows the messages, whatever happens to them before it has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from jupyter_collab.log import chore
from jupyter_collab.log.search_index import CHARS_PER_STEP, MESSAGES_PER_STEP, index_all
from jupyter_collab.log.transaction import writing
from tests.fakes import command
from tests.log.conftest import OpenTalk
from tests.log.files import prune, rows, search, until
from tests.log.talk import BORN

pytestmark = pytest.mark.anyio


def indexed(path: Path) -> int:
    (count,) = rows(path, "SELECT count(*) FROM messages_fts_docsize")[0]
    return int(count)


def check(path: Path) -> None:
    """What is in is what the messages say, and the rest can come in."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with writing(connection):
            index_all(connection)
        connection.execute(
            "INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)"
        )


async def until_indexed(path: Path, messages: int) -> None:
    await until(lambda: indexed(path) == messages)


async def test_it_comes_after_the_posts(path: Path, open_talk: OpenTalk) -> None:
    """[LG21] Nobody asks for it."""
    talk = open_talk()
    await talk.admit("ada")
    for number in range(3):
        await talk.post("ada", f"red {number}")
    await until_indexed(path, 3)
    await talk.post("ada", "red, too")
    await until_indexed(path, 4)


async def test_many_come_in_steps(path: Path, open_talk: OpenTalk) -> None:
    """[LG21] All of them, in however many steps; one that is longer than a step by itself."""
    talk = open_talk()
    await talk.admit("ada")
    many, long = 2 * MESSAGES_PER_STEP + 1, "long " * 6000
    posts = [command("post", text=f"word{number}") for number in range(many)]
    await talk.log.execute([talk.request("ada", post) for post in posts])
    for _ in range(1 + CHARS_PER_STEP // len(long)):
        await talk.post("ada", long)
    await until_indexed(path, many + 1 + CHARS_PER_STEP // len(long))
    check(path)


async def test_what_a_server_left_comes_in_with_the_next(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LG21] [LG7] A server that ends, or is killed, need not bring it up."""
    monkeypatch.setattr("jupyter_collab.log.sqlite.DELAY_S", 3600.0)
    talk = open_talk()
    await talk.admit("ada")
    await talk.post("ada", "red")
    await talk.log.close()
    assert indexed(path) == 0
    await open_talk().loaded()
    await until_indexed(path, 1)


async def test_it_waits_for_another_program(
    path: Path,
    open_talk: OpenTalk,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[LG21] One that holds the database when it is time: nothing is said of that, and it comes."""
    attempt, waits = chore._attempt, list[float | None]()

    def noted(*args: Any) -> float | None:
        waits.append(attempt(*args))
        return waits[-1]

    monkeypatch.setattr(chore, "_attempt", noted)
    talk = open_talk()
    await talk.admit("ada")
    await talk.post("ada", "red")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await until(lambda: waits.count(chore.AGAIN_S) > 2)
        other.rollback()
    await until_indexed(path, 1)
    assert not caplog.records


@pytest.mark.parametrize(
    ("is_in", "change"), list(product((False, True), ("edit", "redact", "both", "prune")))
)
async def test_it_is_sound_whatever_changes_before_and_after(
    path: Path, open_talk: OpenTalk, is_in: bool, change: str
) -> None:
    """[LG21] [LG7] A message that is changed, deleted or pruned, in the index or not yet in it."""
    talk = open_talk()
    await talk.admit("ada")
    first, second = await talk.post("ada", "red green"), await talk.post("ada", "green blue")
    if is_in:
        check(path)
    expected = {"green": [second], "red": [], "blue": [second]}
    if change in ("edit", "both"):
        await talk.do("ada", "edit", target=first, text="yellow")
        expected["yellow"] = [first]
    if change in ("redact", "both"):
        await talk.do("ada", "redact", target=first)
        expected["yellow"] = []
    if change == "prune":
        prune(path, BORN + second - 1)
    third = await talk.post("ada", "purple")
    check(path)
    assert {word: search(path, word) for word in expected} == expected
    assert search(path, "purple") == [third]
