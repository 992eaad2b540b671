"""Message bodies: session description and metadata, together or alone (RFC 7866 §9.1, RFC 2046 §5.1).

Lenient: a part with a wrong boundary, type or end is recognised by its content, and the deviation recorded.
"""

import re
from dataclasses import dataclass, field

from rejent.streams.calls.network.sip.header_values import read_parameters
from rejent.streams.calls.network.sip.message import Headers

MAX_PARTS = 16
MAX_PART_FIELDS = 64

SDP = "application/sdp"
METADATA = "application/rs-metadata+xml"
"""The type of RFC 9806 §2; `METADATA_TYPES` are accepted as well."""
METADATA_TYPES = frozenset({METADATA, "application/rs-metadata"})
ACCEPTED_TYPES = (SDP, METADATA, "application/rs-metadata", "multipart/mixed")

_LINE_FEED = 0x0A
_FIRST_BOUNDARY = re.compile(rb"(?:\A|\n)--([^ \t\r\n][^\r\n]{0,199})\r?\n")
"""Includes trailing blanks: searching for their start would backtrack."""


@dataclass(slots=True, frozen=True)
class Part:
    """One part of a body, or a whole single-part body.

    A receiver that does not understand a ``required`` one must reject the message (RFC 3261 §20.11).
    """

    media_type: str
    disposition: str
    required: bool
    content: bytes


@dataclass(slots=True, frozen=True)
class Bodies:
    """The parts of a message: vendors put call data into ``others``; ``not_understood`` are required types that are unknown here."""

    description: bytes | None = None
    metadata: bytes | None = None
    others: tuple[Part, ...] = ()
    not_understood: tuple[str, ...] = ()
    deviations: tuple[str, ...] = field(default=())


def read_bodies(headers: Headers, body: bytes) -> Bodies:
    """Return the parts of a message's body; never fails, unparsable parts are among `others`."""
    if not body.strip():
        return Bodies()
    media_type, parameters = _media_type(headers.get("Content-Type") or "")
    deviations: list[str] = []
    if media_type.startswith("multipart/"):
        parts = _split(body, parameters.get("boundary") or "", deviations)
    else:
        parts = [_part(media_type, headers.get("Content-Disposition"), body)]
    return _sort(parts, deviations)


def _media_type(written: str) -> tuple[str, dict[str, str | None]]:
    name, _, rest = written.partition(";")
    return name.strip().lower(), read_parameters(rest)


def _part(media_type: str, disposition: str | None, content: bytes) -> Part:
    name, parameters = _media_type(disposition or "")
    handling = (parameters.get("handling") or "").lower()
    return Part(media_type, name, handling != "optional", content)


def _split(body: bytes, boundary: str, deviations: list[str]) -> list[Part]:
    marker = b"--" + boundary.strip().encode("utf-8", "surrogateescape")
    if not boundary.strip() or marker not in body:
        found = _FIRST_BOUNDARY.search(body)
        deviations.append("boundary-missing")
        if found is None:
            return [_part("", None, body)]
        marker = b"--" + found[1].rstrip(b" \t")
    parts: list[Part] = []
    closed = False
    for piece in _pieces(body, marker)[1:]:
        if piece.startswith(b"--"):
            closed = True
            break
        parts.append(_read_part(piece))
    if not closed:
        deviations.append("boundary-not-closed")
    return parts[:MAX_PARTS]


def _pieces(body: bytes, marker: bytes) -> list[bytes]:
    """Split a body at its boundary lines, without a pattern: each caller has another boundary, and compiling costs more than answering."""
    pieces: list[bytes] = []
    begin, place = 0, body.find(marker)
    while place >= 0 and len(pieces) <= MAX_PARTS:
        end, line = place + len(marker), place
        while line > begin and body[line - 1] in b" \t":
            line -= 1
        alone = end == len(body) or body[end] in b" \t\r\n" or body.startswith(b"--", end)
        if alone and (line == 0 or (line > begin and body[line - 1] == _LINE_FEED)):
            pieces.append(body[begin:line].removesuffix(b"\n").removesuffix(b"\r"))
            begin = end
        line_end = body.find(b"\n", end)
        place = body.find(marker, line_end) if line_end >= 0 else -1
    return [*pieces, body[begin:]]


def _read_part(piece: bytes) -> Part:
    text = re.sub(rb"\A[ \t]*\r?\n", b"", piece)
    head, content = b"", text.lstrip()
    found = re.search(rb"(?:\A|\r?\n)\r?\n", text)
    if found is not None and not text.lstrip().startswith((b"v=", b"<")):
        head, content = text[: found.start()], text[found.end() :]
    fields: list[tuple[str, str]] = []
    for line in re.sub(rb"\r?\n[ \t]+", b" ", head).split(b"\n", MAX_PART_FIELDS)[:MAX_PART_FIELDS]:
        name, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
        if colon and name.strip():
            fields.append((name.strip(), value.strip()))
    headers = Headers(fields)
    media_type, _ = _media_type(headers.get("Content-Type") or "")
    return _part(media_type, headers.get("Content-Disposition"), content)


def _sort(parts: list[Part], deviations: list[str]) -> Bodies:
    description = metadata = None
    others: list[Part] = []
    for part in parts:
        kind = _kind(part, deviations)
        if kind == SDP and description is None:
            description = part.content
        elif kind == METADATA and metadata is None:
            metadata = part.content
            if part.disposition != "recording-session":
                deviations.append("metadata-disposition")
        else:
            others.append(part)
    unknown = tuple(part.media_type for part in others if part.required and part.disposition == "session")
    return Bodies(description, metadata, tuple(others), unknown, tuple(dict.fromkeys(deviations)))


def _kind(part: Part, deviations: list[str]) -> str:
    if part.media_type == SDP:
        return SDP
    if part.media_type in METADATA_TYPES:
        return METADATA
    start = part.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:4096]
    if part.media_type in {"", "text/plain", "application/octet-stream"} and start.startswith(b"v=0"):
        deviations.append("description-type")
        return SDP
    looks = part.disposition == "recording-session" or re.search(
        rb"<(?:[\w.\-]{1,64}:)?recording[\s>_]", start
    )
    if looks and start.startswith(b"<") and not start.startswith(b"<html"):
        deviations.append("metadata-type")
        return METADATA
    return part.media_type
