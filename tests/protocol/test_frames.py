"""The server's frames, as other people's clients rely on them: fields may only be added."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from jupyter_collab.limits import Limits
from jupyter_collab.protocol import entries, frames
from jupyter_collab.protocol.codec import encode, encode_entry
from jupyter_collab.protocol.frames import ServerFrame
from jupyter_collab.protocol.ids import CommandId, ConversationId, Epoch, MemberId, Seq
from jupyter_collab.protocol.members import Member, PresentMember

ID = CommandId("01KAPX3Z9QG8V5T0W2RDJ7N4BC")
ADA, BO = MemberId("user:ada"), MemberId("user:bo")
AT = 1763843000.1

MEMBER = Member(ADA, "Ada", color="#1f77b4")
MEMBER_WIRE = {
    "id": "user:ada",
    "name": "Ada",
    "kind": "person",
    "role": "member",
    "color": "#1f77b4",
    "avatar_url": None,
    "self_chosen": False,
}
PRESENT = PresentMember(BO, "active", 2, AT)
PRESENT_WIRE = {"id": "user:bo", "state": "active", "connections": 2, "last_seen": AT}
MESSAGE = frames.Message(
    seq=Seq(60), author=BO, at=AT, text="hi", reactions=(frames.Reaction("🎉", (ADA,)),)
)
MESSAGE_WIRE = {
    "seq": 60,
    "author": "user:bo",
    "at": AT,
    "text": "hi",
    "edited_at": None,
    "redacted": False,
    "reply_to": None,
    "status": "done",
    "reactions": [{"emoji": "🎉", "members": ["user:ada"]}],
    "attachments": [],
}
ENTRY = entries.Posted(seq=Seq(42), author=BO, at=AT, command_id=ID, body=entries.PostedBody("hi"))
ENTRY_WIRE = {
    "seq": 42,
    "kind": "posted",
    "author": "user:bo",
    "at": AT,
    "command_id": ID,
    "body": {"text": "hi", "reply_to": None},
}

GOLDEN: list[tuple[ServerFrame, dict[str, Any]]] = [
    (
        frames.Welcome(
            protocol=1,
            connection="c0ffee",
            you=MEMBER,
            conversation=frames.ConversationInfo(
                id=ConversationId("team"),
                title="Team",
                epoch=Epoch("e7"),
                head=Seq(60),
                created_at=AT,
                created_by=ADA,
            ),
            limits=Limits(),
            members=(MEMBER,),
            members_in_all=300,
            presence=(PRESENT,),
            read=Seq(57),
            drafts=(frames.RunningDraft(Seq(58), "and so"),),
            heartbeat_s=20.0,
        ),
        {
            "type": "welcome",
            "protocol": 1,
            "connection": "c0ffee",
            "you": MEMBER_WIRE,
            "conversation": {
                "id": "team",
                "title": "Team",
                "epoch": "e7",
                "head": 60,
                "created_at": AT,
                "created_by": "user:ada",
                "floor": 1,
            },
            "limits": msgspec.to_builtins(Limits()),
            "members": [MEMBER_WIRE],
            "members_in_all": 300,
            "presence": [PRESENT_WIRE],
            "read": 57,
            "drafts": [{"target": 58, "text": "and so"}],
            "heartbeat_s": 20.0,
            "can_rename_self": False,
        },
    ),
    (
        frames.Snapshot(head=Seq(60), messages=(MESSAGE,), before=Seq(11)),
        {"type": "snapshot", "head": 60, "messages": [MESSAGE_WIRE], "before": 11},
    ),
    (frames.Entries(entries=(ENTRY,)), {"type": "entries", "entries": [ENTRY_WIRE]}),
    (frames.Live(head=Seq(60)), {"type": "live", "head": 60}),
    (
        frames.Ack(command_id=ID, seq=Seq(61)),
        {"type": "ack", "command_id": ID, "seq": 61, "duplicate": False},
    ),
    (
        frames.Refusal(command_id=ID, code="rate_limited", message="…", retry_after_s=3.2),
        {
            "type": "refused",
            "command_id": ID,
            "code": "rate_limited",
            "message": "…",
            "retry_after_s": 3.2,
        },
    ),
    (
        frames.Page(messages=(MESSAGE,), before=None),
        {"type": "page", "messages": [MESSAGE_WIRE], "before": None},
    ),
    (
        frames.Members(members=(MEMBER,), presence=(PRESENT,), after=64),
        {"type": "members", "members": [MEMBER_WIRE], "presence": [PRESENT_WIRE], "after": 64},
    ),
    (frames.Read(seq=Seq(61)), {"type": "read", "seq": 61}),
    (frames.Presence(members=(PRESENT,)), {"type": "presence", "members": [PRESENT_WIRE]}),
    (
        frames.Ephemeral(kind="typing", member=BO, active=True, ttl_s=6.0),
        {"type": "ephemeral", "kind": "typing", "member": "user:bo", "active": True, "ttl_s": 6.0},
    ),
    (frames.Ping(n=88, head=Seq(61)), {"type": "ping", "n": 88, "head": 61, "floor": 1}),
    (frames.Reset(epoch=Epoch("e8")), {"type": "reset", "epoch": "e8"}),
    (
        frames.Goodbye(code=4101, message="…", retry_after_s=4.0),
        {"type": "goodbye", "code": 4101, "message": "…", "retry_after_s": 4.0},
    ),
]

BODIES: list[tuple[entries.Body, str, dict[str, Any]]] = [
    (entries.PostedBody("hi", Seq(3)), "posted", {"text": "hi", "reply_to": 3}),
    (entries.EditedBody(Seq(3), "ho"), "edited", {"target": 3, "text": "ho"}),
    (entries.RedactedBody(Seq(3)), "redacted", {"target": 3}),
    (entries.ReactedBody(Seq(3), "🎉"), "reacted", {"target": 3, "emoji": "🎉"}),
    (entries.UnreactedBody(Seq(3), "🎉"), "unreacted", {"target": 3, "emoji": "🎉"}),
    (entries.JoinedBody(MEMBER), "joined", {"member": MEMBER_WIRE}),
    (entries.ProfileChangedBody(MEMBER), "profile_changed", {"member": MEMBER_WIRE}),
    (entries.RenamedBody("Plans"), "renamed", {"title": "Plans"}),
]


@pytest.mark.parametrize(("frame", "wire"), GOLDEN, ids=[wire["type"] for _, wire in GOLDEN])
def test_frames_look_as_they_always_did(frame: ServerFrame, wire: dict[str, Any]) -> None:
    """[RS7] [FR7]"""
    assert json.loads(encode(frame)) == wire
    assert msgspec.json.decode(encode(frame), type=type(frame)) == frame


def test_every_frame_has_a_golden_one() -> None:
    """[FR7]"""
    assert {type(frame) for frame, _ in GOLDEN} == set(ServerFrame.__args__)


@pytest.mark.parametrize(("body", "kind", "wire"), BODIES, ids=[kind for _, kind, _ in BODIES])
def test_entries_look_as_they_always_did(
    body: entries.Body, kind: str, wire: dict[str, Any]
) -> None:
    """[LG2] Whatever the kind, the stamp is the same."""
    entry = entries.entry_of(body, seq=Seq(42), author=ADA, at=AT, command_id=None)
    stamp = {"seq": 42, "author": "user:ada", "at": AT, "command_id": None}
    assert json.loads(encode_entry(entry)) == {"kind": kind, **stamp, "body": wire}


def test_every_kind_of_entry_has_a_golden_one() -> None:
    """[LG2]"""
    assert {type(body) for body, _, _ in BODIES} == set(entries.Body.__args__)


def test_text_goes_out_as_it_is() -> None:
    """[FR1] UTF-8, not escapes: what is counted as bytes is what is sent."""
    text = "é🎉\u2028"
    encoded = encode(frames.Goodbye(code=4000, message=text))
    assert text.encode() in encoded


@pytest.mark.parametrize("target", [3, 4])
def test_erasing_touches_only_what_has_the_text(target: int) -> None:
    """[LG11]"""
    log = [
        entries.entry_of(body, seq=Seq(seq), author=ADA, at=AT, command_id=ID)
        for seq, (body, _, _) in enumerate(BODIES, start=target)
    ]
    erased = [entries.erased(entry, Seq(3)) for entry in log]
    changed = [entry.seq for entry, before in zip(erased, log, strict=True) if entry != before]
    assert changed == ([3, 4] if target == 3 else [5])
    assert "text='ho'" not in repr(erased)
