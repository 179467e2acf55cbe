"""A log whose database is moved or replaced meanwhile, and what it says then."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_collab.errors import Unavailable
from tests.log.conftest import OpenTalk
from tests.log.talk import Talk

__all__ = ["Watch", "backup", "refusal", "talking"]


class Watch:
    """Counts how often a log says that it is another one."""

    def __init__(self, talk: Talk) -> None:
        self.times = 0
        talk.log.replaced = self._count

    def _count(self) -> None:
        self.times += 1


async def refusal(talk: Talk, text: str = "hi") -> str:
    with pytest.raises(Unavailable) as caught:
        await talk.post("ada", text)
    return caught.value.message


async def backup(path: Path, open_talk: OpenTalk) -> Path:
    """Another database, whole in one file, with one post in a conversation of the same name."""
    other = path.with_name("backup.db")
    talk = open_talk(other)
    await talk.admit("ada")
    await talk.post("ada", "from the backup")
    await talk.log.close()
    return other


async def talking(open_talk: OpenTalk) -> tuple[Talk, Watch]:
    talk = open_talk()
    await talk.admit("ada")
    await talk.post("ada", "before")
    await talk.loaded()
    return talk, Watch(talk)
