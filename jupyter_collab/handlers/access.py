"""May this request read, may it write: asked of the server's own Authorizer.

Owns the two questions and the member that comes of the answers. Must not know what is read
or written. Invariant: the caller of a handler is whom the IdentityProvider named [ID1].
"""

from __future__ import annotations

from collections.abc import Awaitable
from inspect import isawaitable

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

from ..auth.identity import member_of
from ..protocol.members import Member, Role

__all__ = ["RESOURCE", "caller_of", "may_rename_self", "role_of"]

RESOURCE = "jupyter_collab"


async def caller_of(handler: JupyterHandler) -> Member:
    """Says who asks; who may not write is a viewer [ID3].

    Raises:
        HTTPError: 403, for who is not signed in or may not read.
    """
    if handler.current_user is None:
        raise HTTPError(403, "Sign in first.")
    asked = role_of(handler)
    role = await asked if isawaitable(asked) else asked
    if role is None:
        raise HTTPError(403, "You may not read conversations on this server.")
    return member_of(
        handler.current_user,
        role=role,
        provider_fields=_provider_fields(handler),
        assistants=handler.settings["jupyter_collab_assistants"],
    )


def role_of(handler: JupyterHandler) -> Role | Awaitable[Role | None] | None:
    """Says what the signed-in user of a handler may do now, None if not even read.

    At once where the Authorizer answers so, as most do: it is asked for everyone, again and
    again.
    """
    may_read = _ask(handler, "read")
    if isawaitable(may_read):
        return _role_later(handler, may_read)
    if not may_read:
        return None
    may_write = _ask(handler, "write")
    return _writer_later(may_write) if isawaitable(may_write) else _writer(may_write)


def may_rename_self(handler: JupyterHandler) -> bool:
    """Says whether the server lets people choose their display name (`PATCH api/me`)."""
    return "display_name" in _provider_fields(handler)


def _ask(handler: JupyterHandler, action: str) -> bool | Awaitable[bool]:
    answer: bool | Awaitable[bool] = handler.authorizer.is_authorized(
        handler, handler.current_user, action, RESOURCE
    )
    return answer


async def _role_later(handler: JupyterHandler, may_read: Awaitable[bool]) -> Role | None:
    if not await may_read:
        return None
    may_write = _ask(handler, "write")
    return _writer(await may_write if isawaitable(may_write) else may_write)


async def _writer_later(may_write: Awaitable[bool]) -> Role:
    return _writer(await may_write)


def _writer(may_write: bool) -> Role:
    return "member" if may_write else "viewer"


def _provider_fields(handler: JupyterHandler) -> frozenset[str]:
    """The fields of themselves that people may change; older servers have no such thing."""
    return frozenset(getattr(handler.identity_provider, "updatable_fields", ()))
