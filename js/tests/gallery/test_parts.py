"""The parts that come after the core: before they are there, and when they can't be had."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_messages_wait_for_their_formatting(gallery: Open) -> None:
    page = gallery("talk", parts="hold")
    expect(page.locator(".jc-Skeleton")).to_be_attached()
    expect(page.locator(".jc-Message")).to_have_count(0)
    page.evaluate("() => gallery.parts.release()")
    expect(page.locator(".jc-Body table").first).to_be_attached()
    expect(page.locator(".jc-Bar")).to_have_count(0)


def test_without_formatting_text_is_plain_until_a_retry(gallery: Open) -> None:
    """[UI11]"""
    page = gallery("talk", parts="fail")
    bar = page.get_by_role("alert").filter(has_text="Couldn't load formatting.")
    expect(bar).to_be_visible()
    expect(page.locator(".jc-Body").filter(has_text="**").first).to_be_attached()
    expect(page.locator(".jc-Body strong")).to_have_count(0)
    page.evaluate("() => { gallery.parts.fail = false }")
    bar.get_by_role("button", name="Retry").click()
    expect(bar).to_be_hidden()
    expect(page.locator(".jc-Body strong").first).to_be_attached()


def test_a_panel_opens_when_its_part_is_there(gallery: Open) -> None:
    page = gallery("talk", parts="hold")
    more = page.get_by_role("button", name="More", exact=True)
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    page.evaluate("() => gallery.parts.release()")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()


def test_without_panels_there_is_a_retry(gallery: Open) -> None:
    """[UI11]"""
    page = gallery("talk", parts="fail")
    bar = page.get_by_role("alert").filter(has_text="Couldn't load the menus.")
    expect(page.get_by_role("log")).to_be_visible()
    expect(bar).to_have_count(0)
    page.locator(".jc-Title").click()
    expect(bar).to_be_visible()
    expect(page.locator(".jc-Title")).to_be_visible()
    page.evaluate("() => { gallery.parts.fail = false }")
    bar.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("textbox", name="Title of the conversation")).to_be_focused()
    expect(bar).to_be_hidden()
