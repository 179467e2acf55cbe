"""What befalls the browser's storage: it is wiped, shared by tabs, and grows old [UI13-UI16]."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from js.tests.gallery.conftest import Tabs
from js.tests.gallery.tabs import (
    READ,
    age_kept,
    come_back,
    history,
    kept,
    lose,
    post,
    wait_for_history,
    wait_for_kept,
    wait_for_log,
)

COPY_KEPT = """async count => {
    const opening = indexedDB.open('jupyter_collab');
    const db = await new Promise(done => { opening.onsuccess = () => done(opening.result); });
    const change = db.transaction('kept', 'readwrite');
    const store = change.objectStore('kept');
    const asked = store.getAll();
    asked.onsuccess = () => {
        const [record] = asked.result;
        for (let n = 1; n <= count; n++) {
            store.put({...record, conversation: `other-${n}`, usedAt: record.usedAt - 1000 * n});
        }
    };
    await new Promise(done => { change.oncomplete = done; });
    db.close();
}"""
HEAR = "entry => { gallery.server.hear(entry); gallery.store.flush(); }"


def posted(seq: int, text: str) -> dict[str, object]:
    body = {"text": text, "reply_to": None}
    author = {"author": "user:ada", "command_id": None}
    return {"kind": "posted", "seq": seq, "at": 1, "body": body, **author}


def begin(tabs: Tabs, texts: list[str]) -> Page:
    """A page on a conversation of these messages."""
    page = tabs("a")
    log = [posted(seq, text) for seq, text in enumerate(texts, 1)]
    page.evaluate("log => { localStorage['gallery:log'] = log }", json.dumps(log))
    page.reload()
    return page


def wipe(page: Page) -> None:
    """As a person does in the browser's settings, with the page open."""
    origin = page.evaluate("() => location.origin")
    what = {"origin": origin, "storageTypes": "indexeddb"}
    page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", what)


@pytest.mark.parametrize("locks", [{}, {"nolocks": 1}], ids=["locks", "lease"])
def test_what_waits_outlives_a_wiped_browser(tabs: Tabs, locks: dict[str, int]) -> None:
    """[UI13] The page still has it, sends it, and keeps anew what comes after."""
    a, b = tabs("a", **locks), tabs("b", **locks)
    lose(a)
    lose(b)
    post(a, "one")
    expect(b.locator(".jc-Body")).to_have_text(["one"])
    wait_for_kept(a, "one")
    wipe(a)
    come_back(b)
    wait_for_log(a, "one")
    come_back(a)
    lose(a)
    post(a, "two")
    expect(a.locator(".jc-Body")).to_have_text(["one", "two"])
    wait_for_kept(a, "two")
    a.close()
    b.reload()
    wait_for_log(b, "one", "two")


def test_others_hear_of_what_is_written_last(tabs: Tabs) -> None:
    """[UI14] The view goes in the moment of sending; the other tab shows it all the same."""
    a, b = tabs("a"), tabs("b")
    lose(a)
    lose(b)
    a.evaluate("() => { gallery.store.post('last words'); gallery.store.close(); }")
    expect(b.locator(".jc-Body")).to_have_text(["last words"])


def test_an_older_tab_writes_nothing_over_what_a_newer_one_saw(tabs: Tabs) -> None:
    """[UI16] Its connection is dead, and it has not found out."""
    a = tabs("a")
    post(a, "one")
    wait_for_log(a, "one")
    b = tabs("b")
    expect(b.locator(".jc-Body")).to_have_text(["one"])
    a.evaluate("() => { gallery.server.isDeaf = true }")
    post(b, "two")
    post(b, "three")
    wait_for_history(b, "one", "two", "three")
    a.evaluate(HEAR, posted(2, "two"))
    assert history(a) == [["one", "two", "three"]]


def test_what_is_kept_of_a_restored_log_stays(tabs: Tabs) -> None:
    """[UI16] The older tab has more entries, of a log that is no longer there."""
    a = tabs("a")
    post(a, "one")
    post(a, "two")
    wait_for_log(a, "one", "two")
    wait_for_history(a, "one", "two")
    a.evaluate("() => { gallery.server.isDeaf = true }")
    b = tabs("b")
    b.evaluate(
        "log => Object.assign(localStorage, {'gallery:log': log, 'gallery:epoch': 'e2'})",
        json.dumps([posted(1, "one")]),
    )
    lose(b)
    come_back(b)
    wait_for_history(b, "one")
    a.evaluate(HEAR, posted(3, "three"))
    assert history(a) == [["one"]]


