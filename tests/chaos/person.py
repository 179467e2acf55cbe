"""A person in a process of their own, who can be killed and frozen: `python -m tests.chaos.person`.

Comes, and comes back whenever the connection ends; types and goes idle as stdin says. Tells
stdout each time that it is in.
"""

from __future__ import annotations

import sys

import anyio
from anyio import to_thread

from jupyter_collab.client import Connection, connect
from jupyter_collab.errors import Unavailable
from tests.identities import token_of

__all__: list[str] = []


async def obey(connection: Connection) -> None:
    """Does what each line of stdin says."""
    while line := await to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
        match line.strip():
            case "type":
                await connection.typing()
            case "idle":
                await connection.activity("idle")
        say(line.strip())


async def stay(url: str, name: str) -> None:
    async with connect(url, "team", token=token_of(name)) as connection:
        say("in")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(obey, connection)
            async for _ in connection:
                pass
            tasks.cancel_scope.cancel()


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(url: str, name: str) -> None:
    while True:
        try:
            await stay(url, name)
        except Unavailable:
            await anyio.sleep(0.05)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2])
