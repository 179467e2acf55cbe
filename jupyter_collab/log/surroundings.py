"""What a database lies in: a local disk, and a directory that others can't change.

Owns what is safe for SQLite. Must not know how it is used. Network file systems are known by
name: their locks and shared memory hold on one machine at best, and two would fork the log.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from ..errors import Unavailable
from ..place import real_path

__all__ = ["check_surroundings", "explain", "file_system_of", "network_file_system"]

logger = logging.getLogger(__name__)

# As Linux and macOS name them. FUSE tells what is behind it after the dot.
_NETWORK = re.compile(
    r"9p|acfs|afpfs|afs|beegfs|ceph|cifs|coda|davfs|gfs2?|glusterfs|gpfs|lustre|ncpfs|nfs4?|ocfs2"
    r"|orangefs|panfs|pvfs2|smb[23]|smbfs|webdav|wekafs"
    r"|fuse\.(ceph(-fuse)?|cephfs|curlftpfs|gcsfuse|geesefs|glusterfs|goofys|juicefs|mfs|moosefs"
    r"|mount\.davfs|rclone|s3fs|seaweedfs|smbnetfs|sshfs)"
)


def check_surroundings(path: Path, *, allow_network: bool) -> None:
    """Looks at where a database is, or will be.

    Raises:
        Unavailable: it is on a network file system, and that is not allowed.
    """
    kind = network_file_system(path)
    if kind is not None and not allow_network:
        refusal = Unavailable(
            "The database of conversations is on a network file system, where it is not safe. "
            "Its operator has to move it."
        )
        refusal.add_note(explain(path, kind))  # for the operator's log
        raise refusal
    directory = path.parent
    if directory.is_dir():
        _warn_of_others(directory, directory.stat().st_mode)


def explain(path: Path, kind: str) -> str:
    """Why the file system is refused, and what to do: for operators."""
    return (
        f"{path} is on a network file system ({kind}), where SQLite can lose messages or fork the "
        "log. Keep the database on a local disk: c.CollabExtension.database = '/local/path.db' in "
        "jupyter_server_config.py. To take along what is there, stop every server that uses it, "
        f"then: jupyter collab backup /local/path.db --database {path}. If only one machine "
        "ever uses it and its locks are sound: "
        "c.CollabExtension.allow_network_file_system = True"
    )


def network_file_system(path: Path) -> str | None:
    """The kind of network file system that `path` is on, None if it is local or not known."""
    place = real_path(path)
    while not place.exists():
        place = place.parent
    kind = file_system_of(place, _mounts())
    return kind if _NETWORK.fullmatch(kind) else None


def file_system_of(path: Path, mounts: list[tuple[Path, str]]) -> str:
    """The kind of the file system that is mounted over `path`, "" if none is.

    Of mounts at one place the last lies on top.
    """
    over = [(len(at.parts), n) for n, (at, _) in enumerate(mounts) if path.is_relative_to(at)]
    return mounts[max(over)[1]][1] if over else ""


def _mounts() -> list[tuple[Path, str]]:
    if sys.platform == "linux":
        return _of_mountinfo(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"))
    if sys.platform == "darwin":
        listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False)
        return _of_mount(listed.stdout)
    return []


def _of_mountinfo(text: str) -> list[tuple[Path, str]]:
    """See "/proc/[pid]/mountinfo" in proc(5): the kind is the first field after a lone `-`."""
    found = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        found.append((Path(_unescaped(before.split(" ")[4])), after.split(" ")[0]))
    return found


def _of_mount(text: str) -> list[tuple[Path, str]]:
    """As macOS lists them: `//ada@host/share on /Volumes/share (smbfs, nodev)`."""
    lines = re.finditer(r"^.* on (/.*) \((\w+)[,)]", text, re.MULTILINE)
    return [(Path(line[1]), line[2]) for line in lines]


def _unescaped(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)


@cache  # each opening looks again; a page that can't be let in tries it every few seconds
def _warn_of_others(directory: Path, mode: int) -> None:
    if mode & 0o022:
        logger.warning(
            "others may replace what is in %s; take that right from them: chmod go-w %s",
            directory,
            directory,
        )
    elif mode & 0o004:
        logger.warning(
            "others may see what files are in %s (not what is in them); to hide it: chmod o-r %s",
            directory,
            directory,
        )
