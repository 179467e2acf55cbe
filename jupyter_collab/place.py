"""Where conversations are kept unless the configuration says otherwise.

Owns that path. Light, so that a command that only wants to know need not load a server.
"""

from __future__ import annotations

from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

__all__ = ["default_database"]


def default_database() -> Path:
    """A file in Jupyter's data directory."""
    return Path(jupyter_data_dir()) / "jupyter_collab" / "conversations.db"
