"""The plan of a run, and its results as they are kept.

Owns what is measured by default, and which figures belong to which part. Must not know how.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .figure import Fault, Figure, Figures, Step
from .machine import Machine

__all__ = ["PARTS", "Part", "PeerNote", "Plan", "Results", "Run"]

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
        asks: pages asked for in each history.
        posts: posts made one at a time in each history, enough to meet what the server does
            only now and then.
        idle: connections of every peer whose memory is weighed.
        many_idle: connections of ours that are watched for `watch_s`; 0 is none.
        idle_rounds: how many of the rounds have idle connections, which differ little.
    """

    parts: tuple[Part, ...] = tuple(PARTS)
    rounds: int = 5
    seconds: float = 2.5
    warm_up_s: float = 0.3
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
    asks: int = 100
    posts: int = 400
    idle: int = 500
    many_idle: int = 5_000
    watch_s: float = 30.0
    idle_rounds: int = 3


class PeerNote(Struct, frozen=True, kw_only=True):
    """A peer of a run; one that is not installed has no figures."""

    name: str
    note: str
    is_installed: bool


class Run(Struct, frozen=True, kw_only=True):
    """Where and how some of the figures were made."""

    machine: Machine
    plan: Plan

    @property
    def made(self) -> str:
        """What its figures are marked with."""
        return self.machine.made_at


class Results(Struct, frozen=True, kw_only=True):
    """Everything that was found: in one run, or parts of it again in later ones.

    Attributes:
        runs: those that have figures here, the latest last.
    """

    runs: tuple[Run, ...]
    peers: tuple[PeerNote, ...]
    figures: tuple[Figure, ...]
    faults: tuple[Fault, ...]

    @property
    def plan(self) -> Plan:
        """What was measured last."""
        return self.runs[-1].plan

    def collected(self) -> Figures:
        """The figures, to ask for medians."""
        return Figures(self.figures, self.faults)

    def onto(self, older: Results) -> Results:
        """These results, and the older ones of what was not measured this time."""
        steps = {step for part in self.plan.parts for step in PARTS[part]}
        names = {peer.name for peer in self.peers}

        def stays(found: Figure | Fault) -> bool:
            return found.step not in steps or found.peer not in names

        figures = (*filter(stays, older.figures), *self.figures)
        made = {figure.made for figure in figures}
        return replace(
            self,
            runs=(*(run for run in older.runs if run.made in made), *self.runs),
            peers=tuple(
                next((mine for mine in self.peers if mine.name == peer.name), peer)
                for peer in older.peers
            ),
            figures=figures,
            faults=(*filter(stays, _by_step(older.faults)), *self.faults),
        )

    def write(self, path: Path) -> None:
        """Keeps them as JSON, indented for a reader and a diff."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")

    @classmethod
    def read(cls, path: Path) -> Results:
        """What `write` kept."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


def _by_step(faults: tuple[Fault, ...]) -> Iterator[Fault]:
    """The same faults, those of every step as one of each, so that some of them may go."""
    for fault in faults:
        steps = chain(*PARTS.values()) if fault.step is None else (fault.step,)
        yield from (replace(fault, step=step) for step in steps)
