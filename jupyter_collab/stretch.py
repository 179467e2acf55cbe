"""Stretches of live activity: from the first one in until half an hour without anyone.

Pure: times come in as UTC epoch seconds, `LiveStretch` rows come out. Invariant: at most one
stretch of a conversation is open at a time.
"""

from __future__ import annotations

from dataclasses import replace

from .log.base import LiveStretch
from .protocol.ids import ConversationId, MemberId

__all__ = ["STRETCH_GAP_S", "StretchRecorder"]

STRETCH_GAP_S = 1800.0  # shorter breaks (lunch is longer) belong to the same stretch


class StretchRecorder:
    """Turns comings and goings into rows; each method returns the row to store, if it changed."""

    def __init__(self, conversation: ConversationId, last: LiveStretch | None) -> None:
        self._conversation = conversation
        self._current = last
        self._people: set[MemberId] = set()

    def came(self, member: MemberId, people: int, at: float) -> LiveStretch | None:
        """`member` came at `at`; `people` are here now."""
        before = self._current
        if before is None or (before.ended is not None and at - before.ended > STRETCH_GAP_S):
            self._people.clear()
            before = None
            stretch = LiveStretch(
                conversation=self._conversation, started=at, ended=None, peak=0, total=0
            )
        else:
            stretch = replace(before, ended=None)
        self._people.add(member)
        self._current = replace(
            stretch,
            peak=max(stretch.peak, people),
            total=max(stretch.total, len(self._people)),
        )
        return None if self._current == before else self._current

    def went(self, people: int, at: float) -> LiveStretch | None:
        """Someone went at `at`; `people` are left. The last one ends the stretch, for now."""
        if people or self._current is None:
            return None
        self._current = replace(self._current, ended=at)
        return self._current
