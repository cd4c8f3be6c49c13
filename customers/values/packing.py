"""Rows of a file as one short text: JSON, packed."""

import json
import zlib
from base64 import b64decode, b64encode
from typing import Any

import orjson

BLOCK_ROWS = 200
"""Rows in one text: few enough to open one of them quickly."""
AHEAD = 1 << 20
"""Bytes one process may be ahead of the next: some of those texts."""


def as_json(value: Any) -> bytes:
    """Lone surrogates of broken files survive; no line is broken."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def from_json(text: bytes) -> Any:
    """What ``as_json`` was given."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text.decode("utf-8", "surrogatepass"))


def pack(json_text: bytes) -> str:
    """``json_text`` as ``as_json`` gives it."""
    return b64encode(zlib.compress(json_text, 1)).decode("ascii")


def unpack(text: str) -> Any:
    """What ``as_json`` was given."""
    return from_json(zlib.decompress(b64decode(text)))
