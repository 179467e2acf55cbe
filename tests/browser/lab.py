"""JupyterLab and Notebook 7 as a person uses them: one notebook, its kernel, its look.

Owns what is asked of the host application. Must not know the widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from playwright.sync_api import Page

from tests.identities import token_of

__all__ = ["LAB", "NOTEBOOK", "OPEN_MS", "Address", "Application", "NotebookPage"]

OPEN_MS = 60_000.0
RUN_MS = 30_000


class Address(Protocol):
    """Where a server is reached: itself, or something in front of it."""

    @property
    def url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Application:
    """A front end of the server; `path` is where it opens a notebook."""

    name: str
    path: str


# A workspace of its own: the default one restores tabs that hide the notebook.
LAB = Application("lab", "lab/workspaces/{user}/tree/{notebook}")
NOTEBOOK = Application("notebook", "notebooks/{notebook}")

_PANEL = "const panel = window.jupyterapp.shell.currentWidget;"
_IS_CONNECTED = """() => {
  const session = window.jupyterapp?.shell?.currentWidget?.sessionContext?.session;
  return session?.kernel?.connectionStatus === "connected" && session.kernel.status === "idle";
}"""
_RUN = f"""async ({{ index, source }}) => {{
  {_PANEL}
  const notebook = panel.content;
  await notebook.ready;
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  notebook.activeCell.model.sharedModel.setSource(source);
  await Promise.race([
    window.jupyterapp.commands.execute("notebook:run-cell"),
    new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), {RUN_MS})),
  ]);
  return notebook.activeCell.model.outputs.toJSON();
}}"""
_STATE = f"""() => {{
  {_PANEL}
  const cells = [...panel.content.model.cells];
  const isOpen = (side) =>
    document.querySelector(`#jp-${{side}}-stack`)?.checkVisibility() ?? false;
  return {{
    sources: cells.map((cell) => cell.sharedModel.getSource()),
    runs: cells.map((cell) => cell.executionCount ?? null),
    types: cells.map((cell) => cell.type),
    active: panel.content.activeCellIndex,
    selected: panel.content.selectedCells.length,
    sides: [isOpen("left"), isOpen("right")],
    dialogs: document.querySelectorAll(".jp-Dialog, .jp-DocumentSearch-overlay").length,
  }};
}}"""


class NotebookPage:
    """A notebook in a page of the browser.

    Attributes:
        page: the browser's.
        application: which of the two shows it.
    """

    def __init__(self, page: Page, application: Application) -> None:
        self.page = page
        self.application = application

    def open(self, server: Address, notebook: str, user: str, *, kernel: bool = True) -> None:
        """Signs `user` in and opens the notebook; with `kernel`, once that is ready."""
        path = self.application.path.format(user=user, notebook=notebook)
        self.page.goto(f"{server.url}{path}?token={token_of(user)}")
        self.wait_until_open(kernel=kernel)

    def reload(self) -> None:
        self.page.reload()
        self.wait_until_open()

    def wait_until_open(self, *, kernel: bool = True) -> None:
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=OPEN_MS)
        if kernel:
            self.page.wait_for_function(_IS_CONNECTED, timeout=OPEN_MS)

    def run(self, source: str, index: int = 0) -> list[dict[str, Any]]:
        """Writes `source` into a cell and runs it; gives its outputs."""
        outputs: list[dict[str, Any]] = self.page.evaluate(_RUN, {"index": index, "source": source})
        errors = [output for output in outputs if output["output_type"] == "error"]
        assert not errors, errors
        return outputs

    def state(self) -> dict[str, Any]:
        """What keys that reach the notebook would change."""
        state: dict[str, Any] = self.page.evaluate(_STATE)
        return state

    def clear_output(self, index: int = 0) -> None:
        self.page.evaluate(
            f"(index) => {{ {_PANEL} panel.content.model.cells.get(index).outputs.clear(); }}",
            index,
        )

    def save(self) -> None:
        """Returns once the file is written."""
        self.page.evaluate(f"async () => {{ {_PANEL} await panel.context.save(); }}")

    def is_dirty(self) -> bool:
        dirty: bool = self.page.evaluate(f"() => {{ {_PANEL} return panel.context.model.dirty; }}")
        return dirty

    def wait_until_clean(self) -> None:
        """Waits until somebody has saved the notebook."""
        self.page.wait_for_function(f"() => {{ {_PANEL} return !panel.context.model.dirty; }}")

    def flush_kernel(self) -> None:
        """Returns once the kernel has answered; what was asked to run before has begun."""
        self.page.evaluate(
            f"async () => {{ {_PANEL} "
            "await panel.sessionContext.session.kernel.requestKernelInfo(); }"
        )

    def reconnect_kernel(self) -> None:
        """As the application would by and by; returns once the kernel answers."""
        self.page.evaluate(
            f"async () => {{ {_PANEL} await panel.sessionContext.session.kernel.reconnect(); }}"
        )
        self.page.wait_for_function(_IS_CONNECTED, timeout=OPEN_MS)

    def close(self) -> None:
        """Closes the notebook, not the page."""
        self.page.evaluate(f"() => {{ {_PANEL} panel.dispose(); }}")

    def restart_kernel(self) -> None:
        """Returns once the new kernel is idle."""
        self.page.evaluate(
            f"async () => {{ {_PANEL} await panel.sessionContext.restartKernel(); }}"
        )
        self.page.wait_for_function(_IS_CONNECTED, timeout=OPEN_MS)

    def set_theme(self, theme: str) -> None:
        """`light` or `dark`; returns once the page has it."""
        name = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[theme]
        self.page.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })",
            name,
        )
        self.page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")

    def hide_side_bars(self) -> None:
        """Leaves the window's width to the notebook."""
        self.page.evaluate(
            "() => { window.jupyterapp.shell.collapseLeft?.(); "
            "window.jupyterapp.shell.collapseRight?.(); }"
        )
