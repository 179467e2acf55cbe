"""What the tests of the gallery do and look at as a reader would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

Open = Callable[..., Page]

# As the tests of JupyterLab scroll.
WALK = (Path(__file__).parents[3] / "tests/browser/pages/walk.js").read_text().rstrip().rstrip(";")

# The text of the first whole message in view and where it stands, by frame.
WATCH = """() => {
  const root = gallery.root, list = root.querySelector('.jc-List');
  const top = () => list.getBoundingClientRect().top;
  const row = [...list.querySelectorAll('.jc-Message .jc-Body')]
    .find(body => body.getBoundingClientRect().top >= top());
  const id = row.id;
  const at = () => root.getElementById(id)?.getBoundingClientRect().top - top();
  const mine = globalThis.watched = { start: at(), worst: 0 };
  const look = () => {
    if (watched !== mine) return; // another one watches
    const now = at();
    const off = Number.isNaN(now) ? 1e6 : Math.abs(now - watched.start);
    watched.worst = Math.max(watched.worst, off);
    requestAnimationFrame(look);
  };
  look();
}"""


def from_end(page: Page) -> float:
    return page.locator(".jc-List").evaluate(
        "list => list.scrollHeight - list.clientHeight - list.scrollTop"
    )


def wait_from_end(page: Page, condition: str) -> None:
    """Waits until the distance from the end is so, in CSS px."""
    page.wait_for_function(
        f"""() => {{
          const list = gallery.root.querySelector('.jc-List');
          return list.scrollHeight - list.clientHeight - list.scrollTop {condition};
        }}"""
    )


def settle(page: Page) -> None:
    """Two frames: scroll events, observers and drawing are through."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def scroll_to(page: Page, top: int) -> None:
    page.locator(".jc-List").evaluate("(list, top) => { list.scrollTop = top }", top)
    settle(page)


def walk(page: Page, *, up: bool) -> dict[str, float]:
    """Scrolls to one end of the history; gives by how much anything moved by itself, in px."""
    moved = page.evaluate(f"() => ({WALK})(gallery.view.host, {-1 if up else 1})")
    assert moved["most"] <= 300, moved
    return moved


def post(page: Page, text: str, author: str = "user:bo") -> None:
    page.evaluate("([author, text]) => gallery.server.post(author, text)", [author, text])
    settle(page)


def focused(page: Page) -> str:
    """The name or class of what has the focus in the widget."""
    return page.evaluate(
        """() => {
          const { activeElement } = gallery.root;
          return activeElement?.ariaLabel ?? activeElement?.className ?? '';
        }"""
    )


def worst(page: Page) -> float:
    settle(page)
    return page.evaluate("() => watched.worst")
