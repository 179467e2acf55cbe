"""What every REST answer has in common: identity, headers, and one shape for every no.

Owns the statuses of errors and their log lines. Must not know what is asked. Invariant:
whatever goes wrong, the body is the socket's `refused` frame, and no log line holds a text
or a token.
"""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from types import TracebackType
from typing import Any

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from ..answer import refusal
from ..errors import CollabError
from ..hub import Hub
from ..protocol.frames import Refusal
from ..protocol.ids import CommandId
from ..protocol.members import Member
from .access import RESOURCE, access_of

__all__ = ["CollabAPIHandler"]

logger = logging.getLogger(__name__)

_STATUS_OF_CODE = {
    "not_allowed": 403,
    "read_only": 403,
    "not_found": 404,
    "conflict": 409,
    "id_reused": 409,
    "no_change": 409,
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


class CollabAPIHandler(APIHandler):
    """A REST handler whose errors are `refused` frames; see `APIHandler` for who gets in."""

    auth_resource = RESOURCE
    member: Member | None = None
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

    async def identify(self) -> Member:
        """Says who asks.

        Raises:
            HTTPError: 403, for who may not read.
        """
        self.member = (await access_of(self)).member
        return self.member

    def answer(self, body: msgspec.Struct) -> None:
        """Sends `body`; a refusal with the status of its code."""
        if isinstance(body, Refusal):
            self._refuse(body, _STATUS_OF_CODE.get(body.code, 400))
        else:
            self.finish(msgspec.json.encode(body))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answers an exception by the socket's `refused` frame."""
        error = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        match error:
            case CollabError():
                self.answer(refusal(getattr(error, "command_id", self.command_id), error))
            case HTTPError() if status_code < 500:
                code = _CODE_OF_STATUS.get(status_code, "malformed")
                message = f"{HTTPStatus(status_code).phrase}."
                if error.log_message:
                    message = error.log_message % error.args
                self._refuse(Refusal(self.command_id, code, message), status_code)
            case _:
                message = "Something went wrong on the server."
                self._refuse(Refusal(self.command_id, "internal", message), status_code)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Logs a fault of ours, without the query, which may hold a token [ID7]."""
        if not isinstance(value, CollabError | HTTPError):
            logger.error("failed %s %r", self.request.method, self.request.path, exc_info=value)

    def _refuse(self, refusal: Refusal, status: int) -> None:
        logger.info(
            "refused %s %r of %r: %s",
            self.request.method,
            self.request.path,
            self.member and self.member.id,
            refusal.code,
        )
        self.set_status(status)
        if refusal.retry_after_s is not None:
            self.set_header("Retry-After", str(math.ceil(refusal.retry_after_s)))
        self.finish(msgspec.json.encode(refusal))
