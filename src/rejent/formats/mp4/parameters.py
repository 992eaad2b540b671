"""Parameter sets of a stream: recognising, describing, collecting and replacing them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import IntEnum

from rejent.formats.errors import ParameterSetError
from rejent.formats.mp4 import avc, hevc, jpeg
from rejent.formats.mp4.picture import Codec, ParameterSets, PictureFormat

_MOST_SETS = 64
"""Parameter sets a stream may have; H.264 allows 288, cameras send two to four."""
_MOST_BYTES = 32 * 1024
"""Bytes of all parameter sets together; more would not fit the initialisation a reader accepts."""


class SetKind(IntEnum):
    """Kinds of parameter set, in the order in which decoders need them."""

    VIDEO = 0
    SEQUENCE = 1
    PICTURE = 2


_KINDS = {
    Codec.H264: {7: SetKind.SEQUENCE, 8: SetKind.PICTURE},
    Codec.H265: {32: SetKind.VIDEO, 33: SetKind.SEQUENCE, 34: SetKind.PICTURE},
}
START_CODE = b"\0\0\1"
"""What parts units in a byte stream (H.264 and H.265, annex B); a fourth byte before it is a zero that belongs to neither."""
_FIRST_SLICE = {Codec.H264: frozenset(range(1, 6)), Codec.H265: frozenset(range(32))}


def unit_type(codec: Codec, nal: bytes | memoryview) -> int:
    """Return ``nal_unit_type`` (H.264 §7.3.1, H.265 §7.3.1.2); -1 for an empty unit."""
    if len(nal) == 0:
        return -1
    return nal[0] & 0x1F if codec is Codec.H264 else (nal[0] >> 1) & 0x3F


def set_kind(codec: Codec, nal: bytes | memoryview) -> SetKind | None:
    """Return the kind of parameter set that a NAL unit is, `None` for any other unit."""
    return _KINDS[codec].get(unit_type(codec, nal))


def sets_of_kind(parameters: ParameterSets, kind: SetKind) -> tuple[bytes, ...]:
    """Return the sets of one kind, in received order."""
    return tuple(nal for nal in parameters.sets if set_kind(parameters.codec, nal) is kind)


def describe(parameters: ParameterSets) -> PictureFormat:
    """Parse the first sequence parameter set. Raises ParameterSetError: a needed set is missing, truncated or impossible."""
    if parameters.codec is Codec.JPEG:
        return jpeg.parse_frame_header(parameters.sets[0] if parameters.sets else b"")
    if len(parameters.sets) > _MOST_SETS:
        raise ParameterSetError(
            "A stream with {count} parameter sets is refused.", count=len(parameters.sets)
        )
    if (length := sum(map(len, parameters.sets))) > _MOST_BYTES:
        raise ParameterSetError("A stream with {length} bytes of parameter sets is refused.", length=length)
    for kind in SetKind:
        needed = kind is not SetKind.VIDEO or parameters.codec is Codec.H265
        if needed and not sets_of_kind(parameters, kind):
            raise ParameterSetError(
                "The stream has no {kind} parameter set yet.",
                kind=kind.name.lower(),
                advice="Cameras send it with each key picture or in the answer to DESCRIBE.",
            )
    sps = sets_of_kind(parameters, SetKind.SEQUENCE)[0]
    return avc.parse_sps(sps) if parameters.codec is Codec.H264 else hevc.parse_sps(sps)


def nal_units(data: bytes) -> Iterator[memoryview]:
    """Yield the NAL units of an access unit's ``data``. Raises ParameterSetError: a length that reaches past the end."""
    view, position = memoryview(data), 0
    while position < len(view):
        length = int.from_bytes(view[position : position + 4], "big")
        position += 4
        if position + length > len(view):
            raise ParameterSetError("A NAL unit reaches past the end of its picture.")
        yield view[position : position + length]
        position += length


def annex_b_units(stream: bytes) -> tuple[bytes, ...]:
    """Return the NAL units between start codes (H.264 and H.265, annex B), as encoders and transport streams yield them."""
    units = (part.rstrip(b"\0") for part in stream.split(START_CODE)[1:])
    return tuple(unit for unit in units if unit)


def length_prefixed(units: Iterable[bytes]) -> bytes:
    """Join units in the form of access units: each with a length of 4 bytes, big-endian."""
    return b"".join(part for unit in units for part in (len(unit).to_bytes(4, "big"), unit))


def in_band(codec: Codec, data: bytes) -> tuple[bytes, ...]:
    """Return the parameter sets before the first slice of an access unit. Raises ParameterSetError: it is malformed."""
    if codec is Codec.JPEG:
        return (jpeg.frame_header(data),)
    found: list[bytes] = []
    slices = _FIRST_SLICE[codec]
    for nal in nal_units(data):
        if set_kind(codec, nal) is not None:
            found.append(bytes(nal))
        elif unit_type(codec, nal) in slices:
            break
    return tuple(found)


def updated_parameters(current: ParameterSets, data: bytes) -> ParameterSets | None:
    """Return the sets in force from this access unit on, `None` if it carries none that differ; cheap without a change.

    A set replaces the one of its kind and number; a new segment starts where it returns sets.
    """
    fresh = [nal for nal in in_band(current.codec, data) if nal not in current.sets]
    if not fresh:
        return None
    if current.codec is Codec.JPEG:
        return replace(current, sets=tuple(fresh))
    return with_replaced_sets(current, fresh)


def with_replaced_sets(current: ParameterSets, fresh: list[bytes]) -> ParameterSets:
    """Return ``current`` with the ``fresh`` sets in the places of their kind and number."""
    places = {_place(current.codec, nal): nal for nal in current.sets}
    places.update({_place(current.codec, nal): nal for nal in fresh})
    return replace(current, sets=tuple(places[place] for place in sorted(places)))


def _place(codec: Codec, nal: bytes) -> tuple[int, int]:
    kind = set_kind(codec, nal)
    if kind is None:
        raise ParameterSetError("A NAL unit that is no parameter set was given as one.")
    number = avc.parameter_set_id if codec is Codec.H264 else hevc.parameter_set_id
    return int(kind), number(nal)
