"""What stands beside the sound in an object of a call: pieces of the marginal track, each told by its first byte."""

import json
import struct
from collections.abc import Mapping
from typing import NamedTuple

from rejent.formats.rtp.codecs import Codec

ROWS, MESSAGE_IN, MESSAGE_OUT, CONTROL, EVENT, MANIFEST = b"R", b"I", b"O", b"C", b"E", b"M"
NEGOTIATED, PAUSED, RESUMED = "negotiated", "paused", "resumed"
OBSERVED, UNCAPTURED = "observed", "uncaptured"
"""That a leg is seen at a mirror port only, and that there was no room for some frames of it from `at` to `until`."""
_AT = struct.Struct(">Q")
_LEG_AT = struct.Struct(">BQ")


class Message(NamedTuple):
    """A SIP message as it was on the wire; ``at`` in ns since 1970."""

    at: int
    received: bool
    content: bytes


class Control(NamedTuple):
    """An RTCP datagram with a report; ``arrival`` in ns since 1970."""

    leg: int
    arrival: int
    datagram: bytes


class Event(NamedTuple):
    """What signalling settled for a leg; ``at`` and ``until`` in ns since 1970, ``codecs`` where it is `NEGOTIATED`."""

    leg: int
    at: int
    kind: str
    codecs: dict[int, Codec]
    until: int = 0


def message(content: bytes, at: int, *, received: bool) -> bytes:
    """The piece of a SIP message."""
    return (MESSAGE_IN if received else MESSAGE_OUT) + _AT.pack(at) + content


def control(datagram: bytes, leg: int, arrival: int) -> bytes:
    """The piece of an RTCP datagram."""
    return CONTROL + _LEG_AT.pack(leg, arrival) + datagram


def event(leg: int, at: int, kind: str, codecs: Mapping[int, Codec] | None = None, until: int = 0) -> bytes:
    """The piece of what signalling settled."""
    negotiated = {
        str(number): [codec.name, codec.clock_rate, codec.channels, codec.parameters]
        for number, codec in (codecs or {}).items()
    }
    told: dict[str, object] = {"leg": leg, "at": at, "kind": kind, "codecs": negotiated}
    return EVENT + json.dumps(told | ({"until": until} if until else {})).encode()


def read_message(piece: bytes) -> Message:
    """The SIP message of a piece."""
    (at,) = _AT.unpack_from(piece, 1)
    return Message(at, piece[:1] == MESSAGE_IN, piece[1 + _AT.size :])


def read_control(piece: bytes) -> Control:
    """The RTCP datagram of a piece."""
    leg, arrival = _LEG_AT.unpack_from(piece, 1)
    return Control(leg, arrival, piece[1 + _LEG_AT.size :])


def read_event(piece: bytes) -> Event:
    """What signalling settled, out of its piece."""
    told = json.loads(piece[1:])
    codecs = {int(number): Codec(*codec) for number, codec in told["codecs"].items()}
    return Event(told["leg"], told["at"], told["kind"], codecs, told.get("until", 0))
