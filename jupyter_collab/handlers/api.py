"""What every REST answer has in common: identity, headers, and one shape for every no.

Owns the statuses of errors. Must not know what is asked. Invariant:
whatever goes wrong, the body is the socket's `refused` frame.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from ..answer import refusal
from ..errors import CollabError
from ..hub.hub import Hub
from ..protocol.frames import Refusal
from ..protocol.ids import CommandId
from .access import RESOURCE
from .fault import FaultLog

__all__ = ["CollabAPIHandler"]

_STATUS_OF_CODE = {
    "not_allowed": 403,
    "read_only": 403,
    "not_found": 404,
    "conflict": 409,
    "id_reused": 409,
    "no_change": 409,
    "pruned": 410,
    "rate_limited": 429,
    "going_away": 503,
    "unavailable": 503,
}
_CODE_OF_STATUS = {
    403: "not_allowed",
    404: "not_found",
    405: "not_allowed",
    413: "too_large",
}


class CollabAPIHandler(FaultLog, APIHandler):
    """A REST handler whose errors are `refused` frames; see `APIHandler` for who gets in."""

    auth_resource = RESOURCE
    command_id: CommandId | None = None

    @property
    def hub(self) -> Hub:
        hub = self.settings["jupyter_collab_hub"]
        assert isinstance(hub, Hub)
        return hub

    def set_default_headers(self) -> None:
        """Answers are for whoever asked, and for now."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    def answer(self, body: msgspec.Struct) -> None:
        """Sends `body`; a refusal with the status of its code, and when to try again."""
        if isinstance(body, Refusal):
            self.set_status(_STATUS_OF_CODE.get(body.code, 400))
            if body.retry_after_s is not None:
                self.set_header("Retry-After", str(math.ceil(body.retry_after_s)))
        self.finish(msgspec.json.encode(body))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answers an exception by the socket's `refused` frame."""
        error = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        match error:
            case CollabError():
                self.answer(refusal(getattr(error, "command_id", self.command_id), error))
            case HTTPError() if status_code < 500:
                code = _CODE_OF_STATUS.get(status_code, "malformed")
                message = error.reason or HTTPStatus(status_code).phrase
                if error.log_message:
                    message = error.log_message % error.args
                self.finish(msgspec.json.encode(Refusal(self.command_id, code, message)))
            case _:
                message = "Something went wrong on the server."
                self.finish(msgspec.json.encode(Refusal(self.command_id, "internal", message)))
