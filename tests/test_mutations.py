"""The rows of mutations.toml fit the tree; trying them takes long: `make mutants`."""

from __future__ import annotations

import pytest

from tests.mutate import ROOT, Mutation, mutations
from tests.test_spec import rules


@pytest.mark.parametrize("mutation", list(mutations()), ids=str)
def test_a_break_can_be_made(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text("utf-8")
    assert mutation.applied(text) != text
    assert (ROOT / mutation.test.partition("::")[0]).exists()
    assert mutation.rule in rules()


def test_what_stands_there_twice_is_no_place_to_break() -> None:
    mutation = Mutation(rule="LG1", file="x.py", old="a", new="b", test="tests")
    with pytest.raises(ValueError, match="2 times"):
        mutation.applied("a a")
