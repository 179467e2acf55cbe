"""The header of a WebSocket frame, so that one run of bytes serves every socket.

Owns RFC 6455 section 5.2 for what a server sends: unmasked, unfragmented, uncompressed.
"""

from __future__ import annotations

import struct

__all__ = ["PING", "text_frame"]

PING = b"\x89\x00"  # final, without a payload
_FIN_TEXT = 0x81


def text_frame(payload: bytes) -> bytes:
    """Frames a UTF-8 payload for a client."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", _FIN_TEXT, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", _FIN_TEXT, 126, size) + payload
    return struct.pack("!BBQ", _FIN_TEXT, 127, size) + payload
