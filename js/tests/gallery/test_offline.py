"""What outlives a page: the queue and what was seen, in the browser's own storage [UI13-UI16]."""

from __future__ import annotations

import functools
import json
import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from js.tests.gallery.conftest import FLAGS, Tabs, executable
from js.tests.gallery.tabs import (
    age_kept,
    come_back,
    kept,
    log,
    lose,
    post,
    sent,
    wait_for_history,
    wait_for_kept,
    wait_for_log,
)


def test_the_queue_survives_a_reload_and_goes_out_in_order(tabs: Tabs) -> None:
    """[UI13] Written offline, reloaded offline, seen, and sent once when back."""
    page = tabs("a")
    post(page, "before")
    wait_for_log(page, "before")
    lose(page)
    for text in ("one", "two", "three"):
        post(page, text)
    wait_for_kept(page, "one", "two", "three")
    wait_for_history(page, "before")
    page.goto(page.url + "&down")
    expect(page.locator(".jc-Body")).to_have_text(["before", "one", "two", "three"])
    expect(page.get_by_label("Waiting for connection")).to_have_count(3)
    come_back(page)
    wait_for_log(page, "before", "one", "two", "three")
    expect(page.locator(".jc-Body")).to_have_text(["before", "one", "two", "three"])
    wait_for_kept(page)


def bar(page: Page) -> Locator:
    return page.locator(".jc-Bar[data-kind=old]")


@pytest.mark.parametrize("locks", [{}, {"nolocks": 1}], ids=["locks", "lease"])
def test_of_two_tabs_one_sends_and_both_show_it(tabs: Tabs, locks: dict[str, int]) -> None:
    """[UI14] Two tabs, each with a queue: one after the other, each in order, each once."""
    a, b = tabs("a", **locks), tabs("b", **locks)
    lose(a)
    lose(b)
    for text in ("a1", "a2", "a3"):
        post(a, text)
    expect(b.locator(".jc-Body")).to_have_text(["a1", "a2", "a3"])
    for text in ("b1", "b2", "b3"):
        post(b, text)
    expect(a.locator(".jc-Body")).to_have_count(6)
    wait_for_kept(a, "a1", "a2", "a3", "b1", "b2", "b3")
    come_back(a)
    come_back(b)
    wait_for_log(a, "a1", "a2", "a3", "b1", "b2", "b3")
    pages = [page for page, _ in sent(a)]
    assert len(pages) == 6
    assert len(set(pages)) == 1
    for page in (a, b):
        expect(page.get_by_label("Sending…")).to_have_count(0)
        expect(page.locator(".jc-Body")).to_have_text(["a1", "a2", "a3", "b1", "b2", "b3"])
    wait_for_kept(a)


@pytest.mark.parametrize("locks", [{}, {"nolocks": 1}], ids=["locks", "lease"])
@pytest.mark.parametrize("end", ["close", "lose"])
def test_another_tab_goes_on_when_the_sender_goes(
    tabs: Tabs, locks: dict[str, int], end: str
) -> None:
    """[UI14] In the middle of a burst that the server slows down."""
    a, b = tabs("a", rate=2, **locks), tabs("b", rate=2, **locks)
    lose(a)
    lose(b)
    texts = [f"a{n}" for n in range(5)]
    for text in texts:
        post(a, text)
    expect(b.locator(".jc-Body")).to_have_text(texts)
    come_back(a)
    b.wait_for_function("() => JSON.parse(localStorage['gallery:log'] ?? '[]').length >= 2")
    come_back(b)
    if end == "close":
        a.close()
    else:
        lose(a)
    wait_for_log(b, *texts)
    expect(b.locator(".jc-Body")).to_have_text(texts)
    assert "b" in {page for page, _ in sent(b)}


