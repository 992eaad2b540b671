"""Messages from the libav reader to the recorder over a pipe: a head of 14 bytes, then the content.

Head: kind (1 byte), key picture (1 byte), media time in ticks (8 bytes, signed), length of the content (4 bytes);
big-endian.
"""

import re
import struct
from dataclasses import dataclass
from enum import IntEnum

from rejent.formats.mp4.picture import Codec, ParameterSets
from rejent.streams.cameras.errors import ProtocolError
from rejent.streams.cameras.network.rtsp.assembly import MAX_PICTURE

_HEAD = struct.Struct(">BBqI")
_CODECS = list(Codec)
_MOST_SETS = 64


class Kind(IntEnum):
    """Kind of a message."""

    PARAMETERS = 1
    """Codec (1 byte), then what it was coded from, and parameter sets, each with a length of 2 bytes."""
    PICTURE = 2
    """A coded picture, its units with lengths of 4 bytes; a JPEG; or nothing, where what came is no picture."""
    UNTRUSTED = 4
    """Fingerprint of the certificate that the source shows instead of the agreed one; empty where it was not seen."""
    CAUSE = 3
    """Reason for the end of reading: a value of `rejent.streams.cameras.errors.CameraCause`."""


@dataclass(slots=True, frozen=True)
class PipeMessage:
    """One message."""

    kind: Kind
    key: bool
    time: int
    content: bytes


def encode(kind: Kind, content: bytes, *, key: bool = False, time: int = 0) -> bytes:
    """Encode a message."""
    return _HEAD.pack(kind, key, time, len(content)) + content


def encode_parameters(parameters: ParameterSets) -> bytes:
    """Encode the message that holds parameter sets."""
    parts = (parameters.coded_from.encode(), *parameters.sets)
    sets = b"".join(len(one).to_bytes(2, "big") + one for one in parts)
    return encode(Kind.PARAMETERS, bytes((_CODECS.index(parameters.codec),)) + sets)


def decode_messages(received: memoryview) -> tuple[list[PipeMessage], int]:
    """Return all whole messages at the beginning, and the bytes they took; ProtocolError where one is malformed."""
    messages, position = [], 0
    while position + _HEAD.size <= len(received):
        kind, key, time, length = _HEAD.unpack_from(received, position)
        if kind not in set(Kind) or length > MAX_PICTURE:
            raise ProtocolError("The reader of the source broke off.")
        stop = position + _HEAD.size + length
        if stop > len(received):
            break
        messages.append(
            PipeMessage(Kind(kind), bool(key), time, bytes(received[position + _HEAD.size : stop]))
        )
        position = stop
    return messages, position


def decode_parameters(content: bytes) -> ParameterSets:
    """Return the parameter sets of a message; ProtocolError where they are malformed."""
    sets: list[bytes] = []
    position = 1
    while position + 2 <= len(content) and len(sets) < _MOST_SETS:
        length = int.from_bytes(content[position : position + 2], "big")
        sets.append(content[position + 2 : position + 2 + length])
        position += 2 + length
    if position != len(content) or content[0] >= len(_CODECS) or not sets:
        raise ProtocolError("The reader of the source broke off.")
    coded_from = re.sub(r"[^a-z0-9_]", "", sets[0][:32].decode("ascii", "replace"))
    return ParameterSets(_CODECS[content[0]], tuple(sets[1:]), coded_from)
