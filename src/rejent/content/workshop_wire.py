"""Messages between the web process and a child of the workshop, over the child's standard input and output.

A message is four bytes of length (big-endian) of a JSON object, four bytes of length of the content, the object, the
content. Each order gets one answer: ``{"ok": true}`` with content, or ``{"ok": false}``.
"""

import json
import struct
from typing import Any

HEAD = struct.Struct(">II")
LARGEST = 1 << 29
"""Bytes of content that either side takes."""


def packed(message: dict[str, Any], content: bytes = b"") -> bytes:
    """Return a message."""
    return packed_head(message, len(content)) + content


def packed_head(message: dict[str, Any], length: int) -> bytes:
    """Return what precedes so many bytes of content."""
    text = json.dumps(message).encode()
    return HEAD.pack(len(text), length) + text
