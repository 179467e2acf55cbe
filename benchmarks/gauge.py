"""What a server says of itself on its `/metrics`, where it has one.

Owns which of its figures are asked for. A server without them is measured all the same.
"""

from __future__ import annotations

from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from .job import Target

__all__ = ["lag_ms", "log_reads", "samples"]

TIMEOUT_S = 10.0
LAG = "jupyter_collab_loop_lag_seconds"
READS = "jupyter_collab_log_reads_total"


def samples(target: Target) -> dict[str, float]:
    """All samples by name, those with labels added up; empty if the server has none."""
    if not target.metrics:
        return {}
    try:
        with urlopen(
            f"http://{target.host}:{target.port}{target.metrics}", timeout=TIMEOUT_S
        ) as answer:
            text = answer.read().decode()
    except URLError:
        return {}
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


def lag_ms(target: Target) -> float | None:
    """The longest stop of its event loop that its gauge remembers."""
    lag_s = samples(target).get(LAG)
    return None if lag_s is None else lag_s * 1000


def log_reads(target: Target) -> float | None:
    """How often it has read its log so far."""
    return samples(target).get(READS)
