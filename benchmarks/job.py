"""Jobs for the load generator, and what it answers: JSON on stdin and on stdout.

Owns the shapes and their units. Must not know which server is measured: all that a
generator needs to know of a peer is its `Target`.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = [
    "Answer",
    "Answered",
    "Ask",
    "Asked",
    "ClosedLoop",
    "Idle",
    "Idled",
    "Job",
    "Join",
    "Joined",
    "Latency",
    "OpenLoop",
    "Step",
    "Storm",
    "Stormed",
    "Target",
    "Traffic",
]


class Step(Struct, frozen=True):
    """One step of joining: a text frame to send, then a text to wait for; either may be empty."""

    send: str = ""
    until: str = ""


class Target(Struct, frozen=True, kw_only=True):
    """A running server and what to say to it.

    Attributes:
        pid: the server's process, whose CPU time and memory are read.
        path: of the socket; `{conversation}` is filled in.
        join: what is said after the upgrade.
        resume: the same on coming back, with `{after}` and `{epoch}` filled in; None if the
            server has nothing to come back to.
        post: the text frame that posts; `{command_id}` and `{text}` are filled in.
        page: the text frame that asks for older messages; `{middle}` is filled in.
        metrics: path of the server's own figures; empty if it has none.
    """

    host: str = "127.0.0.1"
    port: int
    pid: int
    path: str
    join: tuple[Step, ...] = ()
    resume: tuple[Step, ...] | None = None
    post: str
    page: str = ""
    metrics: str = ""


class OpenLoop(Struct, frozen=True, tag=True, kw_only=True):
    """Post at planned times, whatever the answers; every client in turn."""

    target: Target
    conversation: str
    clients: int
    posts_per_s: float
    seconds: float
    warm_up_s: float = 0.5


class ClosedLoop(Struct, frozen=True, tag=True, kw_only=True):
    """Keep `in_flight` messages between their post and their last delivery."""

    target: Target
    conversation: str
    clients: int
    in_flight: int
    seconds: float
    warm_up_s: float = 0.5


class Join(Struct, frozen=True, tag=True, kw_only=True):
    """Join each conversation `times` times as one person, a round of all after another.

    With `behind`, come back as someone who lacks so many entries. With `fill`, post so many
    messages first, and wait for the last of them when joining.
    """

    target: Target
    conversations: tuple[str, ...]
    times: int
    behind: int = 0
    fill: int = 0


class Ask(Struct, frozen=True, tag=True, kw_only=True):
    """In each conversation `times` times, one after the other: send `frame`, wait for `until`.

    `{command_id}`, `{text}` and `{middle}` (half of the conversation's head) are filled in.
    """

    target: Target
    conversations: tuple[str, ...]
    times: int
    frame: str
    until: str


class Idle(Struct, frozen=True, tag=True, kw_only=True):
    """Open connections that only listen, `per_conversation` people in each conversation.

    They stay for `watch_s` after the last has joined.
    """

    target: Target
    connections: int
    per_conversation: int
    watch_s: float = 0.0


class Storm(Struct, frozen=True, tag=True, kw_only=True):
    """All clients leave, `behind` messages are posted, all come back at the same moment."""

    target: Target
    conversation: str
    clients: int
    behind: int


Job = OpenLoop | ClosedLoop | Join | Ask | Idle | Storm


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


class Joined(Struct, frozen=True, kw_only=True):
    """Joining one conversation: from TCP connect to the last text that `Step`s wait for.

    Attributes:
        first_ms: the first join since the server started, so nothing is in memory.
        again_ms: median of the later ones.
        received_bytes: after the handshake, the later ones' median.
    """

    conversation: str
    first_ms: float
    again_ms: float
    received_bytes: int


class Answered(Struct, frozen=True, kw_only=True):
    """The median time from asking to the answer."""

    conversation: str
    p50_ms: float


class Idled(Struct, frozen=True, kw_only=True):
    """The server's resident memory before and after the connections, and its CPU afterwards."""

    connections: int
    before_bytes: int
    after_bytes: int
    server_cpu_s: float
    watched_s: float


class Stormed(Struct, frozen=True, kw_only=True):
    """All are back.

    Attributes:
        all_live_s: from the first TCP connect to the moment when the last was up to date.
        lost: messages of those missed that someone did not get.
        received_bytes: by all of them, after their handshakes.
    """

    clients: int
    all_live_s: float
    lost: int
    received_bytes: int
    server_cpu_s: float


Joins = tuple[Joined, ...]
Asked = tuple[Answered, ...]
Answer = Traffic | Joins | Asked | Idled | Stormed
