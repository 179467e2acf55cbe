"""The parts of the README that are made from code: `python -m tests.readme` writes them.

Owns the table of limits. Must not know how the README reads around it.
"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from jupyter_collab.limits import Limits

__all__ = ["README", "limits_table", "with_section"]

README = Path(__file__).parent.parent / "README.md"


def limits_table() -> str:
    """Every limit, its default, what it bounds and what one sees beyond it."""
    rows = ["| limit | default | what | beyond it |", "|---|---|---|---|"]
    for field in fields(Limits):
        beyond = field.metadata["code"]
        shown = "" if beyond == "none" else f"`{beyond}`"
        default = (
            f"{field.default:,g}" if isinstance(field.default, float) else f"{field.default:,}"
        )
        rows.append(f"| `{field.name}` | {default} | {field.metadata['help']} | {shown} |")
    return "\n".join(rows)


def with_section(text: str, name: str, content: str) -> str:
    """`text` with `content` between the comments that open and close the section `name`."""
    pattern = re.compile(rf"(<!-- {name}: [^\n]* -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


if __name__ == "__main__":
    README.write_text(with_section(README.read_text(), "limits", limits_table()))
