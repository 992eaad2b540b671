"""The ONVIF Export File Format: an MP4 file that says which camera it is of, when it began, and who exported it, under a seal.

Source: ONVIF Export File Format Specification, sections "Required Side Information", "Timing" and "Signature". All of it stands in one
`meta` box after the file's own bytes, which stay as they are; players that do not know it pass over it.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from rejent.formats.mp4.boxes import box, full_box

TRACK = 1
_SINCE_1904 = datetime(1904, 1, 1, tzinfo=UTC)
_SINCE_1601 = datetime(1601, 1, 1, tzinfo=UTC)
_HANDLER = full_box(b"hdlr", 0, 0, bytes(4), b"null", bytes(12), b"\0")
"""ISO/IEC 14496-12 §8.4.3: the file's `meta` has no format of its own."""
_SCHEME = full_box(b"schm", 0, 0, b"oeff", struct.pack(">I", 0x00010000))


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What an exported file says of itself; ``start`` is the instant at which players begin, ``operator`` may be empty."""

    unit: str
    operator: str
    at: datetime
    source: str
    start: datetime


@dataclass(frozen=True, slots=True)
class ExportSigner:
    """Signs SHA-256 digests of exported files, ``size`` bytes each.

    By RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 20 bytes.
    """

    certificate: bytes
    size: int
    sign: Callable[[bytes], bytes]


def exported(
    content: Iterable[bytes], facts: ExportFacts, signer: ExportSigner | None = None
) -> Iterator[bytes]:
    """Yield an MP4 file piece by piece, then the box that makes it an exported one, sealed over all bytes if there is a signer."""
    digest = sha256()
    for piece in content:
        digest.update(piece)
        yield piece
    if signer is None:
        yield _meta(facts, b"")
        return
    digest.update(_meta(facts, _protection(signer, bytes(signer.size))))
    yield _meta(facts, _protection(signer, signer.sign(digest.digest())))


def _meta(facts: ExportFacts, protection: bytes) -> bytes:
    start_times = box(b"cstb", struct.pack(">IIQ", 1, TRACK, _hundred_ns(facts.start)))
    return full_box(b"meta", 0, 0, _HANDLER, _statement(facts), start_times, protection)


def _statement(facts: ExportFacts) -> bytes:
    """Build the box `suep`, version 1: addresses of unit and camera are left out."""
    seconds = int((facts.at - _SINCE_1904).total_seconds())
    unit = _text(facts.unit) + _text("") + _text("") + struct.pack(">Q", seconds) + _text(facts.operator)
    track = struct.pack(">IH", 1, TRACK) + _text(facts.source) + _text("") + _text("") + _text("")
    return full_box(b"suep", 1, 0, unit, track)


def _protection(signer: ExportSigner, signature: bytes) -> bytes:
    information = box(b"schi", box(b"sibo", signature), box(b"cert", signer.certificate))
    return full_box(b"ipro", 0, 0, struct.pack(">H", 1), box(b"sinf", _SCHEME, information))


def _text(text: str) -> bytes:
    return text.replace("\0", "").encode() + b"\0"


def _hundred_ns(instant: datetime) -> int:
    passed = instant - _SINCE_1601
    return (passed.days * 86_400 + passed.seconds) * 10_000_000 + passed.microseconds * 10
