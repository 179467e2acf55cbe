"""One socket: the order of its bytes, and one write at a time."""

from __future__ import annotations

from tornado.iostream import StreamClosedError

from jupyter_collab.hub.session import Session
from jupyter_collab.limits import Limits
from jupyter_collab.protocol.ids import SessionId
from tests.fakes import TEAM, FakeTransport, member
from tests.hubs import settled


def session(transport: FakeTransport) -> Session:
    return Session(SessionId("s1"), TEAM, member("ada"), transport, limits=Limits(), now=0.0)


async def test_all_that_waits_leaves_in_one_write() -> None:
    """[FO1]"""
    transport = FakeTransport()
    one = session(transport)
    one.flush()
    one.outbox.put(b"1")
    one.outbox.put(b"2")
    one.flush()
    one.flush()
    assert transport.writes == [b"12"]


async def test_one_write_is_in_flight_and_its_end_begins_the_next() -> None:
    """[FO2]"""
    transport = FakeTransport(is_stuck=True)
    one = session(transport)
    for data in (b"1", b"2", b"3"):
        one.outbox.put(data)
        one.flush()
    assert transport.writes == [b"1"]
    transport.release()
    await settled()
    assert transport.writes == [b"1", b"23"]
    transport.release()
    await settled()
    assert transport.writes == [b"1", b"23"]


async def test_a_write_that_fails_begins_no_other() -> None:
    transport = FakeTransport(is_stuck=True)
    one = session(transport)
    one.outbox.put(b"1")
    one.flush()
    one.outbox.put(b"2")
    transport.release(StreamClosedError())
    await settled()
    assert transport.writes == [b"1"]


async def test_a_peer_that_is_gone_is_written_nothing() -> None:
    transport = FakeTransport(is_gone=True)
    one = session(transport)
    one.outbox.put(b"1")
    one.flush()
    assert not one.outbox
    assert transport.writes == []


async def test_what_waits_is_written_before_the_close_also_behind_a_write_under_way() -> None:
    """[FR7] [FO6] Neither an ack nor the goodbye is lost because the network was busy."""
    transport = FakeTransport(is_stuck=True)
    one = session(transport)
    one.outbox.put(b"1")
    one.flush()
    one.outbox.put(b"ack")
    one.outbox.put(b"goodbye")
    one.close(4101, "Bye.")
    assert transport.writes == [b"1", b"ackgoodbye"]
    assert transport.closed == (4101, "Bye.")
    assert (one.phase, one.close_code) == ("closed", 4101)
    transport.release()
    await settled()
    assert transport.writes == [b"1", b"ackgoodbye"]


async def test_closing_with_nothing_to_say_writes_nothing() -> None:
    transport = FakeTransport()
    session(transport).close(4101, "Bye.")
    assert transport.writes == []
    assert transport.closed == (4101, "Bye.")
