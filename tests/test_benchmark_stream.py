"""Comparing bytes finds what taking every frame apart would find."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from benchmarks.job import Tally
from benchmarks.ledger import TAG, Ledger, tagged
from benchmarks.stream import Stream
from benchmarks.wire import whole_frames

POSTED = 40
CLIENTS = 6
ANSWER, PING = b'\x81\x0e{"type":"ack"}', b"\x89\x00"


def _frame(*numbers: int) -> bytes:
    text = ",".join(map(tagged, numbers)).encode()
    return b"\x81\x7e" + len(text).to_bytes(2, "big") + text


class _Reader:
    """A client's end: what a stream does not know is cut into frames."""

    def __init__(self, stream: Stream, client: int) -> None:
        self.stream, self.client = stream, client
        self.held = b""
        self.compared = 0  # bytes that nobody took apart

    def read(self, data: bytes) -> list[bytes]:
        data = self.held + data
        end, tags = self.stream.known(self.client, data)
        self.compared += end
        if not end and (ends := whole_frames(data)[0]):
            end = ends[-1]
            tags = self.stream.learn(self.client, data[:end], ends)
        self.held = data[end:]
        return tags


def _reads(chance: random.Random, said: list[bytes], most: int) -> Iterator[tuple[int, bytes]]:
    """What each client is sent, in pieces of any size, the clients in any order."""
    left = dict(enumerate(said))
    while left:
        client = chance.choice(list(left))
        size = chance.randint(1, most)
        yield client, left[client][:size]
        left[client] = left[client][size:]
        if not left[client]:
            del left[client]


def _spoilt(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    """Something is lost, doubled, or comes too soon, or all is well."""
    at = chance.randrange(len(frames) - 1)
    match chance.randrange(6):
        case 0:
            return frames[:at] + frames[at + 1 :]
        case 1:
            return [*frames[:at], frames[at], *frames[at:]]
        case 2:
            return [*frames[:at], frames[at + 1], frames[at], *frames[at + 2 :]]
        case _:
            return frames


def _interrupted(chance: random.Random, frames: list[bytes]) -> bytes:
    """With frames in between that are this client's alone."""
    own = [b"", b"", b"", b"", ANSWER, PING]
    return b"".join(frame + chance.choice(own) for frame in frames)


@pytest.mark.parametrize("seed", range(200))
def test_a_stream_finds_what_frames_say(seed: int) -> None:
    """Losses, repeats, swaps, other frames for each, reads that end anywhere: the same tally."""
    chance = random.Random(seed)
    said, numbers = list[bytes](), list(range(POSTED))
    per_frame = chance.choice([1, 1, 3])
    for _ in range(CLIENTS):
        if seed % 5 == 0:
            per_frame = chance.choice([1, 2, 3])
        frames = [_frame(*numbers[at : at + per_frame]) for at in range(0, POSTED, per_frame)]
        seen = _spoilt(chance, frames) if seed % 2 else frames
        said.append(_interrupted(chance, seen) if seed % 3 else b"".join(seen))

    ledger, plain = Ledger(CLIENTS), Ledger(CLIENTS)
    stream = Stream(ledger)
    readers = [_Reader(stream, client) for client in range(CLIENTS)]
    for client, data in _reads(chance, said, most=chance.choice([300, 3_000])):
        tags = readers[client].read(data)
        plain.record(client, tags)

    assert [reader.held for reader in readers] == [b""] * CLIENTS
    assert ledger.delivered == [len(TAG.findall(frames)) for frames in said]
    assert ledger.tally(POSTED) == plain.tally(POSTED)


def test_those_who_get_the_same_are_not_taken_apart() -> None:
    """All but the first are only compared, wherever their reads end: that is cheap."""
    chance = random.Random(1)
    said = b"".join(map(_frame, range(POSTED)))
    stream = Stream(Ledger(CLIENTS))
    readers = [_Reader(stream, client) for client in range(CLIENTS)]
    assert readers[0].read(said) == TAG.findall(said)
    got = [list[bytes]() for _ in readers]
    for client, data in _reads(chance, [said] * CLIENTS, most=3_000):
        if client:
            got[client] += readers[client].read(data)
    assert got[1:] == [TAG.findall(said)] * (CLIENTS - 1)
    assert [reader.compared for reader in readers[1:]] == [len(said)] * (CLIENTS - 1)


def test_who_got_something_else_comes_back_to_the_stream() -> None:
    """An answer to one client makes its reads dear only until the next."""
    ledger = Ledger(2)
    stream = Stream(ledger)
    first, other = _Reader(stream, 0), _Reader(stream, 1)
    for number in range(4):
        first.read(_frame(number))
    other.read(_frame(0) + ANSWER)
    assert other.compared == 0
    other.read(_frame(1) + _frame(2))
    assert other.compared == len(_frame(1) + _frame(2))
    assert ledger.delivered == [4, 3]


def test_a_stream_goes_on_after_what_was_nobody_elses() -> None:
    """If the first to get a message got an answer with it, the next messages are shared again."""
    ledger = Ledger(2)
    stream = Stream(ledger)
    first, other = _Reader(stream, 0), _Reader(stream, 1)
    first.read(_frame(0) + ANSWER)
    first.read(_frame(1))
    first.read(_frame(2))
    other.read(_frame(0) + PING)
    other.read(_frame(1) + _frame(2))
    assert other.compared == len(_frame(1) + _frame(2))
    assert ledger.tally(3) == Tally()
