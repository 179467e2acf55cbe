"""The message list in a real browser: where it opens, what is read, what moves."""

from __future__ import annotations

from playwright.sync_api import expect

from js.tests.gallery.reader import Open, from_end, post, settle, walk


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


def test_the_way_to_the_first_of_very_many_unread_messages_is_smooth(gallery: Open) -> None:
    """More than are loaded at opening: the divider comes when its place is known."""
    page = gallery("absence")
    expect(page.locator(".jc-Message").first).to_be_visible()
    expect(page.locator(".jc-Unread")).to_have_count(0)
    moved = walk(page, up=True)
    assert moved["worst"] <= 1, moved
    assert moved["lost"] == 0, moved
    below = page.locator(".jc-Unread").evaluate("row => row.nextElementSibling.dataset.seq")
    assert 20 < int(below) <= 22


def test_messages_are_read_while_others_keep_coming(gallery: Open) -> None:
    page = gallery("unread")
    page.evaluate("() => { setInterval(() => gallery.server.post('user:bo', 'more'), 200) }")
    page.wait_for_function("() => gallery.store.readMark.value > 75")


def test_who_answers_has_read_what_is_there(gallery: Open) -> None:
    """[UI16] The divider that goes with one's message does not come back with the next page."""
    page = gallery("unread")
    expect(page.locator(".jc-Unread")).to_be_visible()
    page.evaluate("() => gallery.server.lose('offline')")
    head = page.evaluate("() => Math.max(...gallery.store.messages.value.map(({ seq }) => seq))")
    assert page.evaluate("() => gallery.store.readMark.value") < head
    page.locator(".jc-Field").fill("an answer")
    page.keyboard.press("Enter")
    expect(page.locator(".jc-Unread")).to_have_count(0)
    assert page.evaluate("() => gallery.store.readMark.value") == head


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


def test_code_is_at_most_400_px_high_folded_or_not(gallery: Open) -> None:
    page = gallery("talk")
    for lines in (17, 18, 19, 20, 40):
        post(page, "```\n" + "\n".join(["code"] * lines) + "\n```")
        code = page.locator(".jc-Code").last
        assert code.evaluate("code => code.offsetHeight") <= 400


def test_a_folded_message_edited_to_fit_is_not_folded(gallery: Open) -> None:
    page = gallery("talk")
    post(page, "\n".join(["a line"] * 40))
    row = page.locator(".jc-Message").last
    expect(row.locator(".jc-Body")).to_have_attribute("data-folded", "true")
    page.evaluate(
        """text => gallery.server.tell('user:bo', { kind: 'edited', body: {
             target: gallery.store.messages.value.at(-1).seq, text } })""",
        "\n".join(["a line"] * 22),
    )
    expect(row.locator(".jc-Body")).to_have_attribute("data-folded", "false")


def test_a_tap_on_a_message_shows_its_buttons(gallery: Open) -> None:
    page = gallery("talk")
    row = page.locator(".jc-Message").nth(-4)
    expect(row.locator(".jc-Toolbar")).to_have_count(0)
    row.dispatch_event("click")
    expect(row.locator(".jc-Toolbar")).to_have_count(1)
