"""The message list in a real browser: where it opens, what is read, what moves."""

from __future__ import annotations

from playwright.sync_api import expect

from js.tests.gallery.reader import Open, from_end, settle


def test_opens_at_the_first_unread_message_however_many_there_are(gallery: Open) -> None:
    page = gallery("backlog")
    divider = page.locator(".jc-Unread")
    expect(divider).to_be_in_viewport()
    below = divider.evaluate("row => row.nextElementSibling.dataset.seq")
    first = page.evaluate(
        "() => gallery.store.messages.value.find(m => m.seq > 340 && m.author !== 'user:ada').seq"
    )
    assert int(below) == first
    assert int(page.locator(".jc-Badge[data-kind=unread]").inner_text()[:2]) == 99


def test_messages_are_read_while_others_keep_coming(gallery: Open) -> None:
    page = gallery("unread")
    page.evaluate("() => { setInterval(() => gallery.server.post('user:bo', 'more'), 200) }")
    page.wait_for_function("() => gallery.store.readMark.value > 75")


def test_the_clock_of_a_message_on_its_way_takes_no_room(gallery: Open) -> None:
    page = gallery("slow")
    expect(page.locator(".jc-Message").last).to_be_visible()
    for number, text in enumerate(["```\\ncode\\n```", "- one\\n- two", "words"], 1):
        page.evaluate(f"() => gallery.store.post('{text}')")
        row = page.locator(".jc-Message").last
        expect(row.locator(".jc-Pending")).to_have_css("opacity", "1")
        before = row.evaluate("row => row.offsetHeight")
        page.evaluate(
            f"""() => gallery.server.tell(
              'user:ada', {{ kind: 'posted', body: {{ text: '{text}', reply_to: null }} }},
              'C{number}')"""
        )
        expect(row.locator(".jc-Pending")).to_have_count(0)
        assert row.evaluate("row => row.offsetHeight") == before


def test_the_list_keeps_its_end_while_the_field_is_typed_into(gallery: Open) -> None:
    page = gallery("history")
    field = page.locator(".jc-Field")
    field.fill("1\n2\n3\n4\n5\n6")
    settle(page)
    assert from_end(page) <= 1
    for letter in "abc":
        page.keyboard.type(letter)
        settle(page)
        assert from_end(page) <= 1
    page.evaluate("() => { gallery.view.host.style.display = 'none' }")
    settle(page)
    page.evaluate("() => { gallery.store.draft.value = '1\\n2' }")
    settle(page)
    page.evaluate("() => { gallery.view.host.style.display = '' }")
    settle(page)
    assert 40 < field.evaluate("field => field.offsetHeight") < 70
