"""Fixtures of all tests: a real Jupyter server with the extension, and people to use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from jupyter_server.serverapp import ServerApp

from tests.identities import People, Roles
from tests.servers import Server

pytest_plugins = ["pytest_jupyter.jupyter_server"]

# Modules that take ten seconds and more, many of them waiting.
LONG = (
    *("test_benchmarks", "test_packaging", "test_demo", "test_one_order"),
    *("test_crash", "test_crash_server", "test_power_cut", "test_power_cut_operator"),
    *("test_projections", "test_relay"),
)

settings.register_profile(  # a busy one is slow, not wrong
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that the processes that share the tests end together."""
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture
def collab_config() -> dict[str, Any]:
    """The extension's configuration; a test module overrides it with limits of its own."""
    return {}


@pytest.fixture
def jp_server_config(tmp_path: Path, collab_config: dict[str, Any]) -> dict[str, Any]:
    database = str(tmp_path / "kept" / "conversations.db")
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_collab": True},
            "identity_provider_class": People,
            "authorizer_class": Roles,
        },
        "CollabExtension": {"database": database, **collab_config},
    }


@pytest.fixture
def server(
    jp_serverapp: ServerApp, http_server_client: Any, jp_server_config: dict[str, Any]
) -> Iterator[Server]:
    """The extension in a running server; see `People` for who may sign in."""
    database = Path(jp_server_config["CollabExtension"]["database"])
    server = Server(jp_serverapp, http_server_client.get_http_port(), database)
    yield server
    for peer in server.peers:
        peer.close()
