"""The rows of mutations.toml fit the tree; trying them takes long: `make mutants`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import mutate
from tests.mutate import ROOT, Mutation, Trial, mutations
from tests.test_spec import rules


@pytest.mark.parametrize("mutation", list(mutations()), ids=str)
def test_a_break_can_be_made(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text("utf-8")
    assert mutation.applied(text) != text
    assert (ROOT / mutation.test.partition("::")[0]).exists()
    assert mutation.rule in rules()


def test_no_break_is_made_twice() -> None:
    breaks = [(it.file, it.old.strip(), it.new.strip(), it.test) for it in mutations()]
    assert sorted(set(breaks)) == sorted(breaks)


def test_what_stands_there_twice_is_no_place_to_break() -> None:
    mutation = Mutation(rule="LG1", file="x.py", old="a", new="b", test="tests")
    with pytest.raises(ValueError, match="2 times"):
        mutation.applied("a a")


def test_what_fails_unbroken_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutate, "_command", lambda test: [sys.executable, "-Sc", test])
    product = tmp_path / "product.py"
    product.write_text("def is_below_0(x):\n    return x < 0\n")
    trial = Trial(tmp_path)

    def verdict(test: str) -> str:
        test = f"from product import *; {test}"
        return trial.of(
            Mutation(rule="LG1", file="product.py", old="x < 0", new="x > 0", test=test)
        )

    assert verdict("assert is_below_0(-1)") == "noticed"
    assert verdict("assert is_below_0") == "MISSED"
    assert verdict("is_below_0(-1) or __import__('os')._exit(2)") == "MISSED"  # did not run
    assert verdict("assert is_below_0(1)") == "can't be tried"
    assert verdict("raise SystemExit(2)") == "can't be tried"
    assert product.read_text() == "def is_below_0(x):\n    return x < 0\n"


def test_a_run_fails_unless_each_break_was_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutate, "_copy", lambda _: None)
    for verdict, code in (("noticed", 0), ("MISSED", 1), ("can't be tried", 1)):
        monkeypatch.setattr(Trial, "of", lambda *_, said=verdict: said)
        assert mutate.main(["LG1"]) == code
    assert mutate.main(["XX0"]) == 1, "there is nothing to try"
