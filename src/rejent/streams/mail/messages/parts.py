"""Parts of a message, whatever its bytes: our own walk over MIME, which never fails and never recurses. Pure."""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rejent.kernel.plain_text import is_plain
from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.content import Content
from rejent.streams.mail.messages.syntax import (
    decode_base64,
    decode_text,
    decode_uuencoded,
    decoded,
    read_value,
    split_head,
)

MOST_READ = 8 << 20
"""Bytes of a message that are taken apart."""
MOST_PARTS = 200
MOST_DEEP = 100
"""Parts within parts; what lies deeper is one part as it came."""
_LONGEST_NAME = 200
_LONGEST_HEAD_WITHIN = 64 << 10
"""Bytes of the head of a message within."""
MESSAGES = frozenset({"message/rfc822", "message/global"})
"""Whole messages within (RFC 2046 §5.2.1, RFC 6532 §3.7)."""
_UUENCODED = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
"""Names of an encoding that no standard has, and that mail programs, and Python's `email`, decode."""
_SIGNED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_INTEGER, _OID, _SEQUENCE, _SET, _WITHIN, _OCTETS, _OCTETS_IN_PIECES = (
    0x02,
    0x06,
    0x30,
    0x31,
    0xA0,
    0x04,
    0x24,
)
"""Tags of ASN.1 (X.690 §8)."""
_UNTIL_MARK, _LONGEST_LENGTH, _END = 0x80, 0x84, b"\0\0"
_MAY_END_BY_MARK = frozenset({_SEQUENCE, _WITHIN, _OCTETS_IN_PIECES})
_MOST_PIECES = 100_000
_KINDS = re.compile(
    "pdf|docx?|odt|rtf|txt|xlsx?|ods|csv|pptx?|odp|jpe?g|png|gif|tiff?|zip|7z|rar|gz|eml|msg|ics|xml|html|p7[sm]|asc|sig|mp[34]|wav"
)
"""Kinds that are named; any other is ``other``, since a made-up ending can disclose more than a kind."""
_LOOKED_AT = 1 << 20
_BASE64_LINES = re.compile(rb"(?:[A-Za-z0-9+/=]{40,998}+\r?\n){16,}+")
_LINE_END = re.compile(rb"\r*\n")
_AFTER_MARK = re.compile(rb"(--)?[ \t]*(?=\r*\n|\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """A part without parts of its own; or the head of a message within, or what is signed as one piece, of which the parts follow.

    Attributes:
        raw: as it came, in its transfer encoding; of a message within its head.
        content_id: by which markup of the message names it, without its brackets.
        message: of which message it is: 0 is the one that was sent, others lie within it, in their order.
        filed: it says that it is a file, not a piece of the message (RFC 2183 §2.2).
    """

    kind: str
    name: str = field(repr=False)
    charset: str
    encoding: str
    raw: bytes = field(repr=False)
    content_id: str = field(default="", repr=False)
    message: int = 0
    begins: bool = False
    opened: bool = False
    filed: bool = False

    def content(self) -> bytes:
        """Return it decoded, as far as it can be."""
        if self.encoding == "base64":
            return decode_base64(self.raw)
        if self.encoding in _UUENCODED:
            return decode_uuencoded(self.raw)
        return quopri.decodestring(self.raw) if self.encoding == "quoted-printable" else self.raw

    def text(self) -> str:
        """Return its text; what is no text in its charset is replaced."""
        return decode_text(self.content(), self.charset)

    def is_text(self) -> bool:
        """Return whether mail programs show it in the message: text, or what claims to hold parts or a report and has none."""
        return (
            not self.opened and not self.filed and self.kind.startswith(("text/", "message/", "multipart/"))
        )


def parts_of(content: bytes, most: int = MOST_READ) -> Iterator[Part]:
    """Yield the parts of as many bytes of a message in their order, at most `MOST_PARTS`."""
    waiting: list[tuple[bytes, int, int]] = [(content[:most], 0, 0)]
    found = messages = 0
    while waiting and found < MOST_PARTS:
        piece, depth, message = waiting.pop()
        part, inside = _taken_apart(piece, message, opens=depth < MOST_DEEP)
        if inside and part.kind in MESSAGES:
            messages += 1
            message = messages
            head = split_head(inside[0])[0][:_LONGEST_HEAD_WITHIN]
            part = replace(part, raw=head, encoding="", message=message, begins=True)
        waiting += [(each, depth + 1, message) for each in reversed(inside)]
        if not inside or part.begins or part.kind in _SIGNED:
            found += 1
            yield replace(part, opened=True) if inside else part


def direct_parts(content: bytes) -> tuple[list[Part], bool]:
    """Return the parts that lie in a whole multipart/mixed message, none of them opened, and whether a last mark ends it, behind which nothing stands."""
    above, body = split_head(content)
    kind, stated = read_value(next(MessageHead(above).texts("content-type"), ""))
    boundary = stated.get("boundary", "").rstrip()
    if kind != "multipart/mixed" or not boundary:
        return [], False
    pieces, rest = _split_at(body, boundary)
    parts = [_taken_apart(each, 0, opens=False)[0] for each in pieces]
    return parts, rest is not None and not rest.strip()


def kinds_of(content: Content) -> tuple[str, ...]:
    """Return the kinds of the files of a whole message, by the endings of their names."""
    looked_at = _without_encoded_bodies(content)
    names = (part.name.lower().rpartition(".") for part in parts_of(looked_at, len(looked_at)) if part.name)
    return tuple(sorted({kind if dot and _KINDS.fullmatch(kind) else "other" for _, dot, kind in names}))


def _without_encoded_bodies(content: Content) -> bytes:
    """Return a long message without the lines of base64 that make it long, in which no name stands; of what is left at most `MOST_READ`."""
    if len(content) <= _LOOKED_AT:
        return content[:]
    kept = bytearray()
    for start in range(0, len(content), _LOOKED_AT):
        kept += _BASE64_LINES.sub(b"", content[start : start + _LOOKED_AT])
        if len(kept) >= MOST_READ:
            break
    return bytes(kept[:MOST_READ])


def has_more(content: bytes) -> bool:
    """Return whether a message has more bytes or parts than `parts_of` yields."""
    if len(content) > MOST_READ:
        return True
    return content.count(b"--") >= MOST_PARTS and sum(1 for _ in parts_of(content)) >= MOST_PARTS


def _taken_apart(piece: bytes, message: int, *, opens: bool) -> tuple[Part, list[bytes]]:
    """Return a part, and where it is opened the pieces that lie in it."""
    above, body = split_head(piece)
    head = MessageHead(above)
    kind, stated = read_value(next(head.texts("content-type"), ""))
    if kind.count("/") != 1:
        kind = "multipart/mixed" if kind == "multipart" else "text/plain"  # RFC 2045 §5.2
    disposition, filing = read_value(next(head.texts("content-disposition"), ""))
    name = _name(filing.get("filename", "") or stated.get("name", ""))
    filed = disposition == "attachment"
    if not name and filed:
        name = kind.replace("/", ".")
    part = Part(
        kind=kind[:_LONGEST_NAME],
        name=name,
        charset=stated.get("charset", ""),
        encoding=read_value(next(head.texts("content-transfer-encoding"), ""))[0],
        raw=body,
        content_id=next(head.texts("content-id"), "").strip().strip("<>")[:_LONGEST_NAME],
        message=message,
        filed=filed,
    )
    return part, _inside(part, stated.get("boundary", "").rstrip()) if opens else []


def _inside(part: Part, boundary: str) -> list[bytes]:
    if part.kind in MESSAGES:
        return [part.content()]
    if part.kind in _SIGNED:
        signed = _signed_content(part.content())
        return [signed] if signed else []
    if not boundary or not part.kind.startswith("multipart/"):
        return []
    return _split_at(part.raw, boundary)[0]


def _split_at(body: bytes, boundary: str) -> tuple[list[bytes], bytes | None]:
    """Return what stands between the lines of a boundary, and what stands behind the last of them; None where that is missing."""
    marks = _marks(body, b"--" + boundary.encode("utf-8", "surrogateescape"))
    found: list[bytes] = []
    for number, (_, after, ends) in enumerate(marks[:MOST_PARTS]):
        if ends:
            return found, body[after:]
        end = marks[number + 1][0] if number + 1 < len(marks) else len(body)
        piece = body[after : max(end, after)]
        line_end = _LINE_END.match(piece)
        found.append(piece[line_end.end() :] if line_end else piece)
    return found, None


def _signed_content(cms: bytes) -> bytes:
    """Return what CMS signed data hold (RFC 5652 §5.1), in DER or BER; empty where they hold nothing, or are none."""
    at = 0
    try:
        for tag in (_SEQUENCE, _OID, _WITHIN, _SEQUENCE, _INTEGER, _SET, _SEQUENCE, _OID, _WITHIN):
            begins, ends = _begun(cms, at, tag)
            at = begins if tag in {_SEQUENCE, _WITHIN} else ends
        if cms[at] == _OCTETS:
            begins, ends = _begun(cms, at, _OCTETS)
            return cms[begins:ends]
        at, ends = _begun(cms, at, _OCTETS_IN_PIECES)
        pieces: list[bytes] = []
        while (at < ends or ends < 0) and cms[at : at + 2] != _END and len(pieces) < _MOST_PIECES:
            begins, at = _begun(cms, at, _OCTETS)
            pieces.append(cms[begins:at])
        return b"".join(pieces)
    except (IndexError, ValueError):
        return b""


def _begun(cms: bytes, at: int, tag: int) -> tuple[int, int]:
    """Return where the value of an element begins, and where it ends, -1 where a mark says so.

    Raises ValueError: it is another element, or torn.
    """
    length, begins = cms[at + 1], at + 2
    if cms[at] != tag or length > _LONGEST_LENGTH:
        raise ValueError
    if length == _UNTIL_MARK and tag in _MAY_END_BY_MARK:
        return begins, -1
    if length > _UNTIL_MARK:
        begins += length - _UNTIL_MARK
        length = int.from_bytes(cms[at + 2 : begins], "big")
    if begins + length > len(cms):
        raise ValueError
    return begins, begins + length


def _marks(body: bytes, mark: bytes) -> list[tuple[int, int, bool]]:
    """Return where lines of a boundary begin and end, and whether they say that nothing follows.

    A plain search finds them, which is many times faster.
    """
    found: list[tuple[int, int, bool]] = []
    at = body.find(mark)
    while at >= 0 and len(found) <= MOST_PARTS:
        rest = _AFTER_MARK.match(body, at + len(mark))
        if rest is not None and (at == 0 or body[at - 1 : at] == b"\n"):
            begins = max(at - (2 if body[at - 2 : at] == b"\r\n" else 1), 0)
            found.append((begins, rest.end(), rest[1] is not None))
        at = body.find(mark, at + len(mark))
    return found


def _name(stated: str) -> str:
    """Return the name of a file without folders, with encoded words (RFC 2047) decoded and without signs that nobody sees."""
    written = decoded(stated.encode("utf-8", "surrogateescape"))
    shown = "".join(each for each in written if is_plain(each))
    return re.split(r"[\\/]", shown)[-1].strip()[:_LONGEST_NAME]
