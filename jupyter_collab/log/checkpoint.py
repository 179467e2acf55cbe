"""Emptying the write-ahead log beside the writer, so that no commit has to.

Owns when a checkpoint is due. It is PASSIVE, so nobody waits for it; what is committed in the
meantime waits for the next one. Invariant: nothing is lost if it never comes; the log is then
emptied by a commit at `WAL_PAGES_AT_MOST`, by `erasure.py`, or by closing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from sqlite3 import Connection

from ..errors import Unavailable
from .place import Place
from .worker import Worker

__all__ = ["Checkpointer", "pages_in"]

LOOK_S = 1.0  # between two looks while there are commits; as long without one is a lull
DUE_PAGES = 2048  # 8 MiB
DUE_PAGES_IN_A_LULL = 256  # when it slows down nobody
PASSES = 3  # the first takes long, and what is committed meanwhile is little

_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24  # sqlite.org/fileformat2.html, section 4.1


class Checkpointer:
    """Looks at the write-ahead log from a write on until it rests."""

    def __init__(self, path: Path, place: Place, connect: Callable[[], Connection]) -> None:
        self._path = path
        self._place = place
        self._worker = Worker(path, connect, upkeep=self._look)
        self._is_awake = False
        self._pages = 0

    @property
    def is_connected(self) -> bool:
        return self._worker.is_connected

    @property
    def has_met_damage(self) -> bool:
        return self._worker.has_met_damage

    def wrote(self) -> None:
        """Something was committed."""
        if not self._is_awake:
            self._is_awake = True
            self._worker.stir()

    async def reconnect(self) -> None:
        await self._worker.reconnect()

    async def close(self) -> None:
        await self._worker.close()

    def _look(self) -> float | None:
        """Empties the log if it is time to; says when to look again, None if it rests."""
        self._is_awake = False  # before looking: a commit after the look wakes it again
        before, self._pages = self._pages, pages_in(self._path)
        is_lull = self._pages == before
        if self._pages >= (DUE_PAGES_IN_A_LULL if is_lull else DUE_PAGES):
            try:
                self._worker.do(partial(self._place.read, _checkpoint))
            except Unavailable:  # logged, or found out by the next commit, which wakes us
                return None
        self._is_awake = not is_lull
        return None if is_lull else LOOK_S


def pages_in(path: Path) -> int:
    """How many pages the write-ahead log of the database at `path` holds.

    The file stays as long as it ever was; its pages are those at its beginning that have the
    salt of its header, so they are counted by halving.
    """
    try:
        with path.with_name(path.name + "-wal").open("rb", buffering=0) as wal:
            header = wal.read(_HEADER_BYTES)
            page_bytes, salt = int.from_bytes(header[8:12], "big"), header[16:24]
            frame_bytes = _FRAME_HEADER_BYTES + page_bytes
            size = wal.seek(0, 2)
            low, high = 0, (size - _HEADER_BYTES) // frame_bytes
            while low < high:
                middle = (low + high) // 2
                wal.seek(_HEADER_BYTES + middle * frame_bytes + 8)
                if wal.read(8) == salt:
                    low = middle + 1
                else:
                    high = middle
            return low
    except FileNotFoundError:
        return 0


def _checkpoint(connection: Connection) -> None:
    for _ in range(PASSES):
        is_busy, pages, done = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if is_busy or done == pages:
            break