def test_a_browser_that_is_killed_loses_nothing(
    browser: Browser, site: str, tmp_path: Path
) -> None:
    """[UI13] All its processes at once, with a queue; then it is started anew."""
    address = f"{site}?scene=talk&keep=a"
    launch = functools.partial(
        browser.browser_type.launch_persistent_context,
        tmp_path,
        executable_path=executable(),
        args=FLAGS,
    )
    page = launch().new_page()
    page.goto(address)
    expect(page.locator(".jc-App")).to_have_attribute("aria-label", "Team")
    lose(page)
    post(page, "one")
    post(page, "two")
    wait_for_kept(page, "one", "two")
    wait_for_history(page)  # and with it whose they are
    _, _, process = str((tmp_path / "SingletonLock").readlink()).rpartition("-")
    with page.context.expect_event("close"):
        os.kill(int(process), signal.SIGKILL)
    context = launch()
    page = context.new_page()
    page.goto(address + "&down")
    expect(page.locator(".jc-Body")).to_have_text(["one", "two"])
    come_back(page)
    wait_for_log(page, "one", "two")
    context.close()


def test_a_page_that_is_too_old_is_loaded_anew(tabs: Tabs) -> None:
    """[UI13] [UI21] CN7: history, queue and draft are in the new one; then what waits is sent."""
    page = tabs("a")
    post(page, "before")
    wait_for_log(page, "before")
    lose(page)
    post(page, "one")
    post(page, "two")
    wait_for_kept(page, "one", "two")
    wait_for_history(page, "before")
    page.goto(page.url + "&down")
    expect(page.locator(".jc-Body")).to_have_text(["before", "one", "two"])
    page.locator(".jc-Field").fill("half a thought")
    page.evaluate("() => gallery.server.end(4001, 'The page is too old.')")
    with page.expect_navigation():
        page.get_by_role("button", name="Reload").click()
    expect(page.locator(".jc-Body")).to_have_text(["before", "one", "two"])
    expect(page.get_by_label("Waiting for connection")).to_have_count(2)
    expect(page.locator(".jc-Field")).to_have_value("half a thought")
    come_back(page)
    wait_for_log(page, "before", "one", "two")
    expect(page.locator(".jc-Field")).to_have_value("half a thought")


def test_what_is_settled_elsewhere_is_settled_here(tabs: Tabs) -> None:
    """[UI14] Deleted in one tab, it is not sent by the other."""
    a, b = tabs("a"), tabs("b")
    lose(a)
    lose(b)
    post(a, "no")
    post(a, "yes")
    expect(b.locator(".jc-Body")).to_have_text(["no", "yes"])
    message = b.locator(".jc-Message", has_text="no")
    message.hover()
    message.get_by_role("button", name="More actions").click()
    b.get_by_role("menuitem", name="Delete").click()
    expect(b.locator(".jc-Body")).to_have_text(["yes"])
    expect(a.locator(".jc-Body")).to_have_text(["no", "yes"])  # it may be had back
    expect(a.locator(".jc-Body")).to_have_text(["yes"], timeout=10_000)  # no Undo any more
    come_back(a)
    wait_for_log(a, "yes")


def test_what_waits_can_be_written_anew(tabs: Tabs) -> None:
    """[UI15] In its place, by the menu or a key; what was being written stays."""
    page = tabs("a")
    lose(page)
    for text in ("one", "teh typo", "three"):
        post(page, text)
    field = page.locator(".jc-Field")
    field.fill("a draft")
    page.locator(".jc-Message", has_text="teh typo").focus()
    page.keyboard.press("e")
    expect(field).to_be_focused()
    expect(field).to_have_value("teh typo")
    expect(page.get_by_text("Editing message")).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_have_value("a draft")
    page.locator(".jc-Message", has_text="teh typo").hover()
    page.locator(".jc-Message", has_text="teh typo").get_by_label("More actions").click()
    page.get_by_role("menuitem", name="Edit").click()
    come_back(page)
    wait_for_log(page, "one")  # and nothing more while it is edited
    field.fill("the typo")
    page.get_by_role("button", name="Save").click()
    expect(field).to_have_value("a draft")
    wait_for_log(page, "one", "the typo", "three")
    expect(page.locator(".jc-Body")).to_have_text(["one", "the typo", "three"])
    wait_for_kept(page)


