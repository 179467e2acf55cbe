"""Old messages leave the log for good, and what is left is whole."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from jupyter_collab.errors import Pruned
from jupyter_collab.limits import Limits
from jupyter_collab.log import prune as prune_module
from jupyter_collab.log import retention
from jupyter_collab.log import sqlite as sqlite_log
from jupyter_collab.log.base import Duplicate, Request, Stored
from jupyter_collab.log.connection import open_writer
from jupyter_collab.log.projection import rebuild
from jupyter_collab.log.prune import DAY_S, ENTRIES_PER_STEP, outdated, prune_for, prune_step
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.log.transaction import writing
from jupyter_collab.protocol.entries import Edited
from jupyter_collab.protocol.ids import Seq
from tests.fakes import TEAM, command
from tests.log.conftest import OpenTalk
from tests.log.files import dump, prune, raw, rows, search
from tests.log.folded import check_fold
from tests.log.talk import BORN, Talk, code_of, seq_of, with_id_of
from tests.strategies import CONVERSATIONS, batches

pytestmark = pytest.mark.anyio


def floor_of(path: Path, conversation: str = TEAM) -> int:
    found = dict(rows(path, "SELECT id, floor FROM conversations"))
    return int(found[conversation])


async def test_a_message_goes_with_all_that_was_said_of_it(path: Path, open_talk: OpenTalk) -> None:
    """[LC2] [LG4] Also what came later; its edit stays for its number, without the text."""
    talk = open_talk()
    await talk.admit("ada", "bo")
    old = await talk.post("ada", "old words")
    gone = await talk.post("ada", "deleted")
    await talk.do("ada", "redact", target=gone)
    await talk.do("bo", "react", target=old, emoji="🎉")
    await talk.do("bo", "rename", title="Plans")
    kept = await talk.post("bo", "young", reply_to=old)
    late = command("edit", target=old, text="late words")
    await talk.ask("ada", late)
    await talk.do("ada", "react", target=old, emoji="🎉")
    await talk.do("ada", "react", target=kept, emoji="👍")
    prune(path, BORN + kept - 1)
    assert (floor_of(path), kept) == (7, 8)
    assert rows(path, "SELECT seq, kind FROM entries ORDER BY seq") == [
        (1, "joined"),
        (2, "joined"),
        (7, "renamed"),
        (8, "posted"),
        (9, "edited"),
        (10, "reacted"),
        (11, "reacted"),
    ]
    (message,) = await talk.history()
    assert (message.seq, message.reply_to, len(message.reactions)) == (kept, old, 1)
    (edited,) = [e for e in await talk.log.entries(TEAM, 6, 9) if isinstance(e, Edited)]
    assert edited.body.text == ""
    assert rows(path, "SELECT message FROM reactions") == [(kept,)]
    assert [search(path, word) for word in ("old", "late", "young")] == [[], [], [kept]]
    assert_rebuilding_changes_nothing(path)
    assert code_of(await talk.do("bo", "react", target=old, emoji="👀")) == "not_found"
    assert code_of(await talk.ask("bo", command("post", text="re", reply_to=old))) == "not_found"
    guess = with_id_of(late, "edit", target=old, text="guess")
    assert await talk.ask("ada", guess) == Duplicate(Seq(9))
    assert await talk.post("ada", "on") == 12


async def test_only_messages_without_an_older_one_to_keep_go(
    path: Path, open_talk: OpenTalk
) -> None:
    """[LC2] The clock had stepped back: what is after a message that is kept stays as well."""
    talk = open_talk()
    await talk.admit("ada")
    first, second = await talk.post("ada", "in the future"), await talk.post("ada", "back again")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for table in ("messages", "entries"):
            database.execute(f"UPDATE {table} SET at = at + 9e9 WHERE seq = {first}")  # noqa: S608  # our own
    prune(path, BORN + 1e6)
    assert [message.seq for message in await talk.history()] == [first, second]
    assert floor_of(path) == 1


async def test_a_conversation_may_lose_all_its_messages(path: Path, open_talk: OpenTalk) -> None:
    """[LC2] [LC3] [LG3] Its people and title are still there; command ids are unknown again."""
    talk = open_talk()
    await talk.admit("ada")
    await talk.do("ada", "rename", title="Plans")
    asked = command("post", text="hi")
    seq = seq_of(await talk.ask("ada", asked))
    await talk.admit("ada", conversation="other")
    await talk.post("ada", "elsewhere", conversation="other")
    prune(path, BORN + 1e6, TEAM)
    loaded = await talk.loaded()
    assert (loaded.info.title, loaded.info.head, loaded.info.floor) == ("Plans", 3, 4)
    assert (loaded.page.messages, loaded.page.before, loaded.recent) == ((), None, ())
    assert [member.id for member in loaded.members] == ["user:ada"]
    assert await talk.log.entries(TEAM, 3, 9) == ()
    assert floor_of(path, "other") == 1
    again = await talk.ask("ada", asked)
    assert isinstance(again, Stored), "its id was forgotten with it"
    assert again.entry.seq == seq + 1


async def test_no_run_leads_over_what_was_removed(path: Path, open_talk: OpenTalk) -> None:
    """[LC3] Whatever is asked for from the floor on is whole; the newest entries too."""
    talk = open_talk()
    await talk.admit("ada")
    seqs = [await talk.post("ada", str(number)) for number in range(6)]
    prune(path, BORN + seqs[3] - 1)
    assert floor_of(path) == seqs[3]
    for after in (0, 1, seqs[3] - 2):
        with pytest.raises(Pruned) as caught:
            await talk.log.entries(TEAM, after, 9)
        assert (caught.value.code, caught.value.floor) == ("pruned", seqs[3])
    assert [e.seq for e in await talk.log.entries(TEAM, seqs[3] - 1, 9)] == seqs[3:]
    loaded = await talk.loaded()
    assert [entry.seq for entry in loaded.recent] == seqs[3:]
    page = await talk.log.messages(TEAM, seqs[4], 9)
    assert ([message.seq for message in page.messages], page.before) == ([seqs[3]], None)


async def test_pruned_words_leave_the_file(path: Path, open_talk: OpenTalk) -> None:
    """[LC5] [LC6] With the next round of upkeep, if nothing is written."""
    talk = open_talk()
    await talk.admit("ada")
    secret = await talk.post("ada", "the zquixotically one")
    await talk.post("ada", "kept, even so")
    await talk.do("ada", "edit", target=secret, text="the Zxylograph one")
    prune(path, BORN + secret)
    assert rows(path, "SELECT count(*) FROM erasures") == [(1,)]
    while rows(path, "SELECT count(*) FROM erasures") != [(0,)]:
        await talk.log.note(())
    remains = raw(path)
    assert [word for word in (b"quixotic", b"xylograph", b"Xylograph") if word in remains] == []
    assert b"even so" in remains


async def test_a_server_prunes_by_itself(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC6] In steps that keep nobody waiting, on the slowest disk too; 0 days keep everything."""
    monkeypatch.setattr(sqlite_log, "UPKEEP_BUDGET_S", 0.0)
    talk = open_talk(limits=Limits(retention_days=30))
    await talk.admit("ada")
    for _ in range(3):
        posts = [command("post", text="old") for _ in range(ENTRIES_PER_STEP)]
        await talk.log.execute([talk.request("ada", post) for post in posts])
    young = talk.request("ada", command("post", text="young"))
    await talk.log.execute([replace(young, at=time.time())])
    await open_talk(limits=Limits(retention_days=0)).log.note(())
    assert floor_of(path) == 1
    rounds = 0
    while (await talk.loaded()).info.floor < 3 * ENTRIES_PER_STEP + 2:
        await talk.log.note(())
        rounds += 1
    assert rounds == 4  # Ada's `joined` is in the first step
    assert [message.text for message in await talk.history()] == ["young"]


