"""Boxes of a fragmented MP4 with one video track (ISO/IEC 14496-12:2022; sample entries of ISO/IEC 14496-15)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from rejent.formats.mp4 import jpeg
from rejent.formats.mp4.avc import has_chroma_fields
from rejent.formats.mp4.parameters import SetKind, describe, sets_of_kind
from rejent.formats.mp4.picture import Codec, ParameterSets, PictureFormat

TIMESCALE = 90_000
"""Ticks a second, as in RTP's video clock, so that no timestamp is rounded."""

HIDDEN = b"free"
"""Kind of the box in which a file with one table of all samples hides the head of a fragment, for us to read."""

TRACK = 1
KEY_FLAGS = 0x0200_0000
"""``sample_depends_on = 2``: needs no other sample (§8.8.3.1)."""
OTHER_FLAGS = 0x0101_0000
"""``sample_depends_on = 1`` and ``sample_is_non_sync_sample``."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000)

RUN_OFFSET, RUN_FIRST_FLAGS, RUN_DURATION, RUN_SIZE, RUN_FLAGS, RUN_COMPOSITION = (
    0x001, 0x004, 0x100, 0x200, 0x400, 0x800,
)  # fmt: skip
FRAGMENT_HEAD = struct.Struct(">I4sI4sII I4s I4sII I4sIQ I4sI")
"""Size and type of ``moof``; ``mfhd``; ``traf``; ``tfhd``; ``tfdt`` version 1; size, type and flags of ``trun``."""
DECODE_TIME_OFFSET = 60
"""Offset of the 64 bits of ``tfdt`` from the beginning of ``moof``."""


@dataclass(frozen=True, slots=True)
class Run:
    """Samples of one fragment, in decoding order, as four lists of one length.

    Durations are ticks to the next decoding time; ``keys`` say whether decoding can start; ``compositions`` are presentation
    minus decoding times in ticks, empty where all are 0.
    """

    durations: Sequence[int]
    sizes: Sequence[int]
    keys: Sequence[bool]
    compositions: Sequence[int]


def fragment_head(sequence: int, decode_time: int, run: Run, length: int = 0) -> bytes:
    """Build ``moof`` and the head of ``mdat``, which the samples follow (§8.8.4 to §8.8.8, §8.8.12).

    ``sequence`` counts fragments from 1, ``decode_time`` is of the first sample in ticks; ``length`` pads the head to so many
    bytes, to replace a longer one in place.
    """
    count = len(run.sizes)
    flags = RUN_OFFSET | RUN_DURATION | RUN_SIZE
    columns: list[Sequence[int]] = [run.durations, run.sizes]
    first_flags = b""
    if True in run.keys[1:]:
        flags |= RUN_FLAGS
        columns.append([KEY_FLAGS if key else OTHER_FLAGS for key in run.keys])
    elif run.keys[0]:
        flags |= RUN_FIRST_FLAGS
        first_flags = KEY_FLAGS.to_bytes(4, "big")
    if run.compositions:
        flags |= RUN_COMPOSITION
        columns.append([offset & 0xFFFF_FFFF for offset in run.compositions])
    width = len(columns)
    table = [0] * (count * width)
    for place, column in enumerate(columns):
        table[place::width] = column
    run_size = 20 + len(first_flags) + 4 * len(table)
    track_size = 44 + run_size
    filler = length - (32 + track_size) if length else 0
    fragment_size = 24 + track_size + filler
    head = FRAGMENT_HEAD.pack(
        fragment_size, b"moof", 16, b"mfhd", 0, sequence & 0xFFFF_FFFF,
        track_size, b"traf", 16, b"tfhd", 0x02_0000, TRACK,
        20, b"tfdt", 0x0100_0000, decode_time, run_size, b"trun", 0x0100_0000 | flags,
    )  # fmt: skip
    return b"".join((
        head,
        struct.pack(">II", count, fragment_size + 8),
        first_flags,
        struct.pack(f">{len(table)}I", *table),
        box(b"free", bytes(filler - 8)) if filler else b"",
        struct.pack(">I4s", 8 + sum(run.sizes), b"mdat"),
    ))  # fmt: skip


def box(kind: bytes, *parts: bytes) -> bytes:
    """Build a box (§4.2)."""
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Build a box with version and flags (§4.2)."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def initialisation(parameters: ParameterSets, duration: int = 0, remark: str = "") -> bytes:
    """Build ``ftyp`` and ``moov`` for one video track at 90 kHz; no other track is ever declared.

    The parameter sets go into the sample entry; ``duration`` is in ticks, 0 if unknown (``mehd``); a ``remark`` is what players
    show as the file's comment. Raises ParameterSetError: the sets are incomplete or malformed.
    """
    picture = describe(parameters)
    brands = b"iso6" + struct.pack(">I", 1) + b"iso6cmfcmp41"
    length = full_box(b"mehd", 1, 0, struct.pack(">Q", duration)) if duration else b""
    defaults = full_box(b"trex", 0, 0, struct.pack(">5I", TRACK, 1, 0, 0, OTHER_FLAGS))
    tables = b"".join(full_box(kind, 0, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco"))
    sizes = full_box(b"stsz", 0, 0, bytes(8))
    track = _track(picture, parameters, tables + sizes)
    comment = _comment(remark) if remark else b""
    return box(b"ftyp", brands) + box(
        b"moov", _movie_header(), track, box(b"mvex", length, defaults), comment
    )


def flat_initialisation(
    parameters: ParameterSets, fragments: Sequence[tuple[int, Run]], shown: tuple[int, int]
) -> bytes:
    """Build ``ftyp`` and ``moov`` of a file with one table of all samples and an edit list (§8.6.6), so that players begin and end exactly.

    The samples of each fragment follow behind a box that hides its head, as far behind it as it is long; ``fragments`` are the lengths of
    these heads and their samples, the first decoded at tick 0; ``shown`` is from which tick to which it is shown. ffmpeg and what is made
    of it leave out what stands before an edit only in a file of this form, not in one of fragments. Raises ParameterSetError.
    """
    runs = [run for _, run in fragments]
    length = sum(sum(run.durations) for run in runs)
    edit = full_box(b"elst", 1, 0, struct.pack(">IQqHH", 1, shown[1] - shown[0], shown[0], 1, 0))
    picture = describe(parameters)
    brands = box(b"ftyp", b"iso6" + struct.pack(">I", 1) + b"iso6mp41")

    def built(first: int) -> bytes:
        offsets, at = [], first
        for head, run in fragments:
            offsets.append(at + head)
            at += head + sum(run.sizes)
        track = _track(
            picture,
            parameters,
            _sample_tables(runs, offsets),
            (length, shown[1] - shown[0]),
            box(b"edts", edit),
        )
        return brands + box(b"moov", _movie_header(shown[1] - shown[0]), track)

    return built(len(built(0)))


def _sample_tables(runs: Sequence[Run], offsets: Sequence[int]) -> bytes:
    """Build the tables of samples (§8.6.1, §8.7), a chunk a fragment."""
    durations = [duration for run in runs for duration in run.durations]
    keys = [number for number, key in enumerate((key for run in runs for key in run.keys), 1) if key]
    sizes = [size for run in runs for size in run.sizes]
    compositions = [
        offset & 0xFFFF_FFFF for run in runs for offset in (run.compositions or [0] * len(run.sizes))
    ]
    chunks = b"".join(struct.pack(">3I", number, len(run.sizes), 1) for number, run in enumerate(runs, 1))
    reordered = _counted_table(b"ctts", 1, compositions) if any(compositions) else b""
    return b"".join((
        _counted_table(b"stts", 0, durations),
        reordered,
        full_box(b"stss", 0, 0, struct.pack(f">{len(keys) + 1}I", len(keys), *keys)),
        full_box(b"stsz", 0, 0, struct.pack(f">{len(sizes) + 2}I", 0, len(sizes), *sizes)),
        full_box(b"stsc", 0, 0, struct.pack(">I", len(runs)), chunks),
        full_box(b"co64", 0, 0, struct.pack(f">I{len(offsets)}Q", len(offsets), *offsets)),
    ))  # fmt: skip


def _counted_table(kind: bytes, version: int, values: Sequence[int]) -> bytes:
    """Build a table in which equal neighbours stand once, with their count."""
    rows = [(len(list(equal)), value) for value, equal in groupby(values)]
    return full_box(
        kind,
        version,
        0,
        struct.pack(f">{2 * len(rows) + 1}I", len(rows), *(number for row in rows for number in row)),
    )


def _comment(text: str) -> bytes:
    """Build ``udta`` with a comment in the metadata form that players read (QuickTime File Format, "Metadata")."""
    written = box(b"data", struct.pack(">II", 1, 0), text.encode())
    handler = full_box(b"hdlr", 0, 0, struct.pack(">I4s4s8xx", 0, b"mdir", b"appl"))
    return box(b"udta", full_box(b"meta", 0, 0, handler, box(b"ilst", box(b"\xa9cmt", written))))


def _movie_header(length: int = 0) -> bytes:
    """Build ``mvhd`` (§8.2.2); creation times stay 0, because the catalogue keeps them."""
    times = struct.pack(">QQIQ", 0, 0, TIMESCALE, length)
    rest = struct.pack(">IHH8x", 0x10000, 0, 0) + _MATRIX + bytes(24)
    return full_box(b"mvhd", 1, 0, times, rest, struct.pack(">I", TRACK + 1))


def _track(
    picture: PictureFormat,
    parameters: ParameterSets,
    tables: bytes,
    lengths: tuple[int, int] = (0, 0),
    edits: bytes = b"",
) -> bytes:
    """Build ``trak``; ``lengths`` are ticks of all samples and of what is shown of them, 0 where fragments follow."""
    across, down = picture.aspect
    shown = struct.pack(">II", ((picture.width * across << 16) // down) & 0xFFFF_FFFF, picture.height << 16)
    header = full_box(b"tkhd", 1, 3, struct.pack(">QQIIQ16x", 0, 0, TRACK, 0, lengths[1]), _MATRIX, shown)
    media_header = full_box(b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, TIMESCALE, lengths[0], 0x55C4, 0))
    handler = full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide"), b"camera\x00")
    entry = full_box(b"stsd", 0, 0, struct.pack(">I", 1), sample_entry(picture, parameters))
    reference = full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1))
    information = box(
        b"minf", full_box(b"vmhd", 0, 1, bytes(8)), box(b"dinf", reference), box(b"stbl", entry, tables)
    )
    return box(b"trak", header, edits, box(b"mdia", media_header, handler, information))


def sample_entry(picture: PictureFormat, parameters: ParameterSets) -> bytes:
    """Build ``avc1``, ``hvc1`` or ``mp4v`` with its configuration record (ISO/IEC 14496-15 §5.4.2, §8.4.1; 14496-14 §5.6)."""
    visual = (
        struct.pack(">6xH16xHH", 1, picture.width, picture.height)
        + struct.pack(">III", 0x48_0000, 0x48_0000, 0)
        + struct.pack(">H32sHh", 1, b"", 24, -1)
    )
    if parameters.codec is Codec.JPEG:
        return box(b"mp4v", visual, box(b"esds", jpeg.descriptor(parameters.sets[0])))
    h264 = parameters.codec is Codec.H264
    record = avc_record(picture, parameters) if h264 else hevc_record(picture, parameters)
    aspect = b"" if picture.aspect == (1, 1) else box(b"pasp", struct.pack(">II", *picture.aspect))
    configuration = box(b"avcC" if h264 else b"hvcC", record)
    return box(b"avc1" if h264 else b"hvc1", visual, configuration, aspect)


def avc_record(picture: PictureFormat, parameters: ParameterSets) -> bytes:
    """Build ``AVCDecoderConfigurationRecord`` (ISO/IEC 14496-15 §5.3.3.1)."""
    sequences, pictures = (
        sets_of_kind(parameters, SetKind.SEQUENCE),
        sets_of_kind(parameters, SetKind.PICTURE),
    )
    parts = [b"\x01", picture.profile, b"\xff", bytes([0xE0 | min(len(sequences), 31)])]
    parts += [_counted(nal) for nal in sequences[:31]]
    parts += [bytes([len(pictures)]), *(_counted(nal) for nal in pictures)]
    if has_chroma_fields(picture.profile[0]):
        depths = (0xFC | picture.chroma, 0xF8 | (picture.luma_bits - 8), 0xF8 | (picture.chroma_bits - 8), 0)
        parts.append(bytes(depths))
    return b"".join(parts)


def hevc_record(picture: PictureFormat, parameters: ParameterSets) -> bytes:
    """Build ``HEVCDecoderConfigurationRecord`` (ISO/IEC 14496-15 §8.3.3.1)."""
    temporal = (picture.layers & 7) << 3 | picture.nested << 2 | 3
    fixed = (
        0xF0,
        0,
        0xFC,
        0xFC | picture.chroma,
        0xF8 | (picture.luma_bits - 8),
        0xF8 | (picture.chroma_bits - 8),
    )
    parts = [b"\x01", picture.profile, bytes((*fixed, 0, 0, temporal, len(SetKind)))]
    for kind, unit in ((SetKind.VIDEO, 32), (SetKind.SEQUENCE, 33), (SetKind.PICTURE, 34)):
        sets = sets_of_kind(parameters, kind)
        parts.append(struct.pack(">BH", 0x80 | unit, len(sets)))
        parts += [_counted(nal) for nal in sets]
    return b"".join(parts)


def _counted(nal: bytes) -> bytes:
    return len(nal).to_bytes(2, "big") + nal
