"""A Jupyter server of the tests' own: one process for JupyterLab and Notebook 7.

Owns the process, its directories and its port. Must not know the browser. Invariant: a
restart keeps port, database, sign-ins and notebooks.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["PAGES", "REPOSITORY", "Server", "code_cell"]

REPOSITORY = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"  # below /static/ of the server
START_S = 180.0
STOP_S = 30.0
_SETTINGS: Mapping[str, object] = {
    # Two people have one file open: an autosave of one would be a conflict for the other.
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    "@jupyterlab/apputils-extension/notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
}
_CONFIG = """
c.ServerApp.allow_root = True
c.ServerApp.open_browser = False
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port_retries = 0
c.ServerApp.identity_provider_class = "tests.browser.people.RenamingPeople"
c.ServerApp.authorizer_class = "tests.identities.Roles"
c.IdentityProvider.token = ""
c.RenamingPeople.updatable_fields = ["display_name"]
c.LabApp.expose_app_in_browser = True
c.JupyterNotebookApp.expose_app_in_browser = True
for rate in ("posts", "edits", "redacts", "reactions", "renames", "queries", "frames"):
    setattr(c.CollabExtension, f"{rate}_per_window", 0)
"""


class Server:
    """Starts in the background of a test session; a context manager.

    Args:
        root: an empty directory for everything that it writes.
        names: display names by username, for `RenamingPeople`.
        limits: options of the extension.
    """

    def __init__(self, root: Path, names: Mapping[str, str] | None = None, **limits: float) -> None:
        self.root = root
        self.port = _free_port()
        self.database = root / "conversations.db"
        self.log = root / "server.log"
        self._process: subprocess.Popen[str] | None = None
        self._write_configuration(names or {}, limits)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns once the port is listened on."""
        assert self._process is None, "it runs already"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "server", f"--port={self.port}"],
            cwd=self.root / "notebooks",
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        is_up = threading.Event()
        self._reader = threading.Thread(target=self._keep_log, args=(self._process.stdout, is_up))
        self._reader.start()
        if not is_up.wait(START_S):
            self.stop()
            raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """Ends it as an operator would; harmless if it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._reader.join()
            self._process = None

    def kill(self) -> None:
        """Ends it as a crash would: it says nothing to anyone. Its kernels go by themselves."""
        assert self._process is not None, "it runs"
        self._process.kill()
        self._process.wait()
        self._reader.join(STOP_S)
        assert not self._reader.is_alive(), "a kernel still writes to the log"
        self._process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Takes nothing from its sockets meanwhile: what pages show then is their own."""
        assert self._process is not None, "it runs"
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def write_notebook(self, name: str, *cells: Mapping[str, object]) -> str:
        """Puts a notebook of these cells into the server's root; gives its path there."""
        notebook = {
            "cells": cells,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.root / "notebooks" / name).write_text(json.dumps(notebook))
        return name

    def _keep_log(self, output: IO[str], is_up: threading.Event) -> None:
        with output, self.log.open("a") as log:
            for line in output:
                log.write(line)
                log.flush()
                if "is running at:" in line:
                    is_up.set()

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        inherited = {k: v for k, v in os.environ.items() if k != "JUPYTER_TOKEN"}
        python_path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        return {
            **inherited,
            **{name: str(self.root / directory) for name, directory in own.items()},
            "PYTHONPATH": python_path,  # `RenamingPeople` lives here
        }

    def _write_configuration(self, names: Mapping[str, str], limits: Mapping[str, float]) -> None:
        (self.root / "notebooks").mkdir(parents=True)
        (self.root / "config").mkdir()
        own = (
            f"c.ServerApp.extra_static_paths = [{str(PAGES)!r}]",
            f"c.CollabExtension.database = {str(self.database)!r}",
            f"c.RenamingPeople.names = {names!r}",
            *(f"c.CollabExtension.{limit} = {value!r}" for limit, value in limits.items()),
        )
        path = self.root / "config" / "jupyter_server_config.py"
        path.write_text("\n".join([_CONFIG, *own]))
        for plugin, settings in _SETTINGS.items():
            path = self.root / "settings" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(settings))


def code_cell(source: str = "", *outputs: Mapping[str, object]) -> dict[str, object]:
    """A cell of a notebook, as it is stored."""
    return {
        "cell_type": "code",
        "id": uuid.uuid4().hex[:8],
        "metadata": {},
        "execution_count": None,
        "source": source,
        "outputs": outputs,
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
