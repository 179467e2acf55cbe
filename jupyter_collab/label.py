"""What can be seen of a text: names and titles are cleaned, a message must show something.

Owns which characters leave a mark. Must not know whose words they are. Pure. Invariant: a
clean label is clean already.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Literal

__all__ = ["JOINERS", "clean_label", "is_visible"]

# They make one emoji of several, or its picture, and shape words in Persian and Hindi.
JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")

# Letters, symbols and marks to Unicode, but fonts leave them empty.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # fillers, blanks, grapheme joiner
    "\u180b\u180c\u180d\u180f"  # Mongolian variation selectors
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000))))


def clean_label(
    text: str, form: Literal["NFC", "NFKC"], most_chars: int, *, kept: Collection[str] = ()
) -> str:
    """Leaves what can be seen, normalized, spaces folded and cut; empty if that is nothing.

    Characters in `kept` stay as well.
    """
    shown = "".join(
        char if char in kept or _can_be_seen(char) else " " if char.isspace() else ""
        for char in text
    )
    label = " ".join(unicodedata.normalize(form, shown).split())[:most_chars].rstrip()
    return label if any(unicodedata.category(char)[0] in "LNPS" for char in label) else ""


def is_visible(text: str) -> bool:
    """Says whether any character leaves a mark; ones newer than our tables count as such.

    Each character is looked at once, however long a run of blanks is.
    """
    return any(
        char not in _INVISIBLE and unicodedata.category(char) not in _BLANK for char in set(text)
    )


_BLANK = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})  # white space, control and format characters


def _can_be_seen(char: str) -> bool:
    """False for control, format (bidi, zero width, tags), surrogate and private characters."""
    return char not in _INVISIBLE and unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
