"""The Python client asks who members are that it was not told of."""

from __future__ import annotations

import anyio
import pytest

from jupyter_collab import client
from tests.scripted import LIMITED, Frame, talking

PATIENCE_S = 20.0


def members(*names: str, after: int | None = None) -> Frame:
    told = [{"id": f"user:{name.lower()}", "name": name} for name in names]
    return {"type": "members", "members": told, "presence": [], "after": after}


def by_bo(*reactors: str) -> Frame:
    """A page with a message of Bo's."""
    reactions = [{"emoji": "🎉", "members": list(reactors)}]
    message = {"seq": 4, "author": "user:bo", "at": 1.0, "text": "hi", "reactions": reactions}
    return {"type": "page", "messages": [message], "before": None}


async def test_who_is_not_known_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """[RS15] As many at a time as a query may name, and on until all were looked for."""
    monkeypatch.setattr(client, "MOST_STRANGERS", 3)
    reactors = ("user:cam", "user:nobody", "user:di")

    def reply(frame: Frame) -> list[Frame]:
        match frame:
            case {"type": "history"}:
                return [by_bo(*reactors)]
            case {"type": "who", "ids": ["user:bo", *_], "after": 0}:
                return [members("Bo", after=1)]
            case {"type": "who", "ids": ["user:bo", *_], "after": 1}:
                return [members("Cam")]
            case {"type": "who"}:
                return [members("Di")]
        return []

    async with talking(reply) as (connection, heard):
        await connection.history(5)
        with anyio.fail_after(PATIENCE_S):
            await connection.until(lambda state: len(state.members) == 4)
        asked = [frame for frame in heard if frame["type"] == "who"]
        assert [(frame["ids"], frame["after"]) for frame in asked] == [
            (["user:bo", "user:cam", "user:nobody"], 0),
            (["user:di"], 0),
            (["user:bo", "user:cam", "user:nobody"], 1),
        ]


async def test_who_could_not_be_asked_for_is_asked_for_again() -> None:
    """[RS15] [RA5] With the next frame, not at once."""
    again = {"type": "ping", "n": 1, "head": 1}
    answers = [[LIMITED, again], [members("Bo")]]

    def reply(frame: Frame) -> list[Frame]:
        if frame["type"] == "history":
            return [by_bo()]
        return answers.pop(0) if frame["type"] == "who" else []

    async with talking(reply) as (connection, heard):
        await connection.history(5)
        with anyio.fail_after(PATIENCE_S):
            await connection.until(lambda state: len(state.members) == 2)
        assert [frame["type"] for frame in heard].count("who") == 2


async def test_everyone_can_be_fetched() -> None:
    """[RS15] Page by page."""

    def reply(frame: Frame) -> list[Frame]:
        if frame["type"] != "who":
            return []
        return [members("Cam")] if frame["after"] else [members("Ada", "Bo", after=2)]

    async with talking(reply) as (connection, _):
        everyone = await connection.members()
        assert [member.name for member in everyone.values()] == ["Ada", "Bo", "Cam"]
