"""Bytes to frames and back, strictly.

Owns what counts as acceptable JSON from a client: RFC 8259 with no NaN or Infinity, no
duplicate keys, no lone surrogates or NUL, integers within ±(2^53-1), bounded depth, and no
unknown fields. Must not know what a frame means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import msgspec

from ..errors import Invalid, ProtocolError
from .commands import COMMAND_TYPES, ClientCommand
from .entries import Entry
from .frames import ClientFrame, ServerFrame
from .ids import ULID_PATTERN, CommandId

__all__ = [
    "InvalidCommand",
    "decode_client",
    "decode_command",
    "encode",
    "encode_entry",
]

_ULID = re.compile(ULID_PATTERN)
_client: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_command: msgspec.json.Decoder[ClientCommand] = msgspec.json.Decoder(ClientCommand)
_encoder = msgspec.json.Encoder()


class InvalidCommand(Invalid):
    """A command with a usable `command_id` but wrong fields: refused, the socket stays."""

    def __init__(self, message: str, command_id: CommandId) -> None:
        super().__init__(message, code="malformed")
        self.command_id = command_id


def encode(frame: ServerFrame) -> bytes:
    """Encodes a server frame as UTF-8 JSON."""
    return _encoder.encode(frame)


def encode_entry(entry: Entry) -> bytes:
    """Encodes one entry as UTF-8 JSON."""
    return _encoder.encode(entry)


def decode_client(data: str | bytes, *, max_depth: int) -> ClientFrame:
    """Decodes one frame from a client.

    Raises:
        InvalidCommand: a command that can be answered by its id.
        ProtocolError: anything else that is not a well-formed client frame.
    """
    _check_json(data, max_depth)
    try:
        return _client.decode(data)
    except (msgspec.DecodeError, UnicodeError) as exc:
        _refuse(data, exc)


def decode_command(data: str | bytes, *, max_depth: int) -> ClientCommand:
    """Decodes one command, as `decode_client` does, but accepts no other frame."""
    _check_json(data, max_depth)
    try:
        return _command.decode(data)
    except (msgspec.DecodeError, UnicodeError) as exc:
        _refuse(data, exc)


def _check_json(data: str | bytes, max_depth: int) -> None:
    """Refuses what `msgspec` lets pass: duplicate keys, NUL, deep nesting, lone surrogates."""
    try:
        text = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as exc:
        raise ProtocolError("The frame is not valid UTF-8.") from exc
    try:
        value = _strict.decode(text)
    except (ValueError, RecursionError) as exc:
        raise ProtocolError("The frame is not strict JSON.") from exc
    if not isinstance(value, dict):
        raise ProtocolError("The frame is not a JSON object.")
    if text.count("[") + text.count("{") > max_depth and _is_deeper(value, max_depth):
        raise ProtocolError(f"The frame nests deeper than {max_depth} levels.")
    if "\\u" in text:  # only an escape can smuggle these in
        for string in _strings(value):
            if "\x00" in string or any("\ud800" <= char <= "\udfff" for char in string):
                raise ProtocolError("The frame contains a NUL character or a lone surrogate.")


def _is_deeper(value: Any, most: int) -> bool:
    """Says whether `value` nests deeper than `most` levels, itself being the first.

    On what is parsed, level by level: a pattern that skips strings in the text takes
    quadratic time on hostile ones, and recursion has a limit of its own.
    """
    level = [value]
    for _ in range(most):
        level = [item for outer in level for item in _items(outer) if isinstance(item, dict | list)]
        if not level:
            return False
    return True


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _strings(item)
        case dict():
            for key, item in value.items():
                yield key
                yield from _strings(item)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_strict = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def _refuse(data: str | bytes, exc: Exception) -> NoReturn:
    """Names the wrong field; answers by command id where there is a usable one."""
    frame = json.loads(data)
    kind, command_id = frame.get("type"), frame.get("command_id")
    reason = f"The frame is malformed: {str(exc)[:200]}."
    is_command = isinstance(kind, str) and kind in COMMAND_TYPES
    if is_command and isinstance(command_id, str) and _ULID.fullmatch(command_id):
        raise InvalidCommand(reason, CommandId(command_id)) from exc
    raise ProtocolError(reason) from exc
