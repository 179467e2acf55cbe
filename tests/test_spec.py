"""SPEC.md and the tests say the same: every rule is proven, every citation has a rule."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RULE = re.compile(r"^- \*\*([A-Z]{2}\d+)\*\* ", re.MULTILINE)
CITATION = re.compile(r"\[([A-Z]{2}\d+(?:, [A-Z]{2}\d+)*)\]")


def rules() -> list[str]:
    return RULE.findall((ROOT / "jupyter_collab" / "SPEC.md").read_text("utf-8"))


def _citations(folders: tuple[str, ...], suffixes: set[str]) -> dict[str, set[str]]:
    """Which files cite which ids."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*")):
        if path.suffix in suffixes and not {"node_modules", "static"} & set(path.parts):
            for ids in CITATION.findall(path.read_text("utf-8")):
                for rule in ids.split(", "):
                    found[rule].add(str(path.relative_to(ROOT)))
    return found


IN_TESTS = _citations(("tests", "js/tests"), {".py", ".ts"})
IN_CODE = _citations(("jupyter_collab", "js/src"), {".py", ".ts", ".tsx"})


def test_rules_are_numbered_once() -> None:
    assert len(rules()) == len(set(rules())) >= 60


@pytest.mark.parametrize("rule", rules())
def test_every_rule_is_proven(rule: str) -> None:
    assert IN_TESTS[rule], f"no test cites [{rule}]"


@pytest.mark.parametrize("rule", sorted(IN_TESTS.keys() | IN_CODE.keys()))
def test_every_citation_has_a_rule(rule: str) -> None:
    assert rule in rules(), f"cited in {IN_TESTS[rule] | IN_CODE[rule]}"
