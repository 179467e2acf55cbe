"""How the widget behaves in a real browser, over a server in the page: see `gallery.tsx`.

Run: pytest js/tests/gallery. Every test opens one scene and plays the reader.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from js.tests.gallery.reader import (
    WATCH,
    Open,
    focused,
    from_end,
    post,
    scroll_to,
    settle,
    wait_from_end,
    walk,
    worst,
)


def test_opens_at_the_divider_one_third_down(gallery: Open) -> None:
    page = gallery("unread")
    expect(page.locator(".jc-Unread")).to_be_visible()
    part = page.locator(".jc-List").evaluate(
        """list => (list.querySelector('.jc-Unread').getBoundingClientRect().top
                    - list.getBoundingClientRect().top) / list.clientHeight"""
    )
    assert 0.28 < part < 0.38


def test_opens_at_the_end_without_unread_messages(gallery: Open) -> None:
    page = gallery("talk")
    expect(page.locator(".jc-Message").last).to_be_visible()
    assert from_end(page) <= 1


def test_at_the_end_new_messages_and_a_new_width_keep_the_end(gallery: Open) -> None:
    page = gallery("history", clock=True)
    post(page, "one\n\ntwo\n\nthree")
    assert from_end(page) <= 1
    page.evaluate("() => { gallery.view.host.parentElement.style.width = '400px' }")
    settle(page)
    assert from_end(page) <= 1
    scroll_to(page, 10**7)
    page.clock.install()
    page.locator(".jc-List").evaluate("list => { list.scrollTop -= 30 }")
    settle(page)
    page.clock.run_for(200)  # a gesture has ended
    post(page, "four")
    assert from_end(page) <= 1


def test_away_from_the_end_nothing_moves(gallery: Open) -> None:
    page = gallery("history")
    expect(page.locator(".jc-Message").last).to_be_visible()
    page.locator(".jc-List").evaluate("list => { list.scrollTop -= 600 }")
    settle(page)
    page.evaluate(WATCH)
    for number in range(3):
        post(page, f"new {number}\n\nwith\n\nlines")
    assert worst(page) <= 1
    pill = page.locator(".jc-Jump[data-at=bottom]")
    expect(pill).to_have_text("3 new messages")
    pill.click()
    expect(pill).to_be_hidden()
    assert from_end(page) <= 1


def test_a_wheel_up_stops_following_at_once(gallery: Open) -> None:
    page = gallery("history")
    expect(page.locator(".jc-Message").last).to_be_visible()
    page.locator(".jc-List").hover()
    page.mouse.wheel(0, -120)
    wait_from_end(page, "> 5")
    post(page, "more")
    wait_from_end(page, "> 40")


def test_older_messages_come_without_a_jump(gallery: Open) -> None:
    page = gallery("history")
    expect(page.locator(".jc-Message").last).to_be_visible()
    scroll_to(page, 300)
    page.evaluate(WATCH)
    count = page.evaluate("() => gallery.store.messages.value.length")
    page.wait_for_function(f"() => gallery.store.messages.value.length > {count}")
    assert worst(page) <= 1


def test_at_most_300_messages_are_in_the_page_and_the_way_back_is_smooth(gallery: Open) -> None:
    page = gallery("history")
    expect(page.locator(".jc-Message").last).to_be_visible()
    walk(page, up=True)
    expect(page.locator(".jc-Beginning")).to_contain_text("This is the beginning of Orders review.")
    back = walk(page, up=False)
    assert back["worst"] <= 1, back
    page.locator(".jc-List").evaluate("list => { list.scrollTop = list.scrollHeight }")
    expect(page.get_by_text("Message 500:")).to_be_visible()


def test_sending_empties_the_field_and_shows_the_message(gallery: Open) -> None:
    page = gallery("slow")
    field = page.locator(".jc-Field")
    expect(page.locator(".jc-Send")).to_be_disabled()
    scroll_to(page, 0)
    field.fill("  hello **there**  ")
    field.press("Enter")
    expect(page.locator(".jc-Message").last.locator("strong")).to_have_text("there")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    assert from_end(page) <= 1
    expect(page.locator(".jc-Pending")).to_have_css("opacity", "1")


def test_enter_sends_and_shift_enter_does_not(gallery: Open) -> None:
    page = gallery("talk")
    field = page.locator(".jc-Field")
    field.click()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(field).to_have_value("one\ntwo")
    page.keyboard.press("Enter")
    expect(page.locator(".jc-Message").last).to_contain_text("two")


def test_up_edits_the_last_message_and_escape_brings_the_draft_back(gallery: Open) -> None:
    page = gallery("talk")
    field = page.locator(".jc-Field")
    field.click()
    page.keyboard.press("ArrowUp")
    expect(field).to_have_value("and thanks all, this was quick")
    expect(page.locator(".jc-Message[data-editing=true]")).to_have_count(1)
    expect(page.locator(".jc-Send")).to_have_text("Save")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    page.keyboard.press("ArrowUp")
    page.keyboard.type(", really")
    page.keyboard.press("Enter")
    expect(page.get_by_text("this was quick, really")).to_be_visible()
    expect(page.locator(".jc-Tail").last).to_have_text("(edited)")


@pytest.mark.parametrize("key", ["e", "r"], ids=["edit", "reply"])
def test_a_message_of_a_replaced_log_is_not_taken_for_another(gallery: Open, key: str) -> None:
    """[RS4] What was typed of an edit becomes a new message's text, and a reply one without."""
    page = gallery("talk")
    page.locator(".jc-Field").click()
    page.keyboard.press("ArrowUp")
    if key == "r":
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.keyboard.press("r")
    page.locator(".jc-Field").fill("meant for the other log")
    page.evaluate("""() => {
        gallery.server.lose("waiting");
        gallery.server.isOpen = true;
        gallery.server.restore("e2", 12);
    }""")
    expect(page.get_by_text("restored from a backup")).to_be_visible()
    expect(page.locator(".jc-Message[data-editing=true]")).to_have_count(0)
    expect(page.locator(".jc-Mode[data-kind=reply]")).to_have_count(0)
    page.locator(".jc-Field").press("Enter")
    if key == "e":
        expect(page.locator(".jc-Field")).to_have_value("meant for the other log")
        expect(page.locator(".jc-Mode")).to_have_count(0)
        expect(page.locator(".jc-Message", has_text="meant for")).to_have_count(0)
        page.locator(".jc-Field").press("Enter")
    sent = page.locator(".jc-Message", has_text="meant for the other log")
    expect(sent).to_have_count(1)
    expect(sent.locator(".jc-Quote")).to_have_count(0)


