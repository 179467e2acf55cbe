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
    "Tally",
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
        brings: how many of the newest messages a join or a page brings; None is all of them.
        stranger: what marks an entry of the log that is no message.
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
    brings: int | None = None
    stranger: str = ""
    metrics: str = ""


class Tally(Struct, frozen=True):
    """What went wrong: deliveries lost, delivered again, and clients that saw another order."""

    lost: int = 0
    duplicates: int = 0
    disordered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.lost + other.lost,
            self.duplicates + other.duplicates,
            self.disordered + other.disordered,
        )


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
    """Join a conversation of so many messages `times` times, as one person.

    With `behind`, come back as someone who lacks so many entries. With `fill`, post so many
    messages first, and wait for the last of them when joining.
    """

    target: Target
    conversation: str
    messages: int
    times: int
    behind: int = 0
    fill: int = 0


class Ask(Struct, frozen=True, tag=True, kw_only=True):
    """In a conversation of so many messages, `times` times: send `frame`, wait for `until`.

    `{command_id}`, `{text}` and `{middle}` (half of the conversation's head) are filled in;
    `is_post` says that each is one message more.
    """

    target: Target
    conversation: str
    messages: int
    times: int
    frame: str
    until: str
    is_post: bool = False


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
        tally: deliveries that should have come and did not, that came again, and clients that
            saw another order than the rest.
        server_cpu_s: user and system time of the server in that time, all threads.
        load_cpu_s: the same for the generator; near `seconds`, it is the bottleneck.
        others_cpu_s: what the rest of the machine used; it should be next to nothing.
    """

    posts: int
    deliveries: int
    seconds: float
    tally: Tally = Tally()
    server_cpu_s: float
    load_cpu_s: float
    others_cpu_s: float
    latency: Latency | None = None


class Joined(Struct, frozen=True, kw_only=True):
    """Joining a conversation: from TCP connect to the last text that `Step`s wait for.

    Attributes:
        tally: of the messages that every join should have brought.
        first_ms: the first join since the server started, so nothing is in memory.
        again_ms: median of the later ones.
        received_bytes: after the handshake, the later ones' median.
    """

    tally: Tally = Tally()
    first_ms: float
    again_ms: float
    received_bytes: int


class Answered(Struct, frozen=True, kw_only=True):
    """The time from asking to the answer; `tally` is of the messages that came with them."""

    tally: Tally = Tally()
    p50_ms: float
    p99_ms: float
    mean_ms: float


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
        tally: of the messages missed, over all who came back, and over their author.
        received_bytes: by all of them, after their handshakes.
    """

    clients: int
    all_live_s: float
    tally: Tally = Tally()
    received_bytes: int
    server_cpu_s: float


Answer = Traffic | Joined | Answered | Idled | Stormed
