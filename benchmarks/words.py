"""What the people of the benchmarks write: made-up words, a few often and most of them rarely.

Owns the vocabulary. The same number gives the same text in every process and in every run. A
server that indexes words has more to do with many different ones than with one sentence again
and again.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import accumulate

__all__ = ["VOCABULARY", "written"]

VOCABULARY = 10_000
MOST = 6_000  # times that the commonest word is in the text; the n-th is there 1/n as often
STRIDE = 34_267  # prime, so that numbers one after the other have nothing in common
SEED = 7
_SYLLABLES = [first + vowel for first in "bcdfghjklmnprstvwz" for vowel in "aeiou"]


def written(number: int, chars: int) -> str:
    """The words of message `number`: whole ones, and full stops up to so many characters."""
    text, starts = _text()
    start = starts[number * STRIDE % len(starts)]
    return text[start : start + chars + 1].rpartition(" ")[0].ljust(chars, ".")


@cache
def _text() -> tuple[str, list[int]]:
    """A long text that everyone's is cut from, and where each of its words begins."""
    chance = random.Random(SEED)
    words = [
        word
        for rank, word in enumerate(_vocabulary(chance), start=1)
        for _ in range(max(1, MOST // rank))
    ]
    chance.shuffle(words)
    starts = list(accumulate((len(word) + 1 for word in words), initial=0))
    return " ".join([*words, *words[:200]]), starts[:-1]  # the last ones go on with the first


def _vocabulary(chance: random.Random) -> list[str]:
    """Different words, short ones first, as what is said often is short."""
    words = dict[str, None]()
    while len(words) < VOCABULARY:
        syllables = 1 + (len(words) > 60) + (len(words) > 1_000) + (chance.random() < 0.3)
        words["".join(chance.choices(_SYLLABLES, k=syllables))] = None
    return list(words)
