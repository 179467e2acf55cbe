"""Who is who on the demonstration's server: two tokens of its own, else as on any server.

Owns the two scripted users. Must not know what they do. Invariant: nobody becomes one of
them without their token, which only the demonstration's process has.
"""

from __future__ import annotations

import secrets

from jupyter_server.auth.identity import PasswordIdentityProvider, User
from tornado.web import RequestHandler
from traitlets import Dict, Unicode

__all__ = ["DemoIdentityProvider"]


class DemoIdentityProvider(PasswordIdentityProvider):
    """Knows scripted users by tokens of their own; all others are the server's usual ones."""

    actors = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="Names shown for scripted users, by `<username>:<token>`.",
    ).tag(config=True)

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        given = self.get_token(handler) or ""
        for key, name in self.actors.items():
            username, _, token = key.partition(":")
            if secrets.compare_digest(given.encode(), token.encode()):
                return User(username, name, name)
        return await super().get_user_token(handler)
