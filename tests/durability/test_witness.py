"""The oracle of the durability tests notices what it is there for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.commands import ClientCommand
from tests.durability.witness import Witness
from tests.fakes import TEAM, command
from tests.log.files import prune, rows
from tests.log.talk import BORN, Talk, entry_of, seq_of

Frame = dict[str, Any]


def frame_of(struct: Any) -> Frame:
    frame: Frame = msgspec.json.decode(msgspec.json.encode(struct))
    return frame


async def talk(path: Path, witness: Witness) -> None:
    """Ada posts three messages and edits the first; the last answer is lost."""
    log = SqliteLog(path, Limits())
    await Talk(log).admit("ada")
    asked: list[ClientCommand] = [command("post", text=str(number)) for number in range(3)]
    asked.append(command("edit", target=2, text="edited"))
    witness.ask("user:ada", TEAM, {"type": "hello"})
    for one in asked:
        witness.ask("user:ada", TEAM, frame_of(one))
        outcome = await Talk(log).ask("ada", one)
        entry = frame_of(entry_of(outcome))
        witness.tell("user:ada", TEAM, {"type": "entries", "entries": [entry]})
        if one is not asked[-1]:
            ack = {"type": "ack", "command_id": one.command_id, "seq": seq_of(outcome)}
            witness.tell("user:ada", TEAM, ack)
    await log.close()


@pytest.fixture
def heard(tmp_path: Path) -> tuple[Path, Witness]:
    path, witness = tmp_path / "conversations.db", Witness()
    anyio.run(partial(talk, path, witness))
    return path, witness


def test_what_is_whole_passes(heard: tuple[Path, Witness]) -> None:
    path, witness = heard
    anyio.run(partial(witness.check, path))
    assert [frame["type"] for _, _, frame in witness.unanswered()] == ["edit"]
    anyio.run(partial(witness.retry, path))
    assert witness.unanswered() == []
    anyio.run(partial(witness.check, path))


@pytest.mark.parametrize(
    "break_",
    [
        "DELETE FROM entries WHERE seq = 5",
        "DELETE FROM entries WHERE seq = 3",
        "UPDATE entries SET seq = 6 WHERE seq = 5",
        "UPDATE entries SET command_id = NULL WHERE seq = 4",
        "UPDATE entries SET command_id = '0' WHERE seq = 5",
        "UPDATE entries SET author = 'user:bo' WHERE seq = 3",
        "UPDATE entries SET at = 0 WHERE seq = 5",
        """UPDATE entries SET body = '{"text":"x","reply_to":null}' WHERE seq = 4""",
        "UPDATE conversations SET head = 4",
        "UPDATE messages SET text = '0' WHERE seq = 2",
        "DELETE FROM members",
        "INSERT INTO messages_fts (rowid, text) VALUES (1, 'made up')",
    ],
)
def test_what_is_lost_or_made_up_is_noticed(heard: tuple[Path, Witness], break_: str) -> None:
    path, witness = heard
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(break_)
    with pytest.raises((AssertionError, sqlite3.DatabaseError)):
        anyio.run(partial(witness.check, path))


@pytest.mark.parametrize(
    ("what", "further", "is_right"),
    [
        ("prunes", 0, True),
        ("prunes", 1, True),  # and was killed before it had
        ("prunes", -1, False),
        ("has pruned", 0, True),
        ("has pruned", 1, False),
    ],
)
def test_no_more_is_gone_than_was_pruned_nor_less(
    heard: tuple[Path, Witness], what: str, further: int, is_right: bool
) -> None:
    path, witness = heard
    prune(path, BORN + 3)
    ((floor,),) = rows(path, "SELECT floor FROM conversations")
    assert floor > 2
    with pytest.raises(AssertionError):
        anyio.run(partial(witness.check, path))
    for told, until in (("prunes", floor), (what, floor + further)):
        witness.hear([json.dumps(["operator", TEAM, told, {"until": until}]) + "\n"])
    with nullcontext() if is_right else pytest.raises(AssertionError):
        anyio.run(partial(witness.check, path))


@pytest.mark.parametrize(
    "tell",
    [
        lambda ack: {**ack, "seq": 5},
        lambda ack: {**ack, "type": "refused", "code": "empty"},
    ],
)
def test_two_answers_are_noticed(
    heard: tuple[Path, Witness], tell: Callable[[Frame], Frame]
) -> None:
    path, witness = heard
    (known, seq), *_ = witness.acked.items()
    answer = tell({"type": "ack", "command_id": known.command_id, "seq": seq})

    def hear_and_check() -> None:
        witness.tell(known.author, known.conversation, answer)
        anyio.run(partial(witness.check, path))

    with pytest.raises(AssertionError):
        hear_and_check()
