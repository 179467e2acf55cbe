"""`make figures`: puts the latest results into the README, with their picture and their source.

Owns the section of figures. Must not know how the README reads around it.
"""

from __future__ import annotations

import re
from pathlib import Path

from .plan import Results
from .plot import draw
from .report import bars_table, doubts, footnote, history_table, key_table

__all__ = ["PICTURE", "README", "SOURCE", "section", "with_figures"]

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PICTURE = ROOT / "benchmarks" / "figures.svg"
SOURCE = ROOT / "benchmarks" / "figures.json"  # what the README shows, whatever is run later
LATEST = ROOT / "benchmarks" / "results" / "latest.json"
_SECTION = re.compile(r"(<!-- figures: [^\n]* -->\n).*?(<!-- /figures -->)", re.DOTALL)


def section(results: Results) -> str:
    """What stands between the comments."""
    picture = "![Bar charts of the key figures](benchmarks/figures.svg)"
    more = "Every figure, and how it is made: [benchmarks/](benchmarks/README.md)."
    shown = (key_table, history_table, bars_table, doubts, footnote)
    return "\n\n".join(filter(None, (picture, *(show(results) for show in shown), more)))


def with_figures(text: str, results: Results) -> str:
    """`text` with the section of figures made new."""
    content = section(results)
    return _SECTION.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


if __name__ == "__main__":
    latest = Results.read(LATEST)
    README.write_text(with_figures(README.read_text(), latest))
    PICTURE.write_text(draw(latest))
    latest.write(SOURCE)
