"""The hub and its clocks: how often it looks at the time, and a date that is set."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from jupyter_collab.broker.memory import MemoryBroker
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from jupyter_collab.log.memory import MemoryLog
from tests.fakes import Clock
from tests.hubs import Visitor, eventually, hub_on, sqlite, stopped_clock

DAY_S = 86_400.0
ROUNDS = 5


class Enough(Exception):
    """Ends what never ends."""


async def test_the_hub_looks_at_the_time_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """[PR2] [PR3] Or more often: that is all that is added to a grace, or to a silence."""
    hub = Hub(MemoryLog(Limits()), MemoryBroker(), Limits())
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)
        if len(asked) > ROUNDS:
            raise Enough

    monkeypatch.setattr(anyio, "sleep", sleep)
    with pytest.raises(Enough):
        await hub._tick()
    assert len(asked) == ROUNDS + 1
    assert 0 < min(asked) <= max(asked) <= 1.0


@pytest.mark.parametrize("step_s", [DAY_S, -DAY_S])
async def test_a_date_that_is_set_changes_nothing_but_the_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    """[LG20] Between two posts, between two signs of typing, and in the grace of one who left."""
    clock = stopped_clock(monkeypatch)
    async with hub_on(sqlite(tmp_path)) as hub:
        ada, bo, cam = [await Visitor.join(hub, name) for name in ("ada", "bo", "cam")]

        async def typed() -> int:
            """How often Bo was told of Ada by now; the mark is what comes after it."""
            await ada.send("typing", active=True)
            await bo.at((await cam.do("rename", title=f"T{len(bo.entries)}"))["seq"])
            return len(bo.find("ephemeral", active=True))

        assert await typed() == 1
        clock.wall += step_s
        assert await typed() == 1, "it is fresh, whatever the date"
        clock.later(6.0)
        assert await typed() == 2, "it is not, whatever the date"

        await ada.do("post", text="one")
        clock.wall += step_s
        last = (await ada.do("post", text="two"))["seq"]
        await bo.at(last)
        page = (await Visitor.join(hub, "bo")).find("snapshot")[0]["messages"]
        assert bo.texts == [message["text"] for message in page] == ["one", "two"]
        assert page[1]["at"] - page[0]["at"] == step_s
        assert bo.seqs == list(range(bo.seqs[0], last + 1))

        cam.leave()
        left_at = clock.wall
        clock.wall += step_s
        tick(hub, clock)
        assert hub._rooms.all()[0]._presence.people == 3, "the grace is not over"
        clock.later(3.0)
        tick(hub, clock)
        await eventually(lambda: gone(bo) == {"user:cam": left_at})
        assert [it.find("ping") + it.find("goodbye") for it in (ada, bo)] == [[], []]


def tick(hub: Hub, clock: Clock) -> None:
    for room in hub._rooms.all():
        hub._tick_room(room, clock.now)


def gone(visitor: Visitor) -> dict[str, float]:
    """Whom it was told to be offline, and since when."""
    told = [member for frame in visitor.find("presence") for member in frame["members"]]
    return {member["id"]: member["last_seen"] for member in told if member["state"] == "offline"}
