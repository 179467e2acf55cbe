"""The REST twins of the socket: the same commands and pages, for scripts and bots.

Owns the routes under `/jupyter_collab/api/v1`. Must not know how a command is done. Invariant:
GET changes nothing, and an answer is the frame that the socket would have sent.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

import msgspec
from msgspec import Struct
from tornado.web import HTTPError, RequestHandler, authenticated

from ..errors import Invalid, NotFound, Pruned
from ..protocol.codec import decode_command
from ..protocol.frames import (
    ConversationInfo,
    ConversationSummary,
    Entries,
    Page,
    PageSize,
    Who,
)
from ..protocol.ids import CommandId, ConversationId, Seq, WireSeq, is_conversation_id
from ..protocol.members import Member, PresentMember
from ..room.room import Room
from .access import caller_of
from .api import CollabAPIHandler

__all__ = [
    "API",
    "ROUTES",
    "ConversationIndex",
    "ConversationView",
    "EntriesQuery",
    "MembersQuery",
    "MessagesQuery",
    "ReadBody",
    "rest_handlers",
]

API = "/jupyter_collab/api/v1"

_Query = TypeVar("_Query", bound=Struct)


class ConversationIndex(Struct, frozen=True):
    """All conversations, latest activity first."""

    conversations: tuple[ConversationSummary, ...]


class ConversationView(Struct, frozen=True):
    """One conversation: its log, who belongs to it, who is here, and your read mark.

    As in `welcome`, `members` are some of `members_in_all`.
    """

    conversation: ConversationInfo
    members: tuple[Member, ...]
    members_in_all: int
    presence: tuple[PresentMember, ...]
    read: Seq


class EntriesQuery(Struct, frozen=True):
    """As `sync` asks."""

    after: WireSeq = 0
    limit: PageSize = 500


class MessagesQuery(Struct, frozen=True):
    """As `history` asks; without `before`, the newest page."""

    before: WireSeq | None = None
    limit: PageSize = 50


class MembersQuery(Struct, frozen=True):
    """As `who` asks."""

    after: WireSeq = 0
    limit: PageSize = 500


class ReadBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The new read mark; an older one than there is changes nothing."""

    seq: WireSeq


class IndexHandler(CollabAPIHandler):
    @authenticated
    async def get(self) -> None:
        """Lists all conversations with your unread counts [AP3]."""
        member = await caller_of(self)
        self.hub.allow_read(member)
        self.answer(ConversationIndex(tuple(await self.hub.log.conversations(member.id))))


class ConversationHandler(CollabAPIHandler):
    @authenticated
    async def get(self, name: str) -> None:
        """Shows one conversation."""
        member = await caller_of(self)
        room = await _room(self, member, name)
        seen = room.glimpse(member.id)
        self.answer(
            ConversationView(seen.info, seen.members, seen.members_in_all, seen.presence, seen.read)
        )


class CommandsHandler(CollabAPIHandler):
    @authenticated
    async def post(self, name: str) -> None:
        """Does one command [AP1]."""
        member = await caller_of(self)
        conversation = _conversation_id(name)
        limits = self.hub.limits
        if len(self.request.body) > limits.frame_bytes:
            raise HTTPError(413, f"A command has at most {limits.frame_bytes} bytes.")
        command = decode_command(self.request.body, max_depth=limits.frame_depth)
        self.command_id = CommandId(command.command_id)
        self.answer(await self.hub.command(conversation, member, command))


class EntriesHandler(CollabAPIHandler):
    @authenticated
    async def get(self, name: str) -> None:
        """Answers as to `sync` [AP2]."""
        conversation = await _existing(self, name)
        query = _query(self, EntriesQuery)
        limit = min(query.limit, self.hub.limits.entries_per_page)
        entries = await self.hub.log.entries(conversation, query.after, limit)
        self.answer(Entries(entries=entries))


class MessagesHandler(CollabAPIHandler):
    @authenticated
    async def get(self, name: str) -> None:
        """Answers as to `history` [AP2]."""
        conversation = await _existing(self, name)
        query = _query(self, MessagesQuery)
        limit = min(query.limit, self.hub.limits.page_messages)
        page = await self.hub.log.messages(conversation, query.before, limit)
        self.answer(Page(messages=page.messages, before=page.before))


class MembersHandler(CollabAPIHandler):
    @authenticated
    async def get(self, name: str) -> None:
        """Answers as to `who` [AP2]."""
        room = await _room(self, await caller_of(self), name)
        query = _query(self, MembersQuery)
        self.answer(room.who(Who(after=query.after, limit=query.limit)))


class ReadHandler(CollabAPIHandler):
    @authenticated
    async def put(self, name: str) -> None:
        """Moves your read mark forward."""
        member = await caller_of(self)
        room = await _room(self, member, name)
        try:
            body = msgspec.json.decode(self.request.body, type=ReadBody)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise Invalid(f"The body is malformed: {exc}.", code="malformed") from exc
        await self.hub.mark_read(room.id, member, body.seq)
        self.set_status(204)
        self.finish()


def _conversation_id(name: str) -> ConversationId:
    if not is_conversation_id(name):
        raise NotFound("There is no such conversation.")
    return ConversationId(name)


async def _room(handler: CollabAPIHandler, member: Member, name: str) -> Room:
    """The conversation that a member asks for.

    Raises:
        NotFound: there is none of this name.
        RateLimited: the member reads too often.
    """
    handler.hub.allow_read(member)
    room = await handler.hub.look_at(_conversation_id(name))
    if room is None:
        raise NotFound("There is no such conversation.")
    return room


async def _existing(handler: CollabAPIHandler, name: str) -> ConversationId:
    """As `_room`, where the log alone is asked: nothing comes into memory for it [RS16]."""
    handler.hub.allow_read(await caller_of(handler))
    conversation = _conversation_id(name)
    await handler.hub.start()
    with suppress(Pruned):  # then it had a beginning
        if not await handler.hub.log.entries(conversation, 0, 1):
            raise NotFound("There is no such conversation.")
    return conversation


def _query(handler: RequestHandler, kind: type[_Query]) -> _Query:
    """Reads the fields of `kind` from the URL; what else is there (`token`) is not ours."""
    given = {
        name: handler.get_query_argument(name)
        for name in kind.__struct_fields__
        if name in handler.request.query_arguments
    }
    try:
        return msgspec.convert(given, kind, strict=False)  # the numbers come as text
    except msgspec.ValidationError as exc:
        raise Invalid(f"The query is wrong: {exc}.") from exc


ROUTES: dict[str, type[CollabAPIHandler]] = {
    "/conversations": IndexHandler,
    "/conversations/{conversation}": ConversationHandler,
    "/conversations/{conversation}/commands": CommandsHandler,
    "/conversations/{conversation}/entries": EntriesHandler,
    "/conversations/{conversation}/members": MembersHandler,
    "/conversations/{conversation}/messages": MessagesHandler,
    "/conversations/{conversation}/read": ReadHandler,
}
rest_handlers: list[tuple[str, type[RequestHandler]]] = [
    (API + path.replace("{conversation}", "([^/]+)"), handler) for path, handler in ROUTES.items()
]
