"""`python -m jupyter_collab.demo`: JupyterLab with a live conversation, until Ctrl-C.

Owns the command line and the order of things. Everything that it makes is in a temporary
folder, which goes when it ends.
"""

from __future__ import annotations

import argparse
import secrets
import signal
import socket
import sys
import tempfile
import webbrowser
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
from tornado.httpclient import HTTPClientError

from ..client import connect
from ..errors import Unavailable
from ..protocol.ids import MemberId
from .actor import Actor, open_scene
from .script import HELPER, MAYA, helper_says, maya_says
from .server import NOTEBOOK, Lab, LabFailed, running_lab

__all__ = ["main"]

CONVERSATION = "team"  # as in the notebook
ACTORS = {MemberId("user:maya"), MemberId("user:helper")}
IDENTITY = "jupyter_collab.demo.identity.DemoIdentityProvider"
NOTICED_S = 1.0  # a process that has ended breaks its connections first
WELCOME = """
  JupyterLab is running, and {maya} and {helper} are talking in its notebook.

    You           {you}
    Someone else  {other}

  The second address is the same server under another name, so that a browser has other
  cookies there: open both and you are two people. A private window works as well.

  Ctrl-C stops everything. {fate}
"""
FORGOTTEN = "This conversation ends with it; `make demo DB=talk.db` keeps one for tomorrow."
KEPT = "The conversation is kept in {database}."


def main() -> None:
    """Runs the demonstration."""
    arguments = _arguments()
    if _is_taken(arguments.port):
        sys.exit(f"Port {arguments.port} is in use. Try another: make demo PORT=8889")
    failure: BaseException | None = None
    with tempfile.TemporaryDirectory(prefix="jupyter_collab-demo-") as folder:
        try:
            anyio.run(_until_interrupted, Path(folder), arguments)
        except* LabFailed as failures:
            failure = failures
            while isinstance(failure, BaseExceptionGroup):
                failure = failure.exceptions[0]
    if failure is not None:
        sys.exit(str(failure))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m jupyter_collab.demo", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--port", type=int, default=8888, help="of the server; default 8888")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    parser.add_argument(
        "--database", type=Path, help="keep the conversation in this file; default: nowhere"
    )
    return parser.parse_args()


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def _until_interrupted(folder: Path, arguments: argparse.Namespace) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_demonstrate, folder, arguments)
            async for _ in signals:
                tasks.cancel_scope.cancel()
                break


async def _demonstrate(folder: Path, arguments: argparse.Namespace) -> None:
    tokens = {MAYA: secrets.token_hex(), HELPER: secrets.token_hex()}
    config = {
        "ServerApp": {
            "identity_provider_class": "jupyter_collab.demo.identity.DemoIdentityProvider"
        },
        "DemoIdentityProvider": {
            "actors": {f"maya:{tokens[MAYA]}": MAYA, f"helper:{tokens[HELPER]}": HELPER},
            # A name that its bearer can't change is not shown as self-chosen.
            "updatable_fields": ["display_name", "initials", "color"],
        },
        "CollabExtension": {
            "assistants": ["helper"],
            "database": str((arguments.database or folder / "conversations.db").absolute()),
        },
    }
    async with running_lab(
        folder, port=arguments.port, token=secrets.token_hex(16), config=config
    ) as lab:
        maya = _actor(lab, tokens[MAYA], is_assistant=False)
        helper = _actor(lab, tokens[HELPER], is_assistant=True)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lab.watch)
            try:
                await _meet(maya, helper)
                tasks.start_soon(maya.play)
                tasks.start_soon(helper.play)
                await lab.run_first_cell()
            except (HTTPClientError, OSError, Unavailable) as exc:
                with anyio.move_on_after(NOTICED_S):
                    await lab.watch()
                said = getattr(exc, "message", str(exc))
                raise LabFailed(f"{said} JupyterLab's last words:\n{lab.last_words}") from exc
            _announce(lab, arguments)


def _actor(lab: Lab, token: str, *, is_assistant: bool) -> Actor:
    return Actor(
        url=lab.url,
        conversation=CONVERSATION,
        token=token,
        say=helper_says if is_assistant else maya_says,
        replies=is_assistant,
        actors=ACTORS,
    )


async def _meet(maya: Actor, helper: Actor) -> None:
    """Has both say the opening; whatever comes after it they will answer."""
    async with AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(
                connect(actor.url, actor.conversation, token=actor.token, client="demo")
            )
            for actor in (maya, helper)
        ]
        await open_scene(*connections)
        for actor, connection in zip((maya, helper), connections, strict=True):
            actor.state, actor.epoch = connection.state, connection.epoch


def _announce(lab: Lab, arguments: argparse.Namespace) -> None:
    you = f"{lab.url}lab/tree/{NOTEBOOK}?token={lab.token}"
    other = you.replace("localhost", "127.0.0.1")
    kept = arguments.database
    fate = FORGOTTEN if kept is None else KEPT.format(database=kept)
    print(WELCOME.format(maya=MAYA, helper=HELPER, you=you, other=other, fate=fate), flush=True)
    if not arguments.no_browser:
        webbrowser.open(you)


if __name__ == "__main__":
    main()
