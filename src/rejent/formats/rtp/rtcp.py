"""RTCP (RFC 3550 §6): sender and receiver reports, and picture loss indications (RFC 4585 §6.3.1)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

NTP_TO_UNIX = 2_208_988_800
"""Seconds from 1900 to 1970."""
_SENDER_REPORT, _RECEIVER_REPORT, _BYE = 200, 201, 203
_BLOCK = struct.Struct(">IIIIII")


@dataclass(slots=True, frozen=True)
class SenderReport:
    """A sender's wall clock (seconds since 1970) and its RTP timestamp then; ``middle`` is of the NTP timestamp, 32 bits."""

    ssrc: int
    wall: float
    timestamp: int
    middle: int


@dataclass(slots=True, frozen=True)
class ReceptionBlock:
    """A report block about one sender."""

    ssrc: int
    fraction_lost: int
    cumulative_lost: int
    highest_sequence: int
    jitter: int
    last_report: int
    since_last_report: int


def _parts(packet: bytes | memoryview) -> Iterator[tuple[int, int, int, int]]:
    """Yield begin, end, type and count of each part of a compound packet, up to the first malformed one."""
    position = 0
    while position + 4 <= len(packet):
        first, kind, words = struct.unpack_from(">BBH", packet, position)
        end = position + 4 + words * 4
        if first >> 6 != 2 or end > len(packet):
            return
        yield position, end, kind, first & 0x1F
        position = end


def compound_length(packet: bytes | memoryview) -> int:
    """Return the octets of a compound packet, without trailing ones."""
    return max((end for _, end, _, _ in _parts(packet)), default=0)


def read_compound(packet: bytes | memoryview) -> tuple[SenderReport | None, bool]:
    """Return the sender report of a compound packet, if any, and if it contains BYE."""
    report, leaving = None, False
    for begin, end, kind, _ in _parts(packet):
        if kind == _SENDER_REPORT and end - begin >= 28:
            report = _sender_report(packet, begin) or report
        leaving = leaving or kind == _BYE
    return report, leaving


def _sender_report(packet: bytes | memoryview, position: int) -> SenderReport | None:
    ssrc, seconds, fraction, timestamp = struct.unpack_from(">IIII", packet, position + 4)
    if not seconds:
        return None
    era = 2**32 if seconds < 2**31 else 0
    wall = seconds + era - NTP_TO_UNIX + fraction / 2**32
    return SenderReport(ssrc, wall, timestamp, (seconds & 0xFFFF) << 16 | fraction >> 16)


def read_blocks(packet: bytes | memoryview) -> list[ReceptionBlock]:
    """Return the report blocks of a compound packet."""
    found: list[ReceptionBlock] = []
    for position, end, kind, count in _parts(packet):
        begin = position + {_SENDER_REPORT: 28, _RECEIVER_REPORT: 8}.get(kind, end)
        last = min(begin + count * _BLOCK.size, end) - _BLOCK.size
        found += [_reception_block(packet, at) for at in range(begin, last + 1, _BLOCK.size)]
    return found


def _reception_block(packet: bytes | memoryview, at: int) -> ReceptionBlock:
    ssrc, lost, highest, jitter, report, since = _BLOCK.unpack_from(packet, at)
    cumulative = (lost & 0xFFFFFF ^ 0x800000) - 0x800000
    return ReceptionBlock(ssrc, lost >> 24, cumulative, highest, jitter, report, since)


def receiver_report(own: int, block: ReceptionBlock | None) -> bytes:
    """Return a receiver report with SDES (RFC 3550 §6.4.2, §6.5); without a block before the first packet."""
    count = 0 if block is None else 1
    report = struct.pack(">BBHI", 0x80 | count, 201, 1 + 6 * count, own)
    if block is not None:
        lost = max(-0x800000, min(block.cumulative_lost, 0x7FFFFF)) & 0xFFFFFF
        report += _BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | lost,
            block.highest_sequence & 0xFFFFFFFF,
            block.jitter,
            block.last_report,
            block.since_last_report,
        )
    name = b"rejent"
    item = struct.pack(">IBB", own, 1, len(name)) + name
    item += bytes(4 - len(item) % 4)
    return report + struct.pack(">BBH", 0x81, 202, len(item) // 4) + item


def key_frame_request(own: int, ssrc: int) -> bytes:
    """Return a picture loss indication (RFC 4585 §6.3.1)."""
    return struct.pack(">BBHII", 0x81, 206, 2, own, ssrc)
