"""A server extension of the tests: what the server's process holds right now, as JSON."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import psutil
from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from tornado.web import authenticated

from tests.log.files import log_files_of

__all__: list[str] = []


class GaugesHandler(APIHandler):
    """`<base>/chaos/gauges`."""

    auth_resource = "chaos"

    @authenticated
    async def get(self) -> None:
        gc.collect()
        process, hub = psutil.Process(), self.settings["jupyter_collab_hub"]
        log_files = len(log_files_of(process, hub._rooms._log._path))
        self.finish(
            {
                "tasks": len(asyncio.all_tasks()),
                "descriptors": process.num_fds() - log_files,
                "log_files": log_files,
                "sessions": len(hub._sessions),
                "rooms": len(hub._rooms.all()),
                "rss_bytes": process.memory_info().rss,
            }
        )


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "tests.chaos.gauges"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    app.web_app.add_handlers(".*", [(f"{app.base_url}chaos/gauges", GaugesHandler)])
