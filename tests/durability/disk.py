"""What a disk may hold after the power went, for a disk that honours fsync.

Owns the recording of a process's writes (by strace) and the model of the disk. Must not know
SQLite. Invariant: what a finished fsync covered is there, of a file or of a directory's names;
of what came later any part may be there, in sectors of 512 bytes.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

__all__ = ["Call", "Disk", "record"]

SECTOR = 512
_CALLS = (
    *("openat", "mkdir", "unlink", "rename", "write", "pwrite64", "ftruncate"),
    *("fsync", "fdatasync", "pwritev", "writev", "fallocate", "mkdirat", "unlinkat", "renameat2"),
    *("link", "linkat", "renameat", "rmdir", "truncate", "copy_file_range", "sendfile"),
)
_OF_NAMES = ("openat", "mkdir", "unlink", "rmdir", "rename", "link", "linkat")
_LINE = re.compile(r"^(?P<pid>\d+) +(?P<rest>.*)$")
_CALL = re.compile(r"^(?P<name>\w+)\((?P<args>.*)\) += (?P<result>-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that succeeded: it began and ended at these lines of the recording.

    `was` is the other name of a file that is given one at `path`.
    """

    name: str
    path: Path
    began: int
    ended: int
    data: bytes = b""
    at: int = 0
    creates: bool = False
    was: Path | None = None


def record(command: Sequence[str], trace: Path, *, cwd: Path) -> list[Call]:
    """Runs a command to its end; returns what it did to files, in the order of its ends."""
    strace = ["strace", "--follow-forks", "--seccomp-bpf", "--decode-fds=path"]
    options = ["-xx", "-s", "10000000", "-o", str(trace), "-e", f"trace={','.join(_CALLS)}"]
    subprocess.run([*strace, *options, *command], cwd=cwd, check=True)
    with trace.open() as lines:
        return list(_calls(lines))


def _calls(lines: Iterator[str]) -> Iterator[Call]:
    begun: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        found = _LINE.match(line)
        assert found, line[:200]
        pid, rest = found["pid"], found["rest"]
        began = number
        if rest.endswith(" <unfinished ...>"):
            begun[pid] = number, rest.removesuffix(" <unfinished ...>")
            continue
        if rest.startswith("<... "):
            began, first = begun.pop(pid)
            rest = first + rest.partition(" resumed>")[2]
        if (call := _call(rest, began, number)) is not None:
            yield call


def _call(text: str, began: int, ended: int) -> Call | None:
    found = _CALL.match(text)
    if found is None or found["result"].startswith("-"):
        return None  # a signal, an exit, or a failure
    name, args = found["name"], found["args"]
    texts = [_unhexed(hexed) for hexed in _TEXT.findall(args)]
    if name in _OF_NAMES:
        *was, path = (Path(os.fsdecode(text)) for text in texts)
        is_new = name == "openat" and "O_CREAT" in args
        call = Call(name, path, began, ended, creates=is_new, was=was[0] if was else None)
        return call if path.is_absolute() else None
    descriptor = _DESCRIPTOR.match(args)
    assert descriptor, f"not known to the model of the disk: {text[:200]}"
    path = Path(os.fsdecode(_unhexed(descriptor[1])).removesuffix(" (deleted)"))
    numbers = [int(number) for number in re.findall(r", (\d+)", _TEXT.sub("", args))]
    data = texts[0] if texts else b""
    return Call(name, path, began, ended, data, numbers[-1] if numbers else 0)


def _unhexed(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass(slots=True)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Call] = field(default_factory=list)

    def sync(self, began: int) -> None:
        for call in [call for call in self.pending if call.ended < began]:
            _apply(self.durable, call)
            self.pending.remove(call)


_Change = dict[Path, "_File | None"]  # which file a name is of from now on, or that it is gone


@dataclass(slots=True)
class _Names:
    """Of the files of one directory: what is durable, and changes in order."""

    durable: dict[Path, _File] = field(default_factory=dict)
    pending: list[tuple[Call, _Change]] = field(default_factory=list)

    def sync(self, began: int) -> None:
        for change in [change for change in self.pending if change[0].ended < began]:
            _rename(self.durable, change[1])
            self.pending.remove(change)


