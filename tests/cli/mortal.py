"""Commands of an operator that are killed or stopped: `python -m tests.cli.mortal FOLDER`.

Reads from stdin, one JSON list a line, which signal a command gets, before which step, and its
words; forks for each, and prints how it ended, and before that its id if it was stopped. A step
is whatever Python does to a file of the folder, or to a lock.
"""

from __future__ import annotations

import json
import os
import sys

from jupyter_collab.cli import main

__all__: list[str] = []

_STEPS = ("open", "os.", "sqlite3.connect")
_LOCKS = "fcntl."  # of a descriptor, without its path


def doom(folder: str, signal: int, nth: int) -> None:
    """Sends a signal to this process just before its `nth` step."""
    left = nth

    def heard(event: str, details: tuple[object, ...]) -> None:
        nonlocal left
        concerns = event.startswith(_STEPS) and any(folder in str(detail) for detail in details)
        if concerns or event.startswith(_LOCKS):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal)

    sys.addaudithook(heard)


def serve(folder: str) -> None:
    told = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what commands say is not for our reader
    for line in sys.stdin:
        signal, nth, words = json.loads(line)
        if (child := os.fork()) == 0:
            doom(folder, signal, nth)
            os._exit(main(words))
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.write(told, f"{child}\n".encode())
            _, status = os.waitpid(child, 0)
        os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    serve(sys.argv[1])
