"""The plan of a run: which server does which job, when, and how often.

Owns the order: peers take turns within each round, so that a slow minute of the machine
hurts all of them. Must not know how results are shown. Stops whatever it started.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from .figure import Figures
from .fill import fill, filled
from .job import ClosedLoop, Idle, Job, Join, Joined, Memory, OpenLoop, Target, Traffic
from .peer import DATABASE, OURS, PEERS, ROOT, Peer

__all__ = ["PARTS", "Part", "Plan", "Void", "run"]

Part = Literal["fanout", "throughput", "join", "memory"]
PARTS: tuple[Part, ...] = ("fanout", "throughput", "join", "memory")
JOB_S = 300.0  # no job may take longer
R = TypeVar("R", Traffic, Memory, tuple[Joined, ...])


class Void(Exception):
    """A generator failed, or a message was lost, doubled or out of order: no figures."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to measure. `seconds` is the length of each open and closed loop."""

    parts: tuple[Part, ...] = PARTS
    rounds: int = 3
    seconds: float = 10.0
    clients: int = 50
    posts_per_s: tuple[float, ...] = (10, 50)
    in_flight: int = 64
    histories: tuple[int, ...] = (0, 1_000, 10_000, 100_000)
    joins: int = 20
    idle_connections: int = 500
    peers: tuple[Peer, ...] = PEERS


def run(plan: Plan, directory: Path, tell: Callable[[str], None]) -> Figures:
    """Does the whole plan with its files under `directory`; `tell` hears of each step.

    Raises:
        Void: the figures would mean nothing.
    """
    figures = Figures()
    with ExitStack() as cleanup:
        home = cleanup.enter_context(_scratch(directory))  # of the long conversations
        if "join" in plan.parts:
            tell(f"filling conversations with {_numbers(plan.histories)} messages")
            fill(home / DATABASE, plan.histories)
        for number in range(plan.rounds):
            turn = plan.peers if number % 2 == 0 else plan.peers[::-1]
            tell(f"round {number + 1} of {plan.rounds}")
            if {"fanout", "throughput"} & set(plan.parts):
                _traffic(plan, turn, directory, figures, tell)
            if "join" in plan.parts:
                _join(plan, home, figures, tell)
            if "memory" in plan.parts:
                _memory(plan, turn, directory, figures, tell)
    return figures


def _traffic(
    plan: Plan,
    turn: tuple[Peer, ...],
    directory: Path,
    figures: Figures,
    tell: Callable[[str], None],
) -> None:
    names = (f"load-{number}" for number in count())  # a new conversation for each job
    with ExitStack() as running:
        targets = [(peer, running.enter_context(_started(peer, directory))) for peer in turn]
        for rate in plan.posts_per_s if "fanout" in plan.parts else ():
            for peer, target in targets:
                tell(f"  {peer.name}: {rate:g} posts/s to {plan.clients}")
                job = OpenLoop(
                    target=target,
                    conversation=next(names),
                    clients=plan.clients,
                    posts_per_s=rate,
                    seconds=plan.seconds,
                )
                figures.add(peer.name, "open loop", rate, _sound(_generate(job, Traffic)))
        for peer, target in targets if "throughput" in plan.parts else ():
            tell(f"  {peer.name}: {plan.in_flight} messages in flight")
            closed = ClosedLoop(
                target=target,
                conversation=next(names),
                clients=plan.clients,
                in_flight=plan.in_flight,
                seconds=plan.seconds,
            )
            traffic = _sound(_generate(closed, Traffic))
            figures.add(peer.name, "closed loop", plan.in_flight, traffic)


def _join(plan: Plan, home: Path, figures: Figures, tell: Callable[[str], None]) -> None:
    tell(f"  {OURS.name}: joining")
    names = {str(filled(messages)): messages for messages in plan.histories}
    with OURS.start(home) as target:
        job = Join(target=target, conversations=tuple(names), times=plan.joins)
        for joined in _generate(job, tuple[Joined, ...]):
            figures.add(OURS.name, "join", names[joined.conversation], joined)


def _memory(
    plan: Plan,
    turn: tuple[Peer, ...],
    directory: Path,
    figures: Figures,
    tell: Callable[[str], None],
) -> None:
    for peer in turn:
        tell(f"  {peer.name}: {plan.idle_connections} idle connections")
        with _started(peer, directory) as target:
            job = Idle(
                target=target,
                connections=plan.idle_connections,
                per_conversation=plan.clients,
            )
            figures.add(peer.name, "idle", plan.idle_connections, _generate(job, Memory))


def _generate(job: Job, answer: type[R]) -> R:
    """Lets a load generator do the job in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=ROOT,
        input=msgspec.json.encode(job),
        stdout=subprocess.PIPE,
        timeout=JOB_S,
        check=False,
    )
    if done.returncode:
        raise Void("the load generator failed; its own words are above")
    return msgspec.json.decode(done.stdout, type=answer)


def _sound(traffic: Traffic) -> Traffic:
    if not traffic.is_sound:
        raise Void(
            f"{traffic.lost} deliveries lost, {traffic.duplicates} doubled, "
            f"{traffic.disordered} clients saw another order"
        )
    return traffic


@contextmanager
def _started(peer: Peer, directory: Path) -> Iterator[Target]:
    with _scratch(directory) as own, peer.start(own) as target:
        yield target


@contextmanager
def _scratch(directory: Path) -> Iterator[Path]:
    """A directory of its own under `directory`, so that it is on the same real disk."""
    with tempfile.TemporaryDirectory(dir=directory, prefix="run-") as path:
        yield Path(path)


def _numbers(values: tuple[int, ...]) -> str:
    return ", ".join(f"{value:,}" for value in values)