@pytest.mark.parametrize("you", ["ada", "bo"])
def test_a_socket_that_fails_beside_a_server_that_answers(tabs: Tabs, you: str) -> None:
    """[UI16] [ID1] History, queue and draft are there, unless another one is."""
    page = tabs("a")
    post(page, "seen")
    wait_for_log(page, "seen")
    wait_for_history(page, "seen")
    lose(page)
    post(page, "unsent")
    wait_for_kept(page, "unsent")
    page.locator(".jc-Field").fill("half a thought")
    page.goto(f"{page.url}&mute=1&you={you}")
    if you == "ada":
        expect(page.locator(".jc-Body")).to_have_text(["seen", "unsent"])
        expect(page.locator(".jc-Field")).to_have_value("half a thought")
        expect(page.locator(".jc-Bar")).to_contain_text("Connection lost.")
        expect(page.get_by_label("Waiting for connection")).to_be_visible()
    else:
        expect(page.get_by_text("Still loading…")).to_be_visible(timeout=15_000)
        expect(page.locator(".jc-Body")).to_have_count(0)


def test_an_edit_goes_on_after_a_reload(tabs: Tabs) -> None:
    """[UI13] What was typed is there when the message is edited again; cancelled, it is gone."""
    page = tabs("a")
    post(page, "teh")
    wait_for_log(page, "teh")
    for typed in ("the", None):
        expect(page.locator(".jc-Body")).to_have_text(["teh"])
        page.locator(".jc-Message").focus()
        page.keyboard.press("e")
        field = page.locator(".jc-Field")
        expect(field).to_have_value("teh" if typed else "the")
        if typed is None:
            page.get_by_role("button", name="Cancel").click()
        else:
            field.fill(typed)
        page.reload()
    page.locator(".jc-Message").focus()
    page.keyboard.press("e")
    expect(page.locator(".jc-Field")).to_have_value("teh")


def test_of_a_long_conversation_the_newest_messages_are_kept(tabs: Tabs) -> None:
    """[UI16] 200 of 250; the rest is asked for from there."""
    wait_for_seqs(begin(tabs, [f"message {seq}" for seq in range(1, 251)]), 51, 250)


def test_of_long_messages_so_many_are_kept_as_are_small_enough(tabs: Tabs) -> None:
    """[UI16] 1 MiB, two bytes a character: 25 of 41,000 bytes and a little each, not 26."""
    wait_for_seqs(begin(tabs, ["y" * 20_500] * 40), 16, 40)


def wait_for_seqs(page: Page, first: int, last: int) -> None:
    """Until just these are kept, and the rest is to be asked for."""
    for _ in range(200):
        found = [
            ([message["seq"] for message in record["kept"]["messages"]], record["kept"]["before"])
            for record in page.evaluate(READ, "kept")
        ]
        if found == [(list(range(first, last + 1)), first)]:
            return
    raise AssertionError(found)


def test_of_many_conversations_the_last_ones_are_kept(tabs: Tabs) -> None:
    """[UI16] 50 of 52."""
    page = begin(tabs, ["one"])
    wait_for_history(page, "one")
    page.evaluate(COPY_KEPT, 51)
    post(page, "two")
    expected = {"team", *(f"other-{n}" for n in range(1, 50))}
    for _ in range(200):
        found = {record["conversation"] for record in page.evaluate(READ, "kept")}
        if found == expected:
            break
    assert found == expected


def test_history_that_nobody_saw_for_a_week_is_deleted(tabs: Tabs) -> None:
    """[UI16] By whichever conversation is opened next."""
    page = tabs("a")
    post(page, "seen")
    wait_for_log(page, "seen")
    wait_for_history(page, "seen")
    age_kept(page, 6.9)
    page.goto(page.url + "&down")
    expect(page.locator(".jc-Body")).to_have_text(["seen"])
    age_kept(page, 0.2)
    page.reload()
    expect(page.get_by_text("Couldn't connect")).to_be_visible()
    assert history(page) == []


def test_what_was_not_sent_for_two_weeks_is_deleted(tabs: Tabs) -> None:
    """[UI15] For a week it was shown as not sent."""
    page = tabs("a")
    lose(page)
    post(page, "one")
    wait_for_kept(page, "one")
    wait_for_history(page)
    age_kept(page, 14.1)
    page.goto(page.url + "&down")
    expect(page.get_by_text("Couldn't connect")).to_be_visible()
    assert kept(page) == []
