"""Every way in which jupyter_collab says no, and its code on the wire.

CollabError
├── ProtocolError     the frame or the connection is wrong: the socket closes
├── Refused           this one command may not be done: the socket stays
│   ├── Invalid       the command breaks a limit or has a wrong field
│   ├── NotAllowed    the author's role does not allow it
│   ├── NotFound      what it aims at is not there
│   ├── RateLimited   too many in the window; `retry_after_s` is exact
│   ├── Conflict      it contradicts what is already stored
│   └── Pruned        what it asks for was removed for good
└── Unavailable       the log or the server can't do it now; trying again may work
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "CloseCode",
    "CollabError",
    "Conflict",
    "Invalid",
    "NotAllowed",
    "NotFound",
    "ProtocolError",
    "Pruned",
    "RateLimited",
    "Refused",
    "Unavailable",
]


class CloseCode(IntEnum):
    """Why a socket closes. A client acts on the class alone.

    40xx: do not reconnect. 41xx: reconnect with back-off. 42xx: reconnect now.
    """

    MALFORMED = 4000
    VERSION = 4001
    NOT_SIGNED_IN = 4003
    NOT_ALLOWED = 4004
    FULL = 4005
    TOO_LARGE = 4009
    REMOVED = 4010
    OVERLOADED = 4100
    GOING_AWAY = 4101
    SLOW = 4102
    RATE = 4103
    INTERNAL = 4104
    HEARTBEAT = 4200
    RESYNC = 4201
    CREDENTIALS = 4203


class CollabError(Exception):
    """Root of the tree.

    Attributes:
        code: stable, machine-readable, the same on the wire and in REST.
        message: one sentence for a person; says what to do where it can.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class ProtocolError(CollabError):
    """The peer broke the protocol; its socket closes with `close_code`."""

    code = "malformed"

    def __init__(self, message: str, *, close_code: CloseCode = CloseCode.MALFORMED) -> None:
        super().__init__(message, code=close_code.name.lower())
        self.close_code = close_code


class Refused(CollabError):
    """One command was refused; nothing was stored.

    Attributes:
        retry_after_s: seconds after which the same command may pass, if waiting helps.
    """

    code = "refused"
    retry_after_s: float | None = None


class Invalid(Refused):
    """The command has a field that is wrong, missing, unknown or over a limit."""

    code = "invalid"


class NotAllowed(Refused):
    """The author's role, or another's ownership, forbids it."""

    code = "not_allowed"


class NotFound(Refused):
    """The message that the command aims at is not in this conversation."""

    code = "not_found"


class RateLimited(Refused):
    """Too many commands of this kind in the window; `what` can be done again later."""

    code = "rate_limited"

    def __init__(self, retry_after_s: float, what: str = "send again") -> None:
        super().__init__(f"You can {what} in {retry_after_s:.1f} s.")
        self.retry_after_s = retry_after_s


class Conflict(Refused):
    """The command contradicts what is stored (`id_reused`, `no_change`)."""

    code = "conflict"


class Pruned(Refused):
    """Entries that were asked for were removed for good.

    Attributes:
        floor: the first entry from which on none is missing.
    """

    code = "pruned"

    def __init__(self, floor: int) -> None:
        super().__init__(f"Older messages were removed; entries are whole from {floor} on.")
        self.floor = floor


class Unavailable(CollabError):
    """The log can't store or read now; nothing was stored.

    Attributes:
        retry_after_s: seconds to wait before trying again.
    """

    code = "unavailable"

    def __init__(
        self, message: str, *, code: str | None = None, retry_after_s: float = 2.0
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s
