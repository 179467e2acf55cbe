"""Where a kernel finds its server: what was set, the Hub, the running server's file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_collab.errors import NotAllowed, Unavailable
from jupyter_collab.own_server import TOKEN, URL, OwnServer, find_own_server

VARIABLES = (URL, TOKEN, "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_API_TOKEN")


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The runtime directory of a kernel whose server has the process id 7."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "7")
    return tmp_path


def _runs(runtime: Path, **fields: object) -> None:
    (runtime / "jpserver-7.json").write_text(json.dumps({"pid": 7, "port": 8888, **fields}))


def test_the_running_servers_file_names_it(runtime: Path) -> None:
    """[UI19]"""
    _runs(runtime, url="http://localhost:8888/base/", token="secret")
    assert find_own_server() == OwnServer("http://localhost:8888/base/", "secret")


def test_on_a_hub_it_is_the_users_own(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[UI19] The Hub says where, and gives the token."""
    _runs(runtime, url="http://localhost:8888/", token="secret")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:9000/user/ada/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-ada")
    assert find_own_server() == OwnServer("http://127.0.0.1:9000/user/ada/", "of-ada")


def test_what_was_set_goes_first(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[UI19] Also over the Hub's."""
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:9000/user/ada/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-ada")
    monkeypatch.setenv(URL, "https://elsewhere.example/")
    monkeypatch.setenv(TOKEN, "theirs")
    assert find_own_server() == OwnServer("https://elsewhere.example/", "theirs")


def test_a_server_with_a_password_only_says_what_to_set(runtime: Path) -> None:
    """[UI19]"""
    _runs(runtime, url="http://localhost:8888/", token="")
    with pytest.raises(NotAllowed, match=f"Start the server with a token, or set {URL}"):
        find_own_server()


def test_a_server_on_a_socket_file_says_what_to_set(runtime: Path) -> None:
    """[UI19]"""
    _runs(runtime, url="http+unix://%2Ftmp%2Fs/", token="secret", sock="/run/jupyter.sock")
    with pytest.raises(Unavailable, match=f"socket file.*Set {URL} and {TOKEN}"):
        find_own_server()


@pytest.mark.parametrize("text", [None, "", "{", '{"url": 5}'])
def test_without_a_server_it_says_what_to_set(runtime: Path, text: str | None) -> None:
    """[UI19]"""
    if text is not None:
        (runtime / "jpserver-7.json").write_text(text)
    with pytest.raises(Unavailable, match=f"no Jupyter server.*Set {URL} and {TOKEN}"):
        find_own_server()


def test_without_a_parents_id_it_is_the_parent(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[UI19] Kernels that were not started by Jupyter's own manager."""
    monkeypatch.delenv("JPY_PARENT_PID")
    monkeypatch.setattr("os.getppid", lambda: 7)
    _runs(runtime, url="http://localhost:8888/", token="secret")
    assert find_own_server().token == "secret"


def test_on_windows_it_is_the_parent_whatever_was_given(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[UI19] There a kernel is given a handle of its parent, which names no file."""
    _runs(runtime, url="http://localhost:8888/", token="secret")
    monkeypatch.setenv("JPY_PARENT_PID", "1234")
    monkeypatch.setattr("os.getppid", lambda: 7)
    monkeypatch.setattr("jupyter_collab.own_server._IS_POSIX", False)
    assert find_own_server().token == "secret"
