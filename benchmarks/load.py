"""The load generator: reads one job (`job.py`) from stdin, does it, answers on stdout.

Owns the clients and the clock. One thread, one selector, no event loop of anybody's. An
open loop posts when it is time to, whatever the answers, and counts from the planned time,
so that a server that stalls cannot hide it (coordinated omission).
"""

from __future__ import annotations

import selectors
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Self, assert_never

import msgspec
import psutil

from .job import ClosedLoop, Idle, Job, Join, Joined, Latency, Memory, OpenLoop, Target, Traffic
from .ledger import TAG, Ledger, tagged
from .wire import Connection, masked

__all__ = ["Crowd", "main"]

WARM_UP_S = 0.5
QUIET_S = 0.3  # no byte for so long: whatever joining set off is over
DRAIN_S = 10.0  # what has not come so long after the last post is lost
EPOLL_STEP_S = 0.0011  # epoll rounds a wait up to the next millisecond
WARM_CONNECTIONS = 20  # pay for imports, pools and first pages before memory is read

now = time.perf_counter


class Crowd:
    """The clients of one conversation."""

    def __init__(self, target: Target, conversation: str, clients: int) -> None:
        self.target = target
        self.posted = 0
        self.ledger = Ledger(clients)
        self._connections: list[Connection] = []
        self._selector = selectors.DefaultSelector()
        with ExitStack() as undo:
            undo.callback(self.close)
            for index in range(clients):
                connection = _join(target, conversation)
                self._connections.append(connection)
                connection.socket.setblocking(False)
                self._selector.register(connection.socket, selectors.EVENT_READ, index)
            undo.pop_all()

    def close(self) -> None:
        """Ends every connection."""
        self._selector.close()
        for connection in self._connections:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def post(self) -> None:
        """Sends the next message, from the next client."""
        number, self.posted = self.posted, self.posted + 1
        post = self.target.post.replace("{command_id}", f"{number:026}")
        frame = masked(post.replace("{text}", tagged(number)).encode())
        self._connections[number % len(self._connections)].send(frame)

    def poll(self, timeout_s: float) -> Iterator[tuple[float, list[bytes]]]:
        """Waits for deliveries; gives the time and the tags of each read that had some."""
        for key, _ in self._selector.select(timeout_s):
            if tags := TAG.findall(self._connections[key.data].receive()):
                self.ledger.record(key.data, tags)
                yield now(), tags

    def poll_until(self, due: float) -> Iterator[tuple[float, list[bytes]]]:
        """Polls up to the time `due`, and spins for the last millisecond."""
        while (left_s := due - now()) > 0:
            yield from self.poll(max(0.0, left_s - EPOLL_STEP_S))

    def drain(self) -> Iterator[tuple[float, list[bytes]]]:
        """Polls until everyone has everything, or `DRAIN_S` has passed."""
        deadline = now() + DRAIN_S
        while min(self.ledger.delivered) < self.posted and now() < deadline:
            yield from self.poll(deadline - now())

    def keep_in_flight(self, messages: int, seconds: float) -> None:
        """Posts as long as fewer than `messages` are on their way to someone."""
        end = now() + seconds
        while (left_s := end - now()) > 0:
            while self.posted - min(self.ledger.delivered) < messages:
                self.post()
            for _ in self.poll(left_s):
                pass

    def settle(self) -> None:
        """Reads until nothing comes for `QUIET_S`."""
        while ready := self._selector.select(QUIET_S):
            for key, _ in ready:
                self._connections[key.data].receive()

    def warm_up(self) -> None:
        """Waits until joining is over, and exchanges a few messages."""
        self.settle()
        self.keep_in_flight(1, WARM_UP_S)
        for _ in self.drain():
            pass
        self.settle()


