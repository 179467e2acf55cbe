"""The widget: its traits, its name for a notebook, and what it hands to a page."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import DOMWidget
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from traitlets import TraitError

import jupyter_collab
from jupyter_collab import Chat
from jupyter_collab.protocol.ids import is_conversation_id

ANSWER_S = 30.0
STATIC = Path(jupyter_collab.__file__).parent / "static"


@pytest.fixture
def no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def test_only_these_four_traits_are_synced() -> None:
    """[UI9] No synced trait says anything about one viewer."""
    ours = set(Chat("team").keys) - set(DOMWidget().keys)
    assert {name for name in ours if not name.startswith("_")} == {
        "conversation",
        "title",
        "height",
        "theme",
    }


def test_defaults() -> None:
    chat = Chat("team")
    assert (chat.title, chat.height, chat.theme) == (None, 480, "auto")


def test_repr_is_the_call_that_shows_it() -> None:
    assert repr(Chat("team", title="Team", height=600)) == "Chat('team')"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("conversation", "Our Team", "can't name a conversation"),
        ("conversation", "", "can't name a conversation"),
        ("conversation", "a" * 65, "can't name a conversation"),
        ("height", 100, "240"),
        ("height", 5000, "4000"),
        ("theme", "pink", "'auto', 'light', 'dark'"),
        ("title", 5, "title"),
    ],
)
def test_wrong_values_are_refused_with_what_is_right(field: str, value: object, words: str) -> None:
    arguments: dict[str, Any] = {"conversation": "team", field: value}
    with pytest.raises(TraitError, match=words):
        Chat(**arguments)


def test_a_refused_change_leaves_the_old_value() -> None:
    chat = Chat("team")
    with pytest.raises(TraitError):
        chat.height = 1
    assert chat.height == 480


def test_observers_see_changes() -> None:
    seen: list[object] = []
    chat = Chat("team")
    chat.observe(lambda change: seen.append(change["new"]), ["height", "conversation"])
    chat.height = 600
    chat.conversation = "other"
    assert seen == [600, "other"]


def test_a_saved_notebook_shows_one_line() -> None:
    bundle = Chat("team")._repr_mimebundle_()
    assert bundle is not None
    data, _ = bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == "Chat('team')"
    assert data["text/html"] == "<p>Live chat isn't available in a saved notebook.</p>"


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/home/ada/Work/Sales Q3.ipynb", "sales-q3"),
        ("/home/ada/Übersicht.ipynb", "ubersicht"),
        ("/home/ada/会議.ipynb", "notebook"),
        ("/home/ada/_draft.v2.ipynb", "draft.v2"),
        ("C:\\Users\\ada\\plan.ipynb", "plan"),
        (f"/home/ada/{'x' * 200}.ipynb", "x" * 55),
    ],
)
def test_without_an_id_it_is_the_notebooks_own(
    path: str, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[UI10] The same path gives the same id, and another path another."""
    monkeypatch.setenv("JPY_SESSION_NAME", path)
    first = Chat().conversation
    assert is_conversation_id(first)
    assert first.rpartition("-")[0] == slug
    assert Chat().conversation == first

    monkeypatch.setenv("JPY_SESSION_NAME", f"/elsewhere{path}")
    other = Chat().conversation
    assert other != first
    assert other.rpartition("-")[0] == slug


@pytest.mark.usefixtures("no_notebook")
def test_outside_a_notebook_it_asks_for_a_name() -> None:
    """[UI10] Nothing is guessed."""
    with pytest.raises(ValueError, match=r'Chat\("team"\)'):
        Chat()


def test_a_kernel_loads_nothing_of_the_server() -> None:
    code = "import sys; from jupyter_collab import Chat; print(*sys.modules)"
    loaded = set(_python(code).split())
    assert "jupyter_collab.widget" in loaded
    servers = {"jupyter_server", "tornado", "sqlite_utils", "sqlite3", "prometheus_client"}
    assert not loaded & servers
    assert not {
        name for name in loaded if name.startswith(("jupyter_collab.h", "jupyter_collab.l"))
    }


