"""What every log does with what it is asked to store."""

from __future__ import annotations

import pytest

from jupyter_collab.errors import RateLimited
from jupyter_collab.log.base import Duplicate, Stored
from jupyter_collab.protocol.commands import Admit
from jupyter_collab.protocol.entries import Edited, Joined, Posted, ProfileChanged
from jupyter_collab.protocol.frames import Reaction
from jupyter_collab.protocol.ids import MAX_SAFE_INTEGER, MemberId
from jupyter_collab.protocol.members import Member
from tests.fakes import TEAM, command, member
from tests.log.talk import BORN, Talk, code_of, entry_of, seq_of, with_id_of

__all__ = ["StoringContract"]

HOSTILE = [
    "'); DROP TABLE entries; --",
    '" OR 1=1 --',
    '" NEAR( AND *',
    "text:secret OR ^x",
    "%s %n {0} {{x}} $1 :text ?1 @x",
    "\\u0000 \\ %00",
    "x\x00y",  # a client can't send it; what is stored must not end there
    "<script>alert(1)</script>",
    "\u202e\u2028\ufeff\ufffe\U0010ffff",
    "👨‍👩‍👧‍👦 é e\u0301",
    "x" * 10_000,
]


class StoringContract:
    """Tests that take the fixture `talk`: people around an empty log."""

    async def test_entries_are_numbered_without_gaps(self, talk: Talk) -> None:
        """[LG1] In the order in which they were asked for; refused ones take no number."""
        await talk.admit("ada", "bo")
        assert await talk.post("ada", "one") == 3
        assert code_of(await talk.do("bo", "edit", target=3, text="not mine")) == "not_allowed"
        assert await talk.post("bo", "two") == 4
        entries = await talk.entries()
        assert [entry.seq for entry in entries] == [1, 2, 3, 4]
        assert [type(entry) for entry in entries] == [Joined, Joined, Posted, Posted]

    async def test_each_conversation_counts_for_itself(self, talk: Talk) -> None:
        """[LG1]"""
        for conversation in ("team", "other"):
            await talk.admit("ada", conversation=conversation)
        assert await talk.post("ada", "here", conversation="team") == 2
        assert await talk.post("ada", "there", conversation="other") == 2
        assert await talk.post("ada", "there", conversation="other") == 3

    async def test_entry_is_stamped_by_the_request(self, talk: Talk) -> None:
        """[LG2] Author and time are the server's; the id is the command's."""
        await talk.admit("ada")
        asked = command("post", text="hi")
        entry = entry_of(await talk.ask("ada", asked))
        assert (entry.author, entry.at) == ("user:ada", BORN + 1)
        assert entry.command_id == asked.command_id
        assert await talk.entries() == [(await talk.entries())[0], entry]

    async def test_the_same_command_again_changes_nothing(self, talk: Talk) -> None:
        """[LG3] Whether much later or in the same batch."""
        await talk.admit("ada")
        asked = command("post", text="once")
        first, second = await talk.log.execute([talk.request("ada", asked) for _ in range(2)])
        assert isinstance(first, Stored)
        assert second == Duplicate(seq_of(first))
        before = await talk.loaded()
        assert await talk.ask("ada", asked) == Duplicate(seq_of(first))
        assert await talk.loaded() == before

    async def test_an_id_is_known_by_author_and_conversation(self, talk: Talk) -> None:
        """[LG3] From someone else, or elsewhere, it is another command."""
        await talk.admit("ada", "bo")
        await talk.admit("ada", conversation="other")
        asked = command("post", text="hi")
        assert seq_of(await talk.ask("ada", asked)) == 3
        assert entry_of(await talk.ask("bo", asked)).seq == 4
        assert entry_of(await talk.ask("ada", asked, conversation="other")).seq == 2

    @pytest.mark.parametrize(
        ("type", "fields"),
        [
            ("post", {"text": "changed"}),
            ("post", {"text": "hi", "reply_to": 1}),
            ("redact", {"target": 2}),
        ],
    )
    async def test_another_command_under_a_known_id_is_refused(
        self, talk: Talk, type: str, fields: dict[str, object]
    ) -> None:
        """[LG4]"""
        await talk.admit("ada")
        asked = command("post", text="hi")
        await talk.ask("ada", asked)
        before = await talk.loaded()
        assert code_of(await talk.ask("ada", with_id_of(asked, type, **fields))) == "id_reused"
        assert await talk.loaded() == before

    async def test_an_id_is_free_again_after_a_refusal(self, talk: Talk) -> None:
        """[LG4] [LG5] A refused command leaves no trace, not even of its id."""
        await talk.admit("ada")
        before = await talk.loaded()
        asked = command("post", text="  ")
        assert code_of(await talk.ask("ada", asked)) == "empty"
        assert await talk.loaded() == before
        await talk.ask("ada", with_id_of(asked, "post", text="hi"))

    async def test_a_batch_is_decided_in_order(self, talk: Talk) -> None:
        """[LG5] [LG10] Each request sees what those before it did; each gets its own answer."""
        outcomes = await talk.log.execute(
            [
                talk.request("ada", command("post", text="too early")),
                talk.request("ada", Admit(member("ada"))),
                talk.request("ada", command("post", text="frist")),
                talk.request("ada", command("edit", target=2, text="first")),
                talk.request("ada", command("edit", target=2, text="first")),
                talk.request("ada", command("react", target=2, emoji="🎉")),
                talk.request("ada", command("rename", title="Plans")),
                talk.request("ada", command("rename", title="Plans")),
                talk.request("ada", Admit(member("ada"))),
                talk.request("ada", command("redact", target=2)),
                talk.request("ada", command("react", target=2, emoji="👍")),
            ]
        )
        told = [o.entry.seq if isinstance(o, Stored) else code_of(o) for o in outcomes]
        assert told == [
            *("not_allowed", 1, 2, 3, "no_change", 4, 5, "no_change", "no_change", 6),
            "not_found",
        ]
        assert (await talk.loaded()).info.head == 6

    async def test_nothing_asked_is_nothing_done(self, talk: Talk) -> None:
        """[LG5]"""
        assert await talk.log.execute([]) == []
        await talk.log.note([])

    async def test_a_batch_that_fails_is_not_stored_at_all(self, talk: Talk) -> None:
        """[LG5] An internal error on one request takes the others back, and the next may come."""
        await talk.admit("ada")
        before = await talk.loaded()
        good, bad = command("post", text="good"), command("post", text="\ud800 can't be encoded")
        born = talk.request("bo", Admit(member("bo")), conversation="new")
        batch = [talk.request("ada", good), born, talk.request("ada", bad)]
        with pytest.raises(UnicodeEncodeError):
            await talk.log.execute(batch)
        assert await talk.loaded() == before
        assert await talk.log.load(born.conversation) is None
        assert entry_of(await talk.ask("ada", good)).seq == before.info.head + 1

    async def test_rate_refuses_what_is_new_and_not_what_is_known(self, talk: Talk) -> None:
        """[RA3]"""
        await talk.admit("ada")
        known = command("post", text="hi")
        first = await talk.ask("ada", known)
        assert await talk.ask("ada", known, retry_after_s=3.25) == Duplicate(seq_of(first))
        refused = await talk.ask("ada", command("post", text="hi"), retry_after_s=3.25)
        assert isinstance(refused, RateLimited)
        assert refused.retry_after_s == 3.25

    async def test_a_conversation_begins_with_someone_who_may_write(self, talk: Talk) -> None:
        """[RU2]"""
        viewer = member("vi", role="viewer")
        outcome = await talk.ask(viewer, Admit(viewer), conversation="my-note.book_2")
        assert code_of(outcome) == "not_found"
        assert await talk.log.conversations(MemberId("user:vi")) == []
        await talk.admit("ada", conversation="my-note.book_2")
        info = (await talk.loaded("my-note.book_2")).info
        assert (info.title, info.head) == ("My note book 2", 1)
        assert (info.created_by, info.created_at) == ("user:ada", BORN + 1)

    async def test_every_conversation_has_an_epoch_of_its_own(self, talk: Talk) -> None:
        """[RS4]"""
        epochs = set()
        for conversation in ("a", "b", "c"):
            await talk.admit("ada", conversation=conversation)
            epoch = (await talk.loaded(conversation)).info.epoch
            await talk.post("ada", "hi", conversation=conversation)
            assert (await talk.loaded(conversation)).info.epoch == epoch
            epochs.add(epoch)
        assert len(epochs) == 3

    async def test_a_stranger_does_not_write(self, talk: Talk) -> None:
        """[RU2]"""
        assert code_of(await talk.do("ada", "post", text="hi")) == "not_allowed"
        await talk.admit("ada")
        assert code_of(await talk.do("bo", "post", text="hi")) == "not_allowed"

    async def test_a_changed_member_is_stored_and_an_unchanged_one_is_not(self, talk: Talk) -> None:
        """[RU11]"""
        await talk.admit("ada", "bo")
        changed = Member(
            MemberId("user:ada"), "Ada L.", "assistant", "member", "#123456", "/a.png", True
        )
        assert code_of(await talk.ask("ada", Admit(member("ada")))) == "no_change"
        assert isinstance(entry_of(await talk.ask(changed, Admit(changed))), ProfileChanged)
        assert code_of(await talk.ask(changed, Admit(changed))) == "no_change"
        assert (await talk.loaded()).members == (changed, member("bo"))

    async def test_a_seq_of_another_conversation_is_nothing_here(self, talk: Talk) -> None:
        """[RU13] Nor is one that is no message, nor one that is far away."""
        await talk.admit("ada")
        await talk.admit("ada", conversation="other")
        there = await talk.post("ada", "there", conversation="other")
        for target in (there, 1, 0, MAX_SAFE_INTEGER):
            for kind, fields in (
                ("edit", {"text": "x"}),
                ("redact", {}),
                ("react", {"emoji": "🎉"}),
                ("unreact", {"emoji": "🎉"}),
            ):
                assert code_of(await talk.do("ada", kind, target=target, **fields)) == "not_found"
            outcome = await talk.do("ada", "post", text="reply", reply_to=target)
            assert code_of(outcome) == "not_found"

    async def test_editing_replaces_the_text(self, talk: Talk) -> None:
        """[LG7]"""
        await talk.admit("ada")
        seq = await talk.post("ada", "frist")
        edit = entry_of(await talk.do("ada", "edit", target=seq, text="first"))
        message = await talk.message(seq)
        assert (message.text, message.edited_at) == ("first", edit.at)

    async def test_deleting_erases_the_text_everywhere(self, talk: Talk) -> None:
        """[LG11] Entries keep their number, author, time, and what they replied to."""
        await talk.admit("ada", "bo")
        first = await talk.post("bo", "before")
        seq = await talk.post("ada", "secret", reply_to=first)
        await talk.do("ada", "edit", target=seq, text="secret still")
        await talk.do("bo", "react", target=seq, emoji="🎉")
        await talk.post("bo", "after")
        entry_of(await talk.do("ada", "redact", target=seq))
        assert "secret" not in repr([await talk.loaded(), await talk.entries()])
        message = await talk.message(seq)
        assert (message.text, message.redacted, message.reactions) == ("", True, ())
        assert message.reply_to == first
        posted, edited = (await talk.entries())[seq - 1 : seq + 1]
        assert isinstance(posted, Posted)
        assert posted.body.reply_to == first
        assert isinstance(edited, Edited)
        assert edited.body.target == seq
        assert [m.text for m in await talk.history()] == ["before", "", "after"]

    async def test_a_retry_of_what_was_deleted_is_a_repeat(self, talk: Talk) -> None:
        """[LG3] [LG4] [LG11] Whatever its text: nothing is left to compare it with."""
        await talk.admit("ada")
        post = command("post", text="secret")
        seq = seq_of(await talk.ask("ada", post))
        edit = command("edit", target=seq, text="secret still")
        edited = seq_of(await talk.ask("ada", edit))
        await talk.do("ada", "redact", target=seq)
        assert await talk.ask("ada", post) == Duplicate(seq)
        assert await talk.ask("ada", with_id_of(post, "post", text="guess")) == Duplicate(seq)
        assert await talk.ask("ada", edit) == Duplicate(edited)
        other = with_id_of(edit, "edit", target=seq, text="guess")
        assert await talk.ask("ada", other) == Duplicate(edited)
        assert [message.text for message in await talk.history()] == [""]

    async def test_reactions_stand_in_order_of_first_use(self, talk: Talk) -> None:
        """[LG7] An emoji keeps its place while anyone holds it."""
        await talk.admit("ada", "bo", "cy")
        seq = await talk.post("ada", "pick")
        for name, kind, emoji in (
            ("ada", "react", "🎉"),
            ("bo", "react", "👍"),
            ("cy", "react", "🎉"),
            ("ada", "unreact", "🎉"),
            ("ada", "react", "🎉"),
            ("bo", "react", "🎉"),
            ("cy", "unreact", "🎉"),
            ("ada", "react", "👀"),
            ("bo", "unreact", "👍"),
            ("bo", "react", "👍"),
        ):
            entry_of(await talk.do(name, kind, target=seq, emoji=emoji))
        assert (await talk.message(seq)).reactions == (
            Reaction("🎉", (MemberId("user:ada"), MemberId("user:bo"))),
            Reaction("👀", (MemberId("user:ada"),)),
            Reaction("👍", (MemberId("user:bo"),)),
        )

    async def test_the_title_is_the_last_one(self, talk: Talk) -> None:
        """[LG7]"""
        await talk.admit("ada")
        for title in ("Plans", "  Plans\t for\n2026 "):
            await talk.do("ada", "rename", title=title)
        assert (await talk.loaded()).info.title == "Plans for 2026"
        (summary,) = await talk.log.conversations(MemberId("user:ada"))
        assert summary.title == "Plans for 2026"

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    async def test_strings_are_kept_as_they_are(self, talk: Talk, text: str) -> None:
        """[LG7] No string means anything to a store, in whatever field."""
        hostile = Member(MemberId(f"user:{text}"), text, color=text, avatar_url=text)
        await talk.admit(hostile)
        seq = seq_of(await talk.ask(hostile, command("post", text=text)))
        edited = seq_of(await talk.ask(hostile, command("post", text="plain")))
        await talk.ask(hostile, command("edit", target=edited, text=text))
        loaded = await talk.loaded()
        assert loaded.members == (hostile,)
        assert [message.text for message in loaded.page.messages] == [text, text]
        assert loaded.page.messages[0].author == hostile.id
        assert await talk.entries() == list(loaded.recent)
        await talk.ask(hostile, command("redact", target=seq))
        assert [message.text for message in await talk.history()] == ["", text]

    async def test_ids_are_compared_byte_by_byte(self, talk: Talk) -> None:
        """[LG3] Neither case nor normalisation makes two people one."""
        names = ["user:é", "user:e\u0301", "user:É", "user:e", "user:e "]
        people = [Member(MemberId(name), "Same") for name in names]
        await talk.admit(*people)
        asked = command("post", text="hi")
        for person in people:
            entry_of(await talk.ask(person, asked))
        assert [member.id for member in (await talk.loaded()).members] == names
        assert {m.author for m in await talk.history()} == set(names)

    async def test_a_conversation_may_be_named_anything_that_is_a_name(self, talk: Talk) -> None:
        """[RU1]"""
        for conversation in ("0", "a" * 64, "null", "select.from-where_"):
            await talk.admit("ada", conversation=conversation)
            assert (await talk.loaded(conversation)).info.id == conversation
        assert await talk.log.load(TEAM) is None
