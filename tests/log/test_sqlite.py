"""What the SQLite log promises beyond the contract: the file, durability, other processes."""

from __future__ import annotations

import os
import re
import stat
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Duplicate, LastSeen, LiveStretch, ReadMark
from jupyter_collab.log.connection import open_reader, open_writer
from jupyter_collab.protocol.ids import MemberId, Seq
from tests.fakes import TEAM, command
from tests.log.conftest import OpenTalk
from tests.log.files import commits_in_wal, modes, posting_server, rows, search
from tests.log.talk import code_of, seq_of, with_id_of

pytestmark = pytest.mark.anyio

ADA = MemberId("user:ada")


@pytest.mark.parametrize("umask", [0, 0o022, 0o277])
async def test_files_are_their_owners_alone(
    tmp_path: Path, open_talk: OpenTalk, umask: int
) -> None:
    """[LG12] Whatever the umask, and so are the directories that we made."""
    path = tmp_path / "new" / "er" / "conversations.db"
    before = os.umask(umask)
    try:
        await open_talk(path).admit("ada")
    finally:
        os.umask(before)
    assert modes(path) == [0o600] * 3
    for directory in (path.parent, path.parent.parent):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700


async def test_a_file_that_others_can_read_is_taken_from_them(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LG12] A copied backup, say; a directory that was there is left as it is."""
    path.parent.mkdir(mode=0o755)
    first = open_talk()
    await first.admit("ada")
    await first.log.close()
    await anyio.Path(path).chmod(0o644)
    await open_talk().loaded()
    assert modes(path) == [0o600] * 3
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o755


def test_a_commit_is_synced(path: Path) -> None:
    """[LG6]"""
    with closing(open_writer(path, Limits())) as connection:
        pragmas = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        told = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
        assert told == ["wal", 2, 1, 1]
    with closing(open_reader(path, Limits())) as connection:
        assert connection.execute("PRAGMA query_only").fetchone() == (1,)


async def test_a_batch_is_one_transaction(path: Path, open_talk: OpenTalk) -> None:
    """[LG10] Fifty posts, one sync; refused ones and repeats, none."""
    talk = open_talk()
    await talk.admit("ada")
    before = commits_in_wal(path)
    batch = [talk.request("ada", command("post", text=str(number))) for number in range(50)]
    await talk.log.execute(batch)
    assert commits_in_wal(path) == before + 1
    await talk.log.execute([*batch, talk.request("ada", command("post", text=" "))])
    assert commits_in_wal(path) == before + 1


async def test_everything_is_there_after_reopening(open_talk: OpenTalk) -> None:
    """[LG6]"""
    talk = open_talk()
    await talk.admit("ada", "bo")
    seq = await talk.post("ada", "hi")
    await talk.do("bo", "react", target=seq, emoji="🎉")
    await talk.do("bo", "rename", title="Plans")
    stretch = LiveStretch(conversation=TEAM, started=1.5, ended=None, peak=2, total=2)
    await talk.log.note([ReadMark(TEAM, ADA, Seq(4)), LastSeen(TEAM, ADA, 9.5), stretch])
    before = await talk.loaded()
    index = await talk.log.conversations(ADA)
    await talk.log.close()
    again = open_talk()
    assert await again.loaded() == before
    assert await again.log.conversations(ADA) == index
    assert await again.post("ada", "on") == before.info.head + 1


async def test_commands_are_known_after_reopening(open_talk: OpenTalk) -> None:
    """[LG3] [LG4] As long as their entry is kept."""
    talk = open_talk()
    await talk.admit("ada")
    asked = command("post", text="hi")
    seq = seq_of(await talk.ask("ada", asked))
    await talk.log.close()
    again = open_talk()
    assert await again.ask("ada", asked) == Duplicate(seq)
    assert code_of(await again.ask("ada", with_id_of(asked, "post", text="ho"))) == "id_reused"


async def test_a_killed_server_loses_nothing_it_acknowledged(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LG6] [LG1] And leaves no gap."""
    with posting_server(path) as (server, told):
        acknowledged = [int(told.readline()) for _ in range(30)]
        server.kill()
        acknowledged += [int(line) for line in told if line.endswith("\n")]
    entries = await open_talk().entries()
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert acknowledged == list(range(2, acknowledged[-1] + 1))
    assert len(entries) >= acknowledged[-1]


async def test_two_servers_share_a_file(open_talk: OpenTalk) -> None:
    """[LG1] [LG3] Numbers have no gaps and commands are known, whoever stored them."""
    here, there = open_talk(), open_talk()
    await here.admit("ada")
    await there.admit("bo")
    asked = command("post", text="hi")
    assert [seq_of(await talk.ask("ada", asked)) for talk in (here, there)] == [3, 3]
    assert [await talk.post("bo", "hi") for talk in (there, here, there)] == [4, 5, 6]
    assert await here.entries() == await there.entries()


async def test_cost_of_reading_does_not_grow_with_the_log(path: Path, open_talk: OpenTalk) -> None:
    """[RS6] Every query of a room finds its rows by an index, in the order it needs."""
    await open_talk().admit("ada")
    for sql in (
        "SELECT text FROM messages WHERE conversation = 'a' AND seq < 9 ORDER BY seq DESC LIMIT 5",
        "SELECT body FROM entries WHERE conversation = 'a' AND seq > 9 ORDER BY seq LIMIT 5",
        "SELECT seq FROM entries WHERE conversation = 'a' AND author = 'b' AND command_id = 'c'",
        """
        SELECT seq FROM entries
        WHERE conversation = 'a' AND kind = 'edited' AND json_extract(body, '$.target') = 5
        """,
        "SELECT emoji FROM reactions WHERE conversation = 'a' AND message BETWEEN 2 AND 3",
    ):
        plan = " ".join(row[3] for row in rows(path, f"EXPLAIN QUERY PLAN {sql}"))
        assert re.search(r"SEARCH \w+ USING (COVERING )?INDEX", plan), plan
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan


async def test_words_are_found_while_they_are_there(path: Path, open_talk: OpenTalk) -> None:
    """[LG7]"""
    talk = open_talk()
    await talk.admit("ada")
    first, second = await talk.post("ada", "red green"), await talk.post("ada", "green blue")
    assert search(path, "green") == [first, second]
    await talk.do("ada", "edit", target=first, text="yellow")
    assert search(path, "green") == [second]
    assert search(path, "yellow") == [first]
    await talk.do("ada", "redact", target=second)
    assert search(path, "green") == []
    assert search(path, "blue") == []
