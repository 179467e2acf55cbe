"""What every log says when it is asked, and what it keeps beside the entries."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from jupyter_collab.errors import Unavailable
from jupyter_collab.limits import Limits
from jupyter_collab.log.base import LastSeen, LiveStretch, Log, MessagePage, ReadMark
from jupyter_collab.protocol.commands import Admit
from jupyter_collab.protocol.ids import MAX_SAFE_INTEGER, ConversationId, MemberId, Seq
from jupyter_collab.state import newest_page
from tests.fakes import TEAM, member
from tests.log.talk import BORN, MakeLog, Talk

__all__ = ["ReadingContract"]

ADA, BO, ZED = MemberId("user:ada"), MemberId("user:bo"), MemberId("user:zed")
NOWHERE = ConversationId("nowhere")

POSTED = len(
    b'{"kind":"posted","seq":2,"author":"user:ada","at":1700000001.0,'
    b'"command_id":"00000000000000000000000001","body":{"text":"four","reply_to":null}}'
)


class ReadingContract:
    """Tests that take `talk`, or `make_log` where the limits matter."""

    async def test_nothing_is_known_of_what_is_not_there(self, talk: Talk) -> None:
        """[RU1]"""
        assert await talk.log.load(NOWHERE) is None
        assert await talk.log.entries(NOWHERE, 0, 10) == ()
        assert await talk.log.messages(NOWHERE, None, 10) == MessagePage((), None)
        assert await talk.log.conversations(ADA) == []

    async def test_a_room_begins_with_everything(self, talk: Talk) -> None:
        """[RS1] [RS7] One state of the log: the page, the entries and the head agree."""
        await talk.admit("ada", "bo")
        for text in ("one", "two", "three"):
            await talk.post("ada", text)
        loaded = await talk.loaded()
        assert (loaded.info.id, loaded.info.head) == (TEAM, 5)
        assert [message.seq for message in loaded.page.messages] == [3, 4, 5]
        assert loaded.page.before is None
        assert loaded.page == await talk.log.messages(TEAM, None, 50)
        assert list(loaded.recent) == await talk.entries()
        assert loaded.members == (member("ada"), member("bo"))
        assert loaded.read_marks == {ADA: 1, BO: 2}
        assert loaded.last_seen == {}
        assert loaded.stretch is None

    async def test_recent_entries_are_the_newest_within_the_limit(self, make_log: MakeLog) -> None:
        """[RS2] [RS3]"""
        talk = Talk(make_log(Limits(resume_entries=3)))
        await talk.admit("ada")
        assert [entry.seq for entry in (await talk.loaded()).recent] == [1]
        for _ in range(4):
            await talk.post("ada", "hi")
        assert [entry.seq for entry in (await talk.loaded()).recent] == [3, 4, 5]

    async def test_recent_entries_keep_within_the_bytes(self, make_log: MakeLog) -> None:
        """[RS2] [RS3] Counted as they go over the wire; there may be none."""
        for most_bytes, expected in ((3 * POSTED, [3, 4, 5]), (3 * POSTED - 1, [4, 5]), (9, [])):
            talk = await _with_four_posts(make_log(Limits(resume_bytes=most_bytes)))
            assert [entry.seq for entry in (await talk.loaded()).recent] == expected

    async def test_entries_are_a_contiguous_run(self, talk: Talk) -> None:
        """[RS6]"""
        await talk.admit("ada")
        for _ in range(6):
            await talk.post("ada", "hi")

        async def seqs(after: int, limit: int) -> list[int]:
            return [entry.seq for entry in await talk.log.entries(TEAM, after, limit)]

        assert await seqs(0, 3) == [1, 2, 3]
        assert await seqs(3, 500) == [4, 5, 6, 7]
        assert await seqs(6, 1) == [7]
        assert await seqs(7, 500) == []
        assert await seqs(MAX_SAFE_INTEGER, 500) == []

    async def test_a_run_of_entries_keeps_within_the_bytes(self, make_log: MakeLog) -> None:
        """[RS6] But has one at least, or nobody would get past a long message."""
        for most_bytes, expected in ((2 * POSTED, [2, 3]), (2 * POSTED - 1, [2]), (1, [2])):
            talk = await _with_four_posts(make_log(Limits(resume_bytes=most_bytes)))
            run = await talk.log.entries(TEAM, 1, 500)
            assert [entry.seq for entry in run] == expected

    async def test_pages_lead_to_the_beginning(self, make_log: MakeLog) -> None:
        """[RS6] Each message once, oldest first; the cursor is None on the last page."""
        talk = Talk(make_log(Limits(page_messages=3)))
        await talk.admit("ada", "bo")
        for number in range(7):
            await talk.post("ada" if number % 2 else "bo", str(number))
        pages: list[list[str]] = []
        before: Seq | None = None
        while not pages or before is not None:
            page = await talk.log.messages(TEAM, before, 50)
            pages.append([message.text for message in page.messages])
            before = page.before
        assert pages == [["4", "5", "6"], ["1", "2", "3"], ["0"]]

    async def test_a_page_that_ends_at_the_beginning_says_so(self, make_log: MakeLog) -> None:
        """[RS6]"""
        talk = Talk(make_log(Limits(page_messages=3)))
        await talk.admit("ada")
        for number in range(3):
            await talk.post("ada", str(number))
        assert (await talk.loaded()).page.before is None
        assert (await talk.log.messages(TEAM, None, 2)).before == 3
        assert await talk.log.messages(TEAM, 2, 2) == MessagePage((), None)
        older = await talk.log.messages(TEAM, MAX_SAFE_INTEGER, 50)
        assert older == (await talk.loaded()).page

    async def test_a_page_keeps_within_the_bytes(self, make_log: MakeLog) -> None:
        """[RS1] Bytes of UTF-8; but it has one message at least."""
        talk = Talk(make_log(Limits(page_bytes=10)))
        await talk.admit("ada")
        for text in ("ééééé", "12345", "12345", "x" * 11, "1234"):
            await talk.post("ada", text)
        pages: list[list[str]] = []
        before: int | None = None
        while not pages or before is not None:
            page = await talk.log.messages(TEAM, before, 50)
            pages.append([message.text for message in page.messages])
            before = page.before
        assert pages == [["1234"], ["x" * 11], ["12345", "12345"], ["ééééé"]]

    @pytest.mark.parametrize("page_bytes", [1, 9, 10, 11, 100])
    async def test_a_room_cuts_its_page_at_the_same_place(
        self, make_log: MakeLog, page_bytes: int
    ) -> None:
        """[RS1] Whether a snapshot comes from the log or from memory."""
        limits = Limits(page_bytes=page_bytes, page_messages=3)
        talk = Talk(make_log(limits))
        await talk.admit("ada")
        for text in ("12345", "12345", "é", "123", "12345"):
            await talk.post("ada", text)
            page = (await talk.loaded()).page
            assert newest_page(await talk.history(), limits) == page.messages

    async def test_a_page_counts_who_reacted(self, make_log: MakeLog) -> None:
        """[RS1] Fifty people with twenty emoji are longer than any text."""
        limits = Limits(page_bytes=20)
        talk = Talk(make_log(limits))
        await talk.admit("ada", "bo")
        seqs = [await talk.post("ada", text) for text in ("1", "2", "3")]
        await talk.do("ada", "react", target=seqs[1], emoji="🎉")
        assert [message.text for message in (await talk.loaded()).page.messages] == ["1", "2", "3"]
        await talk.do("bo", "react", target=seqs[1], emoji="🎉")
        page = await talk.log.messages(TEAM, None, 50)
        assert [message.text for message in page.messages] == ["3"]
        assert newest_page(await talk.history(), limits) == page.messages
        older = await talk.log.messages(TEAM, page.before, 50)
        assert [message.text for message in older.messages] == ["2"]

    async def test_reactions_come_with_their_page(self, make_log: MakeLog) -> None:
        """[RS6]"""
        talk = Talk(make_log(Limits(page_messages=2)))
        await talk.admit("ada")
        seqs = [await talk.post("ada", str(number)) for number in range(4)]
        for seq, emoji in zip(seqs, "🎉👍👀🚀", strict=True):
            await talk.do("ada", "react", target=seq, emoji=emoji)
        for before, expected in ((None, "👀🚀"), (seqs[2], "🎉👍")):
            page = await talk.log.messages(TEAM, before, 2)
            assert [m.reactions[0].emoji for m in page.messages] == list(expected)

    async def test_read_marks_only_move_forward(self, talk: Talk) -> None:
        """[LG14] Each member has their own."""
        await talk.admit("ada", "bo")
        for _ in range(4):
            await talk.post("ada", "hi")
        await talk.log.note([ReadMark(TEAM, ADA, Seq(5)), ReadMark(TEAM, ADA, Seq(3))])
        await talk.log.note([ReadMark(TEAM, ADA, Seq(4))])
        assert (await talk.loaded()).read_marks == {ADA: 5, BO: 2}

    async def test_read_marks_end_with_the_log(self, talk: Talk) -> None:
        """[LG14] One of a longer log, which this one replaced, would hide what comes next."""
        await talk.admit("ada", "bo")
        await talk.log.note([ReadMark(TEAM, ADA, Seq(99)), ReadMark(TEAM, BO, Seq(99))])
        assert (await talk.loaded()).read_marks == {ADA: 2, BO: 2}
        await talk.post("ada", "hi")
        assert await talk.unread("bo") == {TEAM: 1}

    async def test_a_newcomer_has_nothing_unread(self, talk: Talk) -> None:
        """[RS8] Whatever was said before they came."""
        await talk.admit("ada")
        await talk.post("ada", "before")
        await talk.admit("bo")
        assert (await talk.loaded()).read_marks[BO] == 3
        assert await talk.unread("bo") == {TEAM: 0}

    async def test_last_seen_only_moves_forward(self, talk: Talk) -> None:
        """[PR4] A clock that was set back makes nobody seen earlier."""
        await talk.admit("ada", "bo")
        await talk.log.note([LastSeen(TEAM, ADA, 20.5), LastSeen(TEAM, BO, 1.0)])
        await talk.log.note([LastSeen(TEAM, ADA, 10.0)])
        assert (await talk.loaded()).last_seen == {ADA: 20.5, BO: 1.0}

    async def test_a_stretch_is_kept_by_its_start(self, talk: Talk) -> None:
        """[LG15] The newest is the room's; its end may go back to open, its people only grow."""

        def stretch(started: float, ended: float | None, peak: int, total: int) -> LiveStretch:
            return LiveStretch(
                conversation=TEAM, started=started, ended=ended, peak=peak, total=total
            )

        await talk.admit("ada")
        await talk.log.note([stretch(10.0, None, 1, 1), stretch(10.0, 15.0, 2, 3)])
        assert (await talk.loaded()).stretch == stretch(10.0, 15.0, 2, 3)
        await talk.log.note([stretch(10.0, None, 1, 1)])
        assert (await talk.loaded()).stretch == stretch(10.0, None, 2, 3)
        await talk.log.note([stretch(9000.0, None, 1, 1), stretch(10.0, 20.0, 2, 4)])
        assert (await talk.loaded()).stretch == stretch(9000.0, None, 1, 1)

    async def test_notes_about_nothing_are_dropped(self, talk: Talk) -> None:
        """[LG14] A conversation comes into being by an entry only."""
        stretch = LiveStretch(conversation=NOWHERE, started=1.0, ended=None, peak=1, total=1)
        await talk.log.note([ReadMark(NOWHERE, ADA, Seq(1)), LastSeen(NOWHERE, ADA, 1.0), stretch])
        assert await talk.log.load(NOWHERE) is None

    async def test_notes_write_no_entries(self, talk: Talk) -> None:
        """[LG1]"""
        await talk.admit("ada")
        before = await talk.entries()
        await talk.log.note([ReadMark(TEAM, ADA, Seq(1)), LastSeen(TEAM, ADA, 1.0)])
        assert await talk.entries() == before

    async def test_the_index_has_the_latest_first(self, talk: Talk) -> None:
        """[AP3] By the time of the newest entry; then by name."""
        for conversation in ("a", "b", "c"):
            await talk.admit("ada", conversation=conversation)
        await talk.admit("bo", conversation="a")
        found = await talk.log.conversations(ADA)
        assert [(s.id, s.title, s.members) for s in found] == [
            ("a", "A", 2),
            ("c", "C", 1),
            ("b", "B", 1),
        ]
        assert (found[0].created_at, found[0].last_activity) == (BORN, BORN + 3)
        same_time = [talk.request("ada", Admit(member("ada")), conversation=c) for c in "zyx"]
        at = same_time[0].at
        await talk.log.execute([replace(request, at=at) for request in same_time])
        assert [s.id for s in await talk.log.conversations(ADA)][:3] == ["x", "y", "z"]

    async def test_unread_is_what_others_said_since(self, talk: Talk) -> None:
        """[AP3] Not one's own, not what is deleted, and nothing for a stranger."""
        await talk.admit("ada", "bo")
        first = await talk.post("ada", "one")
        await talk.post("bo", "two")
        third = await talk.post("ada", "three")
        assert await talk.unread("bo") == {TEAM: 2}
        assert await talk.unread("ada") == {TEAM: 1}
        assert await talk.unread("zed") == {TEAM: 0}
        await talk.do("ada", "redact", target=third)
        assert await talk.unread("bo") == {TEAM: 1}
        await talk.log.note([ReadMark(TEAM, BO, first)])
        assert await talk.unread("bo") == {TEAM: 0}

    async def test_a_closed_log_is_closed(self, talk: Talk) -> None:
        """[LG13] Closing twice is closing once."""
        await talk.admit("ada")
        await talk.log.close()
        await talk.log.close()
        for call in (
            lambda: talk.log.execute([talk.request("ada", Admit(member("ada")))]),
            lambda: talk.log.note([]),
            lambda: talk.log.load(TEAM),
            lambda: talk.log.entries(TEAM, 0, 1),
            lambda: talk.log.messages(TEAM, None, 1),
            lambda: talk.log.conversations(ZED),
        ):
            with pytest.raises(Unavailable):
                await call()


async def _with_four_posts(log: Log) -> Talk:
    talk = Talk(log)
    await talk.admit("ada")
    for _ in range(4):
        await talk.post("ada", "four")
    return talk
