"""What a server says of itself on its `/metrics`, where it has one.

Owns which of its figures are asked for. A server without them is measured all the same.
"""

from __future__ import annotations

import time
from math import inf
from urllib.error import URLError
from urllib.request import urlopen

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from .job import Target

__all__ = ["Lag", "loop_lag", "parsed"]

TIMEOUT_S = 10.0
BUCKETS = "jupyter_collab_loop_lag_seconds_bucket"
WORST = "jupyter_collab_loop_lag_worst_seconds"
REMEMBERED_S = 55.0  # the worst of the last minute is kept in steps of 5 s


class Lag(Struct, frozen=True):
    """How late the event loop has come to its own probe, since the server started.

    Attributes:
        counts: of probes that were at most so many seconds late, cumulative.
        worst_s: the latest of the last minute.
        asked_s: when it said so, in monotonic seconds.
    """

    counts: dict[float, float]
    worst_s: float
    asked_s: float

    def since(self, before: Lag) -> float | None:
        """The longest stop since then, in milliseconds; None if nothing was probed.

        It was not longer. Exact if it is the worst that the gauge remembers, and is so only since
        then; else the bound of its bucket.
        """
        more = {most: count - before.counts.get(most, 0) for most, count in self.counts.items()}
        if not more or not (probes := more[inf]):
            return None
        within = min(most for most, count in more.items() if count == probes)
        is_new = self.worst_s > before.worst_s  # else it may be that of another load
        is_all = self.asked_s - before.asked_s <= REMEMBERED_S
        is_exact = is_new and is_all and self.worst_s <= within
        return (self.worst_s if is_exact or within == inf else within) * 1000


def loop_lag(target: Target) -> Lag:
    """What the server's own gauge says; nothing if it has none."""
    return parsed(_text(target), time.monotonic())


def parsed(text: str, asked_s: float) -> Lag:
    """The lag in the text of a Prometheus page."""
    counts, worst_s = dict[float, float](), 0.0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == BUCKETS:
                counts[float(sample.labels["le"])] = sample.value
            elif sample.name == WORST:
                worst_s = sample.value
    return Lag(counts, worst_s, asked_s)


def _text(target: Target) -> str:
    if not target.metrics:
        return ""
    url = f"http://{target.host}:{target.port}{target.metrics}"
    try:
        with urlopen(url, timeout=TIMEOUT_S) as answer:
            return str(answer.read(), "utf-8")
    except URLError:
        return ""
