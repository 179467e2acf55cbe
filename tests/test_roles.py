"""Who may do what, in whatever order it is done: the rules against a model of a few lines."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from jupyter_collab.errors import Refused
from jupyter_collab.limits import Limits
from jupyter_collab.protocol.commands import Admit, Command
from jupyter_collab.protocol.ids import MemberId, Seq
from jupyter_collab.protocol.members import ROLE_RANK, Member, Role
from jupyter_collab.rules import Context, decide, target_of
from jupyter_collab.state import ConversationState
from tests.fakes import command, entry, member

NAMES = ("ada", "bo", "cy")
KINDS = ("post", "edit", "redact", "react", "react", "unreact", "rename")
names, roles = st.sampled_from(NAMES), st.sampled_from(tuple(ROLE_RANK))


class Model:
    """What everyone may do, and of each message who wrote it and whether it is there."""

    def __init__(self) -> None:
        self.granted: dict[str, Role] = dict.fromkeys(NAMES, "member")  # by the server, now
        self.joined: dict[str, Role] = {}  # in the conversation, for good
        self.messages: dict[int, tuple[str, bool]] = {}
        self.reacted: set[tuple[int, str]] = set()

    def refusal(self, who: str, kind: str, seq: int) -> str | None:
        """The code with which `who` is refused, or None if it is done."""
        if who not in self.joined:
            return "not_allowed"
        rank = min(ROLE_RANK[self.granted[who]], ROLE_RANK[self.joined[who]])
        author, is_there = self.messages.get(seq, ("", False))
        is_kept = author == who or (kind == "redact" and rank >= ROLE_RANK["moderator"])
        if rank < ROLE_RANK["member"]:
            return "read_only"
        if kind in ("post", "rename"):
            return None
        if not is_there and (kind != "redact" or not author):
            return "not_found"
        if kind in ("react", "unreact"):
            return "no_change" if (kind == "react") == ((seq, who) in self.reacted) else None
        return "not_allowed" if not is_kept else None if is_there else "no_change"

    def done(self, who: str, kind: str, seq: int, head: int) -> None:
        """Notes what a command that was done has changed."""
        match kind:
            case "post":
                self.messages[head] = who, True
            case "redact":
                self.messages[seq] = self.messages[seq][0], False
            case "react":
                self.reacted.add((seq, who))
            case "unreact":
                self.reacted.discard((seq, who))


class Roles(RuleBasedStateMachine):
    """People come, are given other roles by the server, and try everything on every message."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.state = Model(), ConversationState(title="Team")

    def _ask(self, who: str, asked: Command) -> Refused | None:
        author, target = self._author(who), target_of(asked)
        context = Context(
            author=author,
            stored=self.state.members.get(author.id),
            target=None if target is None else self.state.messages.get(Seq(target)),
            title=self.state.title,
            retry_after_s=0.0,
            limits=Limits(),
        )
        decided = decide(asked, context)
        if isinstance(decided, Refused):
            return decided
        self.state.apply(entry(self.state.head + 1, decided, by=who))
        return None

    def _author(self, who: str) -> Member:
        return member(who, role=self.model.granted[who])

    @initialize(first=st.tuples(roles, roles), now=st.tuples(roles, roles))
    def begin(self, first: tuple[Role, Role], now: tuple[Role, Role]) -> None:
        """Two of the three are here and have said something, if they may."""
        for who, joined_as, role in zip(NAMES, first, now, strict=False):
            self.grant(who, joined_as)
            self.visit(who)
            self._try(who, "post", 0)
            self.grant(who, role)

    @rule(who=names, role=roles)
    def grant(self, who: str, role: Role) -> None:
        """The server's Authorizer says another thing from now on."""
        self.model.granted[who] = role

    @rule(who=names)
    def visit(self, who: str) -> None:
        """Only the first visit decides what one is to the conversation."""
        refused = self._ask(who, Admit(self._author(who)))
        assert (refused is None) == (who not in self.model.joined)
        role = self.model.granted[who]
        self.model.joined.setdefault(who, "member" if role == "viewer" else role)

    @rule(who=names, kinds=st.permutations(KINDS), draw=st.data())
    def ask(self, who: str, kinds: list[str], draw: st.DataObject) -> None:
        """Everything, on a message that is there, is gone or never was."""
        seq = draw.draw(st.sampled_from([*self.model.messages, 999]))
        for kind in kinds:
            self._try(who, kind, seq)

    def _try(self, who: str, kind: str, seq: int) -> None:
        head = self.state.head
        fields: dict[str, dict[str, Any]] = {
            "post": {"text": "hi"},
            "edit": {"target": seq, "text": f"{head}"},
            "rename": {"title": f"{head}"},
            "redact": {"target": seq},
        }
        expected = self.model.refusal(who, kind, seq)
        given = fields.get(kind, {"target": seq, "emoji": "🎉"})
        refused = self._ask(who, command(kind, **given))
        assert (None if refused is None else refused.code) == expected
        if expected is None:
            self.model.done(who, kind, seq, self.state.head)

    @invariant()
    def nothing_else_has_changed(self) -> None:
        found = {
            seq: (message.author.removeprefix("user:"), not message.redacted)
            for seq, message in self.state.messages.items()
        }
        assert found == self.model.messages
        for who, role in self.model.joined.items():
            stored = self.state.members[MemberId(f"user:{who}")]
            assert stored == replace(member(who), role=role)


def test_nobody_does_more_than_their_role_allows() -> None:
    """[RU3] [RU6] [RU7] [RU9] [RU12]"""
    Roles.TestCase.settings = settings(max_examples=100, stateful_step_count=20)
    Roles.TestCase().runTest()
