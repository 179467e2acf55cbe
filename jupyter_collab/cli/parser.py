"""The words of the command line, and its help.

Owns what may be said. Must not know how it is done.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

__all__ = ["make_parser"]

_UNITS_S = {"h": 3600.0, "d": 86_400.0, "w": 604_800.0}

_ABOUT = """
Looks after the database of jupyter_collab: the one file with every conversation on this
Jupyter server. Without --database it is the one that the server uses, by the same
configuration files.
"""
_BACKUP = """
Copies the database into a new file, while servers use it and without making them wait, and
checks the copy. What was deleted or removed before is not in it. Give a directory to have the
copy named after the time.
"""
_CHECK = """
Looks whether everything is as it must be: the pages of the file, the numbers of the entries,
the tables and the search index, which are what the entries come to. It works on a copy in
TMPDIR, so that servers may go on, and changes nothing. Exit code 1 if there is a problem.
"""
_RESTORE = """
Puts a backup in the place of the database. Stop the server first. The backup is checked
before; the database that was there is kept beside it. Pages that are open somewhere start
anew, with the restored conversations, when they connect again.
"""
_REBUILD = """
Makes everything that follows from the entries anew: messages, reactions, members, titles and
the search index. Stop the server first. For when `check` finds a table or the index wrong.
"""
_PRUNE = """
Removes old messages for good, with their edits and reactions, while servers use the database.
Who joined and what the conversations are called stays. Pages show that older messages were
removed. To have servers do it all the time, set c.CollabExtension.retention_days.
"""
_ERASE = """
Takes what is left of deleted and removed words out of the file now. A running server does
the same bit by bit.
"""


def make_parser() -> argparse.ArgumentParser:
    """All commands, each with its own help."""
    parser = argparse.ArgumentParser(prog="jupyter collab", description=_ABOUT)
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)

    def add(name: str, summary: str, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=about)
        command.add_argument(
            "--database", type=Path, metavar="FILE", help="instead of the server's own"
        )
        return command

    info = add("info", "say where the database is and what it holds", "Says what is there.")
    info.add_argument("--json", action="store_true", help="for programs")

    backup = add("backup", "copy the database while servers use it", _BACKUP)
    backup.add_argument("to", help="a new file, or a directory that is there")

    check = add("check", "look whether everything is whole", _CHECK)
    check.add_argument("--json", action="store_true", help="for programs")

    restore = add("restore", "go back to a backup", _RESTORE)
    restore.add_argument("backup", type=Path, help="a file made by `backup`")

    prune = add("prune", "remove old messages for good", _PRUNE)
    prune.add_argument(
        "--older-than",
        type=_duration_s,
        required=True,
        metavar="AGE",
        help="what goes, by its age: 90d (days), 12w (weeks), 36h (hours)",
    )
    prune.add_argument("--conversation", metavar="ID", help="in this conversation only")
    prune.add_argument("--dry-run", action="store_true", help="say what would go, no more")

    add("erase", "take deleted words out of the file now", _ERASE)
    add("rebuild", "make all tables anew from the entries", _REBUILD)
    return parser


def _duration_s(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6})([hdw])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; give days (90d), weeks or hours")
    return int(found[1]) * _UNITS_S[found[2]]
