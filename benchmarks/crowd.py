"""The clients of the load generator: they join, post, and count what they are delivered.

Owns the clients and the clock. One thread, one selector, no event loop of anybody's. Must
not know what is measured.
"""

from __future__ import annotations

import re
import selectors
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Self

from msgspec import Struct

from .job import Step, Tally, Target
from .ledger import Ledger, tagged
from .stream import Stream
from .wire import Connection, masked, until_live

__all__ = ["Crowd", "Cursor", "Deliveries", "enter", "now"]

QUIET_S = 0.3  # no byte for so long: whatever joining set off is over
AFTER_S = 0.1  # after the last delivery that should come: was there one too many?
DRAIN_S = 10.0  # what has not come so long after the last post is lost
EPOLL_STEP_S = 0.0011  # epoll rounds a wait up to the next millisecond
AT_ONCE = 50  # connections that join together, well below any listen backlog
LEAVE_S = 0.01  # between two such parts that leave
# A server that sends frame by frame is read a little later, in a closed loop: to be woken for each
# frame costs the generator, and the server that wakes it, more than the frame does. Meanwhile
# the server has most of what is in flight to do.
FEW, REST_S = 4, 0.0005  # deliveries in a read

_HEAD = re.compile(rb'"head":(\d+)')
_EPOCH = re.compile(rb'"epoch":"([^"]*)"')

Deliveries = Iterator[tuple[float, list[bytes]]]  # when, and which tags

now = time.perf_counter


class Cursor(Struct, frozen=True):
    """Where a client is in a log: what it needs to say to come back."""

    head: int
    epoch: str

    @classmethod
    def of(cls, greeting: bytes) -> Cursor:
        """What the frames of joining say; zero if they say nothing."""
        heads, epoch = _HEAD.findall(greeting), _EPOCH.search(greeting)
        return cls(int(heads[-1]) if heads else 0, epoch[1].decode() if epoch else "")

    def steps(self, target: Target, behind: int) -> tuple[Step, ...]:
        """The steps of someone who has all but the last `behind` entries."""
        after = str(max(0, self.head - behind))
        return tuple(
            Step(step.send.replace("{after}", after).replace("{epoch}", self.epoch), step.until)
            for step in target.resume or target.join
        )


def enter(
    target: Target, conversation: str, *, cookie: str = "", steps: Sequence[Step] | None = None
) -> Connection:
    """Begins to join; `until_live` goes on."""
    return Connection(
        target.host,
        target.port,
        target.path.replace("{conversation}", conversation),
        steps=target.join if steps is None else steps,
        cookie=cookie,
    )


def _post_frame(target: Target, number: int) -> bytes:
    """The frame that posts message `number`."""
    post = target.post.replace("{command_id}", f"{number:026}")
    return masked(post.replace("{text}", tagged(number)).encode())


class Crowd:
    """Clients, each in the conversation that `seats` names for it."""

    def __init__(self, target: Target, seats: Sequence[str]) -> None:
        self.target = target
        self.posted = 0
        self.ledger = Ledger(len(seats))
        self._stream = Stream(self.ledger)
        self.connections: list[Connection] = []
        self._selector = selectors.DefaultSelector()
        with ExitStack() as undo:
            undo.callback(self.close)
            for start in range(0, len(seats), AT_ONCE):
                self._let_in(seats[start : start + AT_ONCE])
            undo.pop_all()

    def _let_in(self, seats: Sequence[str]) -> None:
        batch = [enter(self.target, seat) for seat in seats]
        first = len(self.connections)
        self.connections.extend(batch)
        # Those who are in answer pings while the rest is on its way.
        until_live(batch, meanwhile=lambda: list(self.poll(0)))
        for index, connection in enumerate(batch, first):
            self._selector.register(connection.socket, selectors.EVENT_READ, index)

    def close(self) -> None:
        """Ends every connection; they go as they came, some at a time."""
        self._selector.close()
        for number, connection in enumerate(self.connections, start=1):
            connection.close()
            if number % AT_ONCE == 0:
                time.sleep(LEAVE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def post(self) -> None:
        """Sends the next message, from the next client."""
        number, self.posted = self.posted, self.posted + 1
        self.connections[number % len(self.connections)].send(_post_frame(self.target, number))

    def poll(self, timeout_s: float) -> Deliveries:
        """Waits for deliveries; gives the time and the tags of each read that had some.

        All that is there is read before any of it is looked at: that is not the server's time.
        """
        for client, data, at in [
            self._read(key.data) for key, _ in self._selector.select(timeout_s)
        ]:
            if tags := self._take(client, data):
                yield at, tags

    def _read(self, client: int) -> tuple[int, bytes, float]:
        """What one client was sent, and when it was there."""
        return client, self.connections[client].read(), now()

    def _take(self, client: int, data: bytes) -> list[bytes]:
        """Looks at what one client was sent; gives the tags in it."""
        connection = self.connections[client]
        end, tags = self._stream.known(client, data)
        if end:
            connection.keep(data, end)
            return tags
        ends = connection.cut(data)
        return self._stream.learn(client, data[: ends[-1]], ends) if ends else []

    def poll_until(self, due: float) -> Deliveries:
        """Polls up to the time `due`, and spins for the last millisecond."""
        while (left_s := due - now()) > 0:
            yield from self.poll(max(0.0, left_s - EPOLL_STEP_S))

    def tally(self) -> Tally:
        """What went wrong until now; waits for what may come again."""
        self.settle(AFTER_S)
        return self.ledger.tally(self.posted)

    def drain(self) -> Deliveries:
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
            sizes = [len(tags) for _, tags in self.poll(left_s)]
            if sum(sizes) < FEW * len(sizes):
                time.sleep(REST_S)

    def listen(self, seconds: float) -> None:
        """Reads what comes, and answers pings, for so long."""
        end = now() + seconds
        while (left_s := end - now()) > 0:
            for _ in self.poll(left_s):
                pass

    def settle(self, quiet_s: float = QUIET_S) -> list[bytes]:
        """Reads until nothing comes for so long; gives the tags in it."""
        seen = list[bytes]()
        while ready := self._selector.select(quiet_s):
            for key, _ in ready:
                client, data, _ = self._read(key.data)
                seen += self._take(client, data)
        return seen

    def warm_up(self, seconds: float) -> None:
        """Waits until joining is over, and exchanges a few messages."""
        self.settle()
        self.keep_in_flight(1, seconds)
        for _ in self.drain():
            pass
        self.settle(AFTER_S)
