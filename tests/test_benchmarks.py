"""The benchmarks run, count every delivery, and would notice a lost or doubled one.

No test looks at a time: bars are for `python -m benchmarks` on a quiet machine.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import psutil
import pytest

from benchmarks.crowd import Crowd, Cursor, enter
from benchmarks.fill import fill, fill_chat
from benchmarks.job import (
    ClosedLoop,
    Idle,
    Idled,
    Join,
    Joined,
    Step,
    Storm,
    Stormed,
    Tally,
    Target,
    Traffic,
)
from benchmarks.ledger import TAG, TEXT_CHARS, Ledger, compared, tagged, tags_of
from benchmarks.load import perform
from benchmarks.peer import BARE, CHAT_JOIN, OURS, bare, engine_io
from benchmarks.plan import Part, Results
from benchmarks.wire import Connection, until_live, whole_frames
from benchmarks.words import VOCABULARY
from jupyter_collab.log.check import find_problems

ROOT = Path(__file__).parent.parent
ROUNDS = 2  # a second one finds what the first has left in the histories
MEASURED: tuple[Part, ...] = ("fanout", "storm", "history")
LOADS = {"open loop", "storm", "join"}
OURS_ONLY = {"fill", "resume", "page", "post"}
BARE_POST = '{"text":"{text}"}'


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What `python -m benchmarks --quick` keeps, from one real run of ours and the bare one.

    The jobs of the other parts are tried one by one, below.
    """
    output = tmp_path_factory.mktemp("benchmarks")
    parts = ["--only", *MEASURED, "--peers", OURS.name, BARE.name]
    options = ["--quick", "--rounds", str(ROUNDS), *parts, "--output", str(output)]
    command = [sys.executable, "-m", "benchmarks", *options]
    before = set(psutil.Process().children(recursive=True))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in output.iterdir()} == {"latest.json", "latest.md", "latest.svg"}
    assert set(psutil.Process().children(recursive=True)) <= before
    assert (output / "latest.md").read_text().strip() == done.stdout.strip()
    return Results.read(output / "latest.json")


def test_quick_run_measures_every_part_of_both_servers(quick_run: Results) -> None:
    """One command measures ours and the bare broadcaster side by side."""
    measured = {(figure.peer, figure.step) for figure in quick_run.figures}
    ours = {(OURS.name, step) for step in LOADS | OURS_ONLY}
    assert measured == ours | {(BARE.name, step) for step in LOADS}
    (run,) = quick_run.runs
    assert set(run.plan.parts) == set(MEASURED)
    assert {figure.made for figure in quick_run.figures} == {run.made}


def test_quick_run_gives_each_length_of_history_a_database_of_its_own(quick_run: Results) -> None:
    """A short one would otherwise pay for the indexes of the long ones."""
    filled = {figure.at for figure in quick_run.figures if figure.step == "fill"}
    assert filled == set(quick_run.plan.histories)
    for step in ("join", "resume", "page", "post"):
        ours = [it for it in quick_run.figures if it.step == step and it.peer == OURS.name]
        assert {figure.at for figure in ours} == filled


def test_quick_run_reads_how_long_the_event_loop_stopped_in_every_load(quick_run: Results) -> None:
    """What is not a load of its own is no excuse for a stop."""
    watched = {figure.step for figure in quick_run.figures if figure.metric == "lag_ms"}
    assert watched == (LOADS | OURS_ONLY) - {"fill"}


def test_quick_run_loses_and_doubles_nothing(quick_run: Results) -> None:
    """Real clients each get every message once, all in the same order [FO3]."""
    assert quick_run.faults == ()
    plan = quick_run.plan
    delivered = {
        (figure.peer, figure.at): figure.values
        for figure in quick_run.figures
        if figure.metric == "deliveries" and figure.step == "open loop"
    }
    expected = (plan.seconds * 50 * plan.clients,) * ROUNDS
    assert delivered == {(OURS.name, 50): expected, (BARE.name, 50): expected}


def test_crowd_counts_what_a_server_delivers(tmp_path: Path) -> None:
    """Every post reaches every client of its conversation, and no other conversation's."""
    with (
        BARE.start(tmp_path) as target,
        Crowd(target, ["one"] * 3) as one,
        Crowd(target, ["other"] * 2) as other,
    ):
        for _ in range(20):
            one.post()
        other.post()
        assert sum(len(tags) for _, tags in one.drain()) == 60
        assert sum(len(tags) for _, tags in other.drain()) == 2
        assert one.tally() == Tally()
        assert other.tally() == Tally()


def test_a_delivery_too_many_is_waited_for(tmp_path: Path) -> None:
    """That everyone has everything does not mean that nothing comes again."""
    with BARE.start(tmp_path) as target, Crowd(target, ["one"] * 3) as crowd:
        crowd.post()
        assert sum(len(tags) for _, tags in crowd.drain()) == 3
        crowd.posted = 0
        crowd.post()  # the same message
        assert crowd.tally() == Tally(duplicates=3)


