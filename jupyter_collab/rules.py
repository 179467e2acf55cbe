"""May this be done? The one place that says yes or no to a command.

Owns every rule about roles, ownership, targets and limits of content. Pure: what it must
know comes in the `Context`, read in the same transaction that will store the answer.
"""

from __future__ import annotations

import re
from typing import assert_never

import emoji
from msgspec import Struct
from msgspec.structs import replace

from .errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited, Refused
from .label import JOINERS, clean_label, is_visible
from .limits import Limits
from .protocol.commands import (
    Admit,
    Command,
    Edit,
    Post,
    React,
    Redact,
    Rename,
    Unreact,
)
from .protocol.entries import (
    Body,
    EditedBody,
    JoinedBody,
    PostedBody,
    ProfileChangedBody,
    ReactedBody,
    RedactedBody,
    RenamedBody,
    UnreactedBody,
)
from .protocol.frames import Message
from .protocol.ids import ConversationId
from .protocol.members import ROLE_RANK, Member, Role

__all__ = ["Context", "decide", "default_title", "effective_role", "target_of"]


class Context(Struct, frozen=True, kw_only=True):
    """What a decision may depend on.

    Attributes:
        author: who asks, as the server knows them now.
        stored: the same member as the log has them, or None before they joined.
        target: the message that the command names (see `target_of`), or None.
        title: the conversation's title, or None if it does not exist yet.
        retry_after_s: seconds until the rate window has room; 0 if it has.
    """

    author: Member
    stored: Member | None
    target: Message | None
    title: str | None
    retry_after_s: float
    limits: Limits


def target_of(command: Command) -> int | None:
    """The seq of the message that a command is about, if it is about one."""
    match command:
        case Post():
            return command.reply_to
        case Edit() | Redact() | React() | Unreact():
            return command.target
        case Rename() | Admit():
            return None
        case _:
            assert_never(command)


def effective_role(author: Member, stored: Member | None) -> Role:
    """The lower of what the server grants now and what the conversation grants."""
    roles = [author.role] if stored is None else [author.role, stored.role]
    return min(roles, key=ROLE_RANK.__getitem__)


def default_title(conversation: ConversationId) -> str:
    """What a conversation is called until someone renames it: "my-notebook" is "My notebook"."""
    words = " ".join(re.split("[._-]+", conversation)).strip()
    return words[:1].upper() + words[1:]


def decide(command: Command, context: Context) -> Body | Refused:
    """Decides one command: the body of the entry to store, or why not.

    The order is: permission, rate, content, target, ownership; the first no wins.
    """
    if isinstance(command, Admit):
        return _admit(command, context)
    role = effective_role(context.author, context.stored)
    if context.title is None or context.stored is None:
        return NotAllowed("Join the conversation before you write in it.")
    if ROLE_RANK[role] < ROLE_RANK["member"]:
        return NotAllowed("You can read this conversation but not write.", code="read_only")
    if context.retry_after_s > 0:
        return RateLimited(context.retry_after_s)
    match command:
        case Post():
            return _post(command, context)
        case Edit():
            return _edit(command, context)
        case Redact():
            return _redact(command, context, role)
        case React():
            return _react(command, context)
        case Unreact():
            return _unreact(command, context)
        case Rename():
            return _rename(command, context)
        case _:
            assert_never(command)


def _admit(command: Admit, context: Context) -> Body | Refused:
    if context.title is None and ROLE_RANK[command.member.role] < ROLE_RANK["member"]:
        return NotFound("There is no such conversation, or you may not read it.")
    if context.stored is None and context.retry_after_s > 0:
        return RateLimited(context.retry_after_s, "join")
    if context.stored is None:
        return JoinedBody(_with_default_role(command.member))
    role = effective_role(command.member, context.stored)
    if replace(command.member, role=role) == replace(context.stored, role=role):
        return Conflict("Nothing about this member has changed.", code="no_change")
    if context.retry_after_s > 0:
        return RateLimited(context.retry_after_s, "change your profile")
    return ProfileChangedBody(replace(command.member, role=context.stored.role))


