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

from .figure import Fault, Figures, Step
from .fill import fill, fill_chat, filled
from .gauge import loop_lag
from .job import (
    Ask,
    Asked,
    ClosedLoop,
    Idle,
    Idled,
    Job,
    Join,
    Joins,
    OpenLoop,
    Storm,
    Stormed,
    Target,
    Traffic,
)
from .peer import BARE, CHAT, DATABASE, OURS, Peer, bare
from .plan import Plan
from .process import ROOT, StartFailed

__all__ = ["Run", "run"]

JOB_S = 600.0  # no job may take longer
KEPT = 100  # messages that the bare broadcaster sends to whoever joins, for comparison
R = TypeVar("R", Traffic, Idled, Stormed, Joins, Asked)
Running = Sequence[tuple[Peer, Target]]


class _Void(Exception):
    """A generator failed, or a message was lost, doubled or out of order: no figure."""


def run(plan: Plan, peers: Sequence[Peer], directory: Path, tell: Callable[[str], None]) -> Figures:
    """Does the whole plan with its files under `directory`; `tell` hears of each step."""
    doing = Run(plan, peers, directory, tell)
    doing.all_rounds()
    return doing.figures


@dataclass
class Run:
    """One run under way."""

    plan: Plan
    peers: Sequence[Peer]
    directory: Path
    tell: Callable[[str], None]
    figures: Figures = field(default_factory=Figures)
    _numbers: Iterator[int] = field(default_factory=count)

    def all_rounds(self) -> None:
        """Fills what is needed once, then does round after round."""
        started = time.monotonic()
        with ExitStack() as cleanup:
            home = cleanup.enter_context(_scratch(self.directory))  # of the long conversations
            if "history" in self.plan.parts:
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
            self._history(home)
        if "idle" in parts:
            self._idle(turn, is_watched=number < self.plan.watch_rounds)

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
            self._traffic(peer, step, at, job)

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
            self._traffic(peer, "closed loop", self.plan.in_flight, job)

    def _traffic(self, peer: Peer, step: Step, at: float, job: OpenLoop | ClosedLoop) -> None:
        with self._voids(peer, step, at), self._watched(peer, step, at, job.target):
            traffic = _generate(job, Traffic)
            if traffic.lost or traffic.duplicates or traffic.disordered:
                raise _Void(
                    f"{traffic.lost} deliveries lost, {traffic.duplicates} doubled, "
                    f"{traffic.disordered} clients saw another order"
                )
            self.figures.add(peer.name, step, at, traffic)

    def _storms(self, running: Running) -> None:
        at = self.plan.storm
        for peer, target in running:
            job = Storm(
                target=target,
                conversation=self._new_name(),
                clients=at,
                behind=self.plan.behind,
            )
            with self._voids(peer, "storm", at):
                stormed = _generate(job, Stormed)
                if stormed.lost:
                    raise _Void(f"{stormed.lost} messages missing after coming back")
                self.figures.add(peer.name, "storm", at, stormed)

    # History: what a long past costs

    def _fill(self, home: Path) -> None:
        entries = sum(self.plan.histories)
        self.tell(f"filling conversations with {entries:,} messages in all")
        taken_s = fill(home / DATABASE, self.plan.histories)
        self.figures.note(OURS.name, "fill", entries, "entries_per_s", entries / taken_s)

    def _history(self, home: Path) -> None:
        if OURS in self.peers:
            self._serve(OURS, self._ours_with_history, home)
        if BARE in self.peers:
            self._serve(BARE, partial(self._bare_join, messages=0))
            keeping = replace(BARE, start=partial(bare, keep=KEPT))
            self._serve(keeping, partial(self._bare_join, messages=KEPT))
        if CHAT in self.peers:
            with _scratch(self.directory) as own:
                messages = self.plan.chat_history
                name = str(filled(messages))
                fill_chat(own / f"{name}.chat", messages)
                self._serve(CHAT, lambda at: self._joins(CHAT, at, {name: messages}), own)

    def _bare_join(self, target: Target, messages: int) -> None:
        self._joins(BARE, target, {self._new_name(): messages}, fill=messages)

    def _ours_with_history(self, target: Target) -> None:
        plan = self.plan
        names = {str(filled(messages)): messages for messages in plan.histories}
        self._joins(OURS, target, names)
        self._joins(OURS, target, names, behind=plan.behind)
        self._asks(target, "page", names, (target.page, '{"type":"page"'))
        self._asks(target, "post", names, (target.post, '{"type":"ack"'))

    def _joins(
        self, peer: Peer, target: Target, names: dict[str, int], *, behind: int = 0, fill: int = 0
    ) -> None:
        step: Step = "resume" if behind else "join"
        job = Join(
            target=target,
            conversations=tuple(names),
            times=self.plan.joins,
            behind=behind,
            fill=fill,
        )
        with self._voids(peer, step):
            for joined in _generate(job, Joins):
                self.figures.add(peer.name, step, names[joined.conversation], joined)

    def _asks(
        self, target: Target, step: Step, names: dict[str, int], exchange: tuple[str, str]
    ) -> None:
        frame, until = exchange
        job = Ask(
            target=target,
            conversations=tuple(names),
            times=self.plan.asks,
            frame=frame,
            until=until,
        )
        with self._voids(OURS, step):
            for answered in _generate(job, Asked):
                self.figures.add(OURS.name, step, names[answered.conversation], answered)

    # Idle: a server of its own for each

    def _idle(self, turn: Sequence[Peer], *, is_watched: bool) -> None:
        for peer in turn:
            self._serve(peer, partial(self._idle_of, peer, self.plan.idle, 0.0))
        if is_watched and self.plan.many_idle and OURS in turn:
            watch = partial(self._idle_of, OURS, self.plan.many_idle, self.plan.watch_s)
            self._serve(OURS, watch)

    def _idle_of(self, peer: Peer, connections: int, watch_s: float, target: Target) -> None:
        job = Idle(
            target=target,
            connections=connections,
            per_conversation=self.plan.clients,
            watch_s=watch_s,
        )
        at = connections
        with self._voids(peer, "idle", at), self._watched(peer, "idle", at, target):
            self.figures.add(peer.name, "idle", at, _generate(job, Idled))

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

    @contextmanager
    def _voids(
        self, peer: Peer, step: Step | None = None, at: float | None = None
    ) -> Iterator[None]:
        """What fails in here is a fault of the peer's, and the run goes on."""
        if step is not None:
            self.tell(f"  {peer.name}: {step}" + ("" if at is None else f" {at:,g}"))
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
