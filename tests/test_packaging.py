"""What people install: built from a bare checkout, run at the oldest versions we allow.

Nothing here has Node on its PATH. A checkout takes it from PyPI; what is built from there
on, and whoever installs it, needs none.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from tornado.httpclient import AsyncHTTPClient

from jupyter_collab.client import connect
from jupyter_collab.errors import Unavailable

ROOT = Path(__file__).parents[1]
UV = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
DEPENDENCIES: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "dependencies"
]
TOKEN = "a-token-for-one-test"
START_S = 60.0


def _without_node(folder: Path, **more: str) -> dict[str, str]:
    """An environment whose PATH has a shell and nothing else."""
    path = folder / "path"
    if not path.exists():
        path.mkdir()
        (path / "sh").symlink_to("/bin/sh")
    return {**os.environ, "PATH": str(path), **more}


def _run(*command: str | Path, env: dict[str, str]) -> str:
    """Runs a command and returns what it said, on both streams."""
    run = subprocess.run(
        command, env=env, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert run.returncode == 0, run.stdout
    return run.stdout


def _uv(*arguments: str | Path, env: dict[str, str]) -> str:
    assert UV is not None, "uv is in the `test` group of pyproject.toml"
    return _run(UV, *arguments, env=env)


@dataclass(frozen=True, slots=True)
class Built:
    """The two distributions, and the names of the files in them."""

    sdist: Path
    wheel: Path

    @property
    def in_sdist(self) -> set[str]:
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}

    @property
    def in_wheel(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    @property
    def front_end(self) -> set[str]:
        """Every file that the manifest promises, compressed ones too."""
        with zipfile.ZipFile(self.wheel) as archive:
            manifest = json.loads(archive.read("jupyter_collab/static/manifest.json"))
        chunks = {name for key, name in manifest.items() if key != "loader"}
        names = {f"{name}{suffix}" for name in chunks for suffix in ("", ".br", ".gz")}
        return {f"jupyter_collab/static/{name}" for name in {*names, "loader.js", "manifest.json"}}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("packaging")
    checkout, dist = folder / "checkout", folder / "dist"
    tracked = _run("git", "-C", ROOT, "ls-files", "-z", env=dict(os.environ))
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    assert not (checkout / "jupyter_collab" / "static").exists()
    python = ("--python", sys.executable, "--out-dir", dist)

    _uv("build", "--sdist", *python, checkout, env=_without_node(folder))
    (sdist,) = dist.glob("*.tar.gz")
    # An npm that can reach nothing and has nothing: the front end is not built again.
    no_npm = {"npm_config_offline": "true", "npm_config_cache": str(folder / "no-cache")}
    _uv("build", "--wheel", *python, sdist, env=_without_node(folder, **no_npm))
    (wheel,) = dist.glob("*.whl")
    return Built(sdist, wheel)


def test_both_have_the_front_end_inside(built: Built) -> None:
    """[UI8] The core and its compressed forms."""
    assert built.front_end <= built.in_wheel
    assert built.front_end <= built.in_sdist


def test_neither_has_anything_of_npm(built: Built) -> None:
    names = built.in_sdist | built.in_wheel
    assert not {name for name in names if "node_modules" in name or name.startswith(".ci")}


def test_the_sdist_can_be_built_and_tested_again(built: Built) -> None:
    assert {
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "hatch_build.py",
        "js/package-lock.json",
        "js/src/loader.ts",
        "notebooks/quickstart.ipynb",
        "tests/test_packaging.py",
    } <= built.in_sdist


def test_the_wheel_is_the_package_and_what_enables_it(built: Built) -> None:
    top = {name.split("/")[0].partition("-")[0] for name in built.in_wheel}
    assert top == {"jupyter_collab"}
    inside = {name.partition(".data/data/")[2] for name in built.in_wheel}
    assert "etc/jupyter/jupyter_server_config.d/jupyter_collab.json" in inside
    assert {
        "jupyter_collab/SPEC.md",
        "jupyter_collab/demo/quickstart.ipynb",
        "jupyter_collab/py.typed",
    } <= built.in_wheel
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in built.in_wheel)


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with the wheel and nothing else, at the oldest versions allowed."""

    bin: Path
    env: dict[str, str]

    def python(self, code: str) -> str:
        return _run(self.bin / "python", "-c", code, env=self.env)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("floors")
    home = {"HOME": str(folder), "JUPYTER_PLATFORM_DIRS": "0", "VIRTUAL_ENV": ""}
    env = _without_node(folder, **home)
    cache = {"UV_CACHE_DIR": _uv("cache", "dir", env=dict(os.environ)).strip()}
    _uv("venv", "--python", sys.executable, folder / "venv", env=env | cache)
    python = folder / "venv" / "bin" / "python"
    # Only what is named here is direct: without the list, the floors would not be looked at.
    lowest = ("--resolution", "lowest-direct", "--python", python)
    _uv("pip", "install", *lowest, built.wheel, *DEPENDENCIES, env=env | cache)
    return Installed(python.parent, env)


def test_the_declared_floors_are_what_is_installed(installed: Installed) -> None:
    floors = dict(dependency.split(">=") for dependency in DEPENDENCIES)
    code = f"from importlib.metadata import version; print(*map(version, {list(floors)}))"
    for found, floor in zip(installed.python(code).split(), floors.values(), strict=True):
        assert found == floor or found.removeprefix(floor).strip(".0") == ""


def test_a_kernel_shows_the_widget(installed: Installed) -> None:
    code = "from jupyter_collab import Chat; print(*Chat('team')._repr_mimebundle_()[0])"
    kinds = installed.python(code).split()
    assert {"text/html", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(kinds)


@pytest.fixture
def url(installed: Installed, tmp_path: Path) -> Iterator[str]:
    """A `jupyter server` that was told nothing of our extension."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(str(installed.bin / "python"), "-m", "jupyter_server", "--no-browser", "--allow-root"),
        *(f"--port={port}", "--port-retries=0", f"--IdentityProvider.token={TOKEN}"),
        f"--ServerApp.root_dir={tmp_path}",
    ]
    with subprocess.Popen(command, env=installed.env, cwd=tmp_path) as server:
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            try:
                server.wait(START_S)
            except subprocess.TimeoutExpired:
                server.kill()
                raise


async def test_a_server_enables_it_by_itself(installed: Installed, url: str) -> None:
    """Install, start, talk."""
    with anyio.fail_after(START_S):
        while True:
            try:
                async with connect(url, "team", token=TOKEN) as you:
                    ack = await you.post("hello")
                    assert you.welcome.conversation.id == "team"
                    assert ack.seq == 2  # the first is `joined`
                    break
            except Unavailable:
                await anyio.sleep(0.2)
    code = (
        "import json, jupyter_collab.widget as w; print((w.STATIC / 'manifest.json').read_text())"
    )
    core = json.loads(installed.python(code))["core"]
    answer = await AsyncHTTPClient().fetch(f"{url}jupyter_collab/static/{core}")
    assert answer.headers["Cache-Control"].endswith("immutable")