def _with_default_role(member: Member) -> Member:
    """A newcomer as a conversation takes them: nobody is less to it than a member.

    What the server withholds today is in the lower of the two roles today only [RU12].
    """
    return replace(member, role=max(member.role, "member", key=ROLE_RANK.__getitem__))


def _post(command: Post, context: Context) -> Body | Refused:
    if (refused := _bad_text(command.text, context)) is not None:
        return refused
    if command.reply_to is not None and _alive(context.target) is None:
        return NotFound("The message you reply to is not here any more.")
    return PostedBody(command.text, command.reply_to)  # type: ignore[arg-type]  # the wire's int is a Seq once the target is found


def _edit(command: Edit, context: Context) -> Body | Refused:
    if (refused := _bad_text(command.text, context)) is not None:
        return refused
    if (target := _alive(context.target)) is None:
        return NotFound("The message you edit is not here any more.")
    if target.author != context.author.id:
        return NotAllowed("You can edit only your own messages.")
    if target.text == command.text:
        return Conflict("The text is the same.", code="no_change")
    return EditedBody(target.seq, command.text)


def _redact(command: Redact, context: Context, role: Role) -> Body | Refused:
    if context.target is None:
        return NotFound("There is no such message.")
    is_moderator = ROLE_RANK[role] >= ROLE_RANK["moderator"]
    if context.target.author != context.author.id and not is_moderator:
        return NotAllowed("You can delete only your own messages.")
    if context.target.redacted:
        return Conflict("The message is deleted already.", code="no_change")
    return RedactedBody(context.target.seq)


def _react(command: React, context: Context) -> Body | Refused:
    if not emoji.is_emoji(command.emoji):
        return Invalid("A reaction is exactly one emoji.", code="bad_emoji")
    if (target := _alive(context.target)) is None:
        return NotFound("The message you react to is not here any more.")
    if _has_reacted(target, command.emoji, context):
        return Conflict("You reacted with that already.", code="no_change")
    emojis = {reaction.emoji for reaction in target.reactions}
    most = context.limits.reactions_per_message
    if command.emoji not in emojis and len(emojis) >= most:
        return Invalid(f"A message takes {most} different emoji.", code="too_many_reactions")
    return ReactedBody(target.seq, command.emoji)


def _unreact(command: Unreact, context: Context) -> Body | Refused:
    if (target := _alive(context.target)) is None:
        return NotFound("The message is not here any more.")
    if not _has_reacted(target, command.emoji, context):
        return Conflict("You had not reacted with that.", code="no_change")
    return UnreactedBody(target.seq, command.emoji)


def _rename(command: Rename, context: Context) -> Body | Refused:
    most = context.limits.title_chars
    folded = " ".join(command.title.split())
    title = clean_label(folded, "NFC", most, kept=JOINERS) if len(folded) <= most else ""
    if not title:
        return Invalid(f"A title has 1 to {most} characters.", code="bad_title")
    if title == context.title:
        return Conflict("The title is the same.", code="no_change")
    return RenamedBody(title)


def _bad_text(text: str, context: Context) -> Refused | None:
    limits = context.limits
    is_person = context.author.kind == "person"
    most = limits.text_bytes if is_person else limits.assistant_text_bytes
    size = len(text.encode())
    if size > most:
        return Invalid(
            f"The message is {size - most} bytes too long; {most} is the most.",
            code="text_too_long",
        )
    return None if is_visible(text) else Invalid("The message is empty.", code="empty")


def _alive(target: Message | None) -> Message | None:
    return None if target is None or target.redacted else target


def _has_reacted(target: Message, emoji_text: str, context: Context) -> bool:
    return any(
        reaction.emoji == emoji_text and context.author.id in reaction.members
        for reaction in target.reactions
    )
