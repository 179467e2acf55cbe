"""The load generator: reads one job (`job.py`) from stdin, does it, answers on stdout.

Owns how each job is done. An open loop posts when it is time to, whatever the answers, and
counts from the planned time, so that a server that stalls cannot hide it (coordinated
omission).
"""

from __future__ import annotations

import statistics
import sys
import time
from contextlib import ExitStack, closing
from typing import assert_never

import msgspec
import psutil

from .crowd import QUIET_S, Crowd, Cursor, Deliveries, enter, now
from .job import (
    Answer,
    Answered,
    Ask,
    ClosedLoop,
    Idle,
    Idled,
    Job,
    Join,
    Joined,
    Latency,
    OpenLoop,
    Step,
    Storm,
    Stormed,
    Tally,
    Target,
    Traffic,
)
from .ledger import TAG, compared, tagged
from .wire import Connection, masked, until_live

__all__ = ["main", "perform"]

WARM_UP_S = 0.3
WARM_CONNECTIONS = 20  # pay for imports, pools and first pages before memory is read
PAUSE_S = QUIET_S / 10  # lets the server finish with the one before


class Meter:
    """Time and CPU from its making on: of a server, of this process, of all others."""

    def __init__(self, server_pid: int) -> None:
        self._server = psutil.Process(server_pid)
        self._cpu_s = self._cpus()
        self._started = now()

    @property
    def server_cpu_s(self) -> float:
        """User and system time of the server so far."""
        return self._cpus()[0] - self._cpu_s[0]

    def traffic(self, crowd: Crowd, before: int, latency: Latency | None) -> Traffic:
        """What was seen since `before` messages had been posted."""
        seconds, delivered = now() - self._started, list(crowd.ledger.delivered)
        pairs = zip(self._cpus(), self._cpu_s, strict=True)
        server_cpu_s, load_cpu_s, all_cpu_s = (after - then for after, then in pairs)
        return Traffic(
            posts=crowd.posted - before,
            deliveries=sum(delivered) - before * len(delivered),
            seconds=seconds,
            tally=crowd.tally(),
            server_cpu_s=server_cpu_s,
            load_cpu_s=load_cpu_s,
            others_cpu_s=max(0.0, all_cpu_s - server_cpu_s - load_cpu_s),
            latency=latency,
        )

    def _cpus(self) -> tuple[float, float, float]:
        machine = psutil.cpu_times()
        unused = machine.idle + getattr(machine, "iowait", 0.0)
        busy = sum(machine) - unused - getattr(machine, "guest", 0.0)  # `user` has it already
        return _cpu_s(self._server), time.process_time(), busy


def _cpu_s(process: psutil.Process) -> float:
    """User and system time of all its threads."""
    if sys.platform == "linux":  # to the nanosecond; psutil's are in steps of 10 ms
        return time.clock_gettime(~process.pid << 3 | 2)  # CPUCLOCK_SCHED, see its posix-timers.h
    times = process.cpu_times()
    return times.user + times.system


def main() -> None:
    """Reads the job, does it, writes the answer."""
    job: Job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(perform(job)))


def perform(job: Job) -> Answer:
    """Does any job."""
    match job:
        case OpenLoop():
            return _open_loop(job)
        case ClosedLoop():
            return _closed_loop(job)
        case Join():
            return _joins(job)
        case Ask():
            return _asks(job)
        case Idle():
            return _idle(job)
        case Storm():
            return _storm(job)
        case _:
            assert_never(job)


def _open_loop(job: OpenLoop) -> Traffic:
    posts = round(job.posts_per_s * job.seconds)
    latencies_s: list[float] = []
    with Crowd(job.target, [job.conversation] * job.clients) as crowd:
        crowd.warm_up(job.warm_up_s)
        before, meter = crowd.posted, Meter(job.target.pid)
        start = now()

        def note(arrivals: Deliveries) -> None:
            for at, tags in arrivals:
                planned = (start + (int(tag) - before) / job.posts_per_s for tag in tags)
                latencies_s.extend(at - due for due in planned)

        for post in range(posts):
            note(crowd.poll_until(start + post / job.posts_per_s))
            crowd.post()
        note(crowd.drain())
        return meter.traffic(crowd, before, _latency(latencies_s))


def _latency(seconds: list[float]) -> Latency:
    if not seconds:
        return Latency(0.0, 0.0, 0.0)
    ordered = sorted(seconds)
    p50, p99 = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99))
    return Latency(p50 * 1000, p99 * 1000, ordered[-1] * 1000)


def _closed_loop(job: ClosedLoop) -> Traffic:
    with Crowd(job.target, [job.conversation] * job.clients) as crowd:
        crowd.warm_up(job.warm_up_s)
        before, meter = crowd.posted, Meter(job.target.pid)
        crowd.keep_in_flight(job.in_flight, job.seconds)
        for _ in crowd.drain():
            pass
        return meter.traffic(crowd, before, None)


def _joins(job: Join) -> Joined:
    """The first join of all wakes the server up and is not counted."""
    cookie = _joined(job.target, "warm-up").cookie
    steps = _steps(job, cookie)
    times_ms, sizes, tally = list[float](), list[int](), Tally()
    for _ in range(job.times):
        time.sleep(PAUSE_S)
        started = now()
        with closing(_live(job.target, job.conversation, cookie=cookie, steps=steps)) as joined:
            times_ms.append((now() - started) * 1000)
            sizes.append(joined.received_bytes)
            tally += _brought(job, joined.greeting)
    return Joined(
        tally=tally,
        first_ms=times_ms[0],
        again_ms=statistics.median(times_ms[1:]),
        received_bytes=statistics.median_low(sizes[1:]),
    )


