"""Stretches of live activity: from the first one in until half an hour without anyone.

Pure: times come in as UTC epoch seconds, `LiveStretch` rows come out. Invariant: at most one
stretch of a conversation is open at a time.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ..log.base import LiveStretch
from ..protocol.ids import ConversationId, MemberId

__all__ = ["STRETCH_GAP_S", "StretchRecorder"]

STRETCH_GAP_S = 1800.0  # shorter breaks (lunch is longer) belong to the same stretch


class StretchRecorder:
    """Turns comings and goings into rows; each method returns the rows to store."""

    def __init__(
        self, conversation: ConversationId, last: LiveStretch | None, last_sign: float
    ) -> None:
        """`last_sign` is when the conversation last showed life: a stretch that is open
        though nobody is here was cut short by a crash, about then.
        """
        self._conversation = conversation
        self._people: set[MemberId] = set()
        self._left = -math.inf  # when someone last went
        self._is_cut_short = last is not None and last.ended is None
        if last is not None and last.ended is None:
            last = replace(last, ended=max(last.started, last_sign))
        self._current = last

    def came(self, member: MemberId, people: int, at: float) -> list[LiveStretch]:
        """`member` came at `at`; `people` are here now."""
        before = self._current
        rows = []
        if before is None or (before.ended is not None and at - before.ended > STRETCH_GAP_S):
            if before is not None and self._is_cut_short:
                rows.append(before)
            self._people.clear()
            before = LiveStretch(
                conversation=self._conversation, started=at, ended=None, peak=0, total=0
            )
        self._is_cut_short = False
        self._people.add(member)
        self._current = replace(
            before,
            ended=None,
            peak=max(before.peak, people),
            total=max(before.total, len(self._people)),
        )
        if self._current != before:
            rows.append(self._current)
        return rows

    def went(self, people: int, at: float) -> list[LiveStretch]:
        """Someone went at `at`; `people` are left. The last one ends the stretch, for now."""
        self._left = max(self._left, at)
        if people or self._current is None:
            return []
        self._current = replace(self._current, ended=max(self._current.started, self._left))
        return [self._current]
