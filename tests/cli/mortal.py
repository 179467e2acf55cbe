"""Commands of an operator that are killed on their way: `python -m tests.cli.mortal FOLDER`.

Reads from stdin, one JSON list a line, which step a command is killed at, and its words; forks
for each, and prints how it ended. A step is whatever Python does to a file of the folder.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from jupyter_collab.cli import main

__all__: list[str] = []

_STEPS = ("open", "os.", "sqlite3.connect")


def doom(folder: str, nth: int) -> None:
    """Kills this process just before its `nth` step."""
    left = nth

    def heard(event: str, details: tuple[object, ...]) -> None:
        nonlocal left
        if event.startswith(_STEPS) and any(folder in str(detail) for detail in details):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)


def serve(folder: str) -> None:
    told = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what commands say is not for our reader
    for line in sys.stdin:
        nth, words = json.loads(line)
        if (child := os.fork()) == 0:
            doom(folder, nth)
            os._exit(main(words))
        _, status = os.waitpid(child, 0)
        os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    serve(sys.argv[1])
