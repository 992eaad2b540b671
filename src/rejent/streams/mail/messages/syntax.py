"""Syntax of a message's head and of the values in its fields, read as mail programs read it, whatever its bytes. Pure.

Sources: RFC 5322 §2.1 and §3.2.2, RFC 2045 §5.1, RFC 2046 §5.1.1, RFC 2047, RFC 2231 §3–4. Encoded words are read by code of our own:
the standard library gives a whole field up at one torn word, and what stands beside it would be hidden.
"""

import binascii
import codecs
import itertools
import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

_MOST_PARAMETERS = 100
_LONGEST_VALUE = 16 << 10
"""Characters of a field's value that are looked at; a boundary has 70 at most (RFC 2046), those met in the field 200 and more."""
_FIELDS = re.compile(rb"(?:(?:[!-9;-~]+[ \t]*:|[ \t]|>?From )[^\n]*(?:\n|\Z))*+")
"""Fields and what continues them; a line of an mbox in front of them is none, but ends nothing."""
_EMPTY_LINE = re.compile(rb"\r*\n")
_ONLY_RETURNS = re.compile(rb"[^\r\n]*\r(?!\r*\n)")
_TOKENS = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|\Z)|\\.|[();]|[^"\\();]+', re.DOTALL)
_QUOTED_PAIR = re.compile(r'\\(["\\])')
"""Others are left: `"C:\\a.txt"` is written by programs that quote nothing."""
_SECTION = re.compile(r"([^*]{1,60})(?:\*([0-9]{1,3}))?(\*?)")
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
_OF_WINDOWS = bytes(range(0x80, 0xA0))
"""Letters, dashes and quotation marks in cp1250, nothing in ISO 8859-2."""
_REPLACEMENT = "\ufffd"
_OF_TEXT = re.compile(r"ascii|utf|iso8859|iso2022|cp\d|koi8|mac|gb|hz|big5|euc|shift|johab|tis|ptcp|kz")
"""Beginnings of the names that Python gives to charsets; ``punycode`` and ``idna``, which are quadratic, are none of them."""
_WORD = re.compile(
    r"(?s)=\?([^?\s]{1,75})\?([BbQq])\?(.*?)(\?=|(?==\?[^?\s]{1,75}\?[BbQq]\?)|\Z)(\s*(?==\?[^?\s]{1,75}\?[BbQq]\?))?"
)
"""An encoded word, ended or torn, with the blanks that part it from the next, which are no text (RFC 2047 §6.2)."""
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_UU_BEGIN = re.compile(rb"begin [0-7]{3,4} ")
_BASE64 = re.compile(r"([A-Za-z0-9+/]*)={0,3}")
_RAW = ("iso-8859-2", "cp1250")
"""Charsets in which raw bytes that are no UTF-8 are read in this country."""


def split_head(content: bytes) -> tuple[bytes, bytes]:
    """Return the head of a message or part, and its body, which begins behind an empty line or at the first line that is no field.

    Lines end by CR LF or LF; by CR alone where the first line does.
    """
    if _ONLY_RETURNS.match(content):
        content = content.replace(b"\r", b"\n")
    ends = _FIELDS.match(content).end()  # type: ignore[union-attr]  # it matches nothing too
    empty = _EMPTY_LINE.match(content, ends)
    return content[:ends], content[empty.end() if empty else ends :]


def unescape_references(text: str) -> str:
    """Return a text with its character references resolved; a number beyond any character is a replacement character."""
    if "&#" in text:
        text = _LONG_REFERENCE.sub(_REPLACEMENT, text)  # int() refuses more than 4 300 digits
    return unescape(text)


def read_value(stated: str) -> tuple[str, dict[str, str]]:
    """Return the value of a field such as Content-Type in small letters, and its parameters; comments are left out.

    Of a parameter in pieces the pieces are joined, of one that is there twice the first counts.
    """
    pieces = [piece.strip() for piece in _split_at_semicolons(stated[:_LONGEST_VALUE])]
    value = re.sub(r"\s+", "", pieces[0]).lower()
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for piece in pieces[1 : _MOST_PARAMETERS + 1]:
        name, equals, written = piece.partition("=")
        found = _SECTION.fullmatch(name.strip().lower())
        if equals and found is not None:
            parts = sections.setdefault(found[1], {})
            # Whole in the extended form beats whole in the plain one (RFC 6266 §4.3), which beats pieces.
            place = int(found[2]) if found[2] else -2 if found[3] else -1
            parts.setdefault(place, (written.strip(), bool(found[3])))
    return value, {name: _join_sections(parts) for name, parts in sections.items()}


def _split_at_semicolons(stated: str) -> Iterator[str]:
    """Yield what stands between semicolons, without comments, which may nest, and without quotation marks."""
    kept: list[str] = []
    depth = 0
    for token in _TOKENS.finditer(stated):
        if token[0] == "(":
            depth += 1
        elif token[0] == ")" and depth:
            depth -= 1
        elif depth:
            continue
        elif token[0] == ";":
            yield "".join(kept)
            kept.clear()
        else:
            kept.append(token[0] if token[1] is None else _QUOTED_PAIR.sub(r"\1", token[1]))
    yield "".join(kept)


def _join_sections(parts: dict[int, tuple[str, bool]]) -> str:
    """Return a parameter's value of its pieces in their order (RFC 2231 §3, §4.1); what lacks ends it."""
    if (whole := parts.get(-2) or parts.get(-1)) is not None:
        joined = [whole]
    else:
        joined = [parts[number] for number in range(len(parts)) if number in parts]
    if not joined:
        joined = [part for _, part in sorted(parts.items())]
    if not any(extended for _, extended in joined):
        return "".join(text for text, _ in joined)
    charset, raw = "", b""
    for number, (text, extended) in enumerate(joined):
        coded = text
        if number == 0 and extended and coded.count("'") >= 2:
            charset, _, coded = coded.split("'", 2)
        raw += unquote_to_bytes(coded) if extended else coded.encode("utf-8", "surrogateescape")
    return raw.decode(codec_of(charset or "utf-8"), "replace")


def decode_text(raw: bytes, charset: str) -> str:
    """Return the text of bytes in a charset that may be unnamed, unknown or wrong, as mail programs read it.

    What claims to be nothing, ASCII or UTF-8 and mostly is no UTF-8 is of Polish Windows or ISO 8859-2.
    """
    if charset and (name := codec_of(charset)) not in {"ascii", "utf-8"}:
        return raw.decode(name, "replace")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    text = raw.decode("utf-8-sig", "replace")
    torn = text.count(_REPLACEMENT)
    if torn and 2 * torn > len(text) - len(text.encode("ascii", "ignore")):
        return raw.decode(_guess_polish(raw), "replace")
    return text


def _guess_polish(raw: bytes) -> str:
    """Return which of two charsets bytes are in, by where each has ą, ś, ź and what Windows alone has there."""
    windows = sum(map(raw.count, b"\xa5\xb9")) + 2 * sum(map(raw.count, _OF_WINDOWS))
    return "cp1250" if windows > sum(map(raw.count, b"\xa1\xb1\xa6\xb6\xac\xbc")) else "iso-8859-2"


class DecodedField(NamedTuple):
    """The text of a field; ``doubtful`` where some of it could not be decoded."""

    text: str
    doubtful: bool


def decoded(value: bytes) -> str:
    """Return the text of a field, decoded as far as it goes."""
    return decode_field(value).text


def decode_field(value: bytes, raw: str = _RAW[0]) -> DecodedField:
    """Return the text of a field: encoded words decoded, bytes that are no UTF-8 as a charset of one byte a letter reads them."""
    written = _raw_text(value, raw)
    if "=?" not in written:
        return DecodedField(written, doubtful=_REPLACEMENT in written)
    pieces: list[str] = []
    run, charset, doubtful, after = b"", "", False, 0
    for word in _WORD.finditer(written):
        named = word[1].partition("*")[0].lower()
        if run and (word.start() > after or named != charset):
            pieces.append(_text_of(run, charset))
            run = b""
        pieces.append(written[after : word.start()])
        content, whole = _of_base64(word[3]) if word[2] in "Bb" else _of_q(word[3])
        doubtful = doubtful or not whole or not word[4]
        run, charset, after = run + content, named, word.end()
    text = "".join([*pieces, _text_of(run, charset), written[after:]])
    return DecodedField(text, doubtful or _REPLACEMENT in text)


def readings_of(value: bytes) -> list[DecodedField]:
    """Return a field as each of the usual charsets reads its raw bytes."""
    return list(dict.fromkeys(decode_field(value, raw) for raw in _RAW))


def codec_of(charset: str) -> str:
    """Return the name of a charset by which text may be decoded; UTF-8 for one that is unknown or no charset of text."""
    return _codec(charset) or "utf-8"


def _codec(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return ""
    return name if _OF_TEXT.match(name) else ""


def _raw_text(value: bytes, raw: str) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode(raw, "replace")


def _text_of(content: bytes, charset: str) -> str:
    """Return the text of encoded words; of an unknown charset what is ASCII, and a sign of what is not."""
    codec = _codec(charset)
    return content.decode(codec or "ascii", "replace") if content else ""


def _of_base64(written: str) -> tuple[bytes, bool]:
    """Return what base64 says as far as it goes, and whether that is all."""
    given = written.strip()
    whole = _BASE64.fullmatch(given)
    return decode_base64(given.encode()), whole is not None and len(whole[1]) % 4 != 1


def decode_base64(raw: bytes) -> bytes:
    """Return what base64 says as far as it goes, also behind padding that ends a piece of it, as mail programs read it."""
    pieces = re.split(rb"=[=\s]*", raw) if b"=" in raw.rstrip(b"=\r\n\t ") else [raw]
    return b"".join(map(_of_piece, pieces))


def _of_piece(raw: bytes) -> bytes:
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        whole = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def decode_uuencoded(raw: bytes) -> bytes:
    """Return what stands between ``begin`` and ``end`` of uuencode (POSIX), line by line as far as it goes; without ``begin`` what was given."""
    lines = raw.splitlines()
    begins = next((at for at, line in enumerate(lines) if _UU_BEGIN.match(line)), None)
    if begins is None:
        return raw
    coded = itertools.takewhile(lambda line: line.strip() not in {b"", b"`", b"end"}, lines[begins + 1 :])
    return b"".join(map(_of_uu_line, coded))


def _of_uu_line(line: bytes) -> bytes:
    signs = -(-(line[0] - 32 & 63) // 3) * 4
    try:
        return binascii.a2b_uu(line[: 1 + signs])
    except binascii.Error:
        return b""


def _of_q(written: str) -> tuple[bytes, bool]:
    """Return what the encoding Q says (RFC 2047 §4.2), and whether that is all; a blank that should be coded is one."""
    given = written.replace("_", " ").encode("utf-8", "surrogateescape")
    content = _HEX.sub(lambda code: bytes([int(code[1], 16)]), given)
    return content, given.count(b"=") == len(_HEX.findall(given))