def test_a_change_that_waits_says_so(tabs: Tabs) -> None:
    """[UI15] A reaction, an edit and a new title show the sign of a message that waits."""
    page = tabs("a")
    for text in ("one", "two"):
        post(page, text)
    wait_for_log(page, "one", "two")
    lose(page)
    page.evaluate("""() => {
        gallery.store.toggleReaction(1, '👍');
        gallery.store.edit(2, 'two, edited');
        gallery.store.rename('The team');
    }""")
    waits = page.get_by_label("Waiting for connection")
    expect(page.locator(".jc-Message").get_by_label("Waiting for connection")).to_have_count(2)
    expect(page.locator(".jc-Header").get_by_label("Waiting for connection")).to_be_visible()
    come_back(page)
    expect(waits).to_have_count(0)
    expect(page.locator(".jc-Message[data-state=sent]")).to_have_count(2)


def test_what_was_deleted_before_it_was_sent_comes_back_by_undo(tabs: Tabs) -> None:
    """[UI15] At its place; it does not go out meanwhile."""
    page = tabs("a")
    lose(page)
    for text in ("one", "two", "three"):
        post(page, text)
    page.locator(".jc-Message", has_text="two").focus()
    page.keyboard.press("Delete")
    toast = page.locator(".jc-Toast")
    expect(toast).to_contain_text("Message deleted.")
    expect(page.locator(".jc-Body")).to_have_text(["one", "three"])
    come_back(page)
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_have_count(0)
    wait_for_log(page, "one", "two", "three")
    expect(page.locator(".jc-Body")).to_have_text(["one", "two", "three"])


def old_queue(tabs: Tabs, days: float) -> Page:
    page = tabs("a")
    lose(page)
    post(page, "one")
    post(page, "two")
    wait_for_kept(page, "one", "two")
    age_kept(page, days)
    page.goto(page.url + "&down")
    return page


@pytest.mark.parametrize("answer", ["Send", "Discard", "Edit"])
def test_what_is_a_day_old_is_asked_about(tabs: Tabs, answer: str) -> None:
    """[UI15] Nothing that old goes out without a word; what is new does."""
    page = old_queue(tabs, 1.5)
    expect(page.locator(".jc-Body")).to_have_text(["one", "two"])
    come_back(page)
    expect(bar(page)).to_contain_text("Send 2 messages written ")
    post(page, "new")
    wait_for_log(page, "new")
    bar(page).get_by_role("button", name=answer).click()
    if answer == "Edit":
        expect(page.locator(".jc-Field")).to_have_value("one")
        post(page, "eins")  # the question stays
        bar(page).get_by_role("button", name="Send").click()
        wait_for_log(page, "new", "eins", "two")
    expect(bar(page)).to_have_count(0)
    if answer == "Send":
        wait_for_log(page, "new", "one", "two")
    if answer == "Discard":
        expect(page.locator(".jc-Toast")).to_contain_text("2 messages deleted.")
        page.evaluate("() => gallery.store.flush()")  # as when the page goes
        wait_for_kept(page)
        assert log(page) == ["new"]


def test_what_is_a_week_old_is_not_sent(tabs: Tabs) -> None:
    """[UI15] It is shown as not sent, and goes only if its author says so."""
    page = old_queue(tabs, 7.1)
    come_back(page)
    expect(page.get_by_text("Not sent: It has waited too long.")).to_have_count(2)
    page.get_by_role("button", name="Retry all").click()
    wait_for_log(page, "one", "two")


def test_what_was_refused_is_so_after_a_reload(tabs: Tabs) -> None:
    """[UI13] A failed message is not sent again by itself."""
    page = tabs("a")
    post(page, "no")
    wait_for_log(page, "no")
    page.evaluate("() => { gallery.server.answers = false }")
    post(page, "refused")
    page.evaluate("""() => gallery.server.refuse(
        gallery.store.messages.value.at(-1).commandId, 'read_only', 'You may only read.')""")
    expect(page.get_by_text("Not sent: You may only read.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Not sent: You may only read.")).to_be_visible()
    assert log(page) == ["no"]


