"""A Jupyter server in a process of its own: it can be killed, frozen and looked into.

Owns the process, its directory and its port. Invariant: a restart keeps all three but the
process. `tests.chaos.gauges` is the window into it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from tests.identities import token_of
from tests.log.files import LOG_FILES_AT_MOST

__all__ = ["UNLIMITED", "Gauges", "JupyterProcess", "jupyter"]

REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 120.0
UNLIMITED: Mapping[str, float] = {
    f"{rate}_per_window": 0
    for rate in ("posts", "edits", "redacts", "reactions", "renames", "queries", "frames")
}
_CONFIG = """
c.ServerApp.allow_root = True
c.ServerApp.open_browser = False
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port_retries = 0
c.ServerApp.log_level = "WARN"
c.ServerApp.identity_provider_class = "tests.identities.People"
c.ServerApp.authorizer_class = "tests.identities.Roles"
c.ServerApp.jpserver_extensions = {
    "jupyter_collab": True, "tests.chaos.gauges": True, "jupyter_lsp": False, "jupyterlab": False,
    "jupyter_server_terminals": False, "notebook": False, "notebook_shim": False,
}
"""


@dataclass(frozen=True, slots=True)
class Gauges:
    """What the server holds, seen from inside after a garbage collection.

    Attributes:
        descriptors: without `log_files`, those of the log's own files.
    """

    tasks: int
    descriptors: int
    log_files: int
    sessions: int
    rooms: int
    rss_bytes: int

    def is_calm(self, before: Gauges) -> bool:
        """Says whether no more is held than was held before, memory apart.

        Of the log's files, no more than a log ever has open: it connects at need.
        """
        return (
            self.tasks <= before.tasks
            and self.descriptors <= before.descriptors
            and self.log_files <= LOG_FILES_AT_MOST
            and self.sessions == before.sessions
        )


@dataclass(slots=True)
class JupyterProcess:
    """Made by `jupyter`."""

    root: Path
    settings: Mapping[str, float]
    port: int = field(default_factory=lambda: _free_port())
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def database(self) -> Path:
        return self.root / "conversations.db"

    @property
    def pid(self) -> int:
        assert self._process is not None, "it runs"
        return self._process.pid

    @property
    def is_listening(self) -> bool:
        return _answers(self.port)

    async def start(self) -> None:
        """Returns once it answers."""
        self._configure()
        with (self.root / "server.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220  # starting it takes no time
                [sys.executable, "-m", "jupyter_server", f"--port={self.port}"],
                cwd=self.root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        with anyio.fail_after(PATIENCE_S):
            while not self.is_listening:
                assert self._process.poll() is None, self.log
                await anyio.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def ended(self) -> int:
        """Waits until the process is gone; returns its status."""
        assert self._process is not None, "it runs"
        process, self._process = self._process, None
        with anyio.fail_after(PATIENCE_S):
            return await to_thread.run_sync(process.wait, abandon_on_cancel=True)

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """Ends it as an operator would; harmless if it does not run."""
        if self._process is None:
            return 0
        self.signal(signal.SIGTERM)
        return await self.ended()

    async def ask(self, path: str, *, user: str = "auditor", body: Any = None) -> Any:
        """The JSON of a 200 answer, by the token of `user`; a body is sent as JSON."""
        request = HTTPRequest(
            self.url + path,
            method="GET" if body is None else "POST",
            headers={"Authorization": f"token {token_of(user)}"},
            body=None if body is None else json.dumps(body),
        )
        response = await AsyncHTTPClient(force_instance=True).fetch(request)
        return json.loads(response.body)

    async def gauges(self) -> Gauges:
        return Gauges(**await self.ask("chaos/gauges"))

    async def calm(self, before: Gauges) -> Gauges:
        """Waits until tasks, descriptors and sessions are back at what they were before."""
        with anyio.move_on_after(PATIENCE_S):
            while not (after := await self.gauges()).is_calm(before):  # noqa: ASYNC110
                await anyio.sleep(0.05)
            return after
        raise AssertionError(f"before {before}, and still {await self.gauges()}")

    async def end(self) -> None:
        """Ends it in whatever state it is; harmless if it does not run."""
        if self._process is not None:
            with anyio.CancelScope(shield=True):
                self.signal(signal.SIGCONT)
                await self.kill()

    def check_log(self) -> None:
        """Looks for failures that nobody was told of."""
        assert "Traceback" not in self.log, self.log

    @property
    def log(self) -> str:
        return (self.root / "server.log").read_text()

    def _configure(self) -> None:
        own = [f"c.CollabExtension.database = {str(self.database)!r}"]
        own += [f"c.CollabExtension.{name} = {value}" for name, value in self.settings.items()]
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "jupyter_server_config.py").write_text("\n".join([_CONFIG, *own]))

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if k != "JUPYTER_TOKEN"}
        paths = filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")])
        return {
            **inherited,
            "JUPYTER_CONFIG_DIR": str(self.root),
            "JUPYTER_DATA_DIR": str(self.root / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.root / "runtime"),
            "PYTHONPATH": os.pathsep.join(paths),
        }


@asynccontextmanager
async def jupyter(root: Path, **settings: float) -> AsyncIterator[JupyterProcess]:
    """A server whose limits are `settings` and whose rates are off, until the end of the block."""
    server = JupyterProcess(root / "jupyter", {**UNLIMITED, **settings})
    try:
        await server.start()
        yield server
        server.check_log()
    finally:
        await server.end()


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
