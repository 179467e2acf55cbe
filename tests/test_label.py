"""What can be seen of a text, and what a look at a long one costs."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_collab import label
from jupyter_collab.label import JOINERS, clean_label, is_visible

texts = st.text(st.characters(), max_size=200)
forms: st.SearchStrategy[Literal["NFC", "NFKC"]] = st.sampled_from(["NFC", "NFKC"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202egnp.\x1b[31m\u200b", "agnp.[31m"),
        ("\u2067Plans\u2069 for\tMay\U000e0041", "Plans for May"),
        ("x\u00b2 \u00bd", "x\u00b2 \u00bd"),  # NFC keeps what only looks like other letters
        ("\u0301", ""),
        ("\u2800\u200d", ""),
    ],
    ids=ascii,
)
def test_a_label_has_only_what_can_be_seen(text: str, shown: str) -> None:
    """[RU10] [ID4]"""
    assert clean_label(text, "NFC", 80) == shown


@pytest.mark.parametrize(
    "title",
    ["\U0001f469\u200d\U0001f4bb Dev", "\u2764\ufe0f", "\u0645\u06cc\u200c\u062e"],
    ids=ascii,
)
def test_joiners_can_be_kept(title: str) -> None:
    """[RU10] An emoji of several parts stays one."""
    assert clean_label(title, "NFC", 80, kept=JOINERS) == title
    assert clean_label("\u200d\ufe0f", "NFC", 80, kept=JOINERS) == ""


@given(texts, forms, st.integers(1, 90))
def test_a_clean_label_stays_as_it_is(
    text: str, form: Literal["NFC", "NFKC"], most_chars: int
) -> None:
    """[RU10] [ID4]"""
    shown = clean_label(text, form, most_chars)
    assert len(shown) <= most_chars
    assert clean_label(shown, form, most_chars) == shown
    assert unicodedata.is_normalized(form, shown)
    assert shown == " ".join(shown.split())
    assert not shown or is_visible(shown)


@given(texts)
def test_what_is_left_of_a_text_was_visible(text: str) -> None:
    """[RU4]"""
    assert is_visible(text) or not clean_label(text, "NFC", 200)


def test_a_long_run_of_blanks_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """[RU4] A refused post of 32 KiB costs the log's transaction next to nothing."""
    looks: list[str] = []

    class Tables:
        @staticmethod
        def category(char: str) -> str:
            looks.append(char)
            return unicodedata.category(char)

    monkeypatch.setattr(label, "unicodedata", Tables)
    assert not is_visible("  \u200b" * 10_000)
    assert sorted(looks) == [" ", "\u200b"]
