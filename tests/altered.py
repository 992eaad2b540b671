"""Inputs altered as a fuzzer alters them: bits, numbers, lengths, pieces taken out, put twice or put from another input."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rejent.kernel.errors import RejentError

KEPT = Path(__file__).parent / "data" / "altered"
"""Inputs at which a parser once failed, a folder each."""
_LENGTHS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS = (
    b"", b"\0", b"\r\n", b"\r", b"\n", b"\r\n\r\n", b" ", b"\t", b'"', b"'", b"(", b")", b"<", b">", b"<!--", b"&#", b"&#x", b"%00", b"%s", b"{}", b";", b",", b":",
    b"=", b"\\", b"=?utf-8?b?", b"?=", b"--", b"..", b"/", b"-1", b"0", b"1e999", b"nan", b"9" * 19, b"9" * 4301, b"1_0", b"+1", "²".encode(), "٣".encode(),
    b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", "\u202e".encode(), b"A" * 300, b"\0" * 64, b"\xff" * 64,
)  # fmt: skip
_MOST_CHANGES = 5
_LONGEST = 1 << 16
"""Bytes of an altered input: a parser's work grows with them, and most faults lie in heads."""


@dataclass(frozen=True)
class Parser:
    """A parser, inputs that it reads, and the errors that it may raise besides the project's own."""

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    errors: tuple[type[Exception], ...] = ()


def kept_inputs(name: str) -> list[bytes]:
    """Return the inputs at which a parser once failed."""
    return [each.read_bytes() for each in sorted((KEPT / name).glob("*"))]


def alter(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Return an input with some changes."""
    made = bytearray(content[:_LONGEST])
    for _ in range(chance.randint(1, _MOST_CHANGES)):
        start = chance.randrange(len(made) + 1)
        end = min(start + chance.choice((1, 1, 2, 4, 16, 200)), len(made))
        match chance.randrange(8):
            case 0 if made:
                made[min(start, len(made) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del made[start:end]
            case 2:
                made[start:start] = made[start:end] * chance.choice((1, 2, 50))
            case 3:
                made[start:start] = chance.choice(_WORDS)
            case 4:
                made[start:end] = chance.choice(_WORDS)
            case 5:
                width = chance.choice((1, 2, 4, 8))
                value = chance.choice(_LENGTHS) & ((1 << 8 * width) - 1)
                made[start : start + width] = value.to_bytes(width, chance.choice(("big", "little")))
            case 6:
                other = chance.choice(others)
                begin = chance.randrange(len(other) + 1)
                made[start:end] = other[begin : begin + chance.choice((4, 40, 400))]
            case _:
                del made[start:]
    return bytes(made[: 2 * _LONGEST])


def run_altered(parser: Parser, count: int, seed: int | str) -> tuple[int, int]:
    """Read the kept inputs, then so many altered ones; return how many of these were read and how many refused.

    Raises:
        AssertionError: a parser fails with an error that is nobody's own; with the input.
    """
    seeds = [*parser.seeds(), *kept_inputs(parser.name)]
    for content in seeds:
        _reads(parser, content)
    chance = random.Random(seed)  # noqa: S311 - inputs, no secrets
    ended = [_reads(parser, alter(chance.choice(seeds), seeds, chance)) for _ in range(count)]
    return ended.count(True), ended.count(False)


def _reads(parser: Parser, content: bytes) -> bool:
    """Return whether a parser reads an input, rather than refusing it."""
    try:
        parser.read(content)
    except (RejentError, *parser.errors):
        return False
    except Exception as fault:
        shown = content if len(content) <= 2000 else content[:2000] + b"..."
        raise AssertionError(
            f"{parser.name} fails with {type(fault).__name__}: {fault}; keep the input in {KEPT.name}/{parser.name}: {shown!r}"
        ) from fault
    return True
