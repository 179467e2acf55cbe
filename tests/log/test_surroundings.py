"""Where a database may lie; the tables of mounts are real ones."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import pytest

from jupyter_collab.errors import Unavailable
from jupyter_collab.limits import Limits
from jupyter_collab.log import connection as connections
from jupyter_collab.log import surroundings
from jupyter_collab.log.sqlite import SqliteLog
from jupyter_collab.log.surroundings import file_system_of, network_file_system
from tests.fakes import TEAM
from tests.log.conftest import OpenTalk
from tests.log.talk import Talk

pytestmark = pytest.mark.anyio

LINUX = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
36 27 0:31 / /home rw,relatime shared:19 - nfs4 filer:/home rw,vers=4.2,addr=10.0.0.7
37 36 8:17 / /home/ada/disk rw,noatime shared:20 master:3 - xfs /dev/sdb1 rw
38 27 0:32 / /mnt/two\\040words rw - cifs //server/share rw,username=ada
39 27 0:33 / /mnt/far rw,nosuid - fuse.sshfs ada@far: rw,user_id=1000
40 27 0:34 / /mnt/key rw,nosuid - fuseblk /dev/sdc1 rw
41 27 0:35 / /data rw - autofs systemd-1 rw,fd=48
42 41 0:36 / /data rw - lustre mgs@tcp:/scratch rw
43 27 0:37 / /mnt/notes rw - fuse.gocryptfs /secret rw
"""
MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ada@filer/share on /Volumes/My share (smbfs, nodev, nosuid, mounted by ada)
filer:/home on /System/Volumes/Data/net (nfs, automounted)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/talk.db", "ext4"),
        ("/home/ada/talk.db", "nfs4"),
        ("/homes/talk.db", "ext4"),
        ("/home/ada/disk/talk.db", "xfs"),
        ("/mnt/two words/talk.db", "cifs"),
        ("/data/talk.db", "lustre"),
    ],
)
def test_the_innermost_and_latest_mount_counts(path: str, kind: str) -> None:
    """[LC13]"""
    assert file_system_of(Path(path), surroundings._of_mountinfo(LINUX)) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ada/talk.db", "nfs4"),
        ("/mnt/two words/a/b/talk.db", "cifs"),
        ("/mnt/far/talk.db", "fuse.sshfs"),
        ("/data/talk.db", "lustre"),
        ("/mnt/key/talk.db", None),
        ("/mnt/notes/talk.db", None),
        ("/home/ada/disk/talk.db", None),
        ("/var/talk.db", None),
    ],
)
def test_network_file_systems_are_known_by_name(
    path: str, kind: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC13] Also before the directories are made."""
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr(surroundings, "_mounts", lambda: surroundings._of_mountinfo(LINUX))
    assert network_file_system(Path(path)) == kind


def test_a_mac_tells_its_mounts_otherwise() -> None:
    """[LC13]"""
    mounts = surroundings._of_mount(MAC)
    assert file_system_of(Path("/Volumes/My share/talk.db"), mounts) == "smbfs"
    assert file_system_of(Path("/Users/ada/talk.db"), mounts) == "apfs"
    assert file_system_of(Path("/x"), []) == ""


def test_this_machines_own_mounts_are_read(tmp_path: Path) -> None:
    """[LC13]"""
    assert file_system_of(Path("/proc/self"), surroundings._mounts()) == "proc"
    assert network_file_system(tmp_path / "not" / "yet" / "there.db") is None


def on_nfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the whole machine is on NFS."""
    text = "27 1 0:31 / / rw,relatime - nfs filer:/root rw,vers=3"
    monkeypatch.setattr(surroundings, "_mounts", lambda: surroundings._of_mountinfo(text))


async def test_a_database_on_a_network_file_system_is_refused(
    path: Path,
    open_talk: OpenTalk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """[LC13] Nothing is made there; the operator is told how to move it. It may be allowed."""
    on_nfs(monkeypatch)
    talk = open_talk()
    with pytest.raises(Unavailable, match="network file system"):
        await talk.log.load(TEAM)
    assert not path.parent.exists()
    for told in (str(path), "(nfs)", "c.CollabExtension.database", "jupyter collab backup"):
        assert told in caplog.text
    log = SqliteLog(path, Limits(), allow_network_file_system=True)
    await Talk(log).admit("ada")
    await log.close()


async def test_a_link_to_a_network_file_system_is_seen_through(
    open_talk: OpenTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC13] [LC11] Also before there is anything that it leads to."""
    far, link = tmp_path / "far", tmp_path / "talk.db"
    text = f"27 1 8:1 / / rw - ext4 /dev/vda rw\n28 27 0:31 / {far} rw - nfs4 filer:/a rw"
    monkeypatch.setattr(surroundings, "_mounts", lambda: surroundings._of_mountinfo(text))
    far.mkdir()
    link.symlink_to(far / "data" / "talk.db")
    assert network_file_system(link) == "nfs4"
    with pytest.raises(Unavailable, match="network file system"):
        await open_talk(link).log.load(TEAM)
    assert list(far.iterdir()) == []


async def test_a_file_system_without_a_write_ahead_log_is_refused(
    path: Path, open_talk: OpenTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[LC13] Whatever it is called: SQLite quietly goes on with another journal there."""
    connect = partial(sqlite3.connect, isolation_level=None, check_same_thread=False)

    def without_shared_memory(path: Path, _: Limits) -> sqlite3.Connection:
        return connect(f"{path.as_uri()}?vfs=unix-dotfile", uri=True)

    monkeypatch.setattr(connections, "_connect", without_shared_memory)
    with pytest.raises(Unavailable, match="shared memory"):
        await open_talk().log.load(TEAM)


@pytest.mark.parametrize(
    ("mode", "told"), [(0o700, ""), (0o755, "see what files"), (0o777, "chmod go-w")]
)
async def test_an_operator_is_warned_of_a_directory_that_others_can_use(
    path: Path, open_talk: OpenTalk, caplog: pytest.LogCaptureFixture, mode: int, told: str
) -> None:
    """[LC13]"""
    path.parent.mkdir()
    path.parent.chmod(mode)
    await open_talk().admit("ada")
    assert [told in record.message for record in caplog.records] == [True][: len(told)]
