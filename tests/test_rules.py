"""May this be done? Each rule, and the order in which they say no."""

from __future__ import annotations

from typing import Any

import emoji
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jupyter_collab.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited, Refused
from jupyter_collab.limits import Limits
from jupyter_collab.protocol.commands import Admit, Command
from jupyter_collab.protocol.entries import (
    Body,
    EditedBody,
    JoinedBody,
    PostedBody,
    ProfileChangedBody,
    ReactedBody,
    RedactedBody,
    RenamedBody,
    UnreactedBody,
)
from jupyter_collab.protocol.frames import Message, Reaction
from jupyter_collab.protocol.ids import ConversationId, MemberId, Seq
from jupyter_collab.protocol.members import Member, Role
from jupyter_collab.rules import Context, decide, default_title, effective_role, target_of
from tests.fakes import command, member

ADA, BO = member("ada"), member("bo")
HERS = Message(seq=Seq(5), author=ADA.id, at=1.0, text="hi")
GONE = Message(seq=Seq(5), author=ADA.id, at=1.0, text="", redacted=True)
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("post", {"text": "hi"}),
    ("edit", {"target": 5, "text": "ho"}),
    ("redact", {"target": 5}),
    ("react", {"target": 5, "emoji": "🎉"}),
    ("unreact", {"target": 5, "emoji": "🎉"}),
    ("rename", {"title": "Plans"}),
]
each_write = pytest.mark.parametrize(("kind", "fields"), WRITES, ids=[kind for kind, _ in WRITES])


def ask(asked: Command, **known: Any) -> Body | Refused:
    """Decides for Ada, a member of a conversation where message 5 is hers, unless told else."""
    author = known.pop("author", ADA)
    context: dict[str, Any] = {
        "author": author,
        "stored": author,
        "target": HERS,
        "title": "Team",
        "retry_after_s": 0.0,
        "limits": Limits(),
    }
    return decide(asked, Context(**(context | known)))


def code_of(decided: Body | Refused) -> str:
    assert isinstance(decided, Refused), decided
    assert decided.message.endswith(".")
    return decided.code


@each_write
def test_a_viewer_only_reads(kind: str, fields: dict[str, Any]) -> None:
    """[RU3]"""
    for author, stored in (
        (replace(ADA, role="viewer"), ADA),
        (ADA, replace(ADA, role="viewer")),
        (replace(ADA, role="viewer"), replace(ADA, role="owner")),
    ):
        refused = ask(command(kind, **fields), author=author, stored=stored)
        assert isinstance(refused, NotAllowed)
        assert code_of(refused) == "read_only"


@each_write
def test_a_stranger_joins_first(kind: str, fields: dict[str, Any]) -> None:
    """[RU2]"""
    for unknown in ({"stored": None}, {"title": None, "stored": None}, {"title": None}):
        refused = ask(command(kind, **fields), **unknown)
        assert isinstance(refused, NotAllowed)
        assert code_of(refused) == "not_allowed"


@each_write
def test_the_rate_comes_after_permission_and_before_content(
    kind: str, fields: dict[str, Any]
) -> None:
    """[RA2] [RU3] Who may not write is not told to wait; who must wait, how long."""
    asked = command(kind, **fields)
    viewer = replace(ADA, role="viewer")
    assert code_of(ask(asked, author=viewer, retry_after_s=2.5)) == "read_only"
    refused = ask(asked, target=None, retry_after_s=2.5)
    assert isinstance(refused, RateLimited)
    assert refused.retry_after_s == 2.5


ROLES: list[tuple[Role, Role | None, Role]] = [
    ("member", None, "member"),
    ("viewer", None, "viewer"),
    ("owner", "member", "member"),
    ("member", "owner", "member"),
    ("viewer", "moderator", "viewer"),
    ("moderator", "viewer", "viewer"),
    ("owner", "owner", "owner"),
]


