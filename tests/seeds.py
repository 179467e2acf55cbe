"""How many seeds the seeded tests try.

Owns `SEEDS` of the environment, which `make soak` sets. Must not know what a seed is used
for. Invariant: a seed that once failed is tried in every run.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

__all__ = ["CHEAP", "DEAR", "IS_SOAK", "seeds"]

CHEAP = int(os.environ.get("SEEDS", "5"))  # of tests that take a second or two for each
DEAR = int(os.environ.get("SEEDS", "2"))  # of those that take many seconds
IS_SOAK = DEAR > 2


def seeds(count: int, once_failed: Sequence[int]) -> list[int]:
    """`count` of them, and those that have found something before."""
    return sorted({*range(count), *once_failed})
