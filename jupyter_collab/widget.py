"""Chat: the widget that shows a conversation in a cell's output.

Owns the synced traits; hands files and frames to pages that can't reach the server. Must
not know it. Invariant: every browser on a kernel shares the model, so no synced
trait says anything about one viewer.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from hashlib import blake2s
from pathlib import Path
from typing import Any

from anywidget import AnyWidget
from traitlets import Enum, Int, TraitError, Unicode, validate

from .protocol.ids import is_conversation_id

__all__ = ["Chat"]

STATIC = Path(__file__).parent / "static"
SAVED_NOTEBOOK = "<p>Live chat isn't available in a saved notebook.</p>"
SLUG_CHARS = 55  # with a hyphen and 8 digits of hash, an id has at most 64

if not (STATIC / "loader.js").is_file():
    raise ImportError(
        "The front end of jupyter_collab isn't built. In a checkout run `make js`; "
        "otherwise reinstall the package, whose wheel and sdist have it inside."
    )


class Chat(AnyWidget):
    """A live conversation in a cell.

    Everyone who shows the same `conversation` on the same server talks with each other.
    What it shows lives on the server; the widget is a view, and every trait may change
    while it is shown.

    Args:
        conversation: id, `[a-z0-9][a-z0-9._-]{0,63}`. Without one, this notebook's own.
        title: shown instead of the conversation's title.
        height: in CSS pixels, 240 to 4000.
        theme: "auto" follows Jupyter; "light" and "dark" are fixed.

    Raises:
        traitlets.TraitError: an argument has a value that its trait refuses.
        ValueError: there is no `conversation`, and no telling which notebook this is.
    """

    _esm = STATIC / "loader.js"

    conversation = Unicode(help="Id of the conversation that is shown.").tag(sync=True)
    title = Unicode(None, allow_none=True, help="Shown instead of the conversation's title.").tag(
        sync=True
    )
    height = Int(480, min=240, max=4000, help="Height in CSS pixels.").tag(sync=True)
    theme = Enum(("auto", "light", "dark"), "auto", help="Colours: Jupyter's, light or dark.").tag(
        sync=True
    )

    def __init__(
        self,
        conversation: str | None = None,
        *,
        title: str | None = None,
        height: int = 480,
        theme: str = "auto",
    ) -> None:
        super().__init__(
            conversation=_own_conversation() if conversation is None else conversation,
            title=title,
            height=height,
            theme=theme,
        )
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        """The call that shows it: the same in every run, so that notebooks stay the same."""
        return f"Chat({self.conversation!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/html": SAVED_NOTEBOOK}, metadata

    @validate("conversation")
    def _check_conversation(self, proposal: dict[str, Any]) -> str:
        conversation: str = proposal["value"]
        if is_conversation_id(conversation):
            return conversation
        raise TraitError(
            f"{conversation!r} can't name a conversation: an id has 1 to 64 of a-z, 0-9, "
            "'.', '_' and '-', and begins with a letter or a digit, as in Chat('team')."
        )

    def _answer(self, _: AnyWidget, content: dict[str, object], buffers: object) -> None:
        """Serves a page without our server: sends files of the front end, relays frames.

        May run on a subshell's thread, so it only reads files, sends, and hands on.
        """
        match content:
            case {"type": "relay"}:
                from .relay import the_relay

                the_relay().take(content, self.send)
            case {"type": "core", "name": str(name)}:
                compressed = _compressed(name)
                if compressed is not None:
                    self.send({"type": "core", "name": name}, [compressed])
                else:
                    error = "This kernel has another version of jupyter_collab: restart it."
                    self.send({"type": "core", "name": name, "error": error})


def _compressed(name: str) -> bytes | None:
    """The gzip bytes of a file that the manifest names, and of no other."""
    manifest: dict[str, str] = json.loads((STATIC / "manifest.json").read_text("utf-8"))
    if name not in manifest.values():
        return None
    return (STATIC / f"{name}.gz").read_bytes()


def _own_conversation() -> str:
    """Names the notebook's own conversation: the same path gives the same id."""
    path = os.environ.get("JPY_SESSION_NAME") or _path_in_vs_code()
    if not path:
        raise ValueError(
            'There is no telling which notebook this is. Name the conversation, as in Chat("team").'
        )
    posix = path.replace("\\", "/")
    stem = posix.rsplit("/", 1)[-1].removesuffix(".ipynb")
    ascii_stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9._-]+", "-", ascii_stem.lower()).lstrip("._-")[:SLUG_CHARS]
    digest = blake2s(posix.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
    return f"{slug or 'notebook'}-{digest}"


def _path_in_vs_code() -> str | None:
    """VS Code leaves the notebook's path in the kernel's own variables."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return None if shell is None else shell.user_ns.get("__vsc_ipynb_file__")
