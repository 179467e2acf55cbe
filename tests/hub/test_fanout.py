"""Frames to many sockets: encoded once, and nobody waits for the slowest."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from jupyter_collab.answer import SLOW
from jupyter_collab.hub.fanout import FLUSHED_AT_ONCE, Fanout
from jupyter_collab.hub.session import Session
from jupyter_collab.limits import Limits
from jupyter_collab.protocol import codec
from jupyter_collab.protocol.frames import Goodbye, Live, Ping, ServerFrame
from jupyter_collab.protocol.ids import Seq, SessionId
from tests.fakes import TEAM, FakeTransport, frames_in, member
from tests.hubs import settled


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[ServerFrame]:
    """Every frame that is encoded, still encoded as ever."""
    frames: list[ServerFrame] = []
    encode = codec.encode

    def count(frame: ServerFrame) -> bytes:
        frames.append(frame)
        return encode(frame)

    monkeypatch.setattr(codec, "encode", count)
    return frames


def sessions(fanout: Fanout, count: int, limits: Limits | None = None) -> list[FakeTransport]:
    transports = [FakeTransport() for _ in range(count)]
    for number, transport in enumerate(transports):
        id_ = SessionId(f"s{number}")
        fanout.sessions[id_] = Session(
            id_, TEAM, member("ada"), transport, limits=limits or Limits(), now=0.0
        )
    return transports


def kinds(transport: FakeTransport) -> list[str]:
    return [frame["type"] for frame in transport.frames]


async def test_a_broadcast_is_encoded_once(encoded: list[ServerFrame]) -> None:
    """[FO1] And every socket is handed the same bytes."""
    fanout = Fanout()
    transports = sessions(fanout, 50)
    assert fanout.broadcast(fanout.sessions, Ping(n=1, head=Seq(7)), None) == []
    await settled()
    assert len(encoded) == 1
    first = transports[0].writes[0]
    assert all(transport.writes[0] is first for transport in transports)
    assert frames_in(first) == [{"type": "ping", "n": 1, "head": 7, "floor": 1}]


async def test_one_turn_of_the_loop_is_one_write() -> None:
    """[FO1]"""
    fanout = Fanout()
    (transport,) = sessions(fanout, 1)
    (session,) = fanout.sessions.values()
    for n in range(10):
        assert fanout.send(session, Ping(n=n, head=Seq(0)))
        fanout.broadcast([session.id], Live(head=Seq(n)), None)
    assert transport.writes == []
    await settled()
    assert len(transport.writes) == 1
    assert kinds(transport) == ["ping", "live"] * 10
    fanout.send(session, Live(head=Seq(1)))
    await settled()
    assert len(transport.writes) == 2


async def test_who_can_not_keep_up_is_named_and_nobody_else_notices() -> None:
    """[FO2]"""
    fanout = Fanout()
    slow, quick = sessions(fanout, 2, Limits(outbox_frames=3))
    slow.is_stuck = True
    full: list[Session] = []
    for n in range(5):
        full += fanout.broadcast(fanout.sessions, Ping(n=n, head=Seq(0)), None)
        await settled()
    assert {session.id for session in full} == {"s0"}
    assert [frame["n"] for frame in quick.frames] == [0, 1, 2, 3, 4]
    assert [frame["n"] for frame in slow.frames] == [0]


async def test_a_full_outbox_is_told_to_the_sender() -> None:
    """[FO2]"""
    fanout = Fanout()
    sessions(fanout, 1, Limits(outbox_frames=1))
    (session,) = fanout.sessions.values()
    assert fanout.send(session, Live(head=Seq(0)))
    assert not fanout.send(session, Live(head=Seq(0)))


async def test_ephemerals_coalesce_and_give_way() -> None:
    """[FO2]"""
    fanout = Fanout()
    (transport,) = sessions(fanout, 1, Limits(outbox_frames=2))
    ids = list(fanout.sessions)
    for n in range(5):
        assert fanout.broadcast(ids, Ping(n=n, head=Seq(0)), "typing:ada") == []
    fanout.broadcast(ids, Live(head=Seq(1)), None)
    await settled()
    assert [frame.get("n") for frame in transport.frames] == [4, None]
    fanout.broadcast(ids, Ping(n=5, head=Seq(0)), "typing:ada")
    fanout.broadcast(ids, Live(head=Seq(1)), None)
    assert fanout.broadcast(ids, Live(head=Seq(2)), None) == []
    await settled()
    assert kinds(transport)[2:] == ["live", "live"]


async def test_goodbye_comes_after_what_waits() -> None:
    """[FR7]"""
    fanout = Fanout()
    (transport,) = sessions(fanout, 1)
    (session,) = fanout.sessions.values()
    fanout.send(session, Live(head=Seq(1)))
    fanout.close(session, Goodbye(code=4101, message="Bye.", retry_after_s=2.5))
    assert kinds(transport) == ["live", "goodbye"]
    assert transport.frames[-1] == {
        "type": "goodbye",
        "code": 4101,
        "message": "Bye.",
        "retry_after_s": 2.5,
    }
    assert transport.closed == (4101, "Bye.")
    assert fanout.send(session, Live(head=Seq(2)))
    await settled()
    assert kinds(transport) == ["live", "goodbye"]


async def test_one_who_does_not_read_gets_the_goodbye_alone() -> None:
    """[FR7] [FO2] What waited is dropped: the client resumes."""
    fanout = Fanout()
    (transport,) = sessions(fanout, 1)
    (session,) = fanout.sessions.values()
    fanout.send(session, Live(head=Seq(1)))
    fanout.close(session, SLOW)
    assert kinds(transport) == ["goodbye"]
    assert transport.closed is not None
    assert transport.closed[0] == 4102


async def test_pings_go_below_the_protocol() -> None:
    """[FO5]"""
    fanout = Fanout()
    transports = sessions(fanout, 2)
    fanout.ping([SessionId("s1")])
    await settled()
    assert [transport.pings for transport in transports] == [0, 1]


async def test_a_ping_leaves_with_what_else_there_is() -> None:
    """[FO1] [FO5] In one write, once, and to nobody who is closed."""
    fanout = Fanout()
    (transport,) = sessions(fanout, 1)
    (session,) = fanout.sessions.values()
    fanout.ping(fanout.sessions)
    fanout.ping(fanout.sessions)
    fanout.broadcast(fanout.sessions, Ping(n=1, head=Seq(7)), None)
    await settled()
    assert len(transport.writes) == 1
    assert (transport.pings, kinds(transport)) == (1, ["ping"])
    session.close(4101, "Bye.")
    fanout.ping(fanout.sessions)
    await settled()
    assert transport.pings == 1


async def test_a_large_room_is_many_short_turns() -> None:
    """[FO12] Others have their turn between, and what comes meanwhile keeps its order."""
    fanout = Fanout()
    transports = sessions(fanout, 2 * FLUSHED_AT_ONCE + 1)
    loop = asyncio.get_running_loop()
    written: list[int] = []

    def look() -> None:
        written.append(sum(bool(transport.writes) for transport in transports))
        if written[-1] < len(transports):
            loop.call_soon(look)

    fanout.broadcast(fanout.sessions, Live(head=Seq(1)), None)
    loop.call_soon(look)
    loop.call_soon(partial(fanout.broadcast, list(fanout.sessions), Live(head=Seq(2)), None))
    await settled()
    steps = [later - sooner for sooner, later in zip([0, *written], written, strict=False)]
    assert max(steps) == FLUSHED_AT_ONCE
    assert [transport.frames[-1]["head"] for transport in transports] == [2] * len(transports)
    assert all(kinds(transport) == ["live", "live"] for transport in transports)
    assert len(transports[0].writes) == 2
    assert len(transports[-1].writes) == 1
