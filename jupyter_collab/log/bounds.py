"""How much of a long run one answer takes.

Owns the counting, so that every log cuts its pages at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from ..limits import Limits
from ..protocol.codec import encode_entry
from ..protocol.entries import Entry
from ..protocol.frames import Message
from ..state import message_bytes
from .base import MessagePage

__all__ = ["newest_within_resume", "oldest_within_resume", "page_of", "page_size"]

_T = TypeVar("_T")


def page_size(limit: int, limits: Limits) -> int:
    """How many messages a page may have when a client asks for `limit`."""
    return max(1, min(limit, limits.page_messages))


def page_of(newest_first: Sequence[Message], most: int, limits: Limits) -> MessagePage:
    """Cuts a page of at most `most` messages from a run that ends only where the log begins.

    One message more than `most` is enough to tell that there are older ones.
    """
    taken = _take(newest_first, message_bytes, most=most, most_bytes=limits.page_bytes, least=1)
    before = taken[-1].seq if len(taken) < len(newest_first) else None
    return MessagePage(tuple(reversed(taken)), before)


def oldest_within_resume(
    oldest_first: Iterable[Entry], limit: int, limits: Limits
) -> tuple[Entry, ...]:
    """The first entries of a run, within `limit` and the resume bytes, but at least one."""
    most_bytes = limits.resume_bytes
    return tuple(_take(oldest_first, _wire_bytes, most=limit, most_bytes=most_bytes, least=1))


def newest_within_resume(newest_first: Iterable[Entry], limits: Limits) -> tuple[Entry, ...]:
    """The last entries of a log, oldest first, within both resume limits."""
    most, most_bytes = limits.resume_entries, limits.resume_bytes
    taken = _take(newest_first, _wire_bytes, most=most, most_bytes=most_bytes, least=0)
    return tuple(reversed(taken))


def _take(
    items: Iterable[_T], size: Callable[[_T], int], *, most: int, most_bytes: int, least: int
) -> list[_T]:
    taken: list[_T] = []
    for item in items:
        most_bytes -= size(item)
        if len(taken) >= least and (len(taken) >= most or most_bytes < 0):
            break
        taken.append(item)
    return taken


def _wire_bytes(entry: Entry) -> int:
    return len(encode_entry(entry))
