"""A life of a server in a process of its own: hub, log, people and operator, until it is killed.

Owns the people and what they do, by a seed. Writes down every command before the hub has it
and every frame once it is sent; what was written stays after a kill. As a program it reads
lives from stdin, one JSON object a line, forks for each, and prints how it ended.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
from asyncio import Future
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import anyio
import msgspec
from anyio.lowlevel import checkpoint
from ulid import ULID

from jupyter_collab.broker.memory import MemoryBroker
from jupyter_collab.hub.hub import Hub
from jupyter_collab.hub.session import Session
from jupyter_collab.limits import Limits
from jupyter_collab.log.prune import outdated, prune_for
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.protocol.codec import decode_client
from jupyter_collab.protocol.ids import ConversationId
from tests.durability.failpoint import Doom
from tests.fakes import frames_in, member
from tests.hubs import eventually

__all__ = ["NOT_KILLED", "Job", "random_command"]

CONVERSATIONS = ("team", "other")
PEOPLE = ("ada", "bo", "cy", "di", "ed")
NOT_KILLED = 0
ROUNDS_PER_PRUNE = 8
MESSAGES_KEPT = 15
LIMITS = Limits(
    posts_per_window=0,
    edits_per_window=0,
    redacts_per_window=0,
    reactions_per_window=0,
    renames_per_window=0,
    frames_per_window=0,
    new_conversations_per_window=0,
)
Frame = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One life. `owed` are the commands that nobody was answered in the lives before."""

    database: str
    record: str
    seed: int
    point: str = "never"
    nth: int = 0
    rounds: int = 60
    owed: list[tuple[str, str, Frame]] = field(default_factory=list)

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


def random_command(rng: random.Random, seqs: list[int]) -> Frame:
    """Something that a person might do about messages that they see."""
    target = rng.choice(seqs[-12:]) if seqs else 1
    text = f"{rng.random()} " + rng.choice("aé🎉") * rng.choice((1, 30, 300, 3000))
    kinds = ("post", "edit", "redact", "react", "unreact", "rename")
    (kind,) = rng.choices(kinds, (8, 3, 1, 4, 2, 1))
    fields: Frame
    match kind:
        case "post":
            fields = {"text": text, **({"reply_to": target} if rng.random() < 0.2 else {})}
        case "edit":
            fields = {"target": target, "text": text}
        case "redact":
            fields = {"target": target}
        case "rename":
            fields = {"title": text[:40].strip()}
        case _:
            fields = {"target": target, "emoji": rng.choice("🎉👍👀")}
    return {"type": kind, "command_id": str(ULID()), **fields}


class Life:
    """The people of one life, and their record."""

    def __init__(self, job: Job, doom: Doom) -> None:
        self.doom = doom
        self.rng = random.Random(job.seed)
        self._record = os.open(job.record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write_down(self, *what: Any) -> None:
        os.write(self._record, (json.dumps(what) + "\n").encode())


class Person:
    """One session, which carries its own frames."""

    def __init__(self, life: Life, hub: Hub, name: str, conversation: str) -> None:
        self.who = f"user:{name}"
        self.conversation = conversation
        self._life = life
        self._hub = hub
        self._member = member(name)
        self._owed: set[str] = set()
        self._seqs: list[int] = []
        self._is_live = False
        self._session: Session | None = None

    async def come(self) -> None:
        self._session = await self._hub.connect(
            ConversationId(self.conversation), self._member, self
        )
        await self._send({"type": "hello", "protocol": 1})
        await eventually(lambda: self._is_live)

    def go(self) -> None:
        assert self._session is not None, "came first"
        self._hub.leave(self._session, "clean")

    async def ask(self, command: Frame) -> None:
        self._owed.add(command["command_id"])
        await self._send(command)

    async def ask_something(self) -> None:
        await self.ask(random_command(self._life.rng, self._seqs))

    async def answered(self) -> None:
        await eventually(lambda: not self._owed)

    def write(self, frames: bytes) -> Future[None] | None:
        read = frames_in(frames)
        self._life.doom.sending(self.conversation, read, lambda: self._take(read))
        return None

    def close(self, code: int, reason: str) -> None:
        self._owed.clear()

    async def _send(self, frame: Frame) -> None:
        assert self._session is not None, "came first"
        self._life.write_down(self.who, self.conversation, "asked", frame)
        if self._hub.allow(self._session):
            sent = decode_client(msgspec.json.encode(frame), max_depth=32)
            if (waiting := self._hub.receive(self._session, sent)) is not None:
                await waiting

    def _take(self, frames: list[Frame]) -> None:
        for frame in frames:
            self._life.write_down(self.who, self.conversation, "told", frame)
            match frame["type"]:
                case "ack" | "refused":
                    self._owed.discard(frame["command_id"])
                case "live":
                    self._is_live = True
                case "snapshot":
                    self._seqs += [message["seq"] for message in frame["messages"]]
                case "entries":
                    posted = [e["seq"] for e in frame["entries"] if e["kind"] == "posted"]
                    self._seqs += posted
                case _:
                    pass


async def live(job: Job, doom: Doom) -> None:
    """From the server's start to its stop, if it comes to that."""
    life = Life(job, doom)
    log = SqliteLog(Path(job.database), LIMITS)
    hub = Hub(log, MemoryBroker(), LIMITS)
    people = [Person(life, hub, name, where) for where in CONVERSATIONS for name in PEOPLE]
    people.append(Person(life, hub, PEOPLE[0], CONVERSATIONS[0]))  # another tab
    for person in people:
        await person.come()
    for who, where, command in job.owed:
        sender = next(p for p in people if (p.who, p.conversation) == (who, where))
        await sender.ask(command)
    for person in people:
        await person.answered()
    for number in range(1, job.rounds + 1):
        await _round(life.rng, people)
        if number % ROUNDS_PER_PRUNE == 0:
            await log._write(partial(_prune, life=life))
    for person in people:
        await person.answered()
    await hub.stop()


async def _round(rng: random.Random, people: list[Person]) -> None:
    """Some ask for something in one turn; then all are answered, or only some time passes."""
    for person in rng.sample(people, rng.randint(1, len(people))):
        await person.ask_something()
    if rng.random() < 0.7:
        for person in people:
            await person.answered()
    for _ in range(rng.randint(1, 5)):
        await checkpoint()
    if rng.random() < 0.1:
        person = rng.choice(people)
        await person.answered()
        person.go()
        await person.come()


def _prune(connection: Connection, life: Life) -> None:
    """Removes all but the newest messages, as upkeep does; in the thread that writes."""
    newest = connection.execute(
        "SELECT at FROM messages ORDER BY at DESC LIMIT :most", (MESSAGES_KEPT,)
    )
    *_, (before,) = newest.fetchall()
    found = outdated(connection, before)
    for it in found:
        life.write_down("operator", it.conversation, "prunes", {"until": it.until})
    prune_for(connection, before, math.inf)
    for it in found:
        life.write_down("operator", it.conversation, "has pruned", {"until": it.until})


def main() -> None:
    """Lives in this process what is on the command line, or forks for each line of stdin."""
    if len(sys.argv) > 1:
        anyio.run(live, Job(**json.loads(sys.argv[1])), Doom("never", 0))
        return
    for line in sys.stdin:
        job = Job(**json.loads(line))
        if (child := os.fork()) == 0:
            doom = Doom(job.point, job.nth)
            doom.watch_sql()
            anyio.run(live, job, doom)
            os._exit(NOT_KILLED)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
