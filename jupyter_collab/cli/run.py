"""What each command does, and what it says.

Owns the terminal: answers go to stdout, everything else to stderr. Must not know SQL.
Invariant: whatever goes wrong is one sentence that says what to do, never a traceback.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from ..errors import CollabError, NotFound, Unavailable
from ..limits import Limits
from ..log.alone import alone_with
from ..log.backup import back_up, examine, restore
from ..log.check import Problem
from ..log.connection import open_writer
from ..log.projection import Unreadable, rebuild
from ..log.prune import erase_all, outdated, prune_all
from ..log.scratch import sweep
from ..log.summary import Summary, demand_ours, no_database, summarize
from ..log.transaction import writing
from .access import demand_new_file, demand_reading, demand_writing
from .parser import make_parser
from .place import find_database, present_database
from .words import count, progress, size_of, table, when

__all__ = ["main"]

PATIENT = Limits(busy_timeout_s=60.0)  # nobody waits for us; a server's commands come first
DONE, FAILED = 0, 1


def main(words: Sequence[str] | None = None) -> int:
    """Does what the command line says; returns the exit code."""
    arguments = make_parser().parse_args(words)
    try:
        return _COMMANDS[arguments.command](arguments)
    except CollabError as error:
        return _fail("\n".join([error.message, *getattr(error, "__notes__", ())]))
    except FileExistsError as error:
        return _fail(f"{error.filename2 or error.filename} is there already. Name a new file.")
    except OSError as error:
        return _fail(f"{error.strerror}: {error.filename}" if error.filename else str(error))
    except sqlite3.Error as error:
        path = find_database(arguments.database)
        return _fail(f"{path}: SQLite can't do it: {error}. {_where_to_look(arguments)}")
    except Unreadable as error:
        return _fail(f"{error} Restore a backup: jupyter collab restore.")
    except KeyboardInterrupt:
        return _fail("Stopped. What is done is done whole.")


def _info(arguments: Namespace) -> int:
    path = present_database(arguments.database)
    summary = summarize(path)
    if arguments.json:
        print(json.dumps({"database": str(path), **asdict(summary)}, indent=2))
    else:
        print(_describe(path, summary))
    return DONE


def _backup(arguments: Namespace) -> int:
    source = present_database(arguments.database)
    target = _new_file(arguments.to, f"{source.stem}-{_now():%Y%m%dT%H%M%SZ}.db")
    _sweep(target.parent)
    if problems := back_up(source, target, progress("copied")):
        return _report(source, problems)
    print(f"{target} ({size_of(target.stat().st_size)}), checked.")
    return DONE


def _new_file(named: str, name: str) -> Path:
    """The file that is named, or one called `name` in a directory that is.

    No directory is made: where a disk is not mounted, the copy would be on the wrong one.
    """
    target = Path(named).expanduser().absolute()
    if target.is_dir():
        target /= name
    directory = target if named.endswith(os.sep) else target.parent
    if not directory.is_dir():
        raise NotFound(
            f"There is no directory {directory}. Is it spelt right, and its disk mounted?"
        )
    if target.exists():
        raise FileExistsError(17, "exists", str(target))
    demand_new_file(target)
    return target


def _sweep(directory: Path) -> None:
    """Removes the unfinished copies of commands that were killed, and says so."""
    if (removed := sweep(directory)) is not None:
        _say(f"Removed {size_of(removed)} from {directory}, left by a command that was cut off.")


def _check(arguments: Namespace) -> int:
    path = present_database(arguments.database)
    _sweep(Path(tempfile.gettempdir()))
    problems = examine(path, progress("copied"))
    if arguments.json:
        told = [asdict(problem) for problem in problems]
        print(json.dumps({"database": str(path), "whole": not told, "problems": told}, indent=2))
        return FAILED if problems else DONE
    return _report(path, problems)


def _restore(arguments: Namespace) -> int:
    path, backup = find_database(arguments.database), arguments.backup.expanduser().absolute()
    if backup.is_dir():
        raise NotFound(f"{backup} is a directory. Name the backup in it.")
    if not backup.is_file():
        raise NotFound(f"There is no file {backup}.")
    demand_reading(backup)
    demand_writing(path)
    _sweep(path.parent)
    with alone_with(path):
        pass  # so that nobody waits for the copy only to hear this
    replaced = restore(backup, path, _now(), progress("copied"))
    print(f"{path} is {backup} now.")
    if replaced is not None:
        print(f"What was there before is {replaced}.")
    return DONE


def _rebuild(arguments: Namespace) -> int:
    path = _writable_database(arguments)
    with alone_with(path):
        pass
    with closing(_open(path)) as connection, writing(connection):
        rebuild(connection)
    print(f"All tables of {path} are made anew.")
    return DONE


def _prune(arguments: Namespace) -> int:
    path, wanted = _writable_database(arguments), arguments.conversation
    if wanted not in (None, *summarize(path).names):
        raise NotFound(f"There is no conversation {wanted} in {path}.")
    before = time.time() - arguments.older_than
    with closing(_open(path)) as connection:
        found = outdated(connection, before, wanted)
        if not found:
            print(f"Nothing in {path} is older than {when(before)}.")
            return DONE
        verb = "would lose" if arguments.dry_run else "loses"
        for it in found:
            print(f"{it.conversation} {verb} {count(it.messages, 'message')}.")
        if arguments.dry_run:
            return DONE
        for it in found:
            prune_all(connection, it, progress(f"removed of {it.conversation}"))
        return _finish_erasing(connection)


def _erase(arguments: Namespace) -> int:
    with closing(_open(_writable_database(arguments))) as connection:
        return _finish_erasing(connection)


def _writable_database(arguments: Namespace) -> Path:
    """The database, which is there, ours and to be changed."""
    path = present_database(arguments.database, demand_writing)
    demand_ours(path)  # another program's would get our tables
    return path


def _open(path: Path) -> sqlite3.Connection:
    return open_writer(path, PATIENT, may_make=False)


def _finish_erasing(connection: sqlite3.Connection) -> int:
    if not erase_all(connection):
        raise Unavailable(
            "Some deleted words are still in the file: it is in use all the time. A running "
            "server takes them out later; or run `jupyter collab erase` again."
        )
    print("No deleted word is left in the file.")
    return DONE


_COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "info": _info,
    "backup": _backup,
    "check": _check,
    "restore": _restore,
    "rebuild": _rebuild,
    "prune": _prune,
    "erase": _erase,
}


_USES = {
    True: "by a running server",
    False: "no",
    None: "unknown: only who may write to it can tell",
}
_STATES = {
    "current": "up to date",
    "older": "older: the server will bring it up to date",
    "newer": "newer than this program",
}


def _describe(path: Path, summary: Summary) -> str:
    lines = [
        ("Database", str(path)),
        ("Size", f"{size_of(summary.bytes)}, {size_of(summary.wal_bytes)} in its write-ahead log"),
        ("In use", _USES[summary.is_in_use]),
        ("Schema", f"{summary.schema_number}, {_STATES[summary.schema_state]}"),
    ]
    if summary.erasures:
        lines.append(("Deleted", f"words of {count(summary.erasures, 'deletion')} still in it"))
    heads = ("conversation", "title", "entries", "messages", "whole from", "last activity")
    rows = [
        (it.id, it.title, f"{it.entries:,}", f"{it.messages:,}", f"{it.floor:,}", when(it.active))
        for it in summary.conversations
    ]
    about = "\n".join(f"{name:<10}{text}" for name, text in lines)
    return f"{about}\n\n{table(heads, rows)}" if rows else f"{about}\n\nNobody has talked yet."


def _report(path: Path, problems: Sequence[Problem]) -> int:
    if not problems:
        print(f"{path} is whole.")
        return DONE
    if problems[0].code == "foreign":
        print(no_database(path, problems[0].text))
        return FAILED
    print(f"{path} is not whole:")
    for problem in problems:
        print(f"  {problem.code}: {problem.text}")
    codes = {it.code for it in problems}
    if codes != {"schema"}:  # a newer one is whole for all that we know
        print(_ADVICE["rebuild" if codes <= _REBUILT else "restore"])
    return FAILED


_REBUILT = {"table", "index"}  # what follows from the entries
_ADVICE = {
    "rebuild": "The entries are whole. Stop the server, then: jupyter collab rebuild",
    "restore": "Stop the server, then go back to a backup: jupyter collab restore <backup>",
}


def _where_to_look(arguments: Namespace) -> str:
    if arguments.command == "check":
        return f"It works on a copy in {tempfile.gettempdir()}. See TMPDIR."
    return "See what `jupyter collab check` says."


def _fail(sentence: str) -> int:
    _say(sentence)
    return FAILED


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _now() -> datetime:
    return datetime.now(UTC)