@pytest.mark.parametrize("days", [400, -400])
async def test_a_clock_that_is_set_costs_nobody_a_message(
    open_talk: OpenTalk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    days: int,
) -> None:
    """[LC6] While it is off, nothing is pruned and the operator is told once; then as ever."""
    ahead_s = 0.0
    monkeypatch.setattr(retention, "_wall", lambda: time.time() + ahead_s)
    talk = open_talk(limits=Limits(retention_days=30))
    await talk.admit("ada")
    for text, age_days in (("old", 31), ("young", 29)):
        post = talk.request("ada", command("post", text=text))
        await talk.log.execute([replace(post, at=time.time() - age_days * DAY_S)])
    ahead_s = days * DAY_S
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await talk.log.note(())
    assert [message.text for message in await talk.history()] == ["old", "young"]
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith(f"the clock was set by {days * DAY_S:+.0f} s")
    ahead_s = 3000.0  # less than an hour is a correction
    await talk.log.note(())
    assert [message.text for message in await talk.history()] == ["young"]


def test_two_who_prune_at_once_go_on_where_the_other_is(path: Path) -> None:
    """[LC2] The floor never moves back."""

    async def fill() -> None:
        talk = Talk(SqliteLog(path, Limits()))
        await talk.admit("ada")
        for _ in range(3):
            await talk.post("ada", "hi")
        await talk.log.close()

    anyio.run(fill)
    with closing(open_writer(path, Limits())) as connection:
        (some,) = outdated(connection, BORN + 3)
        (all_,) = outdated(connection, BORN + 1e6)
        for it in (all_, some):
            with writing(connection):
                assert prune_step(connection, it) is None
    assert floor_of(path) == 5


