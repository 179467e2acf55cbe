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

Open = Callable[..., Page]


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def gallery(browser: Browser, site: str) -> Iterator[Open]:
    """Opens a scene, with `touch` on a phone; `more` goes into the address.

    An error on the page fails the test.
    """
    contexts = []
    errors: list[str] = []

    def start(scene: str, *, width: int = 600, touch: bool = False, **more: object) -> Page:
        viewport = {"width": max(width, 300) + 40, "height": 640}
        context = browser.new_context(
            viewport=viewport,
            device_scale_factor=1.5,
            locale="en-US",
            has_touch=touch,
            is_mobile=touch,
        )
        context.set_default_timeout(5000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        extra = "".join(f"&{key}={value}" for key, value in more.items())
        page.goto(f"{site}?scene={scene}&width={width}{extra}")
        page.locator(".jc-App").wait_for()
        return page

    yield start
    for context in contexts:
        context.close()
    assert errors == []
