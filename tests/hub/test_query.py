"""Reads that a client asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.hub.query import answer_query
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Log, Request
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.commands import Admit
from jupyter_collab.protocol.frames import Entries, History, Page, Sync
from tests.fakes import TEAM, command, member

LIMITS = Limits(entries_per_page=4, page_messages=3)


async def filled(path: Path) -> Log:
    """Ada joins as entry 1, and posts entries 2 to 10."""
    log = SqliteLog(path / "log.db", LIMITS)
    commands = [Admit(member("ada")), *(command("post", text="hi") for _ in range(9))]
    await log.execute(
        [Request(conversation=TEAM, author=member("ada"), command=c, at=1.0) for c in commands]
    )
    return log


@pytest.mark.parametrize(
    ("after", "limit", "seqs"),
    [(0, 500, [1, 2, 3, 4]), (5, 2, [6, 7]), (8, 500, [9, 10]), (10, 500, []), (99, 500, [])],
)
async def test_sync_answers_a_run(tmp_path: Path, after: int, limit: int, seqs: list[int]) -> None:
    """[RS6] Within what the client asked for and what the server grants."""
    log = await filled(tmp_path)
    answer = await answer_query(log, LIMITS, TEAM, Sync(after=after, limit=limit))
    assert isinstance(answer, Entries)
    assert [entry.seq for entry in answer.entries] == seqs
    await log.close()


@pytest.mark.parametrize(
    ("before", "limit", "seqs", "cursor"),
    [
        (11, 500, [8, 9, 10], 8),
        (8, 2, [6, 7], 6),
        (4, 500, [2, 3], None),
        (2, 500, [], None),
        (2**53 - 1, 1, [10], 10),
    ],
)
async def test_history_answers_a_page(
    tmp_path: Path, before: int, limit: int, seqs: list[int], cursor: int | None
) -> None:
    """[RS6]"""
    log = await filled(tmp_path)
    answer = await answer_query(log, LIMITS, TEAM, History(before=before, limit=limit))
    assert isinstance(answer, Page)
    assert [message.seq for message in answer.messages] == seqs
    assert answer.before == cursor
    await log.close()


async def test_a_log_that_is_closed_is_unavailable(tmp_path: Path) -> None:
    log = await filled(tmp_path)
    await log.close()
    with pytest.raises(Unavailable):
        await answer_query(log, LIMITS, TEAM, Sync(after=0))
