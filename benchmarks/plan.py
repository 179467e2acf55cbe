"""The plan of a run, and its results as they are kept.

Owns what is measured by default, and which figures belong to which part. Must not know how.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .figure import Fault, Figure, Figures, Step
from .machine import Machine

__all__ = ["PARTS", "Part", "PeerNote", "Plan", "Results"]

Part = Literal["fanout", "throughput", "crowd", "storm", "history", "idle"]
PARTS: dict[Part, tuple[Step, ...]] = {
    "fanout": ("open loop",),
    "throughput": ("closed loop",),
    "crowd": ("crowd",),
    "storm": ("storm",),
    "history": ("fill", "join", "resume", "page", "post"),
    "idle": ("idle",),
}


class Plan(Struct, frozen=True, kw_only=True):
    """What to measure.

    Attributes:
        seconds: length of each open and closed loop.
        clients: people in the conversation of the loops, and in each that idles.
        crowds: people in the one large conversation, at `crowd_posts_per_s`.
        behind: entries that those lack who come back.
        asks: pages asked for, and posts made one at a time, in each history.
        idle: connections of every peer whose memory is weighed.
        many_idle: connections of ours that are watched for `watch_s`, in the first
            `watch_rounds`; 0 is none.
    """

    parts: tuple[Part, ...] = tuple(PARTS)
    rounds: int = 5
    seconds: float = 4.0
    warm_up_s: float = 0.5
    clients: int = 50
    posts_per_s: tuple[float, ...] = (10, 50)
    in_flight: int = 64
    crowds: tuple[int, ...] = (500, 1_000)
    crowd_posts_per_s: float = 10
    storm: int = 200
    behind: int = 100
    histories: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    chat_history: int = 10_000
    joins: int = 20
    asks: int = 30
    idle: int = 500
    many_idle: int = 5_000
    watch_s: float = 30.0
    watch_rounds: int = 1


class PeerNote(Struct, frozen=True, kw_only=True):
    """A peer of a run; one that is not installed has no figures."""

    name: str
    note: str
    is_installed: bool


class Results(Struct, frozen=True, kw_only=True):
    """Everything that a run found.

    Attributes:
        made: when each part was measured; parts may be measured again one by one.
    """

    machine: Machine
    plan: Plan
    peers: tuple[PeerNote, ...]
    made: dict[Part, str]
    figures: tuple[Figure, ...]
    faults: tuple[Fault, ...]

    def collected(self) -> Figures:
        """The figures, to ask for medians."""
        return Figures(self.figures, self.faults)

    def onto(self, older: Results) -> Results:
        """These results, and the older ones of what was not measured this time."""
        steps = {step for part in self.plan.parts for step in PARTS[part]}
        names = {peer.name for peer in self.peers}

        def stays(found: Figure | Fault) -> bool:
            return found.step not in steps or found.peer not in names

        return replace(
            self,
            plan=replace(self.plan, parts=older.plan.parts),
            peers=tuple(
                next((mine for mine in self.peers if mine.name == peer.name), peer)
                for peer in older.peers
            ),
            made=older.made | self.made,
            figures=(*filter(stays, older.figures), *self.figures),
            faults=(*filter(stays, older.faults), *self.faults),
        )

    def write(self, path: Path) -> None:
        """Keeps them as JSON, indented for a reader and a diff."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")

    @classmethod
    def read(cls, path: Path) -> Results:
        """What `write` kept."""
        return msgspec.json.decode(path.read_bytes(), type=cls)
