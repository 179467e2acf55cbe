"""The people of the browser tests, who may change their names.

Owns what differs from the other tests' people. Must not know what they do.
"""

from __future__ import annotations

from dataclasses import replace

from jupyter_server.auth.identity import PasswordIdentityProvider, User
from tornado.web import RequestHandler
from traitlets import Dict

from tests.identities import People

__all__ = ["RenamingPeople"]


class RenamingPeople(People, PasswordIdentityProvider):
    """As `People`; a display name is kept in the cookie, as Jupyter does with a password."""

    names = Dict(help="Display names by username.").tag(config=True)

    @property
    def auth_enabled(self) -> bool:
        return True

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        user = await super().get_user_token(handler)
        if user is None or user.username not in self.names:
            return user
        return replace(user, display_name=self.names[user.username])
