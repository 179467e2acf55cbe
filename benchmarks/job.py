"""Jobs for the load generator, and what it answers: JSON on stdin and on stdout.

Owns the shapes and their units. Must not know which server is measured: all that a
generator needs to know of a peer is its `Target`.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = [
    "ClosedLoop",
    "Idle",
    "Job",
    "Join",
    "Joined",
    "Latency",
    "Memory",
    "OpenLoop",
    "Target",
    "Traffic",
]


class Target(Struct, frozen=True, kw_only=True):
    """A running server and what to say to it.

    Attributes:
        pid: the server's process, whose CPU time and memory are read.
        path: of the socket; `{conversation}` is filled in.
        hello: the text frame that joins; empty if being connected is enough.
        ready: text in the last frame of joining; empty if there is none.
        post: the text frame that posts; `{command_id}` and `{text}` are filled in.
    """

    host: str
    port: int
    pid: int
    path: str
    hello: str
    ready: str
    post: str


class OpenLoop(Struct, frozen=True, tag=True, kw_only=True):
    """Post at planned times, whatever the answers; every client in turn."""

    target: Target
    conversation: str
    clients: int
    posts_per_s: float
    seconds: float


class ClosedLoop(Struct, frozen=True, tag=True, kw_only=True):
    """Keep `in_flight` messages between their post and their last delivery."""

    target: Target
    conversation: str
    clients: int
    in_flight: int
    seconds: float


class Join(Struct, frozen=True, tag=True, kw_only=True):
    """Join each conversation `times` times as one person, a round of all after another."""

    target: Target
    conversations: tuple[str, ...]
    times: int


class Idle(Struct, frozen=True, tag=True, kw_only=True):
    """Open connections that only listen, `per_conversation` people in each conversation."""

    target: Target
    connections: int
    per_conversation: int


Job = OpenLoop | ClosedLoop | Join | Idle


class Latency(Struct, frozen=True):
    """From the planned time of a post to its arrival at one client, over all clients."""

    p50_ms: float
    p99_ms: float
    max_ms: float


class Traffic(Struct, frozen=True, kw_only=True):
    """What an open or closed loop saw.

    Attributes:
        seconds: from the first planned post to the last delivery.
        lost: deliveries that should have come and did not.
        duplicates: deliveries that came again.
        disordered: clients that saw another order than the rest.
        server_cpu_s: user and system time of the server in that time, all threads.
        load_cpu_s: the same for the generator; near `seconds`, it is the bottleneck.
        others_cpu_s: what the rest of the machine used; it should be next to nothing.
    """

    posts: int
    deliveries: int
    seconds: float
    lost: int
    duplicates: int
    disordered: int
    server_cpu_s: float
    load_cpu_s: float
    others_cpu_s: float
    latency: Latency | None = None

    @property
    def is_sound(self) -> bool:
        """Whether every client got every message once, all in the same order."""
        return not (self.lost or self.duplicates or self.disordered)


class Joined(Struct, frozen=True, kw_only=True):
    """Joining one conversation: from TCP connect to the `ready` frame.

    Attributes:
        first_ms: the first join since the server started, so nothing is in memory.
        again_ms: median of the later ones.
        received_bytes: after the handshake, the later ones' median.
    """

    conversation: str
    first_ms: float
    again_ms: float
    received_bytes: int


class Memory(Struct, frozen=True, kw_only=True):
    """The server's resident memory before and after the connections, in bytes."""

    connections: int
    before_bytes: int
    after_bytes: int
