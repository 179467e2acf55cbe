"""Every state in light and dark, wide and narrow: axe-core finds nothing.

With `SHOTS=folder` in the environment each is also kept as a picture, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page


def last(page: Page) -> None:
    page.locator(".jc-Message").last.hover()


def hover(page: Page) -> None:
    page.locator(".jc-Message").nth(-4).hover()
    page.wait_for_timeout(150)


def picker(page: Page) -> None:
    last(page)
    page.get_by_role("button", name="React", exact=True).last.click()
    page.wait_for_timeout(400)


def menu(page: Page) -> None:
    page.locator(".jc-Message").nth(-3).hover()
    page.locator(".jc-Message").nth(-3).get_by_role("button", name="More actions").click()


def people(page: Page) -> None:
    page.locator(".jc-Facepile").click()


def shortcuts(page: Page) -> None:
    page.locator(".jc-Field").focus()
    page.keyboard.press("Control+/")


def edit(page: Page) -> None:
    page.locator(".jc-Field").focus()
    page.keyboard.press("ArrowUp")


def reply(page: Page) -> None:
    page.locator(".jc-Message").nth(-4).hover()
    page.locator(".jc-Message").nth(-4).focus()
    page.keyboard.press("r")
    page.keyboard.type("Sounds good :)\nSecond line")


def delete(page: Page) -> None:
    page.locator(".jc-Message").nth(-2).focus()
    page.keyboard.press("Delete")


def undo(page: Page) -> None:
    delete(page)
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)


def top(page: Page) -> None:
    page.locator(".jc-List").evaluate("list => { list.scrollTop = 0 }")
    page.wait_for_timeout(300)


def middle(page: Page) -> None:
    page.locator(".jc-List").evaluate("list => { list.scrollTop = 600 }")
    page.wait_for_timeout(300)


def complete(page: Page) -> None:
    page.locator(".jc-Field").focus()
    page.keyboard.type("Great :th")
    page.wait_for_timeout(300)


def rename(page: Page) -> None:
    page.locator(".jc-Title").click()


def tip(page: Page) -> None:
    page.locator(".jc-Pill").first.hover()
    page.wait_for_timeout(700)


def nothing(page: Page) -> None:
    page.wait_for_timeout(300)


def later(page: Page) -> None:
    page.wait_for_timeout(3600)


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "formulas": ("formulas", nothing),
    "empty": ("empty", nothing),
    "talk": ("talk", nothing),
    "middle": ("talk", middle),
    "top": ("talk", top),
    "hover": ("talk", hover),
    "menu": ("talk", menu),
    "picker": ("talk", picker),
    "people": ("talk", people),
    "shortcuts": ("talk", shortcuts),
    "edit": ("talk", edit),
    "reply": ("talk", reply),
    "delete": ("talk", delete),
    "undo": ("talk", undo),
    "complete": ("talk", complete),
    "rename": ("talk", rename),
    "tip": ("talk", tip),
    "typing": ("typing", nothing),
    "failed": ("failed", nothing),
    "lost": ("lost", later),
    "loading": ("loading", nothing),
    "unread": ("unread", nothing),
    "viewer": ("viewer", nothing),
    "ended": ("ended", nothing),
    "crowd": ("crowd", nothing),
}


SHOTS = os.environ.get("SHOTS")
WIDTHS = [848, 600, 368] if SHOTS else [848, 368]
AXE = """async () => {
  const page = ['region', 'landmark-one-main', 'page-has-heading-one']; // the notebook's affair
  const rules = Object.fromEntries(page.map(rule => [rule, { enabled: false }]));
  const { violations } = await axe.run(document, { resultTypes: ['violations'], rules });
  return violations.flatMap(({ id, nodes }) => nodes.map(node =>
    `${id}: ${node.target.join(' ')} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message}`));
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", STATES)
def test_state_is_accessible(
    gallery: Callable[..., Page], site: str, name: str, width: int, theme: str
) -> None:
    scene, act = STATES[name]
    page = gallery(scene, width=width, theme=theme)
    nothing(page)
    act(page)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{theme}.png")
    page.add_script_tag(url=site.replace("index.html", "axe.js"))
    assert page.evaluate(AXE) == []
