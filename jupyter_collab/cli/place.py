"""Which database is meant: the one that was named, or the one that the server uses.

Owns the reading of the server's configuration files, without the server, which takes seconds
to load. Must not know what is done with the file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jupyter_core.application import JupyterApp

from ..errors import NotFound
from ..place import default_database, real_path
from .access import demand_reading

__all__ = ["find_database", "present_database"]


class _Configuration(JupyterApp):
    """Reads `jupyter_config`, and the file that is named."""


def find_database(named: Path | None) -> Path:
    """Where the database is, or would be made."""
    if named is not None:
        return real_path(named)
    found: str | Path = default_database()
    # The later counts, as in the server.
    for name in ("jupyter_jupyter_collab_config", "jupyter_server_config"):
        configuration = _Configuration(config_file_name=name)
        configuration.load_config_file()
        found = configuration.config.CollabExtension.get("database", found)
    return real_path(Path(found))


def present_database(named: Path | None, demand: Callable[[Path], None] = demand_reading) -> Path:
    """As `find_database`; `demand` is what the user must be allowed.

    Raises:
        NotFound: there is no such file.
        NotAllowed: this user is not.
    """
    path = find_database(named)
    if path.is_dir():
        raise NotFound(f"{path} is a directory. Name the file in it with --database.")
    if not path.is_file():
        raise NotFound(
            f"There is no database at {path}. If the server keeps it elsewhere, name it with "
            "--database."
        )
    demand(path)
    return path
