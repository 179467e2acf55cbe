"""The servers that are measured, each a process of its own on the loopback.

Owns starting and stopping them. To add a peer, write a context manager that yields a
`Target`, and list it in `PEERS`; nothing else needs to know of it.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .job import Target

__all__ = ["BARE", "DATABASE", "OURS", "PEERS", "Peer", "StartFailed"]

ROOT = Path(__file__).parent.parent
DATABASE = "conversations.db"  # in the directory that our server is started in
START_S = 60.0
STOP_S = 15.0
POST = '{"type":"post","command_id":"{command_id}","text":"{text}"}'


class StartFailed(Exception):
    """A server ended, or did not answer, before it could be measured."""


@dataclass(frozen=True)
class Peer:
    """A server to measure.

    Attributes:
        note: what one must know to compare it fairly.
        start: runs it with its files in the directory given, until the context ends.
    """

    name: str
    note: str
    start: Callable[[Path], AbstractContextManager[Target]]


@contextmanager
def _ours(directory: Path) -> Iterator[Target]:
    """A real Jupyter server; `directory / DATABASE` may be filled before."""
    token = secrets.token_hex(16)
    config = {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_collab": True},
            "ip": "127.0.0.1",
            "port": 0,
            "open_browser": False,
            "allow_root": True,
            "root_dir": str(directory),
        },
        "IdentityProvider": {"token": token},
        "CollabExtension": {
            "database": str(directory / DATABASE),
            "posts_per_window": 0,  # a load generator is 50 people who never tire
            "frames_per_window": 0,
        },
    }
    path = directory / "jupyter_config.json"
    path.write_text(json.dumps(config))
    environment = {
        **os.environ,
        "JUPYTER_NO_CONFIG": "1",  # no other extension of this environment
        "JUPYTER_DATA_DIR": str(directory),
        "JUPYTER_RUNTIME_DIR": str(directory),
        "TMPDIR": str(directory),
    }
    command = [sys.executable, "-m", "jupyter_server", f"--config={path}"]
    with _process(command, directory / "jupyter.log", environment) as process:
        info = _runtime_info(process, directory)
        url = urlsplit(info["url"])
        prefix = f"{url.path}jupyter_collab/api/v1/conversations"
        yield Target(
            host="127.0.0.1",
            port=int(info["port"]),
            pid=process.pid,
            path=f"{prefix}/{{conversation}}/socket?token={token}",
            hello='{"type":"hello","protocol":1,"client":"benchmark"}',
            ready='{"type":"live"',
            post=POST,
        )


@contextmanager
def _bare(directory: Path) -> Iterator[Target]:
    command = [sys.executable, "-m", "benchmarks.bare"]
    with _process(command, directory / "bare.log", os.environ) as process:
        assert process.stdout is not None, "it is a pipe"
        if not (line := process.stdout.readline()):
            raise StartFailed(_log_of(directory / "bare.log"))
        yield Target(
            host="127.0.0.1",
            port=int(line),
            pid=process.pid,
            path="/{conversation}",
            hello="",
            ready="",
            post=POST,
        )


OURS = Peer("jupyter_collab", "inside a Jupyter server; every post on disk before its ack", _ours)
BARE = Peer("bare Tornado", "`write_message` in a loop; stores nothing, knows nobody", _bare)
PEERS = (OURS, BARE)


@contextmanager
def _process(
    command: list[str], log: Path, environment: Mapping[str, str]
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


def _runtime_info(process: subprocess.Popen[str], directory: Path) -> dict[str, str]:
    """Waits for the file in which a Jupyter server tells its port, then for the port."""
    path = directory / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            info: dict[str, str] = json.loads(path.read_text())
        except (OSError, ValueError):  # not there yet, or half written
            time.sleep(0.02)
        else:
            return info
    raise StartFailed(_log_of(directory / "jupyter.log"))


def _log_of(path: Path) -> str:
    return f"the server did not start:\n{path.read_text()[-4000:]}"