@given(batches(), st.integers(0, 40))
@settings(max_examples=25, deadline=None)
def test_the_tables_are_the_fold_of_what_is_left(asked: list[list[Request]], age: int) -> None:
    """[LC2] [LG7] Rebuilding them from it changes nothing."""

    async def fill(path: Path) -> None:
        log = SqliteLog(path, Limits())
        for batch in asked:
            await log.execute(batch)
        times = [request.at for batch in asked for request in batch]
        await log.close()
        prune(path, sorted(times)[min(age, len(times) - 1)])

    async def compare(path: Path) -> None:
        log = SqliteLog(path, Limits())
        for name in CONVERSATIONS:
            await check_fold(log, name)
        await log.close()

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "conversations.db"
        anyio.run(partial(fill, path))
        anyio.run(partial(compare, path))
        assert_rebuilding_changes_nothing(path)


@given(batches(), st.integers(1, 40), st.integers(1, 7))
@settings(max_examples=25, deadline=None)
def test_bit_by_bit_comes_to_the_same(asked: list[list[Request]], age: int, step: int) -> None:
    """[LC6] [LC2] A server removes what an operator would, however small its steps."""

    async def fill(path: Path) -> float:
        log = SqliteLog(path, Limits())
        for batch in asked:
            await log.execute(batch)
        await log.close()
        times = sorted({request.at for batch in asked for request in batch})
        return times[min(age, len(times) - 1)]

    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patched:
        at_once, in_steps = Path(name) / "a.db", Path(name) / "b.db"
        before = anyio.run(partial(fill, at_once))
        shutil.copy(at_once, in_steps)
        prune(at_once, before)
        patched.setattr(prune_module, "ENTRIES_PER_STEP", step)
        with closing(open_writer(in_steps, Limits())) as connection:
            for _ in range(200):
                prune_for(connection, before, 0.0)
        entries = "SELECT * FROM entries ORDER BY conversation, seq"
        assert rows(in_steps, entries) == rows(at_once, entries)
        assert dump(in_steps) == dump(at_once)


def test_a_step_costs_the_same_however_much_is_outdated(tmp_path: Path) -> None:
    """[LC6] Counted in what SQLite has to do for it; and next to nothing if all is young."""

    async def fill(path: Path, posts: int) -> None:
        talk = Talk(SqliteLog(path, Limits()))
        await talk.admit("ada")
        for _ in range(posts // ENTRIES_PER_STEP):
            asked = [command("post", text="old") for _ in range(ENTRIES_PER_STEP)]
            await talk.log.execute([talk.request("ada", one) for one in asked])
        await talk.log.close()

    def cost(path: Path, before: float) -> int:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        with closing(open_writer(path, Limits())) as connection:
            connection.set_progress_handler(count, 10)
            prune_for(connection, before, 0.0)
        return steps

    few, many = tmp_path / "few.db", tmp_path / "many.db"
    anyio.run(fill, few, 2 * ENTRIES_PER_STEP)
    anyio.run(fill, many, 20 * ENTRIES_PER_STEP)
    assert cost(many, BORN) < 20
    assert cost(many, BORN + 1e6) < 1.5 * cost(few, BORN + 1e6)


def assert_rebuilding_changes_nothing(path: Path) -> None:
    before = dump(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with writing(connection):
            rebuild(connection)
        connection.execute("INSERT INTO messages_fts (messages_fts) VALUES ('integrity-check')")
    assert dump(path) == before
