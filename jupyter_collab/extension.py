"""The server extension: traits in, a running hub out.

Owns configuration and the life of the hub inside a Jupyter server. Must not know rules or
frames. Invariant: nothing relies on the server's start hook, and stopping twice is harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import anyio
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import Bool, Float, Integer, TraitError, TraitType, Type, Unicode, default
from traitlets import Set as SetTrait
from traitlets.config import Configurable

from .broker.base import Broker
from .broker.file import FileBroker
from .broker.memory import MemoryBroker
from .handlers.backlog import pace_accepts, widen_backlog
from .handlers.openapi import openapi_handlers
from .handlers.rest import rest_handlers
from .handlers.socket import socket_handlers
from .handlers.static import static_handlers
from .hub.garbage import leave_out, take_back
from .hub.hub import Hub
from .hub.switching import restore_switching, switch_sooner
from .hub.turnstile import Turnstile
from .limits import Limits
from .log.base import Log
from .log.sqlite import SqliteLog
from .log.surroundings import explain, network_file_system
from .place import default_database

__all__ = ["CollabExtension", "LimitTraits"]

SIGN_INS_PER_TURN = 4  # about 0.7 ms each, most of it Jupyter's own
EXITS_PER_TURN = 32  # 0.06 ms each


def _trait(field: Any) -> TraitType[Any, Any]:
    make = Float if isinstance(field.default, float) else Integer
    least = field.metadata["least"]
    return make(field.default, min=least, help=field.metadata["help"]).tag(config=True)


LimitTraits = type(
    "LimitTraits",
    (Configurable,),
    {
        "__doc__": "One trait for each field of `Limits`, of the same name [RA6].",
        "__module__": __name__,
        **{field.name: _trait(field) for field in fields(Limits)},
    },
)


class CollabExtension(LimitTraits, ExtensionApp):  # type: ignore[misc,valid-type]  # the base is made from Limits
    """Live conversations inside notebooks: a hub of WebSockets over a durable log."""

    name = "jupyter_collab"
    extension_url = "/jupyter_collab/api/v1/conversations"
    load_other_extensions = True

    database = Unicode(
        help="Path of the SQLite file that keeps every conversation. "
        "Default: jupyter_collab/conversations.db in Jupyter's data directory."
    ).tag(config=True)
    allow_network_file_system = Bool(
        False,
        help="Use a database on NFS, SMB and the like all the same. Two machines that do so at "
        "once, or locks that are not sound, lose messages or fork the log.",
    ).tag(config=True)
    log_class = Type(
        SqliteLog,
        klass=object,
        help="The log: what stores conversations (see log.base.Log). "
        "It is made with the database's path and the limits.",
    ).tag(config=True)
    broker_class = Type(
        klass=object,
        help="The broker: what carries hints between servers that share a log "
        "(see broker.base.Broker). It is made with the log. Default: FileBroker beside SqliteLog, "
        "else MemoryBroker.",
    ).tag(config=True)
    assistants = SetTrait(
        Unicode(), help="Usernames on this server that are programs, shown as assistants."
    ).tag(config=True)

    @default("database")
    def _default_database(self) -> str:
        return str(default_database())

    @default("broker_class")
    def _default_broker_class(self) -> type[Broker]:
        return FileBroker if issubclass(self.log_class, SqliteLog) else MemoryBroker

    @default("silence_s")
    def _default_silence_s(self) -> float:
        return 1.5 * float(self.heartbeat_s)  # one lost ping is not death

    @property
    def limits(self) -> Limits:
        """The configured limits.

        Raises:
            TraitError: nobody could keep to them.
        """
        limits = Limits(**{field.name: getattr(self, field.name) for field in fields(Limits)})
        if limits.silence_s <= limits.heartbeat_s:
            raise TraitError(
                f"silence_s ({limits.silence_s:g}) must be longer than "
                f"heartbeat_s ({limits.heartbeat_s:g}): who answers every ping is not silent."
            )
        return limits

    def initialize_settings(self) -> None:
        self._adopt_loggers()
        limits = self.limits
        path = Path(self.database).expanduser()
        # Only where it is set: other logs need not know it.
        options = {"allow_network_file_system": True} if self.allow_network_file_system else {}
        log = cast("Log", self.log_class(path=path, limits=limits, **options))
        if self.log_class is SqliteLog and not self.allow_network_file_system:
            self._warn_of_network(path)
        broker = cast("Callable[..., Broker]", self.broker_class)(log=log)
        self.hub = Hub(log, broker, limits, used=self._note_activity)
        self.settings["jupyter_collab_hub"] = self.hub
        self.settings["jupyter_collab_turnstile"] = Turnstile(SIGN_INS_PER_TURN)
        self.settings["jupyter_collab_exits"] = Turnstile(EXITS_PER_TURN)
        self.settings["jupyter_collab_assistants"] = frozenset(self.assistants)

    def _adopt_loggers(self) -> None:
        """What our modules log looks as what the server logs, and goes where that goes [ID7].

        As Jupyter does with Tornado's: its own log tells the root nothing, and the other way.
        """
        assert self.serverapp is not None
        logging.getLogger("jupyter_collab").parent = self.serverapp.log

    def initialize_handlers(self) -> None:
        self.handlers.extend(
            [*socket_handlers(), *rest_handlers, *openapi_handlers, *static_handlers]
        )

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """The server listens by now. Older ones do not call this, and have a smaller backlog."""
        if hasattr(serverapp, "http_server"):  # unless it was told to make none
            widen_backlog(serverapp.http_server)
            pace_accepts(serverapp.http_server)
        anyio.current_time()  # imports its backend, for which the first visitor would wait
        leave_out()
        switch_sooner()

    async def stop_extension(self) -> None:
        await self.hub.stop()
        take_back()
        restore_switching()

    def current_activity(self) -> dict[str, int] | None:
        """Keeps the server from shutting down while people are at it [FO11]."""
        return {"people_at_work": self.hub.at_work} if self.hub.at_work else None

    def _warn_of_network(self, path: Path) -> None:
        """Says at once what would else be said at the first use: that it will be refused."""
        if (kind := network_file_system(path)) is not None:
            self.log.error(explain(path, kind))

    def _note_activity(self) -> None:
        """Tells the server's idle culler that people are talking."""
        assert self.serverapp is not None
        self.serverapp.web_app.settings["jupyter_collab_last_activity"] = datetime.now(UTC)