def test_saving_blank_text_asks_to_delete(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Field").click()
    page.keyboard.press("ArrowUp")
    page.locator(".jc-Field").fill("")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Delete this message?")).to_be_visible()


def test_escape_leads_out_one_step_at_a_time(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Field").click()
    page.keyboard.type("kept")
    page.keyboard.press("Escape")
    assert focused(page).startswith("Cyrus, ")
    page.keyboard.press("Escape")
    assert focused(page) == ""
    expect(page.locator(".jc-Field")).to_have_value("kept")


def test_the_list_is_moved_through_by_keys(gallery: Open) -> None:
    page = gallery("talk")
    last = page.locator(".jc-Message").last
    last.focus()
    page.keyboard.press("ArrowUp")
    assert focused(page).startswith("Ada Lovelace, ")
    page.keyboard.press("Home")
    expect(page.locator(".jc-Message").first).to_be_focused()
    page.keyboard.press("End")
    expect(last).to_be_focused()
    page.keyboard.press("Enter")
    assert focused(page) == "React with 👍"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "React with 🎉"
    page.keyboard.press("Escape")
    expect(last).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".jc-Field")).to_be_focused()


def test_letters_act_on_a_focused_message_only(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Message").last.focus()
    page.keyboard.press("r")
    expect(page.locator(".jc-Mode")).to_contain_text("Replying to Cyrus")
    page.keyboard.type("re")
    expect(page.locator(".jc-Field")).to_have_value("re")
    page.keyboard.press("Escape")
    expect(page.locator(".jc-Mode")).to_have_count(0)
    page.locator(".jc-Message").last.focus()
    page.keyboard.press("e")  # not mine
    expect(page.locator(".jc-Mode")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".jc-Message").last).to_be_focused()


