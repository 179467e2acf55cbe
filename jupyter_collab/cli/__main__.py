"""`python -m jupyter_collab.cli`: the same as `jupyter collab`."""

from __future__ import annotations

import sys

from .run import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
