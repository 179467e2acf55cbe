"""The oracle of the durability tests: what people asked for, were told and were shown.

Owns the comparison of all that with what a file holds. Must not know how a server ended.
Invariant: it forgets nothing from one life of a server to the next.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from jupyter_collab.answer import answer_frame
from jupyter_collab.limits import Limits
from jupyter_collab.log.projection import rebuild
from jupyter_collab.log.rows import entry_from
from jupyter_collab.log.search_index import index_all
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.log.transaction import writing
from jupyter_collab.protocol.commands import Admit, ClientCommand
from jupyter_collab.protocol.ids import ConversationId, MemberId
from tests.fakes import member
from tests.log.files import dump, rows
from tests.log.folded import check_fold
from tests.log.talk import Talk

__all__ = ["Frame", "Known", "Witness"]

Frame = dict[str, Any]
_KEPT = ("joined", "profile_changed", "renamed")  # whatever is pruned
_KINDS = {
    "post": "posted",
    "edit": "edited",
    "redact": "redacted",
    "react": "reacted",
    "unreact": "unreacted",
    "rename": "renamed",
}


class Known(NamedTuple):
    """What makes a command one: the same again is a repeat."""

    conversation: str
    author: str
    command_id: str


@dataclass(slots=True)
class Witness:
    """Hears everything that people do and are sent, in order."""

    asked: dict[Known, Frame] = field(default_factory=dict)
    acked: dict[Known, int] = field(default_factory=dict)
    refused: set[Known] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    shown: dict[tuple[str, int], Frame] = field(default_factory=dict)
    least_floor: dict[str, int] = field(default_factory=dict)
    most_floor: dict[str, int] = field(default_factory=dict)

    def hear(self, lines: Iterable[str]) -> None:
        """Takes what a server's life has written down, but for a line that it died in."""
        for line in lines:
            if line.endswith("\n"):
                who, conversation, what, frame = json.loads(line)
                match what:
                    case "asked":
                        self.ask(who, conversation, frame)
                    case "told":
                        self.tell(who, conversation, frame)
                    case "prunes":
                        self.most_floor[conversation] = frame["until"]
                    case "has pruned":
                        self.least_floor[conversation] = frame["until"]

    def ask(self, who: str, conversation: str, command: Frame) -> None:
        """Somebody sends a command, perhaps again."""
        self.people.add(who)
        if "command_id" in command:
            self.asked[Known(conversation, who, command["command_id"])] = command

    def tell(self, who: str, conversation: str, frame: Frame) -> None:
        """Somebody is sent a frame."""
        match frame["type"]:
            case "ack":
                known = Known(conversation, who, frame["command_id"])
                seq = self.acked.setdefault(known, frame["seq"])
                assert seq == frame["seq"], f"{known} was {seq}, now {frame['seq']}"
            case "refused" if frame["code"] not in ("unavailable", "going_away"):
                self.refused.add(Known(conversation, who, frame["command_id"]))
            case "entries":
                for entry in frame["entries"]:
                    self._see(conversation, entry)
            case _:
                pass

    def unanswered(self) -> list[tuple[str, str, Frame]]:
        """Who will send what again, and where, in the order in which they asked."""
        return [
            (known.author, known.conversation, command)
            for known, command in self.asked.items()
            if known not in self.acked and known not in self.refused
        ]

    async def retry(self, path: Path) -> None:
        """Everybody comes back to a server of the file, and sends again what was not answered."""
        log = SqliteLog(path, Limits())
        for who, conversation, frame in self.unanswered():
            author = member(who.removeprefix("user:"))
            asked = msgspec.convert(frame, ClientCommand)
            await Talk(log).ask(author, Admit(author), conversation=conversation)
            outcome = await Talk(log).ask(author, asked, conversation=conversation)
            answer = answer_frame(asked, outcome)
            self.tell(who, conversation, json.loads(msgspec.json.encode(answer)))
        await log.close()

    async def check(self, path: Path) -> None:
        """Holds a file that no server uses to all that was heard."""
        log = SqliteLog(path, Limits())
        try:
            names = [found.id for found in await log.conversations(MemberId("nobody"))]
            for name in names:
                await check_fold(log, name)
        finally:
            await log.close()
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]
        stored = {str(name): _stored(path, name) for name in names}
        for where, found in stored.items():
            self._check_numbers(where, found)
            self._check_origin(where, found.entries)
        self._check_answers(stored)
        self._check_shown(stored)
        _check_tables(path)

    def _see(self, conversation: str, entry: Frame) -> None:
        known = self.shown.setdefault((conversation, entry["seq"]), entry)
        assert _is_same(known, entry), f"{known} is now {entry}"

    def _check_numbers(self, where: str, found: Stored) -> None:
        """No more was pruned than asked for, nor less; from the floor on no entry is missing."""
        floor = found.floor
        assert self.least_floor.get(where, 1) <= floor <= self.most_floor.get(where, 1), where
        seqs = [entry["seq"] for entry in found.entries]
        assert seqs == sorted(set(seqs)), where
        whole = list(range(floor, found.head + 1))
        assert [seq for seq in seqs if seq >= floor] == whole, where
        assert [it for it in found.entries if found.lacks(it["seq"], it["kind"])] == []

    def _check_origin(self, conversation: str, entries: list[Frame]) -> None:
        """No entry is there that nobody asked for, and none twice."""
        for entry in entries:
            if entry["command_id"] is None:
                assert entry["kind"] in ("joined", "profile_changed"), entry
                assert entry["author"] in self.people, entry
                continue
            known = Known(conversation, entry["author"], entry["command_id"])
            assert known in self.asked, f"a phantom: {entry}"
            assert _is_what_was_asked(entry, self.asked[known]), (entry, self.asked[known])
        ids = Counter((entry["author"], entry["command_id"]) for entry in entries)
        assert [key for key, times in ids.items() if times > 1 and key[1] is not None] == []

    def _check_answers(self, stored: Mapping[str, Stored]) -> None:
        where = {
            Known(name, entry["author"], entry["command_id"]): entry["seq"]
            for name, found in stored.items()
            for entry in found.entries
        }
        for known, seq in self.acked.items():
            found, kind = stored.get(known.conversation), _KINDS[self.asked[known]["type"]]
            expected = None if found is not None and found.lacks(seq, kind) else seq
            assert where.get(known) == expected, f"{known}: acked as {seq}, is {where.get(known)}"
        assert self.refused.isdisjoint(where)

    def _check_shown(self, stored: Mapping[str, Stored]) -> None:
        entries = {
            (name, entry["seq"]): entry for name, found in stored.items() for entry in found.entries
        }
        for (name, seq), entry in self.shown.items():
            if name not in stored or not stored[name].lacks(seq, entry["kind"]):
                assert (name, seq) in entries, f"{name} {seq} was shown and is gone"
                assert _is_same(entries[name, seq], entry), (entries[name, seq], entry)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file holds of a conversation."""

    entries: list[Frame]
    floor: int
    head: int

    def lacks(self, seq: int, kind: str) -> bool:
        """Whether an entry is one of those that were removed."""
        return seq < self.floor and kind not in _KEPT


def _stored(path: Path, name: ConversationId) -> Stored:
    spans = {id_: span for id_, *span in rows(path, "SELECT id, floor, head FROM conversations")}
    floor, head = spans[name]
    found = rows(
        path,
        "SELECT conversation, seq, kind, author, at, command_id, body FROM entries ORDER BY seq",
    )
    entries = [
        json.loads(msgspec.json.encode(entry_from(tuple(row))))
        for where, *row in found
        if where == name
    ]
    return Stored(entries, floor, head)


def _is_same(one: Frame, other: Frame) -> bool:
    """Whether two entries are one, whose text may have been erased from either since."""
    texts = one["body"].get("text"), other["body"].get("text")
    return _without_text(one) == _without_text(other) and (texts[0] == texts[1] or "" in texts)


def _without_text(entry: Frame) -> Frame:
    return {**entry, "body": {**entry["body"], "text": None}}


def _is_what_was_asked(entry: Frame, command: Frame) -> bool:
    asked = {"reply_to": None} if command["type"] == "post" else {}
    asked |= {name: value for name, value in command.items() if name not in ("type", "command_id")}
    body = dict(entry["body"])
    if body.get("text") == "":  # erased
        body["text"] = asked["text"]
    return entry["kind"] == _KINDS[command["type"]] and body == asked


def _check_tables(path: Path) -> None:
    """The tables are what the entries come to, the search index included."""
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        with writing(connection):
            index_all(connection)
        connection.execute(
            "INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)"
        )
        with writing(connection):
            rebuild(connection)
    assert dump(path) == dump(copy)
    copy.unlink()
