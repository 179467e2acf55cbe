"""Made-up conversations for property tests: who asks for what, in which order."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from jupyter_collab.log.base import Request
from jupyter_collab.protocol.commands import Admit, Command, Post
from jupyter_collab.protocol.ids import ConversationId, MemberId
from jupyter_collab.protocol.members import Member
from tests.fakes import command, member

__all__ = ["CONVERSATIONS", "batches", "texts"]

_T = TypeVar("_T")

CONVERSATIONS = (ConversationId("team"), ConversationId("other"))
PEOPLE = ("ada", "bo", "cy")

said = st.sampled_from(("hi", "ho", "'; --", "é\u2028👩‍🚀", "x" * 300))
strange = st.sampled_from(("", " \u200b")) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
texts = st.one_of(said, said, said, strange)
targets = st.integers(3, 7)  # the first messages, so that commands meet, and two that are none
emoji = st.sampled_from(("🎉", "👍", "❤️", "🎉", "👍", "x"))  # the last is none


class _Fresh(NamedTuple):
    conversation: ConversationId
    author: Member
    command: Command
    retry_after_s: float


class _Again(NamedTuple):
    """A request that was made before, `back` requests ago; perhaps with something else in it."""

    back: int
    is_twisted: bool


def _commands() -> st.SearchStrategy[Command | None]:
    """Any command; None stands for the author's own admission."""

    def made(type: str, **fields: Any) -> st.SearchStrategy[Command]:
        return st.builds(command, st.just(type), **fields)

    post = made("post", text=texts, reply_to=st.one_of(st.none(), st.none(), targets))
    return st.one_of(
        *(post, post, post),
        made("edit", target=targets, text=texts),
        made("redact", target=targets),
        made("react", target=targets, emoji=emoji),
        made("unreact", target=targets, emoji=emoji),
        made("rename", title=texts),
        st.none(),
    )


def _fresh(
    conversation: ConversationId, author: Member, asked: Command | None, retry_after_s: float
) -> _Fresh:
    return _Fresh(conversation, author, asked or Admit(author), retry_after_s)


def _mostly(usual: _T, *unusual: _T) -> st.SearchStrategy[_T]:
    return st.sampled_from((*[usual] * 12, *unusual))


_people = st.builds(
    lambda name, role, suffix: Member(MemberId(f"user:{name}"), name.title() + suffix, role=role),
    st.sampled_from(PEOPLE),
    _mostly("member", "moderator", "viewer"),
    _mostly("", "!"),
)
_fresh_steps = st.builds(_fresh, _mostly(*CONVERSATIONS), _people, _commands(), _mostly(0.0, 1.5))
_again_steps = st.builds(_Again, st.integers(1, 8), st.booleans())
_steps = st.one_of(*[_fresh_steps] * 6, _again_steps)


@st.composite
def batches(draw: st.DrawFn) -> list[list[Request]]:
    """Batches of requests; the first ones let everyone in, and all say something and react."""
    asked = [request for name in CONVERSATIONS for request in _opening(name)]
    for step in draw(st.lists(_steps, min_size=10, max_size=40)):
        asked.append(_request(step, asked))
    size = draw(st.integers(1, 9))
    return [asked[at : at + size] for at in range(0, len(asked), size)]


def _opening(conversation: ConversationId) -> list[Request]:
    people = [member(name) for name in PEOPLE]
    admissions: list[tuple[Member, Command]] = [(person, Admit(person)) for person in people]
    posts = [(person, command("post", text=person.name)) for person in people]
    reactions = [
        (person, command("react", target=target, emoji=emoji))
        for person, target, emoji in zip(people * 2, (4, 4, 5) * 2, "🎉👍🎉👍🎉👍", strict=True)
    ]
    return [
        Request(conversation=conversation, author=person, command=asked, at=0.0)
        for person, asked in (*admissions, *posts, *reactions)
    ]


def _request(step: _Fresh | _Again, before: list[Request]) -> Request:
    if isinstance(step, _Fresh):
        return Request(
            conversation=step.conversation,
            author=step.author,
            command=step.command,
            at=float(len(before)),
            retry_after_s=step.retry_after_s,
        )
    known = before[-step.back % len(before)]
    if step.is_twisted and isinstance(known.command, Post):
        twisted = replace(known.command, text=known.command.text + "?")
        return Request(
            conversation=known.conversation, author=known.author, command=twisted, at=known.at
        )
    return known