class Disk:
    """Everything below `root`, with what it held before; `keeps_fsync` is what a disk should."""

    def __init__(
        self, root: Path, held: Mapping[Path, bytes] | None = None, *, keeps_fsync: bool = True
    ) -> None:
        self.root = root
        self._keeps_fsync = keeps_fsync
        self._open: dict[Path, _File] = {}
        self._names: dict[Path, _Names] = {root: _Names()}
        for path, content in (held or {}).items():
            for name in reversed([path, *path.parents]):
                self._hold(name, content if name == path else None)

    def take(self, call: Call) -> None:
        """One more call has ended."""
        if call.path != self.root and self.root not in call.path.parents:
            return
        match call.name:
            case "openat":
                if call.creates and call.path not in self._open:
                    self._make(call)
            case "mkdir":
                self._make(call)
                self._names[call.path] = _Names()
            case "unlink" | "rmdir":
                self._open.pop(call.path)
                self._change(call, {call.path: None})
            case "link" | "linkat" | "rename":
                self._name(call)
            case "pwrite64" | "ftruncate":
                self._open[call.path].pending.append(call)
            case "fsync" | "fdatasync":
                if self._keeps_fsync:
                    synced = self._names.get(call.path) or self._open[call.path]
                    synced.sync(call.began)
            case _:
                raise AssertionError(f"not known to the model of the disk: {call.name}")

    def cut(self, rng: random.Random, *, into: Path) -> None:
        """Writes into an empty directory what may be left below `root`."""
        self._write_out(self.root, rng, into)

    def _hold(self, name: Path, content: bytes | None) -> None:
        """Takes what was there before, a directory if it has no content."""
        if self.root in name.parents and name not in self._open:
            self._open[name] = _File(bytearray(content or b""))
            self._names[name.parent].durable[name] = self._open[name]
            if content is None:
                self._names[name] = _Names()

    def _make(self, call: Call) -> None:
        self._open[call.path] = _File()
        self._change(call, {call.path: self._open[call.path]})

    def _name(self, call: Call) -> None:
        assert call.was is not None, call
        file = self._open[call.path] = self._open[call.was]
        changes: _Change = {call.path: file}
        if call.name == "rename":
            del self._open[call.was]
            changes[call.was] = None
        self._change(call, changes)

    def _change(self, call: Call, names: _Change) -> None:
        """In one directory a change is there whole or not at all; of two, either may have it."""
        for directory in {name.parent for name in names}:
            here = {name: file for name, file in names.items() if name.parent == directory}
            self._names[directory].pending.append((call, here))

    def _write_out(self, directory: Path, rng: random.Random, into: Path) -> None:
        names = self._names[directory]
        left = dict(names.durable)
        # Metadata is journalled: of its changes a first part is there.
        for _, change in names.pending[: rng.randint(0, len(names.pending))]:
            _rename(left, change)
        written: dict[int, Path] = {}
        for path, file in left.items():
            name = into / path.name
            if path in self._names:
                name.mkdir()
                self._write_out(path, rng, name)
            elif id(file) in written:
                os.link(written[id(file)], name)
            else:
                name.write_bytes(_left_of(file, rng))
                written[id(file)] = name


def _rename(names: dict[Path, _File], change: _Change) -> None:
    for path, file in change.items():
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file


def _left_of(file: _File, rng: random.Random) -> bytes:
    """All that is durable, and of the rest: nothing, all, a torn first part, or any part."""
    content = bytearray(file.durable)
    pending = file.pending
    match rng.randrange(4):
        case 0:
            pass
        case 1:
            for call in pending:
                _apply(content, call)
        case 2:
            whole = rng.randint(0, len(pending))
            for call in pending[:whole]:
                _apply(content, call)
            sectors = rng.randint(0, 9)
            for call in pending[whole : whole + 1]:
                _apply_torn(content, call, lambda number: number < sectors)
        case _:
            for call in pending:
                _apply_torn(content, call, lambda _: rng.random() < 0.5)
    return bytes(content)


def _apply(content: bytearray, call: Call) -> None:
    if call.name == "ftruncate":
        del content[call.at :]
        content.extend(bytes(call.at - len(content)))
        return
    content.extend(bytes(max(0, call.at - len(content))))
    content[call.at : call.at + len(call.data)] = call.data


def _apply_torn(content: bytearray, call: Call, has: Callable[[int], bool]) -> None:
    """Applies those sectors of a write that `has` says are there, by their place in it."""
    if call.name == "ftruncate":
        if has(0):
            _apply(content, call)
        return
    end = call.at + len(call.data)
    first = call.at // SECTOR * SECTOR
    for number, start in enumerate(range(first, end, SECTOR)):
        if has(number):
            at, until = max(start, call.at), min(start + SECTOR, end)
            data = call.data[at - call.at : until - call.at]
            _apply(content, replace(call, at=at, data=data))
