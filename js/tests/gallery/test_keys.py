"""The keyboard and the focus in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from js.tests.gallery.reader import Open, focused, from_end, scroll_to, settle


def press_cyrillic(page: Page, code: str, key: str) -> None:
    """A key with Ctrl held, as a Russian layout or Caps Lock gives it."""
    page.evaluate(
        """([code, key]) => gallery.root.activeElement.dispatchEvent(new KeyboardEvent('keydown', {
             code, key, ctrlKey: true, bubbles: true, composed: true, cancelable: true }))""",
        [code, key],
    )


def test_accel_end_leads_to_the_newest_message_from_anywhere(gallery: Open) -> None:
    page = gallery("backlog")
    field = page.locator(".jc-Field")
    field.fill("text")
    page.keyboard.press("Home")
    page.keyboard.press("Control+End")
    assert from_end(page) > 200
    page.locator(".jc-Title").focus()
    page.keyboard.press("Control+End")
    settle(page)
    assert from_end(page) <= 1


def test_a_pill_pressed_by_key_leaves_the_focus_in_the_list(gallery: Open) -> None:
    page = gallery("backlog")
    down = page.locator(".jc-Jump[data-at=bottom]")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".jc-Message").last).to_be_focused()
    up = page.locator(".jc-Jump[data-at=top]")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".jc-Unread + .jc-Message")).to_be_focused()
    expect(page.locator(".jc-Unread")).to_be_in_viewport()


def test_a_question_mark_and_accel_slash_open_the_shortcuts_and_close_them(gallery: Open) -> None:
    page = gallery("talk")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    last = page.locator(".jc-Message").last
    last.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Control+/")
    expect(dialog).to_have_count(0)
    expect(last).to_be_focused()
    more = page.locator(".jc-Header").get_by_role("button", name="More")
    more.click()
    page.keyboard.press("Control+/")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()


def test_shortcuts_do_not_depend_on_the_layout(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Field").fill("bold")
    page.locator(".jc-Field").select_text()
    press_cyrillic(page, "KeyB", "и")
    expect(page.locator(".jc-Field")).to_have_value("**bold**")
    page.evaluate(
        """() => { globalThis.passed = [];
          document.addEventListener('keydown', event => passed.push(event.code)) }"""
    )
    press_cyrillic(page, "KeyS", "S")
    press_cyrillic(page, "KeyS", "ы")
    assert page.evaluate("() => passed") == ["KeyS", "KeyS"]


def test_escape_leads_a_reader_who_cannot_write_out_of_the_list(gallery: Open) -> None:
    page = gallery("viewer")
    page.locator(".jc-Message").last.focus()
    page.keyboard.press("Escape")
    assert focused(page) == ""


def test_the_second_escape_takes_the_divider_too_and_a_click_forgets_the_first(
    gallery: Open,
) -> None:
    page = gallery("unread")
    page.locator(".jc-Field").click()
    page.keyboard.press("Escape")
    page.locator(".jc-Field").click()
    page.locator(".jc-Message").last.focus()
    expect(page.locator(".jc-Unread")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".jc-Field")).to_be_focused()
    expect(page.locator(".jc-Unread")).to_have_count(0)


@pytest.mark.parametrize("scene", ["talk", "failed"])
def test_one_message_is_the_only_stop_of_tab_in_the_list(gallery: Open, scene: str) -> None:
    page = gallery(scene)
    if scene == "failed":
        expect(page.locator(".jc-NotSent")).to_have_count(2)
    stops = page.locator(".jc-List").evaluate(
        """list => [list, ...list.querySelectorAll('button, a, [tabindex]')]
             .filter(each => each.tabIndex >= 0 && !each.matches('pre')).length"""
    )
    assert stops == 1


def test_a_page_key_goes_through_a_message_higher_than_the_view(gallery: Open) -> None:
    page = gallery("talk", height=300)
    page.evaluate(
        "() => gallery.server.post('user:bo', Array(28).fill('a line of its own').join('\\n'))"
    )
    last = page.locator(".jc-Message").last
    last.focus()
    settle(page)
    scroll_to(page, 10**7)
    page.keyboard.press("PageUp")
    assert 100 < from_end(page) < 250


def test_all_lines_of_code_and_the_last_deletion_leave_the_focus_somewhere(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Code-more").click()
    assert focused(page).startswith("Code, ")
    page = gallery("empty")
    page.evaluate("() => { gallery.store.post('only one') }")
    row = page.locator(".jc-Message[data-seq]")
    row.focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(page.locator(".jc-Field")).to_be_focused()