def test_the_jobs_of_every_part_end_well(tmp_path: Path) -> None:
    """A closed loop counts what it kept in flight; idle connections are weighed and watched."""
    with BARE.start(tmp_path) as target:
        loop = ClosedLoop(
            target=target, conversation="a", clients=3, in_flight=8, seconds=0.1, warm_up_s=0.1
        )
        seen = perform(loop)
        idled = perform(Idle(target=target, connections=30, per_conversation=10, watch_s=0.1))
    assert isinstance(seen, Traffic)
    assert seen.tally == Tally()
    assert seen.deliveries == 3 * seen.posts > 0
    assert isinstance(idled, Idled)
    assert idled.before_bytes > 0
    assert idled.watched_s >= 0.1


@pytest.mark.parametrize(
    ("kept", "post", "tally"),
    [
        (5, BARE_POST, Tally()),
        (3, BARE_POST, Tally(lost=2 * 4)),
        (5, BARE_POST + BARE_POST, Tally(duplicates=5 * 4)),
    ],
    ids=["whole", "lost", "doubled"],
)
def test_what_people_lack_or_get_twice_on_coming_is_counted(
    tmp_path: Path, kept: int, post: str, tally: Tally
) -> None:
    """A storm and a join count every message that they should have brought, and how often."""
    with bare(tmp_path, keep=kept) as server:
        target = msgspec.structs.replace(
            server, post=post, brings=5, resume=(Step(until=tagged(4)),)
        )
        stormed = perform(Storm(target=target, conversation="a", clients=4, behind=5))
        joined = perform(Join(target=target, conversation="b", messages=5, times=4, fill=5))
    assert isinstance(stormed, Stormed)
    author_saw = Tally(duplicates=tally.duplicates // 4)
    assert stormed.tally == tally + author_saw
    assert isinstance(joined, Joined)
    assert joined.tally == tally


@pytest.mark.parametrize(
    ("came", "tally"),
    [
        ([3, 4, 5], Tally()),
        ([3, 5], Tally(lost=1)),
        ([3, 4, 4, 5], Tally(duplicates=1)),
        ([2, 3, 4, 5], Tally(duplicates=1)),
        ([4, 3, 5], Tally(disordered=1)),
    ],
    ids=["whole", "lost", "again", "foreign", "swapped"],
)
def test_what_came_is_compared_with_what_should(came: list[int], tally: Tally) -> None:
    """Each of the messages 3 to 5 has to come, once, in order."""
    assert compared(tags_of(came), range(3, 6)) == tally


def _ledger(*clients: list[int]) -> Ledger:
    ledger = Ledger(len(clients))
    for index, numbers in enumerate(clients):
        for number in numbers:  # a read for each, so that orders are compared step by step
            ledger.record(index, [b"%08d" % number])
    return ledger


def test_ledger_accepts_any_one_order() -> None:
    """What counts is that all see the same order, not which."""
    assert _ledger([1, 0, 2], [1, 0, 2]).tally(3) == Tally()


def test_ledger_accepts_reads_of_any_size() -> None:
    """One client may get in one read what another got in three, before or after it."""
    ledger = Ledger(2)
    tags = [b"%08d" % number for number in range(4)]
    ledger.record(0, tags[:1])
    ledger.record(1, tags[:3])
    ledger.record(0, tags[1:])
    ledger.record(1, tags[3:])
    assert ledger.tally(4) == Tally()
    assert ledger.delivered == [4, 4]


@pytest.mark.parametrize(
    ("clients", "tally"),
    [
        (([0, 1, 2], [0, 1]), (1, 0, 0)),
        (([0, 1, 2], [0, 2]), (1, 0, 1)),
        (([0, 1], [0, 1]), (2, 0, 0)),
        (([0, 1, 2], [0, 1, 1, 2]), (0, 1, 1)),
        (([0, 1, 1, 2], [0, 1, 1, 2]), (0, 2, 0)),
        (([0, 1, 2], [0, 2, 1]), (0, 0, 1)),
        (([0, 1, 2, 7], [0, 1, 2]), (0, 1, 0)),
    ],
    ids=["late", "gap", "everyone", "again", "again-for-all", "swapped", "foreign"],
)
def test_ledger_notices(clients: tuple[list[int], ...], tally: tuple[int, int, int]) -> None:
    """Losses, repeats, foreign messages and another order are told apart, of three posted."""
    assert _ledger(*clients).tally(3) == Tally(*tally)


def test_tagged_text_is_found_in_any_frame() -> None:
    """A message is countable wherever a server puts its text."""
    frame = f'{{"type":"entries","entries":[{{"body":{{"text":"{tagged(41)}"}}}}]}}'
    assert TAG.findall(frame.encode()) == [b"00000041"]
    assert len(tagged(41)) == TEXT_CHARS


def test_people_write_many_different_words() -> None:
    """A few often and most of them rarely, so that an index has as much to do as in life."""
    said = Counter(word for n in range(20_000) for word in tagged(n).rstrip(".").split()[1:])
    assert 0.9 * VOCABULARY < len(said) <= VOCABULARY
    often = [times for _, times in said.most_common(100)]
    assert often[0] > 5 * often[9] > 25 * often[99]
    assert tagged(7) != tagged(8)[: TEXT_CHARS - 1]


def test_frames_are_cut_at_their_ends_only() -> None:
    """A read that ends anywhere hands on whole frames, of every length form [RFC 6455 §5.2]."""
    sizes = (0, 2, 125, 126, 127, 65_535, 65_536)
    stream, ends = b"", [0]
    for size in sizes:
        if size < 126:
            header = bytes([size])
        elif size < 1 << 16:
            header = b"\x7e" + size.to_bytes(2, "big")
        else:
            header = b"\x7f" + size.to_bytes(8, "big")
        stream += b"\x81" + header + b"x" * size
        ends.append(len(stream))
    near_ends = {end + off for end in ends for off in range(-3, 14)}
    for cut in sorted(near_ends & set(range(len(stream) + 1))):
        assert whole_frames(stream[:cut]) == ([end for end in ends[1:] if end <= cut], [])


def test_frames_that_want_an_answer_are_told_apart() -> None:
    """Pings and closes between text frames are answered, and so is Engine.IO's heartbeat."""
    stream = b"\x81\x02ab\x89\x00\x81\x012\x88\x02\x03\xe8"
    assert whole_frames(stream) == ([4, 6, 9, len(stream)], [4, 6, 9])


class _Scripted:
    """A server of one connection that says what it is told to, in pieces of any size."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]

    def serve(self, exchanges: list[tuple[bytes, bytes]]) -> None:
        """For each pair: reads until the first has come, then sends the second bytewise."""
        peer, _ = self.listening.accept()
        with peer, self.listening:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for awaited, said in exchanges:
                heard = b""
                while awaited not in heard:
                    heard += peer.recv(4096)
                for byte in said:
                    peer.sendall(bytes([byte]))


def _text(payload: str) -> bytes:
    assert len(payload) < 126
    return bytes([0x81, len(payload)]) + payload.encode()


UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: who=me; Path=/\r\n\r\n"


def _conversation(
    target: Target, exchanges: list[tuple[bytes, bytes]], *, until: bytes = b""
) -> Connection:
    server = _Scripted()
    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(server.serve, exchanges)
        connection = enter(msgspec.structs.replace(target, port=server.port), "one")
        until_live([connection])
        connection.socket.settimeout(10)
        frames = b""
        while until not in frames:
            frames += connection.receive()
        served.result(10)
        connection.close()
    return connection


def test_a_client_speaks_socket_io() -> None:
    """It opens a session, enters the namespace, and answers the heartbeat [Engine.IO 4]."""
    target = engine_io(1, 0)
    connection = _conversation(
        target,
        [
            (b"&conversation=one HTTP/1.1", UPGRADED + _text('0{"sid":"a"}')),
            (b"40", _text('40{"sid":"b"}') + _text("2")),
            (b"3", _text('42["post",{"text":"hi"}]')),
        ],
        until=b"hi",
    )
    assert connection.cookie == "who=me"
    assert target.post.startswith('42["post",{')
    assert target.post.endswith("}]")


def test_a_client_waits_for_the_history_of_jupyterlab_chat() -> None:
    """A join is over when the frame that brings everything is whole, however it is cut."""
    joined = '{"messages": [{"body": "~00000007~"}], "action": "connection"}'
    target = Target(port=0, pid=1, path="/{conversation}.chat", join=CHAT_JOIN, post="")
    exchanges = [(b"GET /one.chat HTTP/1.1", UPGRADED + _text(joined))]
    assert TAG.findall(_conversation(target, exchanges).greeting) == [b"00000007"]


def test_someone_comes_back_with_the_cursor_that_they_had() -> None:
    """What a greeting said of the log fills the frame of coming back."""
    cursor = Cursor.of(b'{"epoch":"e1","head":3}..{"type":"live","head":120}')
    target = Target(
        port=0,
        pid=1,
        path="",
        resume=(Step('{"after":{after},"epoch":"{epoch}"}', "live"),),
        post="",
    )
    assert cursor == Cursor(120, "e1")
    assert cursor.steps(target, 100) == (Step('{"after":20,"epoch":"e1"}', "live"),)
    assert cursor.steps(target, 500)[0].send == '{"after":0,"epoch":"e1"}'


def test_a_history_is_as_the_log_keeps_it(tmp_path: Path) -> None:
    """The log's own check finds nothing wrong with what a run is measured on."""
    database = tmp_path / "of-its-own" / "conversations.db"
    fill(database, 1_200)
    assert find_problems(database) == []


def test_a_history_is_as_jupyterlab_chat_keeps_it(tmp_path: Path) -> None:
    """Its file has every message once, in order of time."""
    fill_chat(tmp_path / "old.chat", 7)
    kept = json.loads((tmp_path / "old.chat").read_text())
    assert set(kept) == {"messages", "users", "attachments", "metadata"}
    assert TAG.findall(str(kept["messages"]).encode()) == [b"%08d" % n for n in range(7)]
    assert [m["time"] for m in kept["messages"]] == sorted(m["time"] for m in kept["messages"])
