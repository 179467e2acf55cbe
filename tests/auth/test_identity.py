"""The member that everyone sees of a server's user."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider, User

from jupyter_collab.auth.identity import MAX_NAME_CHARS, clean_name, member_of
from jupyter_collab.protocol.ids import MemberId
from jupyter_collab.protocol.members import Member

PASSWORD_FIELDS = frozenset(PasswordIdentityProvider().updatable_fields)
PLAIN_FIELDS = frozenset(IdentityProvider().updatable_fields)

texts = st.text(st.characters(), max_size=200)


def member(user: User, fields: frozenset[str] = PLAIN_FIELDS) -> Member:
    return member_of(user, role="member", provider_fields=fields, assistants=frozenset({"bot"}))


def test_member_is_named_after_the_username() -> None:
    """[ID1]"""
    assert member(User("ada", "Ada Lovelace", "Ada")) == Member(MemberId("user:ada"), "Ada")


def test_client_chosen_fields_never_reach_the_id() -> None:
    """[ID1]"""
    assert member(User("ada", "user:bo", "user:bo")).id == "user:ada"


@pytest.mark.parametrize(
    "username", ["a" * 129, "a\nb", "a\x1b[31m", "\ud800", "a\u202eb", "é" * 65]
)
def test_unreadable_username_is_hashed(username: str) -> None:
    """[ID7] An id stands in log lines: it is short and printable."""
    found = member(User(username)).id
    assert found.startswith("user:sha256-")
    assert found.isprintable()
    assert found == member(User(username, "other", "names")).id


@given(st.lists(texts.filter(bool), min_size=2, max_size=2, unique=True))
def test_two_usernames_never_share_an_id(names: list[str]) -> None:
    """[ID1]"""
    assert member(User(names[0])).id != member(User(names[1])).id


def test_nobody_can_take_the_id_of_a_hashed_username() -> None:
    """[ID1]"""
    taken = member(User("a" * 1000)).id
    assert member(User(taken.removeprefix("user:"))).id != taken


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("  Ada \t\n Lovelace ", "Ada Lovelace"),
        ("Ada\x00\x07\x1b[31m", "Ada[31m"),
        ("\u202eadA\u202c", "adA"),  # right-to-left override
        ("\u2066Ada\u2069", "Ada"),  # isolates
        ("A\u200bd\u200da\ufeff", "Ada"),  # zero width
        ("Ada\U000e0041\U000e0042", "Ada"),  # tag characters
        ("A\u00add\u034fa\u3164", "Ada"),  # soft hyphen, joiner, Hangul filler
        ("Ada\ufe0f\U000e0101", "Ada"),  # variation selectors
        ("Ada\ue000\ud800", "Ada"),  # private use, lone surrogate
        ("Jose\u0301", "José"),  # composed
        ("\uff21\uff44\uff41 \U0001d40b\u2460", "Ada L1"),  # NFKC: what only looks like Ada
        ("Ada" + " " * 1100 + "Lovelace", "Ada"),  # no name is so long
        ("Ada\u2028Lovelace\u3000II", "Ada Lovelace II"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),  # text, shown as text
        ("Ада 阿達 🎉", "Ада 阿達 🎉"),
        ("x" * 100, "x" * MAX_NAME_CHARS),
    ],
)
def test_name_shows_only_what_can_be_seen(given_name: str, shown: str) -> None:
    """[ID4]"""
    assert clean_name(given_name) == shown


@pytest.mark.parametrize("name", ["\u200b", "\u202e\u2066", " \t ", "\u3164\u2800", "\u0301"])
def test_invisible_name_falls_back_to_what_is_known_besides(name: str) -> None:
    """[ID4]"""
    assert member(User("ada", "Ada", name)).name == "Ada"
    assert member(User("ada", name, name)).name == "ada"
    assert member(User(name, name, name)).name == "Someone"


@given(texts)
def test_clean_name_is_short_visible_and_stays_as_it_is(name: str) -> None:
    """[ID4]"""
    shown = clean_name(name)
    assert len(shown) <= MAX_NAME_CHARS
    assert clean_name(shown) == shown
    assert unicodedata.is_normalized("NFKC", shown)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert shown == " ".join(shown.split())


@pytest.mark.parametrize("color", ["#abc", "#A1b2C3", "var(--jp-collaborator-color1)"])
def test_color_of_the_palette_passes(color: str) -> None:
    assert member(User("ada", color=color)).color == color


@pytest.mark.parametrize(
    "color",
    [
        "",
        "red;background:url(//x)",
        "#abcd",
        "#abc\n",
        "url(x)",
        "var(--x)",
        "var(--jp-collaborator-color1);x:y",
        "expression(1)",
        "#12345g",
    ],
)
def test_color_that_is_css_is_dropped(color: str) -> None:
    """A colour is a colour: it can't carry other CSS to people's screens."""
    assert member(User("ada", color=color)).color is None


@pytest.mark.parametrize("url", ["https://x.org/a.png", "http://x/a?b=c", "/hub/static/ada.png"])
def test_picture_of_the_provider_passes(url: str) -> None:
    assert member(User("ada", avatar_url=url)).avatar_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        " javascript:alert(1)",
        "data:image/svg+xml,<svg/onload=alert(1)>",
        "vbscript:x",
        "//evil.example/x",
        "/\\evil.example/x",
        "https:\\\\evil.example",
        "java\nscript:alert(1)",
        "https://x/\u202e",
        "https://x/a b",
        "file:///etc/passwd",
        "relative.png",
        "https://x/" + "a" * 2048,
    ],
)
def test_picture_that_is_no_picture_is_dropped(url: str) -> None:
    assert member(User("ada", avatar_url=url)).avatar_url is None


def test_picture_of_ones_own_choice_is_dropped() -> None:
    """`/logout` as a picture would log out everyone who sees it."""
    assert member(User("ada", avatar_url="/logout"), PASSWORD_FIELDS).avatar_url is None


@pytest.mark.parametrize(
    ("user", "fields", "expected"),
    [
        (User("0a1b", "Anonymous Io", "Anonymous Io"), PASSWORD_FIELDS, False),
        (User("0a1b", "Anonymous Io", "Boss"), PASSWORD_FIELDS, True),
        (User("0a1b", "Boss", "Boss"), PASSWORD_FIELDS, True),  # both were changed
        (User("0a1b", "Boss", "Anonymous Io"), PASSWORD_FIELDS, True),
        (User("ada"), PASSWORD_FIELDS, False),  # the username can't be changed
        (User("ada", "Ada Lovelace", "Ada"), PLAIN_FIELDS, False),  # the provider's words
        (User("ada", "Ada Lovelace", "Ada"), frozenset(), False),  # an older server
        (User("ada", "Ada", "Ada"), frozenset({"display_name"}), False),
        (User("ada", "Ada", "Boss"), frozenset({"display_name"}), True),
        (User("ada", "Boss", "Ada"), frozenset({"name"}), False),  # what is shown is vouched for
    ],
)
def test_self_chosen_name_is_marked(user: User, fields: frozenset[str], expected: bool) -> None:
    """[ID5]"""
    assert member(user, fields).self_chosen is expected


@pytest.mark.parametrize("value", [None, 5, True, ["Ada"], {"a": "b"}, 1e300])
def test_fields_that_are_no_text_are_not_there(value: Any) -> None:
    """[ID4] The server lets people set their fields to any JSON."""
    user = User("ada", "Ada", "Ada")
    user.name = user.display_name = user.color = user.avatar_url = value
    found = member(user)
    assert (found.name, found.color, found.avatar_url) == ("ada", None, None)
    assert member(user, PASSWORD_FIELDS).name == "ada"


def test_only_configured_usernames_are_assistants() -> None:
    """[ID1] Nobody becomes a program by a name."""
    assert member(User("bot")).kind == "assistant"
    assert member(User("ada", "bot", "bot")).kind == "person"


def test_role_is_what_the_caller_found() -> None:
    """[ID3]"""
    user = User("ada")
    found = member_of(user, role="viewer", provider_fields=(), assistants=())
    assert found.role == "viewer"
