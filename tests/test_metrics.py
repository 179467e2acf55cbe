"""Labels of metrics come from fixed sets, whatever is counted."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from jupyter_collab import metrics
from jupyter_collab.errors import CloseCode

HOUSE = Path(metrics.__file__).parent
LABELS = {
    "jupyter_collab_commands": {
        "kind": {
            *("post", "edit", "redact", "react", "unreact", "rename", "admit"),
            "other",
        },
        "result": {*metrics.RESULTS, "other"},
    },
    "jupyter_collab_closes": {
        "code": {*(str(int(code)) for code in CloseCode), "1000", "1001", "1005", "1006", "1009"}
        | {"other"}
    },
    "jupyter_collab_resumes": {"mode": {"entries", "snapshot", "reset", "fresh"}},
}


def labels_in_use() -> list[tuple[str, str, str]]:
    """The metric, label and value of every series of ours but the histograms' buckets."""
    return [
        (metric.name, label, value)
        for metric in REGISTRY.collect()
        if metric.name.startswith("jupyter_collab_")
        for sample in metric.samples
        for label, value in sample.labels.items()
        if label != "le"
    ]


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"{name}_total", labels) or 0.0


@given(st.text(), st.text(), st.integers() | st.none())
def test_labels_stay_within_their_sets(kind: str, result: str, code: int | None) -> None:
    """[ID8] A client chooses close codes; a later rule adds refusals: neither adds a series."""
    metrics.count_command(kind, result)
    metrics.count_close(code)
    for name, label, value in labels_in_use():
        assert value in LABELS[name][label]


def test_every_code_of_a_refusal_has_a_label() -> None:
    """[ID8] Only what is yet to be invented counts as "other"."""
    sources = "".join(path.read_text() for path in HOUSE.rglob("*.py"))
    codes = set(re.findall(r'\bcode="([a-z_]+)"', sources))
    assert codes > {"empty", "read_only", "malformed"}
    assert codes <= metrics.RESULTS


def test_command_is_counted_by_kind_and_result() -> None:
    """[ID8]"""
    before = count("jupyter_collab_commands", kind="post", result="stored")
    metrics.count_command("post", "stored")
    assert count("jupyter_collab_commands", kind="post", result="stored") == before + 1


def test_close_is_counted_by_code() -> None:
    """[ID8]"""
    before = count("jupyter_collab_closes", code="4102")
    metrics.count_close(CloseCode.SLOW)
    assert count("jupyter_collab_closes", code="4102") == before + 1


def test_resume_is_counted_by_mode() -> None:
    """[ID8]"""
    before = count("jupyter_collab_resumes", mode="reset")
    metrics.count_resume("reset")
    assert count("jupyter_collab_resumes", mode="reset") == before + 1
