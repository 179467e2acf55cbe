"""May this request read, may it write: asked of the server's own Authorizer.

Owns the two questions and the member that comes of the answers. Must not know what is read
or written. Invariant: the caller of a handler is whom the IdentityProvider named [ID1].
"""

from __future__ import annotations

from jupyter_core.utils import ensure_async
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
    role = await role_of(handler)
    if role is None:
        raise HTTPError(403, "You may not read conversations on this server.")
    return member_of(
        handler.current_user,
        role=role,
        provider_fields=_provider_fields(handler),
        assistants=handler.settings["jupyter_collab_assistants"],
    )


async def role_of(handler: JupyterHandler) -> Role | None:
    """Says what the signed-in user of a handler may do now, None if not even read."""
    if not await _is_authorized(handler, "read"):
        return None
    return "member" if await _is_authorized(handler, "write") else "viewer"


def may_rename_self(handler: JupyterHandler) -> bool:
    """Says whether the server lets people choose their display name (`PATCH api/me`)."""
    return "display_name" in _provider_fields(handler)


async def _is_authorized(handler: JupyterHandler, action: str) -> bool:
    answer = handler.authorizer.is_authorized(handler, handler.current_user, action, RESOURCE)
    return bool(await ensure_async(answer))


def _provider_fields(handler: JupyterHandler) -> frozenset[str]:
    """The fields of themselves that people may change; older servers have no such thing."""
    return frozenset(getattr(handler.identity_provider, "updatable_fields", ()))
