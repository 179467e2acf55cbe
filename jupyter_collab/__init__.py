"""Live conversations, with people and assistants, inside a Jupyter notebook.

Owns the public names. Imports nothing heavy: the widget comes on first use, the server
only when a server asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .widget import Chat

__all__ = ["Chat", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Chat":
        from .widget import Chat

        return Chat
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tells jupyter_server what to load; called in a server only."""
    from .extension import CollabExtension

    return [{"module": "jupyter_collab", "app": CollabExtension}]
