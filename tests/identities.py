"""Who signs in to the servers of the tests, and what they may do."""

from __future__ import annotations

from typing import ClassVar

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from tornado.web import RequestHandler

__all__ = ["People", "Roles", "token_of"]

_PREFIX = "token-of-"


def token_of(username: str) -> str:
    """The token that signs `username` in."""
    return _PREFIX + username


class People(IdentityProvider):
    """Knows everybody by a token of their own, and keeps them in the server's login cookie.

    `unusual` has the users that a token can't spell.
    """

    unusual: ClassVar[dict[str, User]] = {}

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        token = self.get_token(handler) or ""
        if not token.startswith(_PREFIX):
            return None
        username = token.removeprefix(_PREFIX)
        return self.unusual.get(username) or User(username, username.title(), username.title())


class Roles(Authorizer):
    """`viewer…` may only read conversations, `stranger…` nothing; others all."""

    def is_authorized(
        self, handler: RequestHandler, user: User, action: str, resource: str
    ) -> bool:
        if resource != "jupyter_collab":
            return True
        if user.username.startswith("stranger"):
            return False
        return action == "read" or not user.username.startswith("viewer")
