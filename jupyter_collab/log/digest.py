"""What makes two commands the same.

Owns the digest that is kept beside a stored command, so that another command under its id
can be told from a repeat. Invariant: equal commands, and only they, have equal digests.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from ..protocol.commands import ClientCommand

__all__ = ["digest_of"]

_encode = msgspec.json.Encoder().encode


def digest_of(command: ClientCommand) -> bytes:
    """Sixteen bytes that stand for the whole command, its kind and id included."""
    return blake2b(_encode(command), digest_size=16).digest()