@pytest.mark.parametrize(("server", "conversation", "expected"), ROLES)
def test_a_role_is_the_lower_of_two(
    server: Role, conversation: Role | None, expected: Role
) -> None:
    """[RU12]"""
    stored = None if conversation is None else replace(ADA, role=conversation)
    assert effective_role(replace(ADA, role=server), stored) == expected


def test_someone_who_came_to_read_may_write_once_the_server_lets_them() -> None:
    """[RU12] What the server withholds at first is not written into the conversation."""
    viewer = replace(ADA, role="viewer")
    joined = ask(Admit(viewer), author=viewer, stored=None)
    assert joined == JoinedBody(ADA)
    assert isinstance(joined, JoinedBody)
    assert effective_role(viewer, joined.member) == "viewer"
    assert ask(command("post", text="hi"), author=ADA, stored=joined.member) == PostedBody("hi")


def test_a_conversation_begins_with_someone_who_may_write() -> None:
    """[RU2]"""
    assert ask(Admit(ADA), stored=None, title=None) == JoinedBody(ADA)
    viewer = replace(ADA, role="viewer")
    refused = ask(Admit(viewer), author=viewer, stored=None, title=None)
    assert isinstance(refused, NotFound)


def test_a_first_visit_joins_and_a_change_is_noted() -> None:
    """[RU11] A role that the server changes is no change of the person."""
    owner = replace(ADA, role="owner")
    assert ask(Admit(owner), author=owner, stored=None) == JoinedBody(owner)
    assert code_of(ask(Admit(ADA))) == "no_change"
    assert code_of(ask(Admit(replace(ADA, role="viewer")), stored=owner)) == "no_change"
    for change in ({"name": "Ada L."}, {"kind": "assistant"}, {"avatar_url": "/a.png"}):
        changed = replace(ADA, **change)
        decided = ask(Admit(changed), author=changed, stored=owner)
        assert decided == ProfileChangedBody(replace(changed, role="owner"))


def test_who_changes_nothing_needs_no_place_in_a_rate() -> None:
    """[RA8] [RA3] Whoever comes for the first time, or has changed, does."""
    changed = replace(ADA, name="Ada L.")
    assert code_of(ask(Admit(ADA), retry_after_s=9.0)) == "no_change"
    for stored, asked in ((None, ADA), (ADA, changed)):
        refused = ask(Admit(asked), author=asked, stored=stored, retry_after_s=9.0)
        assert isinstance(refused, RateLimited)
        assert refused.retry_after_s == 9.0


VISIBLE = ["a", ".", "é", "🎉", "\U0001fae9", "\ue000", " x ", "\u200bx", "e\u0301", "\u0301"]
BLANK = [
    *("", " ", "\n\t\r", "\u00a0\u3000\u2028", "\u200b", "\u200d\u2060\ufeff", "\u202e\u202c"),
    *("\x01\x7f", "\u2800", "\u3164\u115f\u1160\uffa0", "\ufe0f", "\U000e0041", "\U000e0101\u034f"),
]


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_a_text_is_kept_as_it_is(text: str) -> None:
    """[RU4] Also characters that are newer than ours."""
    assert ask(command("post", text=text)) == PostedBody(text)
    assert ask(command("edit", target=5, text=text)) == EditedBody(Seq(5), text)


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_a_text_has_something_to_see(text: str) -> None:
    """[RU4] [RU10]"""
    for asked in (command("post", text=text), command("edit", target=5, text=text)):
        refused = ask(asked)
        assert isinstance(refused, Invalid)
        assert code_of(refused) == "empty"
    assert code_of(ask(command("rename", title=text))) == "bad_title"


