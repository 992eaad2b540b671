"""Parts of a message, whatever its bytes: our own walk over MIME, which never fails and never recurses. Pure."""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_to_bytes

from rejent.streams.mail.messages.classes import MessageHead, codec_of, decoded

MOST_READ = 8 << 20
"""Bytes of a message that are taken apart."""
MOST_PARTS = 200
MOST_DEEP = 100
"""Parts within parts; what lies deeper is one part as it came."""
_LONGEST_NAME = 200
_LONGEST_HEAD_WITHIN = 64 << 10
"""Bytes of the head of a message within."""
MESSAGE = "message/rfc822"
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
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(r"""(?i)\bboundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))""")
_AFTER_MARK = re.compile(rb"(--)?[ \t]*(?=\r?\n|\Z)")
_EMPTY_HEAD = re.compile(rb"\r?\n\r?\n")
_CHARSET = re.compile(r"""(?i)\bcharset\s*=\s*["']?([A-Za-z0-9._:+-]{1,40})""")
_NAME = re.compile(r"""(?i)\b(?:file)?name(\*?)(?:0\*?)?\s*=\s*(?:"([^"]*)"|([^\s;]+))""")


@dataclass(frozen=True, slots=True)
class Part:
    """A part without parts of its own; or the head of a message within, or what is signed as one piece, of which the parts follow.

    Attributes:
        raw: as it came, in its transfer encoding; of a message within its head.
        content_id: by which markup of the message names it, without its brackets.
        message: of which message it is: 0 is the one that was sent, others lie within it, in their order.
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

    def content(self) -> bytes:
        """Return it decoded, as far as it can be."""
        if self.encoding == "base64":
            return _of_base64(self.raw)
        return quopri.decodestring(self.raw) if self.encoding == "quoted-printable" else self.raw

    def text(self) -> str:
        """Return its text; what is no text in its charset is replaced."""
        return self.content().decode(codec_of(self.charset or "utf-8"), "replace")


def parts_of(content: bytes, most: int = MOST_READ) -> Iterator[Part]:
    """Yield the parts of as many bytes of a message in their order, at most `MOST_PARTS`."""
    waiting: list[tuple[bytes, int, int]] = [(content[:most], 0, 0)]
    found = messages = 0
    while waiting and found < MOST_PARTS:
        piece, depth, message = waiting.pop()
        part, inside = _taken_apart(piece, message, opens=depth < MOST_DEEP)
        if inside and part.kind == MESSAGE:
            messages += 1
            message = messages
            head = _END_OF_HEAD.split(inside[0][:_LONGEST_HEAD_WITHIN], maxsplit=1)[0]
            part = replace(part, raw=head, encoding="", message=message, begins=True)
        waiting += [(each, depth + 1, message) for each in reversed(inside)]
        if not inside or part.begins or part.kind in _SIGNED:
            found += 1
            yield replace(part, opened=bool(inside))


def _taken_apart(piece: bytes, message: int, *, opens: bool) -> tuple[Part, list[bytes]]:
    """Return a part, and where it is opened the pieces that lie in it."""
    end = _END_OF_HEAD.match(piece) or _END_OF_HEAD.search(piece)
    head = MessageHead(piece[: end.start()] if end else piece)
    body = piece[end.end() :] if end else b""
    stated = next(head.texts("content-type"), "")
    kind = stated.partition(";")[0].strip().lower() or "text/plain"
    disposition = next(head.texts("content-disposition"), "")
    charset = _CHARSET.search(stated)
    name = _name(disposition) or _name(stated)
    if not name and disposition.strip().lower().startswith("attachment"):
        name = kind.replace("/", ".")
    part = Part(
        kind=kind[:_LONGEST_NAME],
        name=name,
        charset=charset[1] if charset else "",
        encoding=next(head.texts("content-transfer-encoding"), "").strip().lower(),
        raw=body,
        content_id=next(head.texts("content-id"), "").strip().strip("<>")[:_LONGEST_NAME],
        message=message,
    )
    return part, _inside(part, stated) if opens else []


def _inside(part: Part, stated: str) -> list[bytes]:
    if part.kind == MESSAGE:
        return [part.content()]
    if part.kind in _SIGNED:
        signed = _signed_content(part.content())
        return [signed] if signed else []
    boundary = _BOUNDARY.search(stated) if part.kind.startswith("multipart/") else None
    if boundary is None:
        return []
    body = part.raw
    marks = _marks(body, b"--" + (boundary[1] or boundary[2]).encode("utf-8", "replace"))
    found = []
    for number, (_, after, ends) in enumerate(marks[:MOST_PARTS]):
        if ends:
            break
        end = marks[number + 1][0] if number + 1 < len(marks) else len(body)
        piece = body[after : max(end, after)]
        found.append(piece if _EMPTY_HEAD.match(piece) else piece.lstrip(b"\r\n"))
    return found


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
    found = _NAME.search(stated)
    if found is None:
        return ""
    written = found[2] if found[2] is not None else found[3]
    if found[1] and written.count("'") >= 2:
        charset, _, coded = written.split("'", 2)
        try:
            written = unquote_to_bytes(coded).decode(charset or "utf-8", "replace")
        except LookupError:
            written = unquote_to_bytes(coded).decode("utf-8", "replace")
    else:
        written = decoded(written.encode("utf-8", "surrogateescape"))
    return re.split(r"[\\/]", written)[-1].strip()[:_LONGEST_NAME]


def _of_base64(raw: bytes) -> bytes:
    """Return what base64 says, also behind padding that ends a piece of it, as mail programs read it."""
    pieces = re.split(rb"=[=\s]*", raw) if b"=" in raw.rstrip(b"=\r\n\t ") else [raw]
    return b"".join(map(_of_piece, pieces))


def _of_piece(raw: bytes) -> bytes:
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        whole = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
