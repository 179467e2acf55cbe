"""Frames with ready parts: the same bytes as the frames that they stand for."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from jupyter_collab.limits import Limits
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.frames import ConversationInfo, Entries, RunningDraft, Welcome
from jupyter_collab.protocol.ids import Epoch, MemberId, Seq
from jupyter_collab.protocol.members import PresentMember
from jupyter_collab.protocol.ready import Encoded, ReadyEntries, ReadyWelcome
from tests.fakes import TEAM, joined, member, posted


def test_a_ready_welcome_is_a_welcome() -> None:
    """[FO8] Field by field, in the same order."""
    info = ConversationInfo(
        id=TEAM,
        title="Té\u2028am",
        epoch=Epoch("e1"),
        head=Seq(3),
        created_at=1.5,
        created_by=MemberId("user:ada"),
    )
    limits, members = Limits(), (member("ada"), member("bo", role="viewer"))
    presence = (PresentMember(MemberId("user:ada"), "active", 2, 3.5),)
    more: dict[str, Any] = {
        "protocol": 1,
        "connection": "c1",
        "you": member("ada"),
        "conversation": info,
        "members_in_all": 9,
        "read": Seq(2),
        "drafts": (RunningDraft(Seq(3), "so far"),),
        "heartbeat_s": 20.0,
        "can_rename_self": True,
    }
    plain = Welcome(limits=limits, members=members, presence=presence, **more)
    ready = ReadyWelcome(
        limits=Raw(codec.encode(limits)),
        members=Raw(codec.encode(members)),
        presence=Raw(codec.encode(presence)),
        **more,
    )
    assert codec.encode(ready) == codec.encode(plain)


def test_ready_entries_are_entries() -> None:
    """[FO8]"""
    entries = (joined(1), posted(2, 'quo"ted'), posted(3, "🎉"))
    ready = ReadyEntries(entries=tuple(Raw(codec.encode_entry(e)) for e in entries))
    assert codec.encode(ready) == codec.encode(Entries(entries=entries))


def test_a_whole_frame_of_bytes_is_itself() -> None:
    frame = Entries(entries=(posted(1),))
    assert codec.encode(Raw(codec.encode(frame))) == codec.encode(frame)


def test_a_value_is_encoded_again_only_when_it_is_another() -> None:
    """[FO8]"""
    encoded = Encoded[tuple[int, ...]]()
    one = (1, 2)
    first = encoded.of(one)
    assert encoded.of(one) is first
    assert bytes(first) == b"[1,2]"
    assert bytes(encoded.of((3,))) == b"[3]"
