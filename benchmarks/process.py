"""Processes of servers: started, found ready, and stopped whatever happens.

Owns how a server tells that it is ready. Must not know what it is.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["ROOT", "Jupyter", "StartFailed", "jupyter_server", "port_on_stdout"]

ROOT = Path(__file__).parent.parent
START_S = 60.0
STOP_S = 15.0


class StartFailed(Exception):
    """A server ended, or did not answer, before it could be measured."""


@dataclass(frozen=True)
class Jupyter:
    """A running Jupyter server; `prefix` is its base URL's path, with a slash at its end."""

    pid: int
    port: int
    prefix: str
    token: str


@contextmanager
def port_on_stdout(command: Sequence[str], directory: Path) -> Iterator[tuple[int, int]]:
    """Runs a server that prints its port and ends with stdin; gives its process and port."""
    log = directory / "server.log"
    with _process(command, log, os.environ) as process:
        assert process.stdout is not None, "it is a pipe"
        if not (line := process.stdout.readline()):
            raise StartFailed(_log_of(log))
        yield process.pid, int(line)


@contextmanager
def jupyter_server(
    python: str, extension: str, directory: Path, config: Mapping[str, Any]
) -> Iterator[Jupyter]:
    """A real Jupyter server with one extension, its files in `directory`."""
    token = secrets.token_hex(16)
    server = {
        "jpserver_extensions": {extension: True},
        "ip": "127.0.0.1",
        "port": 0,
        "open_browser": False,
        "allow_root": True,
        "root_dir": str(directory),
    }
    path = directory / "jupyter_config.json"
    path.write_text(
        json.dumps({"ServerApp": server, "IdentityProvider": {"token": token}, **config})
    )
    environment = {
        **os.environ,
        "JUPYTER_NO_CONFIG": "1",  # no other extension of this environment
        "JUPYTER_DATA_DIR": str(directory),
        "JUPYTER_RUNTIME_DIR": str(directory),
        "TMPDIR": str(directory),
    }
    log = directory / "jupyter.log"
    with _process(
        [python, "-m", "jupyter_server", f"--config={path}"], log, environment
    ) as process:
        info = _runtime_info(process, directory, log)
        prefix = urlsplit(info["url"]).path
        yield Jupyter(process.pid, int(info["port"]), prefix, token)


@contextmanager
def _process(
    command: Sequence[str], log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _runtime_info(process: subprocess.Popen[str], directory: Path, log: Path) -> dict[str, str]:
    """Waits for the file in which a Jupyter server tells its port, then for the port."""
    path = directory / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            info: dict[str, str] = json.loads(path.read_text())
            socket.create_connection(("127.0.0.1", int(info["port"]))).close()
        except (OSError, ValueError):  # not there yet, half written, or not listening yet
            time.sleep(0.02)
        else:
            return info
    raise StartFailed(_log_of(log))


def _log_of(path: Path) -> str:
    return f"the server did not start:\n{path.read_text()[-4000:]}"
