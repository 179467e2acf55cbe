"""Bytes to frames and back, strictly.

Owns what counts as acceptable JSON from a client: RFC 8259 with no NaN or Infinity, no
duplicate keys, no lone surrogates or NUL, integers within ±(2^53-1), bounded depth, and no
unknown fields. Must not know what a frame means. Invariant: only a frame of the right shape,
which is flat and has few keys, is looked at in Python; what is wrong costs little.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from ..errors import Invalid, ProtocolError
from .commands import COMMAND_TYPES, ClientCommand
from .entries import Entry
from .frames import ClientFrame
from .ids import CommandId, WireCommandId

__all__ = [
    "InvalidCommand",
    "decode_client",
    "decode_command",
    "decode_entry",
    "encode",
    "encode_entry",
]


class _Head(msgspec.Struct):
    """What a wrong command is answered by."""

    type: str
    command_id: WireCommandId


_Frame = TypeVar("_Frame")
# A backslash that is itself escaped escapes nothing.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_client: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_command: msgspec.json.Decoder[ClientCommand] = msgspec.json.Decoder(ClientCommand)
_entry: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)
_head = msgspec.json.Decoder(_Head)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder = msgspec.json.Encoder()


class InvalidCommand(Invalid):
    """A command with a usable `command_id` but wrong fields: refused, the socket stays."""

    def __init__(self, message: str, command_id: CommandId) -> None:
        super().__init__(message, code="malformed")
        self.command_id = command_id


def encode(frame: object) -> bytes:
    """Encodes a server frame, or a part of one, as UTF-8 JSON."""
    return _encoder.encode(frame)


def encode_entry(entry: Entry) -> bytes:
    """Encodes one entry as UTF-8 JSON."""
    return _encoder.encode(entry)


def decode_entry(data: bytes | msgspec.Raw) -> Entry:
    """Decodes what `encode_entry` made."""
    return _entry.decode(data)


def decode_client(data: str | bytes, *, max_depth: int) -> ClientFrame:
    """Decodes one frame from a client.

    Raises:
        InvalidCommand: a command that can be answered by its id.
        ProtocolError: anything else that is not a well-formed client frame.
    """
    return _decode(_client, data, max_depth)


def decode_command(data: str | bytes, *, max_depth: int) -> ClientCommand:
    """Decodes one command, as `decode_client` does, but accepts no other frame."""
    return _decode(_command, data, max_depth)


def _decode(decoder: msgspec.json.Decoder[_Frame], data: str | bytes, max_depth: int) -> _Frame:
    try:
        text = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as exc:
        raise ProtocolError("The frame is not valid UTF-8.") from exc
    if "\\u0000" in text and _NUL.search(text):  # only an escape can smuggle one in
        raise ProtocolError("The frame contains a NUL character.")
    try:
        frame = decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        _refuse(text, max_depth, exc)
    try:
        _unique_keys.decode(text)
    except ValueError as exc:
        raise ProtocolError("The frame is not strict JSON.") from exc
    return frame


def _refuse(text: str, max_depth: int, exc: Exception) -> NoReturn:
    """Names the wrong field; answers by command id where there is a usable one."""
    reason = f"The frame is malformed: {str(exc)[:200]}."
    try:
        head = _head.decode(text)
        is_deep = text.count("[") + text.count("{") > max_depth and _is_deep(text, max_depth)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ProtocolError(reason) from exc
    if is_deep or head.type not in COMMAND_TYPES:
        raise ProtocolError(reason) from exc
    raise InvalidCommand(reason, CommandId(head.command_id)) from exc


def _is_deep(text: str, most: int) -> bool:
    """Says whether a frame has more lists and objects than levels are allowed.

    A right frame has none inside, so they are counted and not measured; those in a field
    that is text are none.
    """
    values = map(bytes, _fields.decode(text).values())
    return 1 + sum(v.count(b"[") + v.count(b"{") for v in values if v[:1] in b"[{") > most


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("duplicate key")


_unique_keys = json.JSONDecoder(object_pairs_hook=_unique)
