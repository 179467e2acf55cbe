"""The room: whatever happens in whatever order, no page misses an entry or gets one twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import assert_never

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
)

from jupyter_collab.limits import Limits
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.entries import (
    EditedBody,
    Entry,
    Posted,
    PostedBody,
    ReactedBody,
    RedactedBody,
    RenamedBody,
)
from jupyter_collab.protocol.frames import (
    Entries,
    Hello,
    Live,
    Reset,
    ServerFrame,
    Snapshot,
    Welcome,
)
from jupyter_collab.protocol.ids import Seq, SessionId
from jupyter_collab.room.effect import Broadcast, Close, Effect, Keep, Send
from jupyter_collab.room.room import Room
from jupyter_collab.state import ConversationState, fold
from tests.fakes import Clock, entry, joined, member
from tests.rooms import (
    EPOCH,
    loaded,
    plain,
)


@dataclass(slots=True)
class Page:
    """A client: folds what it is sent, and complains of any gap or repetition."""

    state: ConversationState = field(default_factory=ConversationState)
    is_live: bool = False

    def take(self, frame: ServerFrame) -> None:
        match frame:
            case Welcome():
                self.is_live = False
                self.state.members |= {m.id: m for m in frame.members}
                self.state.title = frame.conversation.title
            case Snapshot():
                self.state.head = frame.head
                self.state.messages = {m.seq: m for m in frame.messages}
            case Entries():
                assert frame.entries
                assert frame.entries[0].seq == self.state.head + 1, "missed or repeated"
                fold(frame.entries, self.state)
            case Live():
                assert frame.head == self.state.head
                self.is_live = True
            case Reset():
                self.state.head = Seq(0)  # welcome came before, and holds
                self.state.messages = {}
            case _:
                raise AssertionError(frame)


class Sessions(RuleBasedStateMachine):
    """Pages join, leave and resume while a log grows in batches of every kind of entry."""

    pages = Bundle("pages")
    gone = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.limits = Limits(
            page_messages=4, resume_entries=6, resume_bytes=1500, connections_per_person=0
        )
        self.log = [joined(1)]
        self.whole = fold(self.log, ConversationState(title="Team"))
        self.room = Room(loaded(self.log, self.limits), self.limits, self.clock.now)
        self.ids = count()
        self.here: dict[SessionId, Page] = {}

    @rule(
        kinds=st.lists(st.sampled_from(["post", "edit", "redact", "react", "rename", "join"])),
        data=st.data(),
    )
    def grow(self, kinds: list[str], data: st.DataObject) -> None:
        new = [self.draw_entry(kind, len(self.log) + 1 + n, data) for n, kind in enumerate(kinds)]
        overlap = data.draw(st.integers(0, 2))
        run = [*self.log[len(self.log) - overlap :], *new]
        self.log += new
        fold(new, self.whole)
        self.send(self.room.applied(run))

    def draw_entry(self, kind: str, seq: int, data: st.DataObject) -> Entry:
        target = Seq(data.draw(st.integers(1, seq)))
        text = data.draw(st.sampled_from(["hi", "no", "x" * 300, "é" * 100]))
        match kind:
            case "post":
                return entry(seq, PostedBody(text))
            case "edit":
                return entry(seq, EditedBody(target, text))
            case "redact":
                return entry(seq, RedactedBody(target))
            case "react":
                return entry(seq, ReactedBody(target, "🎉"), by=data.draw(st.sampled_from("ab")))
            case "rename":
                return entry(seq, RenamedBody(text))
            case _:
                return joined(seq, by=data.draw(st.sampled_from("abc")))

    @rule(target=pages)
    def join(self) -> SessionId:
        return self.enter(Page(), Hello(protocol=1))

    @rule(target=gone, session=consumes(pages))
    def leave(self, session: SessionId) -> Page:
        self.room.leave(session, "broken", self.clock.now)
        return self.here.pop(session)

    @rule(target=pages, page=consumes(gone), epoch=st.sampled_from([EPOCH, EPOCH, "e0"]))
    def resume(self, page: Page, epoch: str) -> SessionId:
        return self.enter(page, Hello(protocol=1, after=page.state.head, epoch=epoch))

    @precondition(lambda self: not self.here)
    @rule()
    def restart(self) -> None:
        """The server comes back with what the log has."""
        self.room = Room(loaded(self.log, self.limits), self.limits, self.clock.later(60.0))

    def enter(self, page: Page, hello: Hello) -> SessionId:
        session = SessionId(f"s{next(self.ids)}")
        self.here[session] = page
        who = member("ada")
        effects, _ = self.room.enter(session, who, hello, self.clock.now, can_rename_self=False)
        self.send(effects)
        assert page.is_live
        return session

    def send(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send():
                    self.here[effect.session].take(plain(effect.frame))
                case Broadcast():
                    for session in self.room.sessions():
                        self.here[session].take(plain(effect.frame))
                case Keep():
                    pass
                case Close():
                    raise AssertionError("nobody is turned away here")
                case _:
                    assert_never(effect)

    @invariant()
    def every_page_has_every_entry_once(self) -> None:
        """[RS1] [RS2] [RS3] [RS4] [RS5] [FO3] [LG8]"""
        whole = self.whole
        assert self.room.head == whole.head
        for page in self.here.values():
            assert page.state.head == whole.head
            assert page.state.title == whole.title
            assert page.state.members == whole.members
            for seq, message in page.state.messages.items():
                assert message == whole.messages[seq]
            newest = list(whole.messages)[-1:]
            assert list(page.state.messages)[-1:] == newest

    @invariant()
    def memory_is_bounded(self) -> None:
        """[RS2] And what it holds is contiguous, and without what was deleted [LG11]."""
        kept = self.room._recent._entries
        recent = [codec.decode_entry(item) for item in kept]
        assert len(recent) <= self.limits.resume_entries
        assert [item.seq for item in recent] == list(
            range(self.room.head - len(recent) + 1, self.room.head + 1)
        )
        assert sum(len(memoryview(item)) for item in kept) == self.room._recent._bytes
        assert self.room._recent._bytes <= self.limits.resume_bytes
        assert len(self.room._state.messages) <= self.limits.page_messages
        for item in recent:
            if isinstance(item, Posted) and self.whole.messages[item.seq].redacted:
                assert item.body.text == ""


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