def test_importing_the_package_loads_no_widget() -> None:
    loaded = _python("import sys, jupyter_collab; print(*sys.modules)").split()
    assert "ipywidgets" not in loaded


def test_the_package_names_what_it_exports() -> None:
    assert set(jupyter_collab.__all__) <= set(dir(jupyter_collab))
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = jupyter_collab.nothing_of_the_kind


def _python(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout


class Kernel:
    """A real kernel that shows a Chat, and the page's side of its comm."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, code: str) -> list[dict[str, Any]]:
        """Runs a cell and returns what it published."""
        return self._published(self._client.execute(code))

    def tell(self, model: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Sends a custom message to the widget `model` and returns its answers."""
        message = self._client.session.msg(
            "comm_msg", {"comm_id": model, "data": {"method": "custom", "content": content}}
        )
        self._client.shell_channel.send(message)
        return [
            answer
            for answer in self._published(message["header"]["msg_id"])
            if answer["msg_type"] == "comm_msg"
        ]

    def _published(self, request: str) -> list[dict[str, Any]]:
        """Everything that the kernel publishes for a request, until it is idle again."""
        messages: list[dict[str, Any]] = []
        while True:
            message = self._client.get_iopub_msg(timeout=ANSWER_S)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["content"].get("execution_state") == "idle":
                return messages
            messages.append(message)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    environment = {name: text for name, text in os.environ.items() if name != "JPY_SESSION_NAME"}
    manager, client = start_new_kernel(env=environment)
    try:
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _shown(published: list[dict[str, Any]]) -> str:
    """The id of the widget that a cell shows."""
    (result,) = [message for message in published if message["msg_type"] == "execute_result"]
    view = result["content"]["data"]["application/vnd.jupyter.widget-view+json"]
    model: str = view["model_id"]
    return model


def test_a_page_that_cant_fetch_gets_the_core_from_the_kernel(kernel: Kernel) -> None:
    """[UI8] The same bytes, compressed, over the kernel's comm."""
    model = _shown(kernel.run("from jupyter_collab import Chat\nChat('team')"))
    name = json.loads((STATIC / "manifest.json").read_text())["core"]

    (answer,) = kernel.tell(model, {"type": "core", "name": name})

    assert answer["content"]["data"]["content"] == {"type": "core", "name": name}
    (compressed,) = answer["buffers"]
    assert gzip.decompress(compressed) == (STATIC / name).read_bytes()


@pytest.mark.parametrize("name", ["core.0000.js", "../widget.py", "manifest.json", "/etc/passwd"])
def test_only_files_of_the_manifest_are_handed_out(kernel: Kernel, name: str) -> None:
    """[UI8] Any other name gets an answer without bytes."""
    model = _shown(kernel.run("from jupyter_collab import Chat\nChat('team')"))
    (answer,) = kernel.tell(model, {"type": "core", "name": name})
    assert "restart" in answer["content"]["data"]["content"]["error"]
    assert not answer["buffers"]


@pytest.mark.parametrize("content", [{}, {"type": "core"}, {"type": "core", "name": 5}])
def test_other_messages_are_passed_over(kernel: Kernel, content: dict[str, Any]) -> None:
    model = _shown(kernel.run("from jupyter_collab import Chat\nChat('team')"))
    assert kernel.tell(model, content) == []


def test_vs_code_tells_the_path_in_a_variable(kernel: Kernel) -> None:
    """[UI10] VS Code's kernels have no JPY_SESSION_NAME."""
    published = kernel.run(
        "__vsc_ipynb_file__ = '/home/ada/plan.ipynb'\nprint(Chat().conversation)"
    )
    (line,) = [message for message in published if message["msg_type"] == "stream"]
    assert line["content"]["text"].startswith("plan-")
