"""The network goes away while people write, and comes back: nothing is lost, nothing is twice.

Ann's browser reaches the server through a proxy with weather, Ben's without. `SHOTS=light` or
`SHOTS=dark` keeps pictures of every state in that theme.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from urllib.request import urlopen

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Browser, BrowserContext, Error, Page, WebSocket

from tests.browser.chat import Chat, expect
from tests.browser.conftest import ARTIFACTS, new_context, watched
from tests.browser.guest import Guests
from tests.browser.lab import LAB, Address, Application
from tests.browser.person import Person
from tests.browser.server import Server, code_cell
from tests.chaos.proxy import Ending, Remote, Weather, proxy_in_thread
from tests.identities import token_of

BACK_MS = 45_000  # back-off, and a busy machine
HEARTBEAT_S = 2.0  # a dead connection is found out after three seconds
SLOW = Weather(bytes_per_s=2000, piece_bytes=200)
NO_CHAT = Weather(ending=Ending("reset", before=b"/jupyter_collab/api/"))  # else Jupyter works
SECOND_TAB = Application("lab", "lab/workspaces/second/tree/{notebook}")
OFFLINE = "You're offline. Messages will be sent when you're back."
BACK = "Back online"
WAITING = "Waiting for connection"
_SETTLE = """(host) => Promise.all(host.shadowRoot.getAnimations({ subtree: true })
  .filter((animation) => animation.effect.getComputedTiming().endTime < 10_000)
  .map((animation) => animation.finished))"""
THEME = os.environ.get("SHOTS")


@dataclass(slots=True)
class Network:
    """What is between Ann and the server."""

    proxy: Remote
    upwards: Weather

    @property
    def url(self) -> str:
        return self.proxy.url

    def lose(self, context: BrowserContext | None = None) -> None:
        """Cuts everything; the browser of `context` knows that it is offline."""
        self.proxy.go_down()
        if context is not None:
            context.set_offline(True)

    def come_back(self, context: BrowserContext | None = None, up: Weather | None = None) -> None:
        """New connections are made again, in `up` weather."""
        self.upwards = up or Weather()
        self.proxy.come_up()
        if context is not None:
            context.set_offline(False)


@pytest.fixture(scope="module")
def restless(front_end: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that soon finds out who is gone."""
    root = tmp_path_factory.mktemp("lost") / "server"
    with Server(root, heartbeat_s=HEARTBEAT_S, break_grace_s=1) as running:
        yield running


@pytest.fixture(scope="module")
def network(restless: Server) -> Iterator[Network]:
    networks: list[Network] = []
    with proxy_in_thread(restless.port, lambda _: (networks[0].upwards, Weather())) as proxy:
        networks.append(Network(proxy, Weather()))
        yield networks[0]


@pytest.fixture(scope="module")
def two(restless: Server, network: Network, browser: Browser) -> Iterator[SimpleNamespace]:
    """Ann and Ben, each with a notebook and a kernel in JupyterLab."""
    ann, ben = (Person(name, new_context(browser), LAB) for name in ("ann", "ben"))
    pair = SimpleNamespace(ann=_open(ann, network, restless), ben=_open(ben, restless, restless))
    yield pair
    for person in (pair.ann, pair.ben):
        person.context.close()


@pytest.fixture
def ann(
    two: SimpleNamespace,
    restless: Server,
    network: Network,
    browser: Browser,
    request: pytest.FixtureRequest,
) -> Iterator[Person]:
    if two.ann.page.is_closed():
        two.ann.context.close()
        # Not where her closed page was: its notebook would come back in a tab behind this one.
        lab = Application("lab", f"lab/workspaces/{uuid.uuid4()}/tree/{{notebook}}")
        two.ann = _open(Person("ann", new_context(browser), lab), network, restless)
    yield from watched(two.ann, request)
    network.come_back()
    if not two.ann.page.is_closed():
        two.ann.notebook.reconnect_kernel()


@pytest.fixture
def ben(two: SimpleNamespace, request: pytest.FixtureRequest) -> Iterator[Person]:
    yield from watched(two.ben, request)


