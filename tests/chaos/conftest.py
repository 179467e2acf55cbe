"""A Jupyter server in a process of its own, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import anyio
import pytest

from tests.chaos.process import UNLIMITED, JupyterProcess


@pytest.fixture(scope="module")
def limits() -> Mapping[str, float]:
    """The server's limits; a module overrides it with limits of its own."""
    return {}


@pytest.fixture(scope="module")
def jupyter_server(
    tmp_path_factory: pytest.TempPathFactory, limits: Mapping[str, float]
) -> Iterator[JupyterProcess]:
    """The server, without rates; its log must tell of no failure."""
    server = JupyterProcess(tmp_path_factory.mktemp("jupyter"), {**UNLIMITED, **limits})
    try:
        anyio.run(server.start)
        yield server
        server.check_log()
    finally:
        anyio.run(server.end)
