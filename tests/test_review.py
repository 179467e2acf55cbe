"""Who may stay: the reasons to end a session that it did not give itself."""

from __future__ import annotations

from jupyter_collab.limits import Limits
from jupyter_collab.protocol.frames import Goodbye
from jupyter_collab.protocol.ids import SessionId
from jupyter_collab.review import close_stalled
from jupyter_collab.session import Session
from tests.fakes import TEAM, FakeTransport, member
from tests.hubs import settled

LIMITS = Limits(stall_s=3.0)


async def test_only_a_write_that_does_not_end_is_a_stall() -> None:
    """[FO7] Not many writes that take their time, each of which ends."""
    dismissed: list[tuple[Session, int]] = []

    def dismiss(session: Session, goodbye: Goodbye) -> None:
        dismissed.append((session, goodbye.code))

    transports = [FakeTransport(is_stuck=True) for _ in range(2)]
    stuck, slow = (
        Session(SessionId(str(n)), TEAM, member("ada"), transport, limits=LIMITS, now=0.0)
        for n, transport in enumerate(transports)
    )
    for second in range(4):
        assert dismissed == []
        for one in (stuck, slow):
            one.outbox.put(b"1")
            one.flush()
        close_stalled([stuck, slow], LIMITS, float(second), dismiss)
        transports[1].release()
        await settled()
    assert dismissed == [(stuck, 4102)]
