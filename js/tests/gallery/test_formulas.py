"""Formulas as the browser draws them: in their own boxes, in any theme, and without their part."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]

# Everything that a formula of a hostile author could reach out of its message with.
OUTSIDE = (
    r"$\raisebox{20em}{up}$ $\kern-20em{left}$ $\mathllap{left}$ $\rule{20em}{20em}$",
    r"$$\raisebox{20em}{up} \raisebox{-20em}{down} \kern-500em{left}$$",
)


def message(page: Page, text: str) -> Locator:
    return page.locator(".jc-Message").filter(has_text=text)


def post(page: Page, text: str) -> None:
    page.evaluate("text => gallery.server.post('user:bo', text)", text)


def test_formulas_are_mathml(gallery: Open) -> None:
    """[UI12] Elements of the MathML namespace, without markup of anyone's."""
    page = gallery("formulas", height=900)
    expect(page.locator(".jc-Math > math")).to_have_count(13)
    namespaces = page.locator(".jc-Math > math").evaluate_all(
        "all => [...new Set(all.flatMap(math => [math, ...math.querySelectorAll('*')])"
        ".map(each => each.namespaceURI))]"
    )
    assert namespaces == ["http://www.w3.org/1998/Math/MathML"]
    expect(message(page, "The estimate").locator("mtr")).to_have_count(2)
    expect(message(page, "costs us $5 or $6 an hour")).to_be_attached()


def test_a_broken_formula_stays_as_it_was_written_and_says_why(gallery: Open) -> None:
    """[UI12]"""
    page = gallery("formulas", height=900)
    code = message(page, "Broken").locator("code")
    expect(code).to_have_text([r"$\frac{a}{$", r"$\href{javascript:alert(1)}{x}$", r"$$\foo$$"])
    expect(message(page, "Broken").locator("a")).to_have_count(0)
    code.nth(1).hover()
    tip = page.get_by_text("This formula can't be shown. Unsupported function name: \\href")
    expect(tip).to_be_visible()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_wide_formula_scrolls_in_its_own_box(gallery: Open, direction: str) -> None:
    """[UI12] NL1: reached by Tab only when it scrolls, and moved by keys."""
    page = gallery("formulas", width=280, dir=direction)
    wide = message(page, "In a line").get_by_role("group", name="Formula")
    expect(wide).to_have_count(2)
    expect(message(page, "The estimate").get_by_role("group", name="Formula")).to_have_count(0)
    assert page.get_by_role("log").evaluate("list => list.scrollWidth <= list.clientWidth")
    wide.first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=wide.first.element_handle())


def test_a_displayed_formula_is_in_the_middle(gallery: Open) -> None:
    page = gallery("formulas", height=900)
    left, right = (
        message(page, "The estimate")
        .locator(".jc-Math[data-display=true]")
        .evaluate(
            "box => { const [outer, inner] = [box, box.firstChild]"
            ".map(each => each.getBoundingClientRect());"
            "return [inner.left - outer.left, outer.right - inner.right] }"
        )
    )
    assert left == pytest.approx(right, abs=1)
    assert left > 50


def test_nothing_of_a_formula_is_drawn_outside_of_it(gallery: Open) -> None:
    """[UI12] What is shifted is cut off, so that it covers no other message."""
    page = gallery("formulas")
    for text in OUTSIDE:
        post(page, text)
    boxes = page.locator(".jc-Message").nth(-2).locator(".jc-Math")
    expect(boxes).to_have_count(4)
    expect(page.locator(".jc-Message").last.locator(".jc-Math")).to_have_count(1)
    clipping = page.locator(".jc-Math").evaluate_all(
        "all => all.map(box => { const { overflowX, overflowY } = getComputedStyle(box);"
        "return `${overflowX} ${overflowY}` })"
    )
    assert set(clipping) == {"auto hidden"}
    assert page.get_by_role("log").evaluate("list => list.scrollWidth <= list.clientWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_formulas_have_the_colour_of_the_text(gallery: Open, theme: str) -> None:
    """TM1: the author's colours are left out, for they may be those of the ground."""
    page = gallery("formulas", theme=theme)
    post(page, r"$\color{white}a \textcolor{black}{b} \colorbox{red}{c}$")
    formula = page.locator(".jc-Message").last.locator("math")
    expect(formula).to_be_attached()
    colours = formula.evaluate(
        "math => [math.closest('p'), ...math.querySelectorAll('*')].map(each => {"
        "const { color, backgroundColor } = getComputedStyle(each);"
        "return `${color} on ${backgroundColor}` })"
    )
    assert len(set(colours)) == 1


def test_without_their_part_formulas_are_source_until_a_retry(gallery: Open) -> None:
    """[UI11]"""
    page = gallery("formulas", nochunks=1, height=900)
    note = page.get_by_text("Couldn't load mathematics.")
    expect(note).to_have_count(4)
    expect(page.locator("math")).to_have_count(0)
    expect(message(page, "minimises").locator("code").last).to_have_text("$n > p$")
    page.evaluate("() => { gallery.chunks.fail = false }")
    message(page, "minimises").get_by_role("button", name="Retry").click()
    expect(note).to_have_count(0)
    expect(page.locator(".jc-Math > math")).to_have_count(13)
