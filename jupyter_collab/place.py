"""Where conversations are kept: by default, and behind links.

Owns those paths. Light, so that a command that only wants to know need not load a server.
"""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

__all__ = ["default_database", "real_path"]


def default_database() -> Path:
    """A file in Jupyter's data directory."""
    return Path(jupyter_data_dir()) / "jupyter_collab" / "conversations.db"


def real_path(path: Path) -> Path:
    """The file itself, whatever links lead to it by now: what SQLite adds lies beside that."""
    return Path(os.path.realpath(path.expanduser()))
