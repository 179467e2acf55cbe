"""The demonstration: JupyterLab with a conversation that is alive already.

Owns two scripted members, labelled "(demo)", who join over the socket as anyone does, and
the temporary server they meet you on. Nothing else may import it.
"""

from __future__ import annotations

__all__: list[str] = []