def test_offline_in_the_middle_of_typing(
    ann: Person, ben: Person, network: Network, restless: Server, conversation: str
) -> None:
    """[UI4] [UI13] CN3, CN4: one writes on, and what was written goes out once, in order."""
    mine, theirs = _both(ann, ben, conversation)
    mine.composer.press_sequentially("one, begun on")
    mine.hear()
    network.lose(ann.context)
    expect(mine.banner).to_have_text(OFFLINE, timeout=BACK_MS)
    expect(mine.composer).to_be_editable()
    mine.click_send("one, begun online and ended off")
    mine.click_send("two")
    mine.click_send("three")
    expect(mine.list.get_by_label(WAITING)).to_have_count(3)
    mine.composer.fill("half a thought")
    look(ann, mine, "offline")
    network.come_back(ann.context)
    mine.wait_to_hear(BACK)
    look(ann, mine, "back-online")
    sent = ("hello", "one, begun online and ended off", "two", "three")
    expect_everywhere(restless, conversation, (mine, theirs), sent)
    expect(mine.composer).to_have_value("half a thought")
    look(ann, mine, "back")


def test_the_server_cannot_be_reached(
    ann: Person, ben: Person, network: Network, restless: Server, conversation: str
) -> None:
    """[UI2] [UI4] CN2: the line counts down, a click tries at once, and others' messages come."""
    mine, theirs = _both(ann, ben, conversation)
    network.lose()
    for text in ("one", "two", "three"):
        mine.click_send(text)
    expect(mine.banner).to_contain_text("Connection lost. Trying again", timeout=BACK_MS)
    expect(mine.list.get_by_label(WAITING)).to_have_count(3)
    look(ann, mine, "lost")
    theirs.post("meanwhile")
    network.come_back()
    mine.button("Retry now").click()
    sent = ("hello", "meanwhile", "one", "two", "three")
    expect_everywhere(restless, conversation, (mine, theirs), sent)


def test_a_connection_that_is_dead_but_open(
    ann: Person, ben: Person, network: Network, restless: Server, conversation: str
) -> None:
    """[UI2] [UI17] MI13: what was given to it goes out with the next one, once."""
    mine, theirs = _both(ann, ben, conversation)
    network.proxy.end_all("vanish")
    for text in ("one", "two"):
        mine.click_send(text)
    expect(mine.list.get_by_label("Sending…").or_(mine.list.get_by_label(WAITING))).to_have_count(2)
    look(ann, mine, "half-open")
    sent = ("hello", "one", "two")
    expect_everywhere(restless, conversation, (mine, theirs), sent)


def test_a_reload_with_messages_that_wait(
    ann: Person, ben: Person, network: Network, restless: Server, conversation: str
) -> None:
    """[UI13] [UI16] [UI21] CN3: Jupyter answers, the conversation does not; all is there."""
    mine, theirs = _both(ann, ben, conversation)
    network.lose()
    for text in ("one", "two", "three"):
        mine.click_send(text)
    mine.composer.fill("half a thought")
    network.come_back(up=NO_CHAT)
    ann.page.reload()
    ann.notebook.wait_until_open()
    ann.notebook.hide_side_bars()
    mine = ann.show(conversation)
    expect(mine.messages).to_have_count(4)
    expect(mine.messages).to_contain_text(["hello", "one", "two", "three"])
    expect(mine.composer).to_have_value("half a thought")
    expect(mine.banner).to_contain_text("Connection lost.", timeout=BACK_MS)
    look(ann, mine, "reloaded")
    network.come_back()
    sent = ("hello", "one", "two", "three")
    expect_everywhere(restless, conversation, (mine, theirs), sent)
    expect(mine.composer).to_have_value("half a thought")


def test_two_tabs_of_one_person(
    ann: Person, ben: Person, network: Network, restless: Server, conversation: str
) -> None:
    """[UI14]: both wrote while the server was away; the one that sends is closed in the middle."""
    tabs = (ann, _open(Person("ann", ann.context, SECOND_TAB), network, restless))
    sending = _note_who_sends(tabs)
    mine, theirs = _both(ann, ben, conversation)
    chats = (mine, tabs[1].show(conversation))
    network.lose()
    texts = tuple(f"tab {tab}, number {number}" for number in range(4) for tab in (0, 1))
    for number, text in enumerate(texts):
        tabs[number % 2].page.bring_to_front()
        chats[number % 2].click_send(text)
    for chat in chats:
        expect(chat.messages).to_have_count(9)
    look(tabs[1], chats[1], "tabs")
    network.come_back(up=SLOW)
    expect(theirs.messages.nth(1)).to_be_visible(timeout=BACK_MS)
    assert len(sending) == 1
    (sender,) = sending
    tabs[sender].page.close()
    network.come_back()
    expect_everywhere(restless, conversation, (chats[1 - sender], theirs), ("hello", *texts))


