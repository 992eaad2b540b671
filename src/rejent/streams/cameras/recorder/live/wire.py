"""Messages between the recorder and the web process over the live socket.

Both directions carry messages of one form: 16 bytes of head, the source's id, the payload.

====== ===== ==============================================================================
offset bytes meaning (big-endian)
====== ===== ==============================================================================
0      4     bytes of the payload
4      1     kind, see `LiveKind`
5      1     1 for a fragment that begins with a key picture, else 0
6      2     bytes of the source's id in UTF-8
8      8     when the newest picture of the payload arrived, in microseconds since 1970 (UTC)
====== ===== ==============================================================================
"""

import json
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path

from rejent.kernel.errors import RejentError

HEAD = struct.Struct(">IBBHQ")
_LARGEST_PAYLOAD = 32 * 1024 * 1024
_LONGEST_ID = 200
_MOST_SOURCES = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LiveKind(IntEnum):
    """Kind of a message."""

    INITIALISATION = 1
    """``ftyp`` and ``moov``; the fragments that follow belong to it."""
    FRAGMENT = 2
    """``moof`` and ``mdat`` of a few pictures."""
    STATE = 3
    """JSON: ``state``, ``cause`` and ``since`` of the source."""
    SUBSCRIBE = 16
    """From the web process: JSON list of the ids of all sources it wants from now on."""


_KINDS = frozenset(map(int, LiveKind))


class LiveProtocolError(RejentError, code="capture.live"):
    """Data on the live socket is none of these messages."""


@dataclass(frozen=True, slots=True)
class LiveMessage:
    """One message of a source (empty id in a subscription); ``captured_at`` is the arrival of the payload's newest picture."""

    source_id: str
    kind: LiveKind
    payload: bytes
    captured_at: datetime
    key: bool = False


def message_head(
    source_id: str, kind: LiveKind, length: int, captured_at: datetime = _EPOCH, *, key: bool = False
) -> bytes:
    """Build head and source id of a message whose payload of ``length`` bytes follows."""
    name = source_id.encode()
    moment = (captured_at - _EPOCH) // timedelta(microseconds=1)
    return HEAD.pack(length, kind, key, len(name), moment) + name


def parse_message_head(head: bytes) -> tuple[int, LiveKind, bool, int, datetime]:
    """Return payload length, kind, key flag, id length and instant of a message; LiveProtocolError where it is malformed."""
    length, kind, key, name, moment = HEAD.unpack(head)
    if length > _LARGEST_PAYLOAD or name > _LONGEST_ID or kind not in _KINDS or moment >> 52:
        raise LiveProtocolError("The live connection carries something that is not live pictures.")
    return length, LiveKind(kind), bool(key), name, _EPOCH + timedelta(microseconds=moment)


def subscription(source_ids: Sequence[str]) -> bytes:
    """Build the message that subscribes to these sources and no others."""
    payload = json.dumps(list(source_ids)).encode()
    return message_head("", LiveKind.SUBSCRIBE, len(payload)) + payload


def parse_subscription(payload: bytes) -> frozenset[str]:
    """Return the sources of a subscription; LiveProtocolError where it is no list of ids."""
    try:
        listed = json.loads(payload)
    except ValueError:
        listed = None
    if (
        not isinstance(listed, list)
        or len(listed) > _MOST_SOURCES
        or not all(isinstance(i, str) for i in listed)
    ):
        raise LiveProtocolError("A subscription to live pictures is not a list of sources.")
    return frozenset(listed)


@contextmanager
def short_socket_path(path: Path) -> Iterator[str]:
    """Yield a name for a socket that fits into ``sun_path`` however deep its folder lies (unix(7): 108 bytes)."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
