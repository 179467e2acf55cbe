"""The README tells the truth."""

from __future__ import annotations

import ast
import re

from jupyter_collab.widget import Chat

from .readme import README, limits_table, with_section


def test_the_table_of_limits_is_the_code_s() -> None:
    """[RA6] After a change: `python -m tests.readme`."""
    text = README.read_text()
    assert with_section(text, "limits", limits_table()) == text


def test_python_examples_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        code = block.replace("Chat()", "Chat('notebook')")
        ast.parse(code)
        exec(code, {"Chat": Chat})  # noqa: S102  # our own README
