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


def test_the_offer_to_wrap_code_goes_when_it_is_sent_and_with_the_edit(gallery: Open) -> None:
    page = gallery("talk")
    field = page.locator(".jc-Field")
    chip = page.get_by_role("button", name="Wrap as code")
    paste = """field => {
      const data = new DataTransfer();
      data.setData('text/plain', 'a = 1\\nb = 2\\nc = f(a)\\n');
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
      document.execCommand('insertText', false, data.getData('text/plain'));
    }"""
    field.click()
    field.evaluate(paste)
    expect(chip).to_be_visible()
    page.keyboard.press("Enter")
    expect(chip).to_have_count(0)
    page.keyboard.press("ArrowUp")
    field.evaluate(paste)
    expect(chip).to_be_visible()
    page.keyboard.press("Escape")
    expect(chip).to_have_count(0)


def test_a_pasted_name_becomes_its_emoji(gallery: Open) -> None:
    page = gallery("talk")
    page.evaluate("() => { gallery.store.draft.value = ':canada: :pizza:' }")
    page.evaluate("() => new Promise(done => requestIdleCallback(done))")
    page.locator(".jc-Field").press("Enter")
    expect(page.locator(".jc-Message").last).to_contain_text("🍕")


def test_moving_the_caret_ends_the_suggestions(gallery: Open) -> None:
    page = gallery("talk")
    field = page.locator(".jc-Field")
    rows = page.get_by_role("option")
    for leave in ("ArrowLeft", "Home", "Shift+ArrowLeft"):
        field.fill("")
        field.press_sequentially(":ta")
        expect(rows).not_to_have_count(0)
        field.press(leave)
        expect(rows).to_have_count(0)
    field.fill("")
    field.press_sequentially(":ta")
    expect(rows).not_to_have_count(0)
    field.click()
    expect(rows).to_have_count(0)


def test_a_name_typed_before_its_chunk_is_there_gets_suggestions(gallery: Open) -> None:
    page = gallery("talk", parts="hold")
    page.locator(".jc-Field").press_sequentially(":ta")
    page.evaluate("() => gallery.parts.release()")
    expect(page.get_by_role("option")).not_to_have_count(0)


def test_saving_blank_text_asks_where_the_message_is(gallery: Open) -> None:
    page = gallery("history", height=300)
    page.locator(".jc-Field").click()
    page.keyboard.press("ArrowUp")
    page.locator(".jc-Field").fill("")
    page.keyboard.press("Enter")
    expect(page.locator(".jc-Ask")).to_be_in_viewport()
    expect(page.locator(".jc-Ask").get_by_role("button", name="Delete")).to_be_focused()