def test_a_text_is_bounded_in_bytes() -> None:
    """[RU4] An assistant may say more."""
    limits = Limits(text_bytes=10, assistant_text_bytes=20)
    helper = replace(ADA, kind="assistant")
    for author, most in ((ADA, 10), (helper, 20)):
        for kind, fields in (("post", {}), ("edit", {"target": 5})):
            fits = command(kind, text="é" * (most // 2), **fields)
            assert not isinstance(ask(fits, author=author, limits=limits), Refused)
            long = command(kind, text="é" * (most // 2) + "x", **fields)
            refused = ask(long, author=author, limits=limits)
            assert code_of(refused) == "text_too_long"
            assert f"1 bytes too long; {most} is the most" in str(refused)


def test_a_reply_names_a_message_that_is_there() -> None:
    """[RU5]"""
    asked = command("post", text="hi", reply_to=5)
    assert ask(asked) == PostedBody("hi", Seq(5))
    for target in (None, GONE):
        assert code_of(ask(asked, target=target)) == "not_found"


def test_one_edits_ones_own_messages() -> None:
    """[RU6] Not even an owner edits another's."""
    asked = command("edit", target=5, text="ho")
    assert ask(asked) == EditedBody(Seq(5), "ho")
    for author in (BO, replace(BO, role="owner")):
        assert code_of(ask(asked, author=author)) == "not_allowed"
    for target in (None, GONE):
        assert code_of(ask(asked, target=target)) == "not_found"
        assert code_of(ask(asked, target=target, author=BO)) == "not_found"


DELETERS: list[tuple[Role, Role, bool]] = [
    ("member", "member", False),
    ("owner", "member", False),
    ("member", "owner", False),
    ("moderator", "moderator", True),
    ("moderator", "owner", True),
    ("owner", "owner", True),
]


@pytest.mark.parametrize(("server", "conversation", "may"), DELETERS)
def test_a_moderator_deletes_anyones_message(server: Role, conversation: Role, may: bool) -> None:
    """[RU7] [RU12] By the lower of both roles."""
    bo, stored = replace(BO, role=server), replace(BO, role=conversation)
    decided = ask(command("redact", target=5), author=bo, stored=stored)
    assert decided == RedactedBody(Seq(5)) if may else code_of(decided) == "not_allowed"


def test_one_deletes_ones_own_messages_once() -> None:
    """[RU7] [RU9]"""
    asked = command("redact", target=5)
    assert ask(asked) == RedactedBody(Seq(5))
    assert code_of(ask(asked, target=None)) == "not_found"
    assert code_of(ask(asked, target=GONE)) == "no_change"
    assert code_of(ask(asked, target=GONE, author=BO)) == "not_allowed"


@pytest.mark.parametrize("one", ["🎉", "❤️", "❤", "👍🏽", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "🇦🇶", "©️"])
def test_a_reaction_is_one_emoji(one: str) -> None:
    """[RU8]"""
    assert ask(command("react", target=5, emoji=one)) == ReactedBody(Seq(5), one)


@pytest.mark.parametrize(
    "other",
    [
        "a",
        " ",
        "🎉🎉",
        "🎉 ",
        " 🎉",
        "🎉a",
        ":tada:",
        "1",
        "<b>",
        "\u200d",
        "\ufe0f",
        "🇦",
        "__proto__",
    ],
    ids=ascii,
)
def test_nothing_else_is_a_reaction(other: str) -> None:
    """[RU8]"""
    assert code_of(ask(command("react", target=5, emoji=other))) == "bad_emoji"


def test_every_emoji_fits_a_reaction() -> None:
    """[RU8] The longest known are shorter than the 50 characters that a frame takes."""
    assert max(map(len, emoji.EMOJI_DATA)) <= 50


def test_a_message_takes_so_many_different_emoji() -> None:
    """[RU8] One that is there takes more people."""
    limits = Limits(reactions_per_message=2)
    full = replace(
        HERS, reactions=(Reaction("🎉", (BO.id,)), Reaction("👍", (MemberId("user:cy"),)))
    )
    refused = ask(command("react", target=5, emoji="👀"), target=full, limits=limits)
    assert code_of(refused) == "too_many_reactions"
    another = command("react", target=5, emoji="🎉")
    assert ask(another, target=full, limits=limits) == ReactedBody(Seq(5), "🎉")


def test_reactions_need_a_message_and_a_change() -> None:
    """[RU8] [RU9]"""
    reacted = replace(HERS, reactions=(Reaction("🎉", (BO.id, ADA.id)), Reaction("👍", (BO.id,))))
    react, unreact = (command(kind, target=5, emoji="🎉") for kind in ("react", "unreact"))
    for asked in (react, unreact):
        for target in (None, GONE):
            assert code_of(ask(asked, target=target)) == "not_found"
    assert code_of(ask(react, target=reacted)) == "no_change"
    assert code_of(ask(unreact, target=HERS)) == "no_change"
    assert ask(unreact, target=reacted) == UnreactedBody(Seq(5), "🎉")
    only_his = command("unreact", target=5, emoji="👍")
    assert code_of(ask(only_his, target=reacted)) == "no_change"


def test_the_same_text_or_title_is_no_change() -> None:
    """[RU9]"""
    assert code_of(ask(command("edit", target=5, text="hi"))) == "no_change"
    assert code_of(ask(command("rename", title=" Team "))) == "no_change"
    assert isinstance(ask(command("rename", title="Team")), Conflict)


def test_a_title_is_folded_and_bounded() -> None:
    """[RU10] In characters."""
    assert ask(command("rename", title=" Our\n\tplans\u00a0 ")) == RenamedBody("Our plans")
    assert ask(command("rename", title="é" * 80)) == RenamedBody("é" * 80)
    assert code_of(ask(command("rename", title="é" * 81))) == "bad_title"
    assert "1 to 7" in str(ask(command("rename", title="é" * 8), limits=Limits(title_chars=7)))


def test_a_title_has_only_what_can_be_seen() -> None:
    """[RU10] What it shows is what it is: another direction would read as another title."""
    title = "a\u202egnp.\x1b[31m\u200b"
    assert ask(command("rename", title=title)) == RenamedBody("agnp.[31m")
    assert code_of(ask(command("rename", title="Te\u200bam"))) == "no_change"


def test_a_size_comes_before_a_look_at_what_is_inside() -> None:
    """[RU4] [RU10]"""
    for text in (" " * 40_000, "\ufe0f" * 20_000):
        assert code_of(ask(command("post", text=text))) == "text_too_long"
        assert code_of(ask(command("rename", title=text))) == "bad_title"


def test_what_a_command_is_about() -> None:
    """[RU13] So that the log reads one message, of this conversation."""
    assert [target_of(command(kind, **fields)) for kind, fields in WRITES] == [
        *(None, 5, 5, 5, 5, None)
    ]
    assert target_of(command("post", text="hi", reply_to=3)) == 3
    assert target_of(Admit(ADA)) is None


@pytest.mark.parametrize(
    ("conversation", "title"),
    [("team", "Team"), ("my-notebook", "My notebook"), ("a.b_c--d-", "A b c d"), ("7x", "7x")],
)
def test_a_conversation_is_called_after_its_name_at_first(conversation: str, title: str) -> None:
    """[RU10]"""
    assert default_title(ConversationId(conversation)) == title


texts = st.text(max_size=8)
people = st.builds(
    Member,
    st.sampled_from([ADA.id, BO.id]),
    texts,
    st.sampled_from(["person", "assistant"]),
    st.sampled_from(["viewer", "member", "moderator", "owner"]),
)


@given(
    st.sampled_from(WRITES),
    people,
    people | st.none(),
    st.sampled_from([None, HERS, GONE]),
    st.sampled_from([None, "Team"]),
    st.sampled_from([0.0, 0.5]),
)
def test_whatever_is_asked_has_an_answer(
    write: tuple[str, dict[str, Any]],
    author: Member,
    stored: Member | None,
    target: Message | None,
    title: str | None,
    retry_after_s: float,
) -> None:
    """[RU3] And only a member of the conversation who may write changes anything."""
    kind, fields = write
    known = {"stored": stored, "target": target, "title": title, "retry_after_s": retry_after_s}
    decided = ask(command(kind, **fields), author=author, **known)
    if not isinstance(decided, Refused):
        assert stored is not None
        assert "viewer" not in (author.role, stored.role)
        assert retry_after_s == 0
