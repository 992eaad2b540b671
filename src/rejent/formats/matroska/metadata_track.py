"""Blocks of the metadata track, by their first byte."""

import json
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from rejent.formats.errors import NoCallError
from rejent.formats.rtp.codecs import Codec

ROWS, MESSAGE_RECEIVED, MESSAGE_SENT, CONTROL, EVENT, MANIFEST = b"R", b"I", b"O", b"C", b"E", b"M"
NEGOTIATED, PAUSED, RESUMED = "negotiated", "paused", "resumed"
OBSERVED, UNCAPTURED, UNREAD = "observed", "uncaptured", "unread"
"""The leg is captured at a mirror port; frames were dropped from `at` to `until`; so were packets at the recorder's own port."""
_AT = struct.Struct(">Q")
_LEG_AT = struct.Struct(">BQ")


class Message(NamedTuple):
    """A SIP message as on the wire; ``at`` in ns since 1970."""

    at: int
    received: bool
    content: bytes


class Control(NamedTuple):
    """An RTCP datagram with a report; ``arrival`` in ns since 1970."""

    leg: int
    arrival: int
    datagram: bytes


class Event(NamedTuple):
    """A change of a leg by signalling, or a loss of ours.

    ``at`` and ``until`` in ns since 1970, ``codecs`` for `NEGOTIATED`, ``packets`` for `UNREAD`.
    """

    leg: int
    at: int
    kind: str
    codecs: dict[int, Codec]
    until: int = 0
    packets: int = 0


def message(content: bytes, at: int, *, received: bool) -> bytes:
    """Encode a SIP message."""
    return (MESSAGE_RECEIVED if received else MESSAGE_SENT) + _AT.pack(at) + content


def control(datagram: bytes, leg: int, arrival: int) -> bytes:
    """Encode an RTCP datagram."""
    return CONTROL + _LEG_AT.pack(leg, arrival) + datagram


def event(
    leg: int,
    at: int,
    kind: str,
    codecs: Mapping[int, Codec] | None = None,
    *,
    until: int = 0,
    packets: int = 0,
) -> bytes:
    """Encode an event."""
    negotiated = {
        str(number): [codec.name, codec.clock_rate, codec.channels, codec.parameters]
        for number, codec in (codecs or {}).items()
    }
    fields: dict[str, object] = {"leg": leg, "at": at, "kind": kind, "codecs": negotiated}
    spanned = {"until": until} if until else {}
    counted = {"packets": packets} if packets else {}
    return EVENT + json.dumps(fields | spanned | counted).encode()


def read_message(piece: bytes) -> Message:
    """Decode a SIP message. Raises NoCallError."""
    if len(piece) < 1 + _AT.size:
        raise NoCallError
    (at,) = _AT.unpack_from(piece, 1)
    return Message(at, piece[:1] == MESSAGE_RECEIVED, piece[1 + _AT.size :])


def read_control(piece: bytes) -> Control:
    """Decode an RTCP datagram. Raises NoCallError."""
    if len(piece) < 1 + _LEG_AT.size:
        raise NoCallError
    leg, arrival = _LEG_AT.unpack_from(piece, 1)
    return Control(leg, arrival, piece[1 + _LEG_AT.size :])


def read_event(piece: bytes) -> Event:
    """Decode an event. Raises NoCallError."""
    fields = read_facts(piece)
    try:
        codecs = {int(number): Codec(*codec) for number, codec in fields["codecs"].items()}
        until, packets = int(fields.get("until", 0)), int(fields.get("packets", 0))
        return Event(int(fields["leg"]), int(fields["at"]), str(fields["kind"]), codecs, until, packets)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise NoCallError from None


def read_facts(piece: bytes) -> dict[str, Any]:
    """Return what a piece of JSON states: an event, or the manifest. Raises NoCallError: a recorder wrote something else."""
    try:
        facts = json.loads(piece[1:])
    except (ValueError, RecursionError):
        raise NoCallError from None
    if not isinstance(facts, dict):
        raise NoCallError
    return facts
