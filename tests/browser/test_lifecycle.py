"""What happens around a conversation: reload, more views, cells run again, a new kernel."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.chat import HOST, Chat, expect
from tests.browser.conftest import new_context
from tests.browser.lab import Application
from tests.browser.person import Person
from tests.browser.server import Server, code_cell

SAVED = "Live chat isn't available in a saved notebook."


def test_a_reload_keeps_history_and_draft(alice: Person, conversation: str) -> None:
    """[UI7] [UI21] PLATFORM: every model lives on, but only the shown one connects."""
    chat = alice.show(conversation)
    chat.send("before the reload")
    chat.composer.fill("half a thought")
    chat.composer.blur()
    alice.notebook.save()
    alice.sockets.clear()
    alice.notebook.reload()
    chat.wait_until_live()
    chat.expect_texts("before the reload")
    expect(chat.composer).to_have_value("half a thought")
    assert len(alice.sockets) == 1
    chat.composer.fill("")


def test_two_views_share_a_connection_and_a_draft(alice: Person, conversation: str) -> None:
    """[UI7] FR7: in step, with one socket."""
    already = len(alice.sockets)
    alice.run(
        f"from IPython.display import display\n"
        f"display(Chat({conversation!r}), Chat({conversation!r}))"
    )
    first, second = Chat(alice.page, 0).wait_until_live(), Chat(alice.page, 1).wait_until_live()
    assert len(alice.sockets) == already + 1
    first.composer.fill("one draft")
    expect(second.composer).to_have_value("one draft")
    second.composer.press("Enter")
    for chat in (first, second):
        chat.expect_texts("one draft")
        expect(chat.composer).to_have_value("")


def test_running_the_cell_again_leaves_one_socket(alice: Person, conversation: str) -> None:
    """[UI7] [UI21] The old view's connection is taken over or closed; nothing is lost."""
    chat = alice.show(conversation)
    chat.send("still here")
    for number in range(3):
        chat.composer.fill(f"half a thought, {number}")
        chat = alice.show(conversation)
        chat.expect_texts("still here")
        expect(chat.composer).to_have_value(f"half a thought, {number}")
    chat.composer.fill("")
    alice.wait_for_live_sockets(1)
    assert alice.page.locator(HOST).count() == 1


def test_clearing_the_output_closes_the_socket(alice: Person, conversation: str) -> None:
    """[UI7] The last view to go closes the connection."""
    alice.show(conversation)
    alice.notebook.clear_output()
    alice.wait_for_live_sockets(0)


def test_a_kernel_restart_is_not_noticed(alice: Person, bob: Person, conversation: str) -> None:
    """The connection is to the server: the same socket, and no error box."""
    chat, other = alice.show(conversation), bob.show(conversation)
    chat.send("before")
    alice.wait_for_live_sockets(1)  # an earlier test's lingers for a moment
    (socket,) = alice.live_sockets()
    alice.notebook.restart_kernel()
    chat.send("after")
    for each in (chat, other):
        each.expect_texts("before", "after")
    assert alice.live_sockets() == [socket]
    expect(alice.page.get_by_text("Error displaying widget")).to_have_count(0)


def test_closing_the_notebook_closes_the_socket(
    server: Server, alice: Person, conversation: str
) -> None:
    """[UI7] Opened again, everything is there."""
    alice.show(conversation).send("until later")
    alice.notebook.close()
    alice.wait_for_live_sockets(0)
    alice.open(server, f"{alice.notebook.application.name}.ipynb")
    alice.show(conversation).expect_texts("until later")


def test_an_untrusted_notebook_says_what_it_is(
    server: Server, browser: Browser, application: Application
) -> None:
    """FR8: a saved file of someone else shows one sentence, and no error."""
    view = {
        "output_type": "display_data",
        "metadata": {},
        "data": {
            "application/vnd.jupyter.widget-view+json": {
                "model_id": "0" * 32,
                "version_major": 2,
                "version_minor": 1,
            },
            "text/html": f"<p>{SAVED}</p>",
            "text/plain": "Chat('team')",
        },
    }
    saved = server.write_notebook(f"saved-{application.name}.ipynb", code_cell("Chat()", view))
    context = new_context(browser)
    person = Person("carol", context, application)
    person.notebook.open(server, saved, "carol", kernel=False)
    output = person.page.locator(".jp-OutputArea-output")
    expect(output).to_have_count(1)
    expect(output).to_have_text(SAVED)
    assert not person.sockets
    assert not person.complaints
    context.close()
