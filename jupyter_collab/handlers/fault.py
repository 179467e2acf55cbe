"""How a handler's faults are logged: with a traceback, and without the query.

Owns one line of log. Must not know what failed. Invariant: no token reaches the log, though
a page may have it in its address (Tornado's own line has the whole address) [ID7].
"""

from __future__ import annotations

import logging
from types import TracebackType

from tornado.web import HTTPError, RequestHandler

from ..errors import CollabError

__all__ = ["FaultLog"]

logger = logging.getLogger(__name__)


class FaultLog(RequestHandler):
    """A base of handlers; put it before those of Tornado and jupyter_server."""

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Logs what is a fault of ours; the server's access log has every refusal."""
        if not isinstance(value, CollabError | HTTPError):
            logger.error("failed %s %r", self.request.method, self.request.path, exc_info=value)
