"""A run: which server does which job, when, and how often.

Owns the order: peers take turns within each round, so that a slow minute of the machine
hurts all of them. Must not know how results are shown. Stops whatever it started.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import msgspec

from .bars import KEPT
from .figure import Fault, Figures, Step
from .fill import fill, fill_chat, filled
from .gauge import loop_lag
from .job import (
    Answered,
    Ask,
    ClosedLoop,
    Idle,
    Idled,
    Job,
    Join,
    Joined,
    OpenLoop,
    Storm,
    Stormed,
    Tally,
    Target,
    Traffic,
)
from .peer import BARE, CHAT, DATABASE, OURS, Peer, bare
from .plan import Plan
from .process import ROOT, StartFailed

__all__ = ["run"]

JOB_S = 600.0  # no job may take longer
R = TypeVar("R", Traffic, Joined, Answered, Idled, Stormed)
Running = Sequence[tuple[Peer, Target]]


class _Void(Exception):
    """A generator failed, or a message was lost, doubled or out of order: no figure."""


def run(
    plan: Plan, peers: Sequence[Peer], directory: Path, tell: Callable[[str], None], *, made: str
) -> Figures:
    """Does the whole plan with its files under `directory`; `tell` hears of each step.

    The figures are marked as `made` in this run.
    """
    doing = _Doing(plan, peers, directory, tell, Figures(made=made))
    doing.all_rounds()
    return doing.figures


@dataclass
class _Doing:
    """One run under way."""

    plan: Plan
    peers: Sequence[Peer]
    directory: Path
    tell: Callable[[str], None]
    figures: Figures
    _numbers: Iterator[int] = field(default_factory=count)

    def all_rounds(self) -> None:
        """Fills what is needed once, then does round after round."""
        started = time.monotonic()
        with ExitStack() as cleanup:
            home = cleanup.enter_context(_scratch(self.directory))  # of the histories
            if "history" in self.plan.parts and OURS in self.peers:
                self._fill(home)
            for number in range(self.plan.rounds):
                minutes = (time.monotonic() - started) / 60
                self.tell(f"round {number + 1} of {self.plan.rounds}, after {minutes:.1f} min")
                self._round(number, home)

    def _round(self, number: int, home: Path) -> None:
        turn = self.peers if number % 2 == 0 else self.peers[::-1]
        parts = self.plan.parts
        if {"fanout", "throughput", "crowd", "storm"} & set(parts):
            with ExitStack() as stack:
                self._loads(list(self._all(turn, stack)))
        if "history" in parts:
            self._history(number, home)
        if "idle" in parts and number < self.plan.idle_rounds:
            self._idle(turn)

    # Loads: all servers are up, one is busy

    def _loads(self, running: Running) -> None:
        plan, parts = self.plan, self.plan.parts
        for rate in plan.posts_per_s if "fanout" in parts else ():
            self._open_loops(running, "open loop", rate, (rate, plan.clients))
        if "throughput" in parts:
            self._closed_loops(running)
        ours_and_bare = [(peer, target) for peer, target in running if peer in (OURS, BARE)]
        for people in plan.crowds if "crowd" in parts else ():
            load = (plan.crowd_posts_per_s, people)
            self._open_loops(ours_and_bare, "crowd", people, load)
        if "storm" in parts:
            self._storms(running)

    def _open_loops(self, running: Running, step: Step, at: float, load: tuple[float, int]) -> None:
        for peer, target in running:
            job = OpenLoop(
                target=target,
                conversation=self._new_name(),
                posts_per_s=load[0],
                clients=load[1],
                seconds=self.plan.seconds,
                warm_up_s=self.plan.warm_up_s,
            )
            self._measure(peer, step, at, job, Traffic)

    def _closed_loops(self, running: Running) -> None:
        for peer, target in running:
            job = ClosedLoop(
                target=target,
                conversation=self._new_name(),
                clients=self.plan.clients,
                in_flight=self.plan.in_flight,
                seconds=self.plan.seconds,
                warm_up_s=self.plan.warm_up_s,
            )
            self._measure(peer, "closed loop", self.plan.in_flight, job, Traffic)

    def _storms(self, running: Running) -> None:
        at = self.plan.storm
        for peer, target in running:
            job = Storm(
                target=target,
                conversation=self._new_name(),
                clients=at,
                behind=self.plan.behind,
            )
            self._measure(peer, "storm", at, job, Stormed)

    # History: what a long past costs; each in a database, and with a server, of its own

    def _fill(self, home: Path) -> None:
        for messages in self.plan.histories:
            self.tell(f"filling a database with {messages:,} messages")
            taken_s = fill(home / filled(messages) / DATABASE, messages)
            self.figures.note(OURS.name, "fill", messages, "entries_per_s", messages / taken_s)

    def _history(self, number: int, home: Path) -> None:
        histories = self.plan.histories if OURS in self.peers else ()
        for messages in histories if number % 2 == 0 else histories[::-1]:
            use = partial(self._ours_with_history, number, messages)
            self._serve(OURS, use, home / filled(messages))
        if BARE in self.peers:
            keeping = replace(BARE, start=partial(bare, keep=KEPT))
            self._serve(keeping, self._bare_joins)
        if CHAT in self.peers:
            with _scratch(self.directory) as own:
                messages = self.plan.chat_history
                fill_chat(own / f"{filled(messages)}.chat", messages)
                self._serve(CHAT, partial(self._joins, CHAT, messages, messages), own)

    def _bare_joins(self, target: Target) -> None:
        job = Join(
            target=target,
            conversation=self._new_name(),
            messages=KEPT,
            times=self.plan.joins,
            fill=KEPT,
        )
        self._measure(BARE, "join", KEPT, job, Joined)

    def _ours_with_history(self, number: int, filled_with: int, target: Target) -> None:
        plan = self.plan
        messages = filled_with + number * (plan.posts + 1)  # with those of the rounds before
        self._joins(OURS, filled_with, messages, target)
        self._joins(OURS, filled_with, messages, target, behind=plan.behind)
        ask = Ask(
            target=target,
            conversation=filled(filled_with),
            messages=messages,
            times=plan.asks,
            frame=target.page,
            until='{"type":"page"',
        )
        self._measure(OURS, "page", filled_with, ask, Answered)
        post = msgspec.structs.replace(
            ask, times=plan.posts, frame=target.post, until='{"type":"ack"', is_post=True
        )
        self._measure(OURS, "post", filled_with, post, Answered)

    def _joins(
        self, peer: Peer, filled_with: int, messages: int, target: Target, *, behind: int = 0
    ) -> None:
        job = Join(
            target=target,
            conversation=filled(filled_with),
            messages=messages,
            times=self.plan.joins,
            behind=behind,
        )
        self._measure(peer, "resume" if behind else "join", filled_with, job, Joined)

    # Idle: a server of its own for each

    def _idle(self, turn: Sequence[Peer]) -> None:
        for peer in turn:
            self._serve(peer, partial(self._idle_of, peer, self.plan.idle, 0.0))
        if self.plan.many_idle and OURS in turn:
            watch = partial(self._idle_of, OURS, self.plan.many_idle, self.plan.watch_s)
            self._serve(OURS, watch)

    def _idle_of(self, peer: Peer, connections: int, watch_s: float, target: Target) -> None:
        job = Idle(
            target=target,
            connections=connections,
            per_conversation=self.plan.clients,
            watch_s=watch_s,
        )
        self._measure(peer, "idle", connections, job, Idled)

    # Servers and generators

    def _all(self, turn: Sequence[Peer], stack: ExitStack) -> Iterator[tuple[Peer, Target]]:
        """Runs every server that starts, until `stack` ends."""
        for peer in turn:
            with self._voids(peer):
                own = stack.enter_context(_scratch(self.directory))
                yield peer, stack.enter_context(peer.start(own))

    def _serve(
        self, peer: Peer, use: Callable[[Target], None], directory: Path | None = None
    ) -> None:
        """Runs a server for as long as `use` needs it."""
        with self._voids(peer), ExitStack() as stack:
            own = directory or stack.enter_context(_scratch(self.directory))
            use(stack.enter_context(peer.start(own)))

    def _measure(self, peer: Peer, step: Step, at: float, job: Job, answer: type[R]) -> None:
        """Lets a job be done, and keeps what it gave if every delivery came, once."""
        with self._voids(peer, step, at), self._watched(peer, step, at, job.target):
            seen = _generate(job, answer)
            if not isinstance(seen, Idled) and seen.tally != Tally():
                tally = seen.tally
                raise _Void(
                    f"{tally.lost} deliveries lost, {tally.duplicates} doubled, "
                    f"{tally.disordered} clients saw another order"
                )
            self.figures.add(peer.name, step, at, seen)

    @contextmanager
    def _voids(
        self, peer: Peer, step: Step | None = None, at: float | None = None
    ) -> Iterator[None]:
        """What fails in here is a fault of the peer's, and the run goes on."""
        if step is not None:
            self.tell(f"  {peer.name}: {step}" + ("" if at is None else f" {at:,.0f}"))
        try:
            yield
        except (_Void, StartFailed) as exc:
            self.tell(f"  VOID {exc}")
            self.figures.void(Fault(peer=peer.name, step=step, at=at, why=str(exc)))

    @contextmanager
    def _watched(self, peer: Peer, step: Step, at: float, target: Target) -> Iterator[None]:
        """Notes the longest stop of the server's event loop, where it tells."""
        before = loop_lag(target)
        yield
        if (lag_ms := loop_lag(target).since(before)) is not None:
            self.figures.note(peer.name, step, at, "lag_ms", lag_ms)

    def _new_name(self) -> str:
        return f"load-{next(self._numbers)}"


def _generate(job: Job, answer: type[R]) -> R:
    """Lets a load generator do the job in a process of its own."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"],
            cwd=ROOT,
            input=msgspec.json.encode(job),
            capture_output=True,
            timeout=JOB_S,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise _Void(f"it took longer than {JOB_S:g} s") from exc
    if done.returncode:
        raise _Void(done.stderr.decode().strip().rpartition("\n")[2])
    return msgspec.json.decode(done.stdout, type=answer)


def _scratch(directory: Path) -> AbstractContextManager[Path]:
    """A directory of its own under `directory`, so that it is on the same real disk."""
    return _path(tempfile.TemporaryDirectory(dir=directory, prefix="run-"))


@contextmanager
def _path(made: tempfile.TemporaryDirectory[str]) -> Iterator[Path]:
    with made as path:
        yield Path(path)
