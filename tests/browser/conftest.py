"""Fixtures of the browser tests: one server, one Chromium, two people in each application.

A page is opened once and kept: every test shows a conversation of its own in it. Two processes
share the tests by application. With `TRACE=1` in the environment a test that fails keeps a trace.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Playwright,
    ViewportSize,
    sync_playwright,
)
from xdist.scheduler import LoadScopeScheduling

from tests.browser.corpus import NAMES
from tests.browser.lab import LAB, NOTEBOOK, OPEN_MS, Application
from tests.browser.person import Person
from tests.browser.server import REPOSITORY, Server, code_cell

ARTIFACTS = REPOSITORY / "artifacts"
MANIFEST = REPOSITORY / "jupyter_collab" / "static" / "manifest.json"
VIEWPORT: ViewportSize = {"width": 1280, "height": 900}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
EXPECT_MS = 20_000  # a busy machine is slow, not wrong
TRACES = "TRACE" in os.environ  # snapshots of the page at every step cost a fifth of the time
FAILED = pytest.StashKey[bool]()
Someone = TypeVar("Someone", bound=Person)


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Not pytest-jupyter's: it would close the loop that Playwright runs on."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to clean: the server is another process."""


@pytest.fixture(scope="session")
def front_end() -> Path:
    """The directory of the built front end."""
    if not MANIFEST.exists():
        subprocess.run(["make", "js"], cwd=REPOSITORY, check=True)
    return MANIFEST.parent


@pytest.fixture(scope="session")
def server(front_end: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab and Notebook 7 on one server, without rate limits."""
    names = {f"hostile{number}": name for number, name in enumerate(NAMES)}
    with Server(tmp_path_factory.mktemp("jupyter") / "server", names) as running:
        yield running


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """Runs coroutines of Python clients, beside Playwright's own loop."""
    with start_blocking_portal() as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with playwright.chromium.launch(executable_path=path, args=FLAGS) as running:
        yield running


@pytest.fixture(scope="session", params=[LAB, NOTEBOOK], ids=lambda param: param.name)
def application(request: pytest.FixtureRequest) -> Application:
    chosen: Application = request.param
    return chosen


@pytest.fixture(scope="session")
def people(server: Server, browser: Browser, application: Application) -> Iterator[SimpleNamespace]:
    """Alice and Bob: one notebook, one kernel, two browsers."""
    notebook = server.write_notebook(
        f"{application.name}.ipynb", code_cell(), code_cell("first"), code_cell("second")
    )
    alice, bob = (Person(name, new_context(browser), application) for name in ("alice", "bob"))
    for person in (alice, bob):
        person.open(server, notebook)
    yield SimpleNamespace(alice=alice, bob=bob)
    for person in (alice, bob):
        person.context.close()


@pytest.fixture
def alice(people: SimpleNamespace, request: pytest.FixtureRequest) -> Iterator[Person]:
    yield from watched(people.alice, request)


@pytest.fixture
def bob(people: SimpleNamespace, request: pytest.FixtureRequest) -> Iterator[Person]:
    yield from watched(people.bob, request)


@pytest.fixture
def conversation(request: pytest.FixtureRequest) -> str:
    """The id of a conversation that no other test has."""
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-64:].strip("-")


def new_context(browser: Browser) -> BrowserContext:
    """A browser without history, whose language and clock are the same everywhere."""
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(EXPECT_MS)
    context.set_default_navigation_timeout(OPEN_MS)
    if TRACES:
        context.tracing.start(snapshots=True)
    return context


def watched(person: Someone, request: pytest.FixtureRequest) -> Iterator[Someone]:
    """One test's time with a person: keeps a picture if it fails, and errors make it fail."""
    person.complaints.clear()
    if TRACES:
        person.context.tracing.start_chunk(title=request.node.name)
    yield person
    has_failed = request.node.stash.get(FAILED, False) or bool(person.complaints)
    kept = ARTIFACTS / "failures" / f"{request.node.name}-{person.name}"
    is_open = not person.page.is_closed()
    if has_failed and is_open:
        person.page.screenshot(path=kept.with_suffix(".png"))
    if TRACES:
        person.context.tracing.stop_chunk(path=kept.with_suffix(".zip") if has_failed else None)
    if is_open:
        person.page.set_viewport_size(VIEWPORT)
    person.context.set_offline(False)
    assert not person.complaints, person.complaints


class ByApplication(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """One process opens JupyterLab, another Notebook 7; a module without either goes anywhere."""

    def _split_scope(self, nodeid: str) -> str:
        application = re.search(rf"[\[-]({LAB.name}|{NOTEBOOK.name})[\]-]", nodeid)
        return application[1] if application else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByApplication:
    return ByApplication(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tells a test's fixtures that it failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
