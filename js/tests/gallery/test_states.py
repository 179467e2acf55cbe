"""Every state in light and dark, wide and narrow: axe-core finds nothing.

With `SHOTS=folder` in the environment each is also kept as a picture, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from js.tests.gallery.reader import scroll_to


def last(page: Page) -> None:
    page.locator(".jc-Message").last.hover()


def hover(page: Page) -> None:
    page.locator(".jc-Message").nth(-4).hover()


def picker(page: Page) -> None:
    last(page)
    page.get_by_role("button", name="React", exact=True).last.click()
    expect(page.get_by_role("dialog").get_by_role("button").nth(50)).to_be_attached()


def menu(page: Page) -> None:
    page.locator(".jc-Message").nth(-3).hover()
    page.locator(".jc-Message").nth(-3).get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menuitem").first).to_be_visible()


def people(page: Page) -> None:
    page.locator(".jc-Facepile").click()
    expect(page.get_by_role("dialog", name="People")).to_be_visible()


def people_all(page: Page) -> None:
    people(page)
    expect(page.locator(".jc-Person")).to_have_count(300)


def people_loading(page: Page) -> None:
    people(page)
    expect(page.get_by_role("status").get_by_text("Loading everyone, 64 of 300…")).to_be_visible()
    expect(page.locator(".jc-Person")).to_have_count(64)


def people_failed(page: Page) -> None:
    people(page)
    expect(page.get_by_text("Couldn't load everyone.")).to_be_visible()


def shortcuts(page: Page) -> None:
    page.locator(".jc-Field").focus()
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog")).to_be_visible()


def edit(page: Page) -> None:
    page.locator(".jc-Field").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_text("Editing message")).to_be_visible()


def edit_waiting(page: Page) -> None:
    page.evaluate("""() => {
        gallery.server.lose('offline');
        for (const text of ['one', 'two', 'three']) gallery.store.post(text);
    }""")
    page.locator(".jc-Field").fill("A draft")
    page.locator(".jc-Message", has_text="two").last.focus()
    page.keyboard.press("e")
    expect(page.get_by_text("Editing message")).to_be_visible()


def delete_waiting(page: Page) -> None:
    page.evaluate("""() => {
        gallery.server.lose('offline');
        for (const text of ['one', 'two', 'three']) gallery.store.post(text);
    }""")
    page.locator(".jc-Message", has_text="two").last.focus()
    page.keyboard.press("Delete")
    expect(page.locator(".jc-Toast")).to_be_visible()


def delete_failed(page: Page) -> None:
    page.get_by_role("button", name="Delete all").click()
    expect(page.locator(".jc-Toast")).to_be_visible()


def reply(page: Page) -> None:
    page.locator(".jc-Message").nth(-4).hover()
    page.locator(".jc-Message").nth(-4).focus()
    page.keyboard.press("r")
    page.locator(".jc-Field").fill("Sounds good :)\nSecond line")
    expect(page.get_by_text("Replying to")).to_be_visible()


def delete(page: Page) -> None:
    page.locator(".jc-Message").nth(-2).focus()
    page.keyboard.press("Delete")
    expect(page.locator(".jc-Ask")).to_be_visible()


def undo(page: Page) -> None:
    delete(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def top(page: Page) -> None:
    scroll_to(page, 0)


def pruned(page: Page) -> None:
    scroll_to(page, 0)
    expect(page.get_by_text("Older messages were removed.")).to_be_visible()


def middle(page: Page) -> None:
    scroll_to(page, 600)


def complete(page: Page) -> None:
    page.locator(".jc-Field").focus()
    page.keyboard.type("Great :th")
    expect(page.get_by_role("option").first).to_be_visible()


def rename(page: Page) -> None:
    page.locator(".jc-Title").click()
    expect(page.locator("input")).to_be_focused()


def tip(page: Page) -> None:
    page.locator(".jc-Pill").first.hover()
    expect(page.locator(".jc-Tip")).to_be_visible()


def nothing(page: Page) -> None:
    """The scene as it opens."""


def lost(page: Page) -> None:
    expect(page.locator(".jc-Bar")).to_be_visible()


def damaged(page: Page) -> None:
    """[UI4] The server's own sentence, that the text is kept, and when it is tried again."""
    line = "is damaged. Its operator has to restore a backup. Your text is kept. Trying again in"
    expect(page.locator(".jc-Bar")).to_contain_text(line)
    expect(page.get_by_role("button", name="Retry now")).to_be_visible()


def damaged_first(page: Page) -> None:
    expect(page.locator(".jc-Loading")).to_contain_text("is damaged. Its operator has to restore")


