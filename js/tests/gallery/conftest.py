"""The gallery in a real Chromium: one site, one browser, a context for every page."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
REAL_CLOCK = "() => setTimeout.toString().includes('[native code]')"

Open = Callable[..., Page]
Tabs = Callable[..., Page]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the gallery's page."""
    folder = tmp_path_factory.mktemp("gallery")
    node = shutil.which("node")
    assert node is not None, "Node is needed to bundle the gallery"
    subprocess.run([node, HERE / "build.mjs", folder], check=True)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()
        thread.join()


def executable() -> str | None:
    """Chromium's path, or None for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages(browser: Browser) -> Pages:
    return Pages(browser)


@pytest.fixture
def gallery(pages: Pages, site: str) -> Iterator[Open]:
    """Opens a scene, with `touch` on a phone; `more` goes into the address.

    `clock` says that the test installs one. An error on the page fails the test.
    """

    def start(
        scene: str, *, width: int = 600, touch: bool = False, clock: bool = False, **more: object
    ) -> Page:
        page = pages.take(touch=touch, clock=clock)
        page.set_viewport_size({"width": max(width, 300) + 40, "height": 640})
        extra = "".join(f"&{key}={value}" for key, value in more.items())
        page.goto(f"{site}?scene={scene}&width={width}{extra}")
        page.locator(".jc-App").wait_for()
        return page

    yield start
    pages.clean()
    assert pages.take_errors() == []


@pytest.fixture
def tabs(browser: Browser, site: str) -> Iterator[Tabs]:
    """Opens a page, and another one of the same browser; `keep` names it to the server in it."""
    context = browser.new_context(locale="en-US", viewport={"width": 640, "height": 640})
    context.set_default_timeout(10_000)
    errors: list[str] = []

    def start(keep: str, **more: object) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        extra = "".join(f"&{key}={value}" for key, value in more.items())
        page.goto(f"{site}?scene=talk&keep={keep}{extra}")
        page.locator(".jc-App").wait_for()
        return page

    yield start
    context.close()
    assert errors == []


class Pages:
    """Lends one page with a mouse and one with a finger to test after test.

    A new page in a context of its own would cost five times as much.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._errors: list[str] = []
        self._kept: dict[bool, Page] = {}
        self._used: set[Page] = set()
        self._spoilt: list[Page] = []

    def take(self, *, touch: bool, clock: bool) -> Page:
        """The page for this test; one of its own for a clock, which nothing takes out again."""
        if clock:
            self._spoilt.append(self._open(touch))
            return self._spoilt[-1]
        if touch not in self._kept:
            self._kept[touch] = self._open(touch)
        self._used.add(self._kept[touch])
        return self._kept[touch]

    def clean(self) -> None:
        """Leaves nothing of the test: no scene, storage, pointer or emulated setting."""
        while self._spoilt:
            self._spoilt.pop().context.close()
        while self._used:
            page = self._used.pop()
            assert page.evaluate(REAL_CLOCK), "gallery(clock=True) is for tests with a clock"
            page.evaluate("() => localStorage.clear()")
            page.emulate_media(forced_colors="none")
            page.mouse.move(0, 0)
            page.goto("about:blank")

    def take_errors(self) -> list[str]:
        errors, self._errors = self._errors, []
        return errors

    def _open(self, touch: bool) -> Page:
        context = self._browser.new_context(
            device_scale_factor=1.5, locale="en-US", has_touch=touch, is_mobile=touch
        )
        context.set_default_timeout(5000)
        page = context.new_page()
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        return page
