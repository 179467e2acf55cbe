"""Numbers, times and tables, as a terminal shows them.

Pure but for `progress`. Must not know what they are of.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

__all__ = ["count", "progress", "size_of", "table", "when"]


def count(number: int, noun: str) -> str:
    """`1 message`, `1,234 messages`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size_of(bytes_: int) -> str:
    """`82.7 MB`."""
    size = float(bytes_)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def when(at: float) -> str:
    """UTC epoch seconds as `2026-11-28 21:17 UTC`."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns that are as wide as what is in them."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in (heads, *rows)]
    return "\n".join(lines)


def progress(what: str) -> Callable[[int, int], None]:
    """Tells on a terminal how much of something is done; elsewhere nothing."""

    def tell(done: int, all_: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done >= all_ else ""
            print(f"\r{what}: {100 * done // max(1, all_)} %", end=end, file=sys.stderr, flush=True)

    return tell
