"""Admission: lets members into conversations, by entries that stay for ever.

Owns at what pace such entries come. Must not know rooms or sessions. Invariant: what wrote
nothing takes no place from what would.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable
from typing import NamedTuple

from ..answer import Answer
from ..clock import Instant
from ..errors import RateLimited, Refused
from ..limits import Limits
from ..log.base import Duplicate, Request, Stored
from ..protocol.commands import Admit
from ..protocol.ids import ConversationId, Seq
from ..protocol.members import Member
from ..rate import RateWindows
from .committer import Committer, Ticket

__all__ = ["Admission"]

MINUTE_S = 60.0


class _Rate(NamedTuple):
    """The windows that count an entry, its key there, and how many it may be."""

    windows: RateWindows
    key: Hashable
    limit: int

    def take(self, now: Instant) -> float:
        return self.windows.take(self.key, self.limit, now.mono)


class Admission:
    """Asks the log to admit members, within the rates of `limits`."""

    def __init__(self, committer: Committer, limits: Limits) -> None:
        self._committer = committer
        self._limits = limits
        self._created = RateWindows(limits.window_s)
        self._newcomers = RateWindows(MINUTE_S)
        self._changes = RateWindows(limits.window_s)

    def forget_idle(self, now: float) -> None:
        """Drops what no longer changes an answer; `now` is in monotonic seconds."""
        for windows in (self._created, self._newcomers, self._changes):
            windows.forget_idle(now)

    def check_creation(self, member: Member) -> None:
        """Counts a conversation that comes into being by `member`.

        Raises:
            RateLimited: they bring too many [RA7].
        """
        if member.role != "viewer":
            limit = self._limits.new_conversations_per_window
            self._created.check(member.id, limit, _now().mono)

    async def admit(
        self, conversation: ConversationId, member: Member, *, is_new: bool
    ) -> Seq | None:
        """Lets a member in; returns the entry that says so, or None if none was written.

        `is_new` says whether they come for the first time, as far as is known here. Of a member
        none is written if nothing has changed, or if that changes too often: then they come in as
        they are stored, and a later visit writes what has changed [RA8].

        Raises:
            NotFound: there is no such conversation and the member may not create it.
            RateLimited: too many come for the first time [RA8].
            Unavailable: the log can't be reached.
        """
        rate = self._rate(conversation, member, is_new=is_new)
        now = _now()
        answer = await self._ask(conversation, member, rate, now, rate.take(now))
        if isinstance(answer, RateLimited):
            # By now a place may be free, of what was before it and wrote nothing [RA3].
            now = _now()
            if (retry_after_s := rate.take(now)) == 0:
                answer = await self._ask(conversation, member, rate, now, 0.0)
            else:
                answer = RateLimited(retry_after_s, "join")
        match answer:
            case Stored(entry=entry):
                return entry.seq
            case RateLimited() if not is_new:
                return None
            case Refused(code="no_change"):
                return None
        assert not isinstance(answer, Duplicate), "an admission has no command id"
        raise answer

    def _rate(self, conversation: ConversationId, member: Member, *, is_new: bool) -> _Rate:
        limits = self._limits
        if is_new:
            return _Rate(self._newcomers, conversation, limits.newcomers_per_minute)
        key = conversation, member.id
        return _Rate(self._changes, key, limits.profile_changes_per_window)

    async def _ask(
        self,
        conversation: ConversationId,
        member: Member,
        rate: _Rate,
        now: Instant,
        retry_after_s: float,
    ) -> Answer:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def resolve(answer: Answer) -> None:
            if retry_after_s == 0 and not isinstance(answer, Stored):
                rate.windows.give_back(rate.key, now.mono)
            if not answered.done():
                answered.set_result(answer)

        request = Request(
            conversation=conversation,
            author=member,
            command=Admit(member),
            at=now.wall,
            retry_after_s=retry_after_s,
        )
        self._committer.submit(Ticket(request, resolve))
        return await answered


def _now() -> Instant:
    return Instant(time.monotonic(), time.time())
