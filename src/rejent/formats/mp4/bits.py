"""Bit reader for parameter sets (ITU-T H.264 §7.2, §7.4.1, §9.1; ITU-T H.265 §7.2, §9.2)."""

from rejent.formats.errors import ParameterSetError

LARGEST_SET = 4096
"""Bytes; real parameter sets have some tens."""

_LONGEST_CODE = 32
"""Leading zero bits of the longest Exp-Golomb code that either standard allows."""


def rbsp(nal: bytes) -> bytes:
    """Return the NAL unit without emulation prevention bytes (H.264 §7.4.1.1, H.265 §7.4.2)."""
    if len(nal) > LARGEST_SET:
        raise ParameterSetError(
            "A parameter set of {length} bytes is longer than any camera needs.", length=len(nal)
        )
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")


class BitReader:
    """Reads bits from the most significant on; raises past the end instead of returning zeros."""

    def __init__(self, data: bytes) -> None:
        self._digits = f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}" if data else ""
        self._at = 0

    def bits(self, count: int) -> int:
        """Read ``u(count)``."""
        begin, self._at = self._at, self._at + count
        if self._at > len(self._digits):
            raise ParameterSetError("A parameter set ends before all its fields are told.")
        return int(self._digits[begin : self._at], 2) if count else 0  # type: ignore[outside-number]  # our own digits

    def flag(self) -> bool:
        """Read ``u(1)``."""
        return self.bits(1) == 1

    def unsigned(self) -> int:
        """Read ``ue(v)``."""
        one = self._digits.find("1", self._at, self._at + _LONGEST_CODE + 1)
        if one < 0:
            raise ParameterSetError("A parameter set holds a number with too many leading zeros.")
        zeros, self._at = one - self._at, one
        return self.bits(zeros + 1) - 1

    def signed(self) -> int:
        """Read ``se(v)``."""
        value = self.unsigned()
        return (value + 1) // 2 if value % 2 else -(value // 2)

    def bounded(self, largest: int, name: str) -> int:
        """Read ``ue(v)``; raise above ``largest``, the standard's limit for the field ``name``."""
        value = self.unsigned()
        if value > largest:
            raise ParameterSetError(
                "A parameter set tells {name} = {value}; at most {largest} is possible.",
                name=name,
                value=value,
                largest=largest,
            )
        return value


_ASPECTS = (
    (1, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11),
    (80, 33), (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
)  # fmt: skip
"""Sample aspect ratios by ``aspect_ratio_idc`` (H.264 table E-1, H.265 table E.1)."""

_EXTENDED_ASPECT = 255


def sample_aspect_ratio(bits: BitReader) -> tuple[int, int]:
    """Read the shape of a pixel, width to height (H.264 §E.1.1, H.265 §E.2.1); square where it is absent."""
    if not bits.flag():
        return (1, 1)
    kind = bits.bits(8)
    if kind == _EXTENDED_ASPECT:
        across, down = bits.bits(16), bits.bits(16)
        return (across, down) if across and down else (1, 1)
    return _ASPECTS[kind] if kind < len(_ASPECTS) else (1, 1)


def skip_video_signal_type(bits: BitReader) -> None:
    """Skip overscan, colours and the location of chroma samples."""
    if bits.flag():
        bits.flag()
    if bits.flag():
        bits.bits(4)
        if bits.flag():
            bits.bits(24)
    if bits.flag():
        bits.unsigned()
        bits.unsigned()
