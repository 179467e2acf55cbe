"""The demonstration's own JupyterLab: temporary, on this machine only, thrown away at the end.

Owns the process, its configuration and the notebook that it shows. Must not know who talks
in it. Invariant: nothing of the user's own Jupyter is read or written.
"""

from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from nbformat.sign import NotebookNotary
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

__all__ = ["NOTEBOOK", "Lab", "LabFailed", "running_lab"]

NOTEBOOK = "quickstart.ipynb"
START_S = 60.0
STOP_S = 10.0
POLL_S = 0.2
CELL_S = 60.0
_SETTINGS: Mapping[str, Any] = {
    # A first start asks about them.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Two people have one file open: an autosave of one would be a conflict for the other.
    "docmanager-extension/plugin": {"autosave": False},
}


class LabFailed(Exception):
    """JupyterLab did not start, or ended, or a cell of the notebook failed; says why."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A running JupyterLab.

    Attributes:
        url: its base URL.
        token: lets a person in.
        folder: the temporary folder of everything that it reads and writes.
        process: its own; who stops it is `running_lab`.
    """

    url: str
    token: str
    folder: Path
    process: anyio.abc.Process

    @property
    def last_words(self) -> str:
        """The end of what the server has written to its log."""
        return (self.folder / "jupyterlab.log").read_text()[-2000:]

    async def watch(self) -> None:
        """Waits until it ends, which it should not before it is stopped.

        Raises:
            LabFailed: it has ended.
        """
        status = await self.process.wait()
        how = f"was killed ({signal.Signals(-status).name})" if status < 0 else "has ended"
        last_words = self.last_words.strip()
        said = f" Its last words:\n{last_words}" if last_words else ""
        raise LabFailed(f"JupyterLab {how}, so the demonstration ends.{said}")

    async def ask(self, path: str, body: Any = None) -> Any:
        """Asks the server's own API, by POST if there is a body."""
        request = HTTPRequest(
            self.url + path,
            method="GET" if body is None else "POST",
            headers={"Authorization": f"token {self.token}"},
            body=None if body is None else json.dumps(body),
        )
        return json.loads((await AsyncHTTPClient().fetch(request)).body)

    async def run_first_cell(self) -> None:
        """Runs the notebook's first code cell, so that it is on show when the notebook opens.

        Raises:
            LabFailed: the cell raised.
        """
        path = self.folder / "notebooks" / NOTEBOOK
        session = await self.ask(
            "api/sessions",
            {"path": NOTEBOOK, "name": NOTEBOOK, "type": "notebook", "kernel": {"name": "python3"}},
        )
        notebook = nbformat.read(path, as_version=4)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell in cells:
            cell.update(outputs=[], execution_count=None)
        connection_file = self.folder / "runtime" / f"kernel-{session['kernel']['id']}.json"
        outputs = await _outputs(connection_file, cells[0].source)
        cells[0].update(outputs=outputs, execution_count=1)
        nbformat.write(notebook, path)
        # Only a signed notebook shows its widgets before anyone has run them.
        NotebookNotary(data_dir=str(self.folder / "data")).sign(notebook)


@asynccontextmanager
async def running_lab(
    folder: Path, *, port: int, token: str, config: Mapping[str, Any]
) -> AsyncIterator[Lab]:
    """Starts JupyterLab on `port` with the notebook in `folder`, and stops it at the end.

    Raises:
        LabFailed: it did not start.
    """
    (folder / "notebooks").mkdir()
    shutil.copyfile(_notebook(), folder / "notebooks" / NOTEBOOK)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--config={_configure(folder, port, token, config)}",
    ]
    with (folder / "jupyterlab.log").open("wb") as output:
        # A session of its own: Ctrl-C is for us, and we stop it.
        process = await anyio.open_process(
            command,
            stdin=None,
            stdout=output,
            stderr=output,
            env=_environment(folder),
            start_new_session=True,
        )
    lab = Lab(f"http://localhost:{port}/", token, folder, process)
    try:
        await _until_up(lab)
        yield lab
    finally:
        with anyio.CancelScope(shield=True):
            await _stop(process)


def _notebook() -> Path:
    """The notebook of a checkout, or the copy that a wheel has inside."""
    package = Path(str(importlib.resources.files(__package__)))
    checkout = package.parents[1] / "notebooks" / NOTEBOOK
    return checkout if checkout.is_file() else package / NOTEBOOK


def _configure(folder: Path, port: int, token: str, config: Mapping[str, Any]) -> Path:
    """Writes the configuration to a file, since anyone can read a command line."""
    path = folder / "config" / "jupyter_lab_config.json"
    path.parent.mkdir()
    path.touch(mode=0o600)
    settings: dict[str, Any] = {
        "ServerApp": {
            "allow_root": True,
            "ip": "127.0.0.1",
            "log_level": "WARN",
            "open_browser": False,
            "port": port,
            "port_retries": 0,
            "root_dir": str(folder / "notebooks"),
        },
        "IdentityProvider": {"token": token},
    }
    for section, values in config.items():
        settings[section] = settings.get(section, {}) | values
    path.write_text(json.dumps(settings))
    for plugin, choices in _SETTINGS.items():
        chosen = folder / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        chosen.parent.mkdir(parents=True, exist_ok=True)
        chosen.write_text(json.dumps(choices))
    return path


def _environment(folder: Path) -> dict[str, str]:
    private = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    return {**os.environ, **{name: str(folder / path) for name, path in private.items()}}


async def _until_up(lab: Lab) -> None:
    with anyio.move_on_after(START_S):
        while lab.process.returncode is None:
            try:
                await lab.ask("api/status")
            except (HTTPClientError, OSError):
                await anyio.sleep(POLL_S)
            else:
                return
    raise LabFailed(f"JupyterLab did not start. Its last words:\n{lab.last_words}")


async def _stop(process: anyio.abc.Process) -> None:
    if process.returncode is None:
        process.terminate()  # it stops its kernels on the way
        with anyio.move_on_after(STOP_S):
            await process.wait()
    if process.returncode is None:
        process.kill()
    await process.aclose()


async def _outputs(connection_file: Path, code: str) -> list[nbformat.NotebookNode]:
    """Runs `code` in the kernel of a connection file, as a page would."""
    outputs: list[nbformat.NotebookNode] = []

    def collect(message: dict[str, Any]) -> None:
        if message["msg_type"] in {"display_data", "error", "execute_result", "stream"}:
            outputs.append(nbformat.v4.output_from_msg(message))

    kernel = AsyncKernelClient()
    kernel.load_connection_file(str(connection_file))
    kernel.start_channels()
    try:
        with anyio.fail_after(CELL_S):
            await _until_ready(kernel)
            await kernel.execute_interactive(code, output_hook=collect)
    except TimeoutError as exc:
        raise LabFailed(f"The notebook's kernel did not run its first cell in {CELL_S} s.") from exc
    finally:
        kernel.stop_channels()
    if any(output.output_type == "error" for output in outputs):
        raise LabFailed(f"The notebook's first cell failed: {outputs[-1].evalue}")
    return outputs


async def _until_ready(kernel: AsyncKernelClient) -> None:
    while True:
        try:
            return await kernel.wait_for_ready()
        except RuntimeError:  # its heart does not beat yet: it is still starting
            await anyio.sleep(POLL_S)
