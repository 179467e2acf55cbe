"""The demonstration: what its members say, and the whole of it as `make demo` starts it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, STDOUT
from urllib.parse import parse_qs, urlsplit

import anyio
import psutil
import pytest

from jupyter_collab.client import connect
from jupyter_collab.demo.script import HELPER, MAYA, Scene, helper_says, maya_says
from jupyter_collab.protocol.frames import Message
from jupyter_collab.protocol.ids import MemberId, Seq
from jupyter_collab.state import ConversationState

START_S = 90
PATIENCE_S = 30.0


def _scene(*texts: str) -> Scene:
    messages = [
        ("Ada", Message(seq=Seq(seq), author=MemberId("user:ada"), at=1.0, text=text))
        for seq, text in enumerate(texts, 1)
    ]
    return Scene(here=["Ada", MAYA, HELPER], messages=messages, speaker="Ada")


def test_maya_greets_a_newcomer_by_name() -> None:
    line = maya_says("hello", _scene("hello"))
    assert line is not None
    assert "Ada" in line.text
    assert HELPER in line.text


@pytest.mark.parametrize(("text", "emoji"), [("Thanks", "❤️"), ("That works", "🎉"), ("So?", "👀")])
def test_maya_reacts(text: str, emoji: str) -> None:
    line = maya_says(text, _scene("earlier", text))
    assert line is not None
    assert (line.text, line.emoji) == ("", emoji)


def test_maya_answers_to_her_name_and_else_is_silent() -> None:
    assert maya_says("Maya", _scene("earlier", "Maya")) is not None
    assert maya_says("We meet at nine", _scene("earlier", "We meet at nine")) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Who is here?", "3 of us: Ada, "),
        ("Helper, a table please", "| Ada | 2 |"),
        ("How do I change the height?", "```python"),
        ("Is this kept?", "2 messages"),
        ("What is love?", "- *who is here?*"),
    ],
)
def test_helper_answers_questions_from_what_it_sees(text: str, part: str) -> None:
    line = helper_says(text, _scene("earlier", text))
    assert line is not None
    assert part in line.text


def test_helper_leaves_people_to_each_other() -> None:
    assert helper_says("We meet at nine", _scene("We meet at nine")) is None


@contextmanager
def _running_demo() -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The demonstration as a process, and the two addresses that it has told."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyter_collab.demo", "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, stdout=PIPE, stderr=STDOUT, text=True) as process:
        assert process.stdout is not None
        addresses: list[str] = []
        while len(addresses) < 2:
            line = process.stdout.readline()
            assert line, f"it ended with {process.wait()}"
            addresses += re.findall(r"http://\S+", line)
        try:
            yield process, addresses
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(START_S)


@pytest.fixture
def demo() -> Iterator[tuple[str, str]]:
    """The demonstration, running: its address and the token in it."""
    with _running_demo() as (process, addresses):
        parts = urlsplit(addresses[0])
        assert parts.path == "/lab/tree/quickstart.ipynb"
        assert urlsplit(addresses[1]).hostname == "127.0.0.1"
        yield f"http://{parts.netloc}/", parse_qs(parts.query)["token"][0]
    assert process.returncode == 0


def _answer_to(state: ConversationState, seq: int) -> Message | None:
    return next((found for found in state.messages.values() if found.reply_to == seq), None)


async def test_the_conversation_is_alive_and_answers(demo: tuple[str, str]) -> None:
    """A colleague and an assistant, who connect as anyone does."""
    url, token = demo
    async with connect(url, "team", token=token) as you:
        kinds = {member.name: member.kind for member in you.state.members.values()}
        assert kinds[MAYA] == "person"
        assert kinds[HELPER] == "assistant"
        assert len(you.state.messages) >= 5
        asked = await you.post("Hello! Who is here?")
        with anyio.fail_after(PATIENCE_S):
            await you.until(lambda state: _answer_to(state, asked.seq) is not None)
        answer = _answer_to(you.state, asked.seq)
        assert answer is not None
        assert you.state.members[answer.author].name == HELPER
        assert you.you.name in answer.text


def test_it_ends_when_its_server_is_killed() -> None:
    """With a sentence, and a status that says so: nobody waits for a page that can't answer."""
    with _running_demo() as (process, _):
        (server,) = psutil.Process(process.pid).children()
        server.kill()
        said, _ = process.communicate(timeout=START_S)
    assert process.returncode == 1
    assert "JupyterLab was killed (SIGKILL), so the demonstration ends." in said
    assert "Traceback" not in said
