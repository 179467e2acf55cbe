"""Server frames as a client reads them: what a later version added is passed over.

Owns what counts as unknown. Must not know what a frame means. Invariant: an entry of an
unknown kind is still counted, so that no cursor ever stops before it [LG9].
"""

from __future__ import annotations

from typing import NamedTuple, get_args

import msgspec

from ..errors import ProtocolError
from .entries import Entry
from .frames import Entries, ServerFrame
from .ids import Seq

__all__ = ["Received", "decode_server"]


class Received(NamedTuple):
    """A frame, or None for one of an unknown type, and the entries of unknown kinds in it."""

    frame: ServerFrame | None
    unknown: frozenset[Seq] = frozenset()


class _AnyFrame(msgspec.Struct):
    type: str
    entries: tuple[msgspec.Raw, ...] = ()


class _AnyEntry(msgspec.Struct):
    seq: Seq
    kind: str


_TYPES = {frame.__struct_config__.tag for frame in get_args(ServerFrame)}
_KINDS = {entry.__struct_config__.tag for entry in get_args(Entry)}
_frame: msgspec.json.Decoder[ServerFrame] = msgspec.json.Decoder(ServerFrame)
_entry: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)
_any_frame = msgspec.json.Decoder(_AnyFrame)
_any_entry = msgspec.json.Decoder(_AnyEntry)


def decode_server(data: str | bytes) -> Received:
    """Decodes one frame from a server.

    Raises:
        ProtocolError: it is not JSON, or a known type or kind has wrong fields.
    """
    try:
        return Received(_frame.decode(data))
    except msgspec.ValidationError as exc:
        return _with_unknown(data, exc)
    except (msgspec.DecodeError, UnicodeError) as exc:
        raise ProtocolError(f"The server's frame is not JSON: {exc}.") from exc


def _with_unknown(data: str | bytes, reason: msgspec.ValidationError) -> Received:
    """Sorts out what is unknown; nothing being unknown, `reason` stands."""
    try:
        frame = _any_frame.decode(data)
        if frame.type not in _TYPES:
            return Received(None)
        heads = [_any_entry.decode(raw) for raw in frame.entries]
        unknown = frozenset(head.seq for head in heads if head.kind not in _KINDS)
        known = (
            raw for raw, head in zip(frame.entries, heads, strict=True) if head.seq not in unknown
        )
        if unknown:
            return Received(Entries(entries=tuple(map(_entry.decode, known))), unknown)
    except msgspec.ValidationError:
        pass
    raise ProtocolError(f"The server's frame is malformed: {reason}.") from reason
