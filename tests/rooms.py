"""Rooms for the tests of the core, and what their effects come to."""

from __future__ import annotations

from typing import Any, TypeVar

from jupyter_collab.limits import Limits
from jupyter_collab.log.base import Loaded, MessagePage
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.entries import Entry
from jupyter_collab.protocol.frames import ConversationInfo, Hello, ServerFrame
from jupyter_collab.protocol.ids import Epoch, MemberId, SessionId
from jupyter_collab.protocol.lenient import decode_server
from jupyter_collab.protocol.members import Member
from jupyter_collab.protocol.ready import Frame
from jupyter_collab.room.effect import Broadcast, Effect, Keep, Send
from jupyter_collab.room.room import Room
from jupyter_collab.state import ConversationState, fold, newest_page
from tests.fakes import TEAM, Clock, joined, member, posted

__all__ = [
    "ADA",
    "BO",
    "EPOCH",
    "S1",
    "S2",
    "S3",
    "enter",
    "history",
    "kept",
    "loaded",
    "names",
    "only",
    "plain",
    "room",
    "sent",
    "told",
]

ADA, BO = MemberId("user:ada"), MemberId("user:bo")
S1, S2, S3 = (SessionId(f"s{n}") for n in (1, 2, 3))
EPOCH = Epoch("e1")

_T = TypeVar("_T")


def history(length: int) -> list[Entry]:
    """Ada joins and posts."""
    return [joined(1), *(posted(seq) for seq in range(2, length + 1))]


def loaded(entries: list[Entry], limits: Limits, **more: Any) -> Loaded:
    """What a log with these entries would load."""
    state = fold(entries, ConversationState(title="Team"))
    page = newest_page(state.messages.values(), limits)
    before = page[0].seq if page and len(page) < len(state.messages) else None
    return Loaded(
        info=ConversationInfo(
            id=TEAM,
            title=state.title,
            epoch=EPOCH,
            head=state.head,
            created_at=1.0,
            created_by=ADA,
        ),
        page=MessagePage(page, before),
        recent=tuple(entries[-limits.resume_entries :]),
        members=tuple(state.members.values()),
        **more,
    )


def room(clock: Clock, entries: list[Entry], limits: Limits | None = None, **more: Any) -> Room:
    """A room over a log with these entries."""
    limits = limits or Limits()
    return Room(loaded(entries, limits, **more), limits, clock.now)


def enter(
    here: Room,
    clock: Clock,
    session: SessionId = S1,
    *,
    who: Member | None = None,
    after: int | None = None,
    epoch: str | None = EPOCH,
) -> list[Effect]:
    """Ada, or another, says hello."""
    hello = Hello(protocol=1, after=after, epoch=None if after is None else epoch)
    who = who or member("ada")
    return here.enter(session, who, hello, clock.now, can_rename_self=False)[0]


def sent(effects: list[Effect], session: SessionId = S1) -> list[ServerFrame]:
    """The frames for one session alone."""
    return [plain(e.frame) for e in effects if isinstance(e, Send) and e.session == session]


def plain(frame: Frame) -> ServerFrame:
    """The frame as a client reads it."""
    read = decode_server(codec.encode(frame)).frame
    assert read is not None
    return read


def told(effects: list[Effect]) -> list[ServerFrame]:
    """The frames for everyone."""
    return [plain(e.frame) for e in effects if isinstance(e, Broadcast)]


def names(effects: list[Effect]) -> list[str]:
    """What the first session was sent, by type."""
    return [type(frame).__name__ for frame in sent(effects)]


def only(kind: type[_T], items: list[ServerFrame]) -> _T:
    """The one frame of a type."""
    (found,) = [item for item in items if isinstance(item, kind)]
    return found


def kept(effects: list[Effect]) -> list[object]:
    """What is to be stored beside the log."""
    return [effect.note for effect in effects if isinstance(effect, Keep)]