def test_a_new_kernel_while_messages_wait(
    ann: Person, ben: Person, network: Network, restless: Server, conversation: str
) -> None:
    """[UI13] [UI16] The view stays as it is; its cell, run again, shows the same."""
    mine, theirs = _both(ann, ben, conversation)
    network.lose()
    for text in ("one", "two"):
        mine.click_send(text)
    network.come_back(up=NO_CHAT)
    ann.notebook.restart_kernel()
    expect(mine.messages).to_have_count(3)
    expect(mine.list.get_by_label(WAITING)).to_have_count(2)
    look(ann, mine, "new-kernel")
    mine = ann.show(conversation)
    expect(mine.messages).to_have_count(3)
    expect(mine.messages).to_contain_text(["hello", "one", "two"])
    network.come_back()
    expect_everywhere(restless, conversation, (mine, theirs), ("hello", "one", "two"))


def test_a_notebook_left_open_over_night(
    ann: Person, ben: Person, network: Network, restless: Server, conversation: str,
    portal: BlockingPortal,
) -> None:  # fmt: skip
    """[UI3] [UI17]: the page slept, its connection died, 60 messages came; all are there."""
    ann.page.clock.install()
    mine, theirs = _both(ann, ben, conversation)
    mine.composer.fill("half a thought")
    network.upwards = NO_CHAT
    _stop_clock(ann.page)
    network.proxy.end_all("vanish")
    night = tuple(f"night {number}" for number in range(60))
    Guests(restless, portal).fill(conversation, "carol", night)
    expect(theirs.people).to_have_accessible_name(re.compile("^1 "), timeout=BACK_MS)
    network.upwards = Weather()
    ann.page.clock.fast_forward("08:00:00")
    ann.page.clock.resume()
    expect_everywhere(restless, conversation, (mine, theirs), ("hello", *night))
    expect(mine.composer).to_have_value("half a thought")
    look(ann, mine, "morning")
    ann.page.close()  # its clock stays


def _stop_clock(page: Page) -> None:
    """As sleep does to timers. Only a moment ahead can be given; a busy machine may miss it."""
    for _ in range(20):
        with suppress(Error):
            return page.clock.pause_at(page.evaluate("() => Date.now() / 1000") + 0.5)
    raise AssertionError("The clock goes on.")


def _open(person: Person, address: Address, server: Server) -> Person:
    person.open(address, server.write_notebook(f"{uuid.uuid4()}.ipynb", code_cell()))
    person.allow("WebSocket connection to", "Failed to load resource")
    if THEME:
        person.notebook.set_theme(THEME)
    return person


def look(person: Person, chat: Chat, state: str) -> None:
    """Keeps pictures, if they are wanted."""
    if THEME:
        for dialog in person.page.locator(".jp-Dialog").all():
            dialog.get_by_role("button").last.click()
        chat.host.evaluate(_SETTLE)
        for width in (850, 370):
            chat.set_width(width)
            name = f"network-{state}-{width}-{THEME}.png"
            person.page.screenshot(path=ARTIFACTS / "screenshots" / name)
        chat.set_width(850)


def expect_everywhere(
    server: Server, conversation: str, chats: tuple[Chat, ...], texts: tuple[str, ...]
) -> None:
    """In every page and on the server: these, in this order, once; and no page complains."""
    for chat in chats:
        chat.expect_texts(*texts, timeout=BACK_MS)
        expect(chat.banner).to_have_count(0, timeout=BACK_MS)
    assert _on_server(server, conversation) == list(texts)


def _note_who_sends(tabs: tuple[Person, ...]) -> set[int]:
    """The numbers of the tabs that give the server a message, from now on."""
    sending: set[int] = set()

    def note(frame: bytes | str, tab: int) -> None:
        if '"type":"post"' in str(frame):
            sending.add(tab)

    def watch(socket: WebSocket, tab: int) -> None:
        socket.on("framesent", partial(note, tab=tab))

    for number, tab in enumerate(tabs):
        tab.page.on("websocket", partial(watch, tab=number))
    return sending


def _on_server(server: Server, conversation: str) -> list[str]:
    """What the log has, oldest first."""
    path = f"jupyter_collab/api/v1/conversations/{conversation}/messages?token={token_of('ben')}"
    texts: list[str] = []
    before: int | None = None
    while True:
        cursor = "" if before is None else f"&before={before}"
        with urlopen(f"{server.url}{path}{cursor}") as answer:
            page = json.load(answer)
        texts[:0] = [message["text"] for message in page["messages"]]
        before = page["before"]
        if before is None:
            return texts


def _both(ann: Person, ben: Person, conversation: str) -> tuple[Chat, Chat]:
    """Ann and Ben see the first message."""
    mine, theirs = ann.show(conversation), ben.show(conversation)
    theirs.send("hello")
    mine.expect_texts("hello", timeout=BACK_MS)
    return mine, theirs