class Meter:
    """Time and CPU from its making on: of a server, of this process, of all others."""

    def __init__(self, server_pid: int) -> None:
        self._server = psutil.Process(server_pid)
        self._cpu_s = self._cpus()
        self._started = now()

    def traffic(self, crowd: Crowd, before: int, latency: Latency | None) -> Traffic:
        """What was seen since `before` messages had been posted."""
        seconds = now() - self._started
        pairs = zip(self._cpus(), self._cpu_s, strict=True)
        server_cpu_s, load_cpu_s, all_cpu_s = (after - then for after, then in pairs)
        lost, duplicates, disordered = crowd.ledger.tally(crowd.posted)
        delivered = crowd.ledger.delivered
        return Traffic(
            posts=crowd.posted - before,
            deliveries=sum(delivered) - before * len(delivered),
            seconds=seconds,
            lost=lost,
            duplicates=duplicates,
            disordered=disordered,
            server_cpu_s=server_cpu_s,
            load_cpu_s=load_cpu_s,
            others_cpu_s=max(0.0, all_cpu_s - server_cpu_s - load_cpu_s),
            latency=latency,
        )

    def _cpus(self) -> tuple[float, float, float]:
        server, machine = self._server.cpu_times(), psutil.cpu_times()
        unused = machine.idle + getattr(machine, "iowait", 0.0)
        busy = sum(machine) - unused - getattr(machine, "guest", 0.0)  # `user` has it already
        return server.user + server.system, time.process_time(), busy


def main() -> None:
    """Reads the job, does it, writes the answer."""
    job: Job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    match job:
        case OpenLoop():
            answer: object = _open_loop(job)
        case ClosedLoop():
            answer = _closed_loop(job)
        case Join():
            answer = _joins(job)
        case Idle():
            answer = _idle(job)
        case _:
            assert_never(job)
    sys.stdout.buffer.write(msgspec.json.encode(answer))


def _open_loop(job: OpenLoop) -> Traffic:
    posts = round(job.posts_per_s * job.seconds)
    latencies_s: list[float] = []
    with Crowd(job.target, job.conversation, job.clients) as crowd:
        crowd.warm_up()
        before, meter = crowd.posted, Meter(job.target.pid)
        start = now()

        def note(arrivals: Iterator[tuple[float, list[bytes]]]) -> None:
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
    with Crowd(job.target, job.conversation, job.clients) as crowd:
        crowd.warm_up()
        before, meter = crowd.posted, Meter(job.target.pid)
        crowd.keep_in_flight(job.in_flight, job.seconds)
        for _ in crowd.drain():
            pass
        return meter.traffic(crowd, before, None)


def _joins(job: Join) -> tuple[Joined, ...]:
    """The first join of all wakes the server up and is not counted."""
    with closing(_join(job.target, "warm-up")) as connection:
        cookie = connection.cookie
    times_ms: dict[str, list[float]] = {name: [] for name in job.conversations}
    sizes: dict[str, list[int]] = {name: [] for name in job.conversations}
    for _ in range(job.times):
        for name in job.conversations:
            time.sleep(QUIET_S / 10)  # let the server finish with the one before
            started = now()
            with closing(_join(job.target, name, cookie=cookie)) as connection:
                times_ms[name].append((now() - started) * 1000)
                sizes[name].append(connection.received_bytes)
    return tuple(
        Joined(
            conversation=name,
            first_ms=times_ms[name][0],
            again_ms=statistics.median(times_ms[name][1:]),
            received_bytes=statistics.median_low(sizes[name][1:]),
        )
        for name in job.conversations
    )


def _idle(job: Idle) -> Memory:
    server = psutil.Process(job.target.pid)
    with ExitStack() as open_crowds:
        warm = open_crowds.enter_context(Crowd(job.target, "warm", WARM_CONNECTIONS))
        warm.warm_up()
        before = server.memory_info().rss
        crowds = []
        for start in range(0, job.connections, job.per_conversation):
            clients = min(job.per_conversation, job.connections - start)
            crowd = Crowd(job.target, f"idle-{start}", clients)
            crowds.append(open_crowds.enter_context(crowd))
        for crowd in crowds:
            crowd.settle()
        after = server.memory_info().rss
    return Memory(connections=job.connections, before_bytes=before, after_bytes=after)


def _join(target: Target, conversation: str, *, cookie: str = "") -> Connection:
    path = target.path.replace("{conversation}", conversation)
    connection = Connection(target.host, target.port, path, cookie=cookie)
    if target.hello:
        connection.send(masked(target.hello.encode()))
    if target.ready:
        connection.receive_until(target.ready.encode())
    return connection


if __name__ == "__main__":
    main()
