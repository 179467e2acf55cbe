"""When something goes wrong or goes away: toasts, the connection line, where the focus goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]


def focused(page: Page) -> str:
    """The name or class of what has the focus in the widget."""
    return page.evaluate(
        "() => gallery.root.activeElement?.ariaLabel ?? gallery.root.activeElement?.className ?? ''"
    )


def delete(page: Page, text: str) -> None:
    page.locator(".jc-Message", has_text=text).focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")


def deadline(page: Page) -> float:
    return page.evaluate("() => [...gallery.store.deleting.value.values()][0]")


def announcer(page: Page) -> Locator:
    return page.locator(".jc-Hidden[aria-live=polite]")


def test_a_toast_stays_from_the_first_moment_it_is_pointed_at(gallery: Open) -> None:
    page = gallery("talk")
    delete(page, "this was quick")
    first = deadline(page)
    page.locator(".jc-Toast").hover()
    assert deadline(page) > first


def test_deleting_all_that_failed_can_be_undone(gallery: Open) -> None:
    """[UI15] By one Undo for all of them."""
    page = gallery("failed")
    bodies = page.locator(".jc-Body")
    expect(page.locator(".jc-NotSent")).to_have_count(2)
    before = bodies.all_text_contents()
    page.get_by_role("button", name="Delete all").click()
    expect(page.locator(".jc-NotSent")).to_have_count(0)
    toast = page.locator(".jc-Toast")
    expect(toast).to_have_count(1)
    expect(toast).to_contain_text("2 messages deleted.")
    toast.get_by_role("button", name="Undo").click()
    expect(bodies).to_have_text(before)


def test_a_focused_toast_stays_when_the_pointer_leaves(gallery: Open) -> None:
    page = gallery("talk")
    delete(page, "this was quick")
    page.locator(".jc-Toast").hover()
    page.get_by_role("button", name="Undo").focus()
    page.mouse.move(1, 1)
    before = deadline(page)
    page.wait_for_function(
        "before => [...gallery.store.deleting.value.values()][0] > before", arg=before
    )


def test_a_refusal_names_what_failed(gallery: Open) -> None:
    page = gallery("slow")
    page.locator(".jc-Message").last.locator(".jc-Pill").first.click()
    page.evaluate("() => gallery.server.refuse('C1', 'full', 'There are too many.')")
    toast = page.get_by_role("alert").filter(has_text="Couldn't react. There are too many.")
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_be_hidden()
    assert focused(page) == "Write a message"


def test_favourites_keep_their_places_and_count_only_what_is_set(gallery: Open) -> None:
    page = gallery("talk")
    page.evaluate("""() => localStorage.setItem('jupyter_collab:emoji', JSON.stringify({
        recent: [], counts: { '🚀': 2, '👀': 2, '🔥': 2 }, tone: 0 }))""")
    page.reload()
    message = page.locator(".jc-Message").nth(-3)
    message.hover()
    emoji = message.locator(".jc-Toolbar [data-kind=emoji]")
    expect(emoji).to_have_text(["🚀", "👀", "🔥"])
    emoji.nth(1).click()
    expect(message.locator(".jc-Pill", has_text="👀")).to_have_count(1)
    emoji.nth(1).click()
    expect(emoji).to_have_text(["🚀", "👀", "🔥"])
    expect(message.locator(".jc-Pill", has_text="👀")).to_have_count(0)
    counts = page.evaluate("() => JSON.parse(localStorage['jupyter_collab:emoji']).counts")
    assert counts["👀"] == 3


def test_more_reactions_give_the_focus_to_the_first_of_them(gallery: Open) -> None:
    page = gallery("crowd")
    message = page.locator(".jc-Message", has_text="see you there")
    message.get_by_role("button", name="+2 more").click()
    expect(message.locator(".jc-Pill").nth(8)).to_be_focused()


def test_a_button_that_goes_leaves_the_focus_to_the_composer(gallery: Open) -> None:
    page = gallery("failed")
    page.get_by_role("button", name="Delete all").click()
    expect(page.get_by_role("alert").filter(has_text="not sent")).to_be_hidden()
    assert focused(page) == "Write a message"


def test_trying_again_leaves_the_focus_to_the_composer(gallery: Open) -> None:
    page = gallery("lost")
    status = page.get_by_role("status").filter(has_text="Connection lost.")
    expect(status).to_have_text("Connection lost.")
    page.get_by_role("group", name="Connection").get_by_role("button", name="Retry now").click()
    expect(page.locator(".jc-Bar").get_by_text("Back online")).to_be_visible()
    assert focused(page) == "Write a message"
    expect(page.locator(".jc-Bar")).to_have_count(0)


def test_a_closed_line_still_says_that_nothing_is_sent(gallery: Open) -> None:
    page = gallery("talk")
    page.evaluate("() => gallery.server.end(4010, 'You were removed.')")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".jc-Bar")).to_have_text(
        "Disconnected. Messages are neither sent nor received."
    )


def test_a_first_load_that_fails_is_said_once(gallery: Open) -> None:
    page = gallery("loading", clock=True)
    page.clock.install()
    page.evaluate("() => gallery.server.lose('waiting')")
    page.clock.run_for(4000)
    expect(page.get_by_text("Couldn't connect to this conversation:")).to_be_visible()
    expect(page.locator(".jc-Bar")).to_have_count(0)


def test_tab_leaves_a_menu_from_its_opener(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Header").get_by_role("button", name="More").click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.locator(".jc-Facepile")).to_be_focused()


def test_a_key_of_an_input_method_neither_picks_nor_closes(gallery: Open) -> None:
    page = gallery("talk")
    page.locator(".jc-Composer").get_by_role("button", name="Emoji").click()
    search = page.get_by_role("searchbox", name="Search emoji")
    for key in ("Enter", "Escape"):
        search.dispatch_event("keydown", {"key": key, "keyCode": 229})
    expect(search).to_be_focused()
    expect(page.locator(".jc-Field")).to_have_value("")


def test_the_same_text_is_announced_again(gallery: Open) -> None:
    page = gallery("talk", clock=True)
    page.locator(".jc-Field").focus()
    page.clock.install()
    said = announcer(page).locator("p")
    page.evaluate("() => gallery.server.post('user:bo', 'ok')")
    page.clock.run_for(100)
    expect(said).to_have_text("Bo Andersen: ok")
    said.evaluate("p => { p.dataset.old = 'true' }")
    page.evaluate("() => gallery.server.post('user:bo', 'ok')")
    page.clock.run_for(2500)
    expect(said).to_have_text("Bo Andersen: ok")
    expect(announcer(page).locator("[data-old]")).to_have_count(0)


def test_what_loads_is_not_announced(gallery: Open) -> None:
    page = gallery("loading")
    page.get_by_role("button", name="More", exact=True).focus()
    page.evaluate("() => gallery.server.reconnectNow()")
    expect(page.locator(".jc-Message").last).to_be_visible()
    page.evaluate("() => gallery.server.post('user:bo', 'after that')")
    expect(announcer(page)).to_have_text("Bo Andersen: after that")


def test_an_edit_that_would_fill_the_queue_too_much_stays_in_the_field(gallery: Open) -> None:
    """[UI13] [UI15] 5 MiB wait: what is there can get shorter, not longer."""
    page = gallery("talk")
    page.evaluate("() => gallery.server.lose('offline')")
    page.evaluate("() => { while (gallery.store.post('x'.repeat(30_000))) {} }")
    field = page.locator(".jc-Field")
    save = page.get_by_role("button", name="Save")
    field.press("ArrowUp")
    field.fill('"' * 30_000)
    full = page.locator(".jc-Note", has_text="No more messages can wait to be sent.")
    expect(full).to_contain_text("Your text is kept.")
    expect(save).to_be_disabled()
    field.press("Enter")
    expect(page.get_by_text("Editing message")).to_be_visible()
    field.fill("shorter")
    expect(full).to_have_count(0)
    save.click()
    expect(page.locator(".jc-Body").last).to_have_text("shorter")


@pytest.mark.parametrize("means", ["menu", "key"])
def test_an_edit_that_waits_is_discarded_and_had_back(gallery: Open, means: str) -> None:
    """[UI15] As a message that waits is: by the menu or a key, with Undo."""
    page = gallery("talk")
    field = page.locator(".jc-Field")
    page.evaluate("() => gallery.server.lose('offline')")
    field.press("ArrowUp")
    before = field.input_value()
    field.fill("changed offline")
    field.press("Enter")
    row = page.locator(".jc-Message[data-state=pending]")
    expect(row).to_contain_text("changed offline")
    row.focus()
    if means == "menu":
        row.get_by_role("button", name="More actions").click()
        page.get_by_role("menuitem", name="Discard edit").click()
    else:
        page.keyboard.press("d")
    expect(page.locator(".jc-Message", has_text=before.splitlines()[0])).to_have_count(1)
    expect(row).to_have_count(0)
    toast = page.locator(".jc-Toast")
    expect(toast).to_contain_text("Edit discarded.")
    page.evaluate("() => gallery.server.reconnectNow()")
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_have_count(0)
    edited = page.locator(".jc-Message", has_text="changed offline")
    expect(edited).to_be_focused()
    expect(edited).to_have_attribute("data-state", "sent")


def test_an_edit_that_waits_is_not_sent_while_it_is_edited_again(gallery: Open) -> None:
    """[UI15] Saved, the new text is sent instead."""
    page = gallery("talk")
    field = page.locator(".jc-Field")
    page.evaluate("() => gallery.server.lose('offline')")
    for text in ("first thought", "second thought"):
        field.press("ArrowUp")
        field.fill(text)
        if text == "second thought":
            page.evaluate("() => gallery.server.reconnectNow()")
            expect(page.locator(".jc-Message[data-state=pending]")).to_contain_text("first thought")
        field.press("Enter")
    edited = page.locator(".jc-Message", has_text="second thought")
    expect(edited).to_have_attribute("data-state", "sent")


def test_only_an_edit_that_waits_can_be_discarded(gallery: Open) -> None:
    page = gallery("talk")
    mine = page.locator(".jc-Message", has_text="this was quick")
    mine.focus()
    page.keyboard.press("d")
    expect(page.locator(".jc-Toast")).to_have_count(0)
    mine.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menuitem", name="Delete")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Discard edit")).to_have_count(0)