def test_deleting_asks_moves_the_focus_on_and_can_be_undone(gallery: Open) -> None:
    page = gallery("talk")
    mine = page.locator(".jc-Message", has_text="this was quick")
    mine.focus()
    page.keyboard.press("Delete")
    assert focused(page) == "jc-Button"
    page.keyboard.press("Escape")
    expect(mine).to_be_focused()
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(mine).to_have_count(0)
    assert focused(page).startswith("Cyrus, ")
    page.get_by_role("button", name="Undo").click()
    expect(mine).to_be_visible()


def test_reactions_toggle_and_are_picked_by_keyboard(gallery: Open) -> None:
    page = gallery("talk")
    last = page.locator(".jc-Message").last
    pill = last.locator(".jc-Pill").first
    expect(pill).to_have_attribute("aria-pressed", "true")
    pill.click()
    expect(pill).to_have_attribute("aria-pressed", "false")
    last.focus()
    page.keyboard.press("+")
    page.keyboard.type("tada")
    page.keyboard.press("Enter")
    expect(last.locator(".jc-Pill", has_text="🎉")).to_have_attribute("aria-pressed", "true")


def test_a_viewer_is_not_told_to_remove_a_reaction(gallery: Open) -> None:
    page = gallery("viewer")
    pill = page.locator(".jc-Pill").last
    expect(pill).to_have_attribute("data-tip", re.compile("^You and .* reacted with"))


def test_an_emoji_used_in_two_skin_tones_is_recent_once(gallery: Open) -> None:
    page = gallery("talk")
    page.evaluate("""() => localStorage.setItem('jupyter_collab:emoji',
        JSON.stringify({ recent: ['👍🏽', '👍🏿', '🎉'], counts: {}, tone: 0 }))""")
    page.reload()
    page.locator(".jc-Composer").get_by_role("button", name="Emoji").click()
    recent = page.get_by_role("group", name="Recently used").get_by_role("button")
    expect(recent).to_have_text(["👍", "🎉"])


def test_nothing_new_takes_the_focus(gallery: Open) -> None:
    page = gallery("talk")
    expect(page.locator(".jc-Message").last).to_be_visible()
    assert focused(page) == ""
    post(page, "look here")
    assert focused(page) == ""


def test_visible_messages_are_read_after_a_second(gallery: Open) -> None:
    page = gallery("unread")
    page.wait_for_function("() => gallery.store.readMark.value > 75")
    assert page.evaluate("() => gallery.store.readMark.value") < 101


def test_menus_close_by_escape_click_and_tab(gallery: Open) -> None:
    page = gallery("talk")
    more = page.locator(".jc-Header").get_by_role("button", name="More")
    more.click()
    menu = page.get_by_role("menu")
    expect(menu).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => gallery.root.activeElement.textContent").startswith("Keyboard")
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(more).to_be_focused()
    more.click()
    page.locator(".jc-List").click(position={"x": 5, "y": 300})
    expect(menu).to_have_count(0)
    more.click()
    more.click()
    expect(menu).to_have_count(0)