def test_one_persons_queue_is_not_the_next_ones(tabs: Tabs) -> None:
    """[UI16] Another one signs in on the same page: nothing of the first is shown or sent."""
    page = tabs("a")
    post(page, "seen")
    wait_for_log(page, "seen")
    lose(page)
    post(page, "Ada's")
    wait_for_kept(page, "Ada's")
    address = page.url
    page.goto(address + "&you=bo")
    expect(page.locator(".jc-Body")).to_have_text(["seen"])
    post(page, "Bo's")
    wait_for_log(page, "seen", "Bo's")
    page.goto(address)
    wait_for_log(page, "seen", "Bo's", "Ada's")


def test_what_was_kept_is_resumed_from(tabs: Tabs) -> None:
    """[UI16] The next page asks only for what is new; another build asks for all."""
    page = tabs("a")
    post(page, "one")
    wait_for_log(page, "one")
    wait_for_history(page, "one")
    page.goto(page.url + "&down")
    expect(page.locator(".jc-Body")).to_have_text(["one"])
    come_back(page)
    assert page.evaluate("() => resumedAfter") == 1
    page.goto(page.url + "&build=2")
    expect(page.get_by_text("Couldn't connect")).to_be_visible()
    come_back(page)
    expect(page.locator(".jc-Body")).to_have_text(["one"])
    assert page.evaluate("() => resumedAfter") is None


@pytest.mark.parametrize("code", [4003, 4004, 4010])
def test_who_may_not_see_it_any_more_does_not(tabs: Tabs, code: int) -> None:
    """[UI16] What was kept goes; the queue and the draft stay."""
    page = tabs("a")
    post(page, "seen")
    wait_for_log(page, "seen")
    lose(page)
    post(page, "unsent")
    wait_for_kept(page, "unsent")
    wait_for_history(page, "seen")
    page.goto(page.url + "&down")
    expect(page.locator(".jc-Body")).to_have_text(["seen", "unsent"])
    page.evaluate("code => gallery.server.end(code, 'You may not.')", code)
    expect(page.locator(".jc-Body")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Couldn't connect")).to_be_visible()
    expect(page.locator(".jc-Body")).to_have_count(0)
    assert kept(page) == ["unsent"]


def test_a_full_queue_says_so_and_keeps_the_text(tabs: Tabs) -> None:
    """[UI15] 500 wait: the next one stays in the field."""
    page = tabs("a")
    lose(page)
    page.evaluate("() => { for (let n = 0; n < 500; n++) gallery.store.post(`m${n}`) }")
    post(page, "one too many")
    expect(page.locator(".jc-Note")).to_contain_text("No more messages can wait to be sent.")
    expect(page.locator(".jc-Field")).to_have_value("one too many")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()


def test_a_browser_without_room_keeps_it_in_the_page_and_says_so(
    browser: Browser, site: str
) -> None:
    """[UI13] A real quota, exceeded by one message and not by what came before."""
    context = browser.new_context()
    page = context.new_page()
    origin = site.removesuffix("/index.html")
    small = {"origin": origin, "quotaSize": 40_000}
    context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", small)
    page.goto(f"{site}?scene=talk&keep=a")
    post(page, "small")
    wait_for_log(page, "small")
    lose(page)
    post(page, "y" * 30_000)
    expect(page.locator(".jc-Note")).to_have_text(
        "This browser keeps unsent messages only until this page is closed."
    )
    come_back(page)
    wait_for_log(page, "small", "y" * 30_000)
    expect(page.locator(".jc-Note")).to_have_count(0)
    context.close()


def test_a_browser_that_forbids_storage_keeps_it_in_the_page(
    browser: Browser, site: str, tmp_path: Path
) -> None:
    """[UI13] Site data is blocked in the browser's settings."""
    (tmp_path / "Default").mkdir()
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(blocked))
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=executable(), args=FLAGS
    )
    page = context.new_page()
    page.goto(f"{site}?scene=talk&offline=1")
    with pytest.raises(Error, match="Access is denied"):
        page.evaluate("() => localStorage.length")
    page.evaluate("() => gallery.server.lose('offline')")
    post(page, "one")
    expect(page.locator(".jc-Note")).to_have_text(
        "This browser keeps unsent messages only until this page is closed."
    )
    page.evaluate("() => gallery.server.reconnectNow()")
    expect(page.locator(".jc-Message").last).to_have_attribute("data-state", "sent")
    context.close()