def restored(page: Page) -> None:
    """[RS4] [UI13] Said in the list, and what was being changed is there to be sent or copied."""
    expect(page.get_by_text("This conversation was restored from a backup.")).to_be_visible()
    expect(page.locator(".jc-NotSent")).to_contain_text("restored from a backup meanwhile")
    expect(page.locator(".jc-Message").last).to_contain_text("What I meant to say instead.")


def signed_out(page: Page) -> None:
    lost(page)
    page.locator(".jc-Field").fill("Written too late")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Waiting for you to sign in")).to_be_visible()


def people_lost(page: Page) -> None:
    """[PR9] Nobody is shown as active or idle."""
    lost(page)
    expect(page.get_by_role("button", name="people were here")).to_be_visible()
    people(page)
    expect(page.locator(".jc-Dot")).to_have_count(0)


def offline(page: Page) -> None:
    expect(page.locator(".jc-Bar").get_by_text("You're offline.")).to_be_visible()


def back(page: Page) -> None:
    offline(page)
    page.evaluate("() => gallery.server.reconnectNow()")
    expect(page.get_by_text("Back online").last).to_be_visible()


def old(page: Page) -> None:
    expect(page.locator(".jc-Bar[data-kind=old]")).to_be_visible()


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "formulas": ("formulas", nothing),
    "empty": ("empty", nothing),
    "talk": ("talk", nothing),
    "pruned": ("pruned", pruned),
    "middle": ("talk", middle),
    "top": ("talk", top),
    "hover": ("talk", hover),
    "menu": ("talk", menu),
    "picker": ("talk", picker),
    "people": ("talk", people),
    "people-all": ("many", people_all),
    "people-loading": ("many-asked", people_loading),
    "people-failed": ("many-refused", people_failed),
    "shortcuts": ("talk", shortcuts),
    "edit": ("talk", edit),
    "edit-waiting": ("talk", edit_waiting),
    "reply": ("talk", reply),
    "delete": ("talk", delete),
    "undo": ("talk", undo),
    "complete": ("talk", complete),
    "rename": ("talk", rename),
    "tip": ("talk", tip),
    "typing": ("typing", nothing),
    "delete-waiting": ("talk", delete_waiting),
    "delete-failed": ("failed", delete_failed),
    "failed": ("failed", nothing),
    "failed-one": ("failed-one", nothing),
    "lost": ("lost", lost),
    "damaged": ("damaged", damaged),
    "damaged-first": ("damaged-first", damaged_first),
    "restored": ("restored", restored),
    "signed-out": ("ended", signed_out),
    "people-lost": ("lost", people_lost),
    "queued": ("queued", offline),
    "page-only": ("page-only", offline),
    "old": ("old", old),
    "cached": ("cached", offline),
    "back": ("queued", back),
    "loading": ("loading", nothing),
    "unread": ("unread", nothing),
    "viewer": ("viewer", nothing),
    "ended": ("ended", nothing),
    "crowd": ("crowd", nothing),
}


SHOTS = os.environ.get("SHOTS")
LOOKS = [(848, "light"), (368, "dark")]  # each width and each theme once
if SHOTS:
    LOOKS = [(width, theme) for width in (848, 600, 368) for theme in ("light", "dark")]
DRAWN = """async () => {
  const frame = () => new Promise(done => requestAnimationFrame(done));
  await frame();
  await frame();
  const moving = gallery.root.getAnimations()
    .filter(({ effect }) => effect.getTiming().iterations === 1);
  await Promise.all(moving.map(({ finished }) => finished.catch(() => {})));
}"""
AXE = """async () => {
  const page = ['region', 'landmark-one-main', 'page-has-heading-one']; // the notebook's affair
  const rules = Object.fromEntries(page.map(rule => [rule, { enabled: false }]));
  const { violations } = await axe.run(document, { resultTypes: ['violations'], rules });
  return violations.flatMap(({ id, nodes }) => nodes.map(node =>
    `${id}: ${node.target.join(' ')} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message}`));
}"""


@pytest.mark.parametrize(("width", "theme"), LOOKS)
@pytest.mark.parametrize("name", STATES)
def test_state_is_accessible(
    gallery: Callable[..., Page], site: str, name: str, width: int, theme: str
) -> None:
    scene, act = STATES[name]
    page = gallery(scene, width=width, theme=theme)
    act(page)
    page.evaluate(DRAWN)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{theme}.png")
    page.add_script_tag(url=site.replace("index.html", "axe.js"))
    assert page.evaluate(AXE) == []
