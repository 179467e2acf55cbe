"""`jupyter collab …`: what operators do with the database (see `parser`)."""

from __future__ import annotations

from .run import main

__all__ = ["main"]