def test_the_title_is_changed_in_place(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Title").click()
    page.keyboard.type("Finance")
    page.keyboard.press("Enter")
    expect(page.locator(".jc-Title")).to_have_text("Finance")
    expect(page.locator(".jc-Notice")).to_contain_text("renamed the conversation")


def test_a_quote_leads_to_its_original(gallery: Open) -> None:
    page = gallery("talk", height=300)
    page.locator(".jc-Quote").first.click()
    expect(page.locator(".jc-Message[data-tinted=true]")).to_contain_text("Here is the comparison")
    expect(page.locator(".jc-Message[data-tinted=true]")).to_have_count(0, timeout=3000)


@pytest.mark.parametrize("width", [280, 370, 480, 850, 1200])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_nothing_scrolls_sideways(gallery: Open, width: int, direction: str) -> None:
    page = gallery("talk", width=width, dir=direction)
    expect(page.locator(".jc-Message").last).to_be_visible()
    page.locator(".jc-List").evaluate("list => { list.scrollTop = 0 }")
    settle(page)
    wide = page.evaluate(
        """() => [...gallery.root.querySelectorAll('*')].filter(e =>
             !e.closest('pre, .jc-ScrollBox, .jc-Hidden, .jc-Picker-groups')
             && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
             && getComputedStyle(e).overflowX !== 'visible'
             && getComputedStyle(e).textOverflow !== 'ellipsis'
             && getComputedStyle(e).overflowX !== 'hidden').map(e => e.className)"""
    )
    assert wide == []
    box = page.locator(".jc-List").evaluate("list => [list.scrollWidth, list.clientWidth]")
    assert box[0] <= box[1]


def test_height_changes_by_key_and_by_drag(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Resize").focus()
    page.keyboard.press("ArrowUp")
    assert page.locator(".jc-App").evaluate("app => app.offsetHeight") == 456
    box = page.locator(".jc-Resize").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 50, box["y"] - 400)
    page.mouse.up()
    assert page.locator(".jc-App").evaluate("app => app.offsetHeight") == 240


def test_the_theme_follows_the_page(gallery: Open) -> None:
    page = gallery("talk")
    assert page.evaluate("() => gallery.view.host.dataset.theme") == "light"
    page.evaluate("() => { document.body.dataset.jpThemeLight = 'false' }")
    page.wait_for_function("() => gallery.view.host.dataset.theme === 'dark'")


def test_without_chunks_a_short_list_of_emoji_stays(gallery: Open) -> None:
    page = gallery("talk", nochunks=1)
    page.locator(".jc-Composer").get_by_role("button", name="Emoji").click()
    expect(page.get_by_text("Couldn't load more emoji.")).to_be_visible()
    page.get_by_role("button", name="🚀 rocket").click()
    expect(page.locator(".jc-Field")).to_have_value("🚀")


def test_everyone_is_there_after_another_try(gallery: Open) -> None:
    """[RS15] The panel keeps the focus, so that Esc still closes it."""
    page = gallery("many-refused")
    page.locator(".jc-Facepile").click()
    panel = page.get_by_role("dialog", name="People")
    expect(panel.get_by_text("293 people offline")).to_be_visible()
    expect(panel.locator(".jc-Person")).to_have_count(64)
    page.evaluate("() => { gallery.server.whoMs = 60 }")
    panel.get_by_role("button", name="Retry").click()
    expect(panel.locator(".jc-Person")).to_have_count(300)
    expect(panel.get_by_role("status")).to_have_count(0)
    expect(panel.get_by_text("293 people offline")).to_be_visible()
    expect(panel).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_everyone_is_asked_for_again_on_a_new_connection(gallery: Open) -> None:
    """[RS15] While the list of people is open."""
    page = gallery("many-asked")
    page.locator(".jc-Facepile").click()
    panel = page.get_by_role("dialog", name="People")
    expect(panel.get_by_text("Loading everyone, 64 of 300…")).to_be_visible()
    page.evaluate("() => { gallery.server.lose('waiting'); gallery.server.whoMs = 60 }")
    expect(panel.get_by_text("Couldn't load everyone.")).to_be_visible()
    page.evaluate("() => gallery.server.reconnectNow()")
    expect(panel.locator(".jc-Person")).to_have_count(300)
    page.evaluate("() => { gallery.server.whoMs = null; gallery.server.reconnectNow() }")
    expect(panel.locator(".jc-Person")).to_have_count(300)
    expect(panel.get_by_role("status")).to_have_count(0)
