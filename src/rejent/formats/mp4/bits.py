"""Reading the bits of a parameter set (ITU-T H.264 §7.2, §7.4.1, §9.1; ITU-T H.265 §7.2, §9.2)."""

from rejent.formats.mp4.errors import ParameterSetError

LARGEST_SET = 4096
"""Bytes; real parameter sets have some tens."""

_LONGEST_CODE = 32
"""Leading zero bits of the longest Exp-Golomb code that either standard allows."""


def raw_payload(nal: bytes) -> bytes:
    """The NAL unit without its emulation prevention bytes (H.264 §7.4.1.1, H.265 §7.4.2)."""
    if len(nal) > LARGEST_SET:
        raise ParameterSetError(
            "A parameter set of {length} bytes is longer than any camera needs.",
            length=len(nal),
        )
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")


class BitReader:
    """Bits from the most significant on; reading past the end is an error, not zeros."""

    def __init__(self, data: bytes) -> None:
        self._digits = f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}" if data else ""
        self._at = 0

    def bits(self, count: int) -> int:
        """The next ``count`` bits as an unsigned number, ``u(n)``."""
        begin, self._at = self._at, self._at + count
        if self._at > len(self._digits):
            raise ParameterSetError("A parameter set ends before all its fields are told.")
        return int(self._digits[begin : self._at], 2) if count else 0

    def flag(self) -> bool:
        """The next bit, ``u(1)``."""
        return self.bits(1) == 1

    def unsigned(self) -> int:
        """The next unsigned Exp-Golomb number, ``ue(v)``."""
        one = self._digits.find("1", self._at, self._at + _LONGEST_CODE + 1)
        if one < 0:
            raise ParameterSetError("A parameter set holds a number with too many leading zeros.")
        zeros, self._at = one - self._at, one
        return self.bits(zeros + 1) - 1

    def signed(self) -> int:
        """The next signed Exp-Golomb number, ``se(v)``."""
        value = self.unsigned()
        return (value + 1) // 2 if value % 2 else -(value // 2)

    def bounded(self, largest: int, name: str) -> int:
        """The next ``ue(v)``, refused above what the standard allows for the field ``name``."""
        value = self.unsigned()
        if value > largest:
            raise ParameterSetError(
                "A parameter set tells {name} = {value}; at most {largest} is possible.",
                name=name,
                value=value,
                largest=largest,
            )
        return value
