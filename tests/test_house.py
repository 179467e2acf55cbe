"""How every module is built, whatever it does."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

import jupyter_collab

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "jupyter_collab").rglob("*.py"))
PYTHON = [
    *MODULES,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
    ROOT / "hatch_build.py",
]
TYPESCRIPT = [
    path
    for folder in ("src", "tests", "scripts")
    for path in sorted((ROOT / "js" / folder).rglob("*"))
    if path.suffix in {".ts", ".tsx", ".mjs"} and ".generated." not in path.name
]
LONGEST = 400
LONGEST_DOCSTRING = 6
UNOWNED_TASKS = {"create_task", "ensure_future", "spawn_callback", "run_coroutine_threadsafe"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_says_what_it_owns_and_exports(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    docstring = ast.get_docstring(tree)
    assert docstring, "no docstring"
    assert len(docstring.splitlines()) <= LONGEST_DOCSTRING or path.name == "errors.py"
    targets = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    is_package = path.name == "__init__.py" and len(tree.body) == 1
    assert is_package or any(getattr(target, "id", "") == "__all__" for target in targets)


@pytest.mark.parametrize("path", PYTHON, ids=_name)
def test_a_file_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not text or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_what_a_module_exports_is_there(path: Path) -> None:
    dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(dotted)
    exported = getattr(module, "__all__", [])
    assert [name for name in exported if not hasattr(module, name)] == []


@pytest.mark.parametrize("path", [*PYTHON, *TYPESCRIPT], ids=_name)
def test_a_file_is_short_and_finished(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= LONGEST
    marks = re.findall(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b", text)
    assert marks == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_every_task_has_an_owner(path: Path) -> None:
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert path.name == "hub.py" or not calls & UNOWNED_TASKS


def test_importing_the_package_exports_lazily() -> None:
    assert set(jupyter_collab.__all__) == {"Chat", "__version__"}
    for name in jupyter_collab.__all__:
        assert getattr(jupyter_collab, name)
