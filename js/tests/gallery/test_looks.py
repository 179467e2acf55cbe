"""Sizes, colours and places that must hold whatever the page around is like."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]

SMALL = """least => [...gallery.root.querySelectorAll('button, input, textarea, .jc-Resize')]
  .map(e => [e.ariaLabel ?? e.textContent, e.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && Math.min(width, height) < least)
  .map(([name, { width, height }]) => `${name}: ${width} x ${height}`)"""

CONTRAST = """([text, ground]) => {
  const light = ([r, g, b]) => [r, g, b]
    .map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const [low, high] = [text, ground].map(light).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""


def style(element: Locator, name: str) -> str:
    return element.evaluate("(element, name) => getComputedStyle(element)[name]", name)


def colour(element: Locator, name: str) -> list[int]:
    return [int(part) for part in style(element, name).strip("rgb()").split(", ")]


@pytest.mark.parametrize("touch", [False, True])
@pytest.mark.parametrize("width", [848, 368])
def test_everything_that_can_be_pressed_is_large_enough(
    gallery: Open, width: int, touch: bool
) -> None:
    page = gallery("talk", width=width, touch=touch)
    least = 32 if touch else 24
    message = page.locator(".jc-Message").nth(-4)
    message.hover()
    assert page.evaluate(SMALL, least) == []
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("menuitem").first).to_be_visible()
    assert page.evaluate(SMALL, least) == []
    page.keyboard.press("Escape")
    page.locator(".jc-Composer").get_by_role("button", name="Emoji").click()
    expect(page.locator(".jc-Picker-groups .jc-IconButton")).to_have_count(9)
    assert page.evaluate(SMALL, least) == []


def test_the_edge_to_drag_leaves_the_composer_alone(gallery: Open) -> None:
    page = gallery("talk")
    send = page.locator(".jc-Field").bounding_box()
    edge = page.locator(".jc-Resize").bounding_box()
    assert send is not None
    assert edge is not None
    assert send["y"] + send["height"] <= edge["y"]


def test_muted_text_can_be_read_where_the_page_has_weak_text(gallery: Open) -> None:
    page = gallery("talk")
    time = page.locator(".jc-Message-head .jc-Time").first
    before = style(time, "color")
    page.evaluate("() => document.body.style.setProperty('--jp-ui-font-color1', '#6a6a6a')")
    expect(time).not_to_have_css("color", before)
    ground = colour(page.locator(".jc-App"), "backgroundColor")
    assert page.evaluate(CONTRAST, [colour(time, "color"), ground]) >= 4.5


def test_the_rules_of_the_page_stay_outside(gallery: Open) -> None:
    page = gallery("talk")
    page.evaluate("""() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`div { letter-spacing: 5px; word-spacing: 9px; white-space: pre;
            text-transform: uppercase; text-indent: 9px; line-height: 3 }`);
        document.adoptedStyleSheets = [sheet];
    }""")
    for name, value in {
        "letterSpacing": "normal",
        "wordSpacing": "0px",
        "textTransform": "none",
        "textIndent": "0px",
        "whiteSpace": "normal",
    }.items():
        assert style(page.locator(".jc-Title"), name) in (value, "nowrap"), name
    assert style(page.locator(".jc-App"), "lineHeight") == "18.2px"


def test_larger_text_of_the_page_cuts_no_name(gallery: Open) -> None:
    page = gallery("talk")
    page.evaluate("() => document.body.style.setProperty('--jp-ui-font-size1', '16.9px')")
    name = page.locator(".jc-Message-author").first
    expect(name).to_have_css("font-size", "18.1996px")
    assert float(style(name, "lineHeight").removesuffix("px")) > 1.4 * 18.2


def test_a_toast_leaves_the_way_to_the_end_free(gallery: Open) -> None:
    page = gallery("history")
    mine = page.evaluate(
        "() => gallery.store.messages.value.findLast(m => m.author === 'user:ada').seq"
    )
    expect(page.locator(".jc-Message").last).to_be_visible()
    page.evaluate("seq => gallery.store.deleteSoon(seq)", mine)
    page.locator(".jc-List").evaluate("list => { list.scrollTop = 900 }")
    jump = page.locator(".jc-Jump[data-at=bottom]").bounding_box()
    toast = page.locator(".jc-Toast").bounding_box()
    assert jump is not None
    assert toast is not None
    assert toast["y"] + toast["height"] <= jump["y"]


@pytest.mark.parametrize("width", [479, 480])
def test_style_and_script_agree_on_what_is_narrow(gallery: Open, width: int) -> None:
    page = gallery("talk", width=width)
    side = page.locator(".jc-Message-side").first
    assert (style(side, "display") == "none") == (width < 480)


def test_a_menu_in_a_narrow_widget_has_its_width(gallery: Open) -> None:
    page = gallery("talk", width=368)
    page.get_by_role("button", name="More", exact=True).click()
    box = page.get_by_role("menu").bounding_box()
    assert box is not None
    assert box["width"] == 352


@pytest.mark.parametrize("width", [370, 850])
@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "finger"])
@pytest.mark.parametrize("author", ["user:ada", "user:bo"], ids=["same author", "another"])
def test_no_toolbar_lies_over_what_is_being_edited(
    gallery: Open, width: int, touch: bool, author: str
) -> None:
    """The next message's, whether it is pointed at or the last one, and has a header or not."""
    page = gallery("empty", width=width, touch=touch)
    for by, text in (("user:ada", "to be edited"), (author, "the next one")):
        page.evaluate("([by, text]) => { gallery.server.post(by, text) }", [by, text])
    page.locator(".jc-Message", has_text="to be edited").focus()
    page.keyboard.press("e")
    edited = page.locator(".jc-Message[data-editing=true]")
    after = page.locator(".jc-Message", has_text="the next one")
    for _ in range(2):
        box = edited.bounding_box()
        tools = after.locator(".jc-Toolbar").bounding_box()
        assert box is not None
        assert tools is not None
        assert tools["y"] >= box["y"] + box["height"]
        after.focus()


def test_forced_colours_keep_lines_and_the_focus(gallery: Open) -> None:
    page = gallery("talk")
    page.emulate_media(forced_colors="active")
    page.locator(".jc-Field").focus()
    assert style(page.locator(".jc-Composer-box"), "outlineStyle") == "solid"
    day = page.locator(".jc-Day").first
    assert day.evaluate("day => getComputedStyle(day, '::before').borderTopWidth") == "1px"
    assert style(page.locator(".jc-Send"), "borderTopWidth") == "1px"


def test_the_arrow_of_a_reply_points_the_other_way_from_right_to_left(gallery: Open) -> None:
    page = gallery("talk", dir="rtl")
    page.locator(".jc-Message").last.hover()
    icon = page.locator(".jc-Toolbar-reply .jc-Icon").last
    assert style(icon, "scale") == "-1 1"
