"""Writing in a real browser: drafts, edits, what is pasted and completed."""

from __future__ import annotations

from playwright.sync_api import expect

from js.tests.gallery.reader import Open

MINE = "and thanks all, this was quick"


def test_an_edit_left_by_escape_goes_on_with_its_text_and_one_cancelled_does_not(
    gallery: Open,
) -> None:
    page = gallery("talk")
    field = page.locator(".jc-Field")
    field.click()
    page.keyboard.press("ArrowUp")
    page.keyboard.type(", really")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    page.keyboard.press("ArrowUp")
    expect(field).to_have_value(f"{MINE}, really")
    page.get_by_role("button", name="Cancel").click()
    page.keyboard.press("ArrowUp")
    expect(field).to_have_value(MINE)


def test_a_suggestion_does_not_take_the_place_of_what_is_typed(gallery: Open) -> None:
    page = gallery("empty")
    page.locator(".jc-Field").fill("I think ")
    page.get_by_role("button", name="Say hello").click()
    expect(page.locator(".jc-Field")).to_have_value("I think Hello everyone! 👋")


def test_a_failed_first_load_says_why_and_stays_while_it_is_tried_again(gallery: Open) -> None:
    page = gallery("loading")
    page.evaluate("() => gallery.server.lose('waiting')")
    page.locator(".jc-Loading").get_by_text("the server doesn't answer").wait_for()
    retry = page.locator(".jc-Loading").get_by_role("button", name="Retry")
    retry.focus()
    page.evaluate("() => { gallery.store.link.value = { state: 'connecting', since: Date.now() } }")
    page.evaluate("() => gallery.server.lose('offline')")
    page.locator(".jc-Loading").get_by_text("you are offline").wait_for()
    expect(retry).to_be_focused()
    retry.click()
    expect(page.locator(".jc-Message").last).to_be_visible()
