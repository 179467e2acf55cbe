"""What an operator can watch: the figures on the server's own `/metrics`.

Owns the names and the allowed label values. Must not know who measures. Invariant: every
label value comes from a fixed set, so no figure tells of a person or a conversation, and
the number of series does not grow with use.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram

from .errors import CloseCode
from .protocol.commands import COMMAND_TYPES

__all__ = [
    "RESULTS",
    "ResumeMode",
    "commit_seconds",
    "connections",
    "count_close",
    "count_command",
    "count_resume",
    "fan_out_seconds",
    "loop_lag_seconds",
    "rooms",
    "worst_loop_lag_seconds",
]

ResumeMode = Literal["entries", "snapshot", "reset", "fresh"]

RESULTS = frozenset(
    {
        "stored",
        "duplicate",
        # refusals, by code
        "bad_emoji",
        "bad_title",
        "conflict",
        "empty",
        "going_away",
        "id_reused",
        "invalid",
        "malformed",
        "no_change",
        "not_allowed",
        "not_found",
        "rate_limited",
        "read_only",
        "text_too_long",
        "too_many_reactions",
        "unavailable",
    }
)
_KINDS = COMMAND_TYPES | {"admit"}
_CODES = frozenset(map(int, CloseCode)) | {1000, 1001, 1005, 1006, 1009}

connections = Gauge("jupyter_collab_connections", "Open sockets of conversations.")
rooms = Gauge("jupyter_collab_rooms", "Conversations in memory.")
commit_seconds = Histogram(
    "jupyter_collab_commit_seconds",
    "Time to store one batch of commands durably.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5),
)
fan_out_seconds = Histogram(
    "jupyter_collab_fan_out_seconds",
    "Time to hand what one commit stored to every session's outbox.",
    buckets=(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1),
)
loop_lag_seconds = Histogram(
    "jupyter_collab_loop_lag_seconds",
    "How late the event loop came to a probe: 20 a second, 200 while frames come or go.",
    buckets=(
        *(0.001, 0.002, 0.005, 0.008, 0.01, 0.012, 0.015, 0.0175, 0.02, 0.0225, 0.025, 0.0275),
        *(0.03, 0.035, 0.04, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 5),
    ),  # fine around 20 ms, more than which is more than one is to notice
)
worst_loop_lag_seconds = Gauge(
    "jupyter_collab_loop_lag_worst_seconds", "The longest such delay of the last minute."
)
_commands = Counter("jupyter_collab_commands", "Commands, by kind and result.", ["kind", "result"])
_closes = Counter("jupyter_collab_closes", "Closed sockets, by close code.", ["code"])
_resumes = Counter("jupyter_collab_resumes", "Greeted sockets, by what they were sent.", ["mode"])


def count_command(kind: str, result: str) -> None:
    """Counts one answered command; `result` is "stored", "duplicate" or a refusal's code."""
    _counter_of(kind if kind in _KINDS else "other", result if result in RESULTS else "other").inc()


@cache
def _counter_of(kind: str, result: str) -> Counter:
    """What `labels` looks up under a lock; there are as many as the sets allow."""
    return _commands.labels(kind, result)


def count_close(code: int | None) -> None:
    """Counts one closed socket; a code that a client made up counts as "other"."""
    _closes.labels(str(code) if code in _CODES else "other").inc()


def count_resume(mode: ResumeMode) -> None:
    """Counts one `hello`: answered by entries, a snapshot, a reset, or on a first visit."""
    _resumes.labels(mode).inc()