def _brought(job: Join, greeting: bytes) -> Tally:
    """The messages that a join brought, beside those that it should have brought."""
    newest = job.target.brings
    if job.behind:
        newest = job.behind - greeting.count(job.target.stranger.encode())
    first = 0 if newest is None else max(0, job.messages - newest)
    return compared(TAG.findall(greeting), range(first, job.messages))


def _steps(job: Join, cookie: str) -> tuple[Step, ...]:
    """How to join, after what the job wants to be there is there."""
    if job.behind:
        greeting = _joined(job.target, job.conversation, cookie).greeting
        return Cursor.of(greeting).steps(job.target, job.behind)
    if not job.fill:
        return job.target.join
    with Crowd(job.target, [job.conversation]) as author:
        for _ in range(job.fill):
            author.post()
        for _ in author.drain():
            pass
    return (*job.target.join, Step(until=tagged(job.fill - 1)))


def _live(
    target: Target, conversation: str, *, cookie: str = "", steps: tuple[Step, ...] | None = None
) -> Connection:
    connection = enter(target, conversation, cookie=cookie, steps=steps)
    until_live([connection])
    return connection


def _joined(target: Target, conversation: str, cookie: str = "") -> Connection:
    """Joins and leaves; what is left of it says how it went."""
    with closing(_live(target, conversation, cookie=cookie)) as connection:
        return connection


def _asks(job: Ask) -> Answered:
    """The first question is not counted."""
    times_ms, tally = list[float](), Tally()
    with Crowd(job.target, [job.conversation]) as crowd:
        crowd.settle()
        came = list[bytes]()
        for number in range(job.messages, job.messages + job.times + 1):
            taken_ms, frames = _ask(job, crowd.connections[0], number)
            times_ms.append(taken_ms)
            if job.is_post:
                came += TAG.findall(frames)
            else:
                tally += _paged(job, frames)
        if job.is_post:
            came += crowd.settle()
            tally += compared(came, range(job.messages, job.messages + job.times + 1))
    latency = _latency([taken_ms / 1000 for taken_ms in times_ms[1:]])
    return Answered(
        tally=tally,
        p50_ms=latency.p50_ms,
        p99_ms=latency.p99_ms,
        mean_ms=statistics.mean(times_ms[1:]),
    )


def _paged(job: Ask, frames: bytes) -> Tally:
    """The messages of a page: as many as one has, one after the other."""
    tags = TAG.findall(frames)
    first = int(tags[0]) if tags else 0
    return compared(tags, range(first, first + (job.target.brings or 0)))


def _ask(job: Ask, connection: Connection, number: int) -> tuple[float, bytes]:
    """Milliseconds until the answer, and what came until then."""
    middle = Cursor.of(connection.greeting).head // 2
    text = job.frame.replace("{middle}", str(middle)).replace("{text}", tagged(number))
    frame = masked(text.replace("{command_id}", f"{number:026}").encode())
    connection.socket.setblocking(True)
    frames, until = b"", job.until.encode()
    started = now()
    connection.send(frame)
    while until not in (came := connection.receive()):
        frames += came
    taken_ms = (now() - started) * 1000
    connection.socket.setblocking(False)
    return taken_ms, frames + came


def _idle(job: Idle) -> Idled:
    server = psutil.Process(job.target.pid)
    seats = [f"idle-{number // job.per_conversation}" for number in range(job.connections)]
    with Crowd(job.target, ["warm"] * WARM_CONNECTIONS) as warm:
        warm.warm_up(WARM_UP_S)
        before = server.memory_info().rss
        with Crowd(job.target, seats) as crowd:
            crowd.settle()
            after = server.memory_info().rss
            started, meter = now(), Meter(job.target.pid)
            crowd.listen(job.watch_s)
            return Idled(
                connections=job.connections,
                before_bytes=before,
                after_bytes=after,
                server_cpu_s=meter.server_cpu_s,
                watched_s=now() - started,
            )


def _storm(job: Storm) -> Stormed:
    with Crowd(job.target, [job.conversation] * job.clients) as crowd:
        crowd.settle()
        cookies = [connection.cookie for connection in crowd.connections]
    steps = job.target.join
    with Crowd(job.target, [job.conversation]) as author:
        author.settle()
        if job.target.resume is not None:
            steps = Cursor.of(author.connections[0].greeting).steps(job.target, 0)
            for _ in range(job.behind):
                author.post()
            for _ in author.drain():
                pass
            author.settle()
        return _all_back(job, steps, cookies, author)


def _all_back(job: Storm, steps: tuple[Step, ...], cookies: list[str], author: Crowd) -> Stormed:
    back: list[Connection] = []
    with ExitStack() as stack:
        meter, started = Meter(job.target.pid), now()
        for cookie in cookies:
            back.append(enter(job.target, job.conversation, cookie=cookie, steps=steps))
            stack.callback(back[-1].close)
        until_live(back)
        all_live_s, server_cpu_s = now() - started, meter.server_cpu_s
    missed = range(author.posted)
    came = (compared(TAG.findall(connection.greeting), missed) for connection in back)
    return Stormed(
        clients=job.clients,
        all_live_s=all_live_s,
        tally=sum(came, start=author.tally()),
        received_bytes=sum(connection.received_bytes for connection in back),
        server_cpu_s=server_cpu_s,
    )


if __name__ == "__main__":
    main()
