"""Where a kernel finds the Jupyter server that it belongs to, and how it signs in there.

Owns the places to look: what the user has set, JupyterHub's environment, the running server's
own file. Must not know what is said to the server.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
from jupyter_core.paths import jupyter_runtime_dir

from .errors import NotAllowed, Unavailable

__all__ = ["TOKEN", "URL", "OwnServer", "find_own_server"]

URL, TOKEN = "JUPYTER_COLLAB_URL", "JUPYTER_COLLAB_TOKEN"  # names of variables
HINT = f"Set {URL} and {TOKEN} where the kernel runs to a Jupyter server with jupyter_collab."
_IS_POSIX = os.name == "posix"  # on Windows a kernel is told a handle of its parent, not an id


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A server, and a token that signs in there."""

    url: str
    token: str


class _Running(msgspec.Struct):
    """What a running server says of itself, of which this is ours to read."""

    url: str
    token: str = ""
    sock: str = ""


def find_own_server() -> OwnServer:
    """Finds the server of this kernel: as it was set, on a Hub, or by the server's own file.

    Raises:
        NotAllowed: there is one, which has no token to sign in with.
        Unavailable: there is none to be found.
    """
    url = os.environ.get(URL)
    if url:
        return OwnServer(url, os.environ.get(TOKEN, ""))
    url, token = (os.environ.get(f"JUPYTERHUB_{name}") for name in ("SERVICE_URL", "API_TOKEN"))
    if url and token:
        return OwnServer(url, token)
    running = _running()
    if running.sock:
        raise Unavailable(f"The kernel can't connect to a server on a socket file. {HINT}")
    if not running.token:
        raise NotAllowed(
            "The kernel can't sign in to its server, which has a password but no token. "
            f"Start the server with a token, or set {URL} and {TOKEN} where the kernel runs."
        )
    return OwnServer(running.url, running.token)


def _running() -> _Running:
    pid = (_IS_POSIX and os.environ.get("JPY_PARENT_PID")) or os.getppid()
    try:
        file = Path(jupyter_runtime_dir()) / f"jpserver-{pid}.json"
        return msgspec.json.decode(file.read_bytes(), type=_Running)
    except (OSError, msgspec.DecodeError) as exc:
        raise Unavailable(f"The kernel belongs to no Jupyter server. {HINT}") from exc
