"""Rows of a file as one short text: JSON, packed."""

import json
import zlib
from base64 import b64decode, b64encode
from typing import Any

BLOCK_ROWS = 200
"""Rows in one text: few enough to open one of them quickly."""
AHEAD = 1 << 20
"""Bytes one process may be ahead of the next: some of those texts."""


def as_json(rows: Any) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def pack(json_text: bytes) -> str:
    """Lone surrogates of broken files survive."""
    return b64encode(zlib.compress(json_text, 1)).decode("ascii")


def unpack(text: str) -> Any:
    """What ``as_json`` was given."""
    return json.loads(zlib.decompress(b64decode(text)).decode("utf-8", "surrogatepass"))
