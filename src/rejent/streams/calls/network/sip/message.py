"""Parse and write SIP messages (RFC 3261 §7, §25), sans I/O.

The parser is lenient (bare line feeds, blanks around colons, names in any case, datagrams without Content-Length) and
bounds everything. Octets that are not UTF-8 survive (PEP 383), because they are sent back as received.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from rejent.kernel.errors import RejentError
from rejent.kernel.numbers import read_number


class SipError(RejentError, code="capture.calls.sip"):
    """A SIP message that cannot be processed: ``where`` names the header field or part.

    ``status`` answers a request (RFC 3261 §21); ``request`` is what could be parsed of it, if enough to answer.
    """

    def __init__(self, template: str, /, *, where: str, status: int = 400, **facts: object) -> None:
        super().__init__(template, advice="", where=where, **facts)
        self.where = where
        self.status = status
        self.request: Request | None = None

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence in the reader's language, followed by the protocol name of the part."""
        return f"{super().sentence(translate)} ({self.where})"


MAX_MESSAGE = 64 * 1024
"""Bytes of a message, head and body."""
MAX_HEAD = 32 * 1024
MAX_FIELDS = 256
MAX_LINES = 512
"""Lines of one head, folded and unparsable ones included."""
MAX_VALUES = 64

VERSION = "SIP/2.0"
COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""Compact forms of header field names (RFC 3261 §7.3.3 and the IANA registry)."""
_KNOWN = {
    name.lower(): name
    for name in (*COMPACT.values(), "Allow", "CSeq", "Max-Forwards", "MIME-Version", "Min-SE", "Reason", "Record-Route",
                 "Require", "Route", "Unsupported", "User-Agent")
}  # fmt: skip
REASONS = {
    100: "Trying",
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    505: "Version Not Supported",
    513: "Message Too Large",
    603: "Decline",
}

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(
    rb"([A-Za-z0-9\-.!%*_+`'~]{1,32})[ \t]+(\S{1,2048})[ \t]+(SIP/\d{1,3}\.\d{1,3})[ \t]*$", re.IGNORECASE
)
_STATUS_LINE = re.compile(rb"SIP/\d{1,3}\.\d{1,3}[ \t]+([1-6]\d\d)(?:[ \t]([^\n]{0,1024}))?$", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,64}$")
_CSEQ = re.compile(r"(\d{1,10})\s+(\S{1,32})$", re.ASCII)
_QUOTED = r'"(?:[^"\\]+|\\.)*(?:"|\\\Z|\Z)'
"""A quoted string, closed or open-ended. These patterns match any text, each character in one way: no backtracking."""
_VALUE = re.compile(rf'(?:[^",<]+|{_QUOTED}|<(?:[^">]+|{_QUOTED})*(?:>|\Z))*', re.DOTALL)
_BEFORE = {sign: re.compile(rf'(?:[^"{sign}]+|{_QUOTED})*', re.DOTALL) for sign in "<;"}
_NEEDED = ("Via", "From", "To", "Call-ID", "CSeq")


class Headers:
    """Header fields in the order received, with full names, compared case-insensitively."""

    __slots__ = ("_by_name", "_fields")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = tuple((full_name(name), value) for name, value in fields)
        self._by_name: dict[str, list[str]] = {}
        for name, value in self._fields:
            self._by_name.setdefault(name.lower(), []).append(value)

    def get(self, name: str) -> str | None:
        """Return the first value of a field as written, or None."""
        found = self._by_name.get(full_name(name).lower())
        return found[0] if found else None

    def all(self, name: str) -> list[str]:
        """Return every line of a field as written, in order."""
        return list(self._by_name.get(full_name(name).lower(), ()))

    def values(self, name: str) -> list[str]:
        """Return every value of a multi-valued field, on lines of their own or comma-separated."""
        return [one for line in self.all(name) for one in split_values(line)]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash(self._fields)


class _Named:
    __slots__ = ()
    headers: Headers

    @property
    def call_id(self) -> str:
        """The Call-ID; opaque."""
        return self.headers.get("Call-ID") or ""


@dataclass(slots=True, frozen=True)
class Request(_Named):
    """A request; ``raw`` are the bytes as received, empty for a request of our own."""

    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    raw: bytes = field(default=b"", compare=False, repr=False)

    @property
    def sequence(self) -> int:
        """The CSeq number (RFC 3261 §20.16); 0 where it cannot be parsed."""
        return _sequence(self.headers)[0]


@dataclass(slots=True, frozen=True)
class Response(_Named):
    """A response."""

    status: int
    reason: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    raw: bytes = field(default=b"", compare=False, repr=False)

    @property
    def sequence(self) -> tuple[int, str]:
        """CSeq number and method; 0 and empty where they cannot be parsed."""
        return _sequence(self.headers)


Message = Request | Response


@lru_cache(maxsize=512)
def full_name(name: str) -> str:
    """Return the canonical name of a header field; unknown ones stay as they are."""
    lower = name.lower()
    return COMPACT.get(lower) or _KNOWN.get(lower, name)


def split_values(line: str) -> list[str]:
    """Split a header field at its commas, except in quotes and angle brackets; SipError beyond `MAX_VALUES`."""
    if '"' not in line and ("<" not in line or "," not in line):
        return _counted(line.split(","))
    found: list[str] = []
    begin = 0
    while begin <= len(line) and len(found) <= MAX_VALUES:
        end = _to(_VALUE, line, begin)
        found.append(line[begin:end])
        begin = end + 1
    return _counted(found)


def unquoted(text: str, sign: str) -> int:
    """Return the first position of ``<`` or ``;`` outside of quotes, or -1."""
    if '"' not in text:
        return text.find(sign)
    place = _to(_BEFORE[sign], text, 0)
    return place if place < len(text) else -1


def _to(pattern: re.Pattern[str], text: str, begin: int) -> int:
    found = pattern.match(text, begin)
    return found.end() if found else begin


def _counted(found: list[str]) -> list[str]:
    if len(found) > MAX_VALUES:
        raise SipError("A header field has more than {bound} values.", where="header", bound=MAX_VALUES)
    return [value for one in found if (value := one.strip())]


def read_message(received: bytes) -> Message:
    """Parse a datagram or framed message; SipError where it is malformed or too large, its ``request`` set if answerable."""
    if len(received) > MAX_HEAD + MAX_MESSAGE:
        raise SipError(
            "A message is longer than {bound} bytes.",
            where="message",
            status=513,
            bound=MAX_HEAD + MAX_MESSAGE,
        )
    text = received.lstrip(b"\r\n")
    end = _HEAD_END.search(text)
    if end is None:
        raise SipError("The head of a message does not end.", where="head")
    head = text[: end.start()]
    if len(head) > MAX_HEAD:
        raise SipError("The head of a message is longer than {bound} bytes.", where="head", bound=MAX_HEAD)
    first, _, rest = head.partition(b"\n")
    headers = _read_fields(rest)
    start = first.rstrip(b"\r")
    status = _STATUS_LINE.match(start)
    if status is not None:
        _check_needed(headers, None)
        body = _body(text[end.end() :], headers, None)
        return Response(int(status[1]), _text(status[2] or b"").strip(), headers, body, received)
    return _read_request(start, headers, text[end.end() :], received)


def _read_request(start: bytes, headers: Headers, rest: bytes, raw: bytes) -> Request:
    found = _REQUEST_LINE.match(start)
    if found is None:
        raise SipError("The first line is neither a request nor an answer of SIP.", where="start-line")
    request = Request(_text(found[1]), _text(found[2]), headers, b"", raw)
    _check_needed(headers, request)
    if _text(found[3]).upper() != VERSION:
        raise _answerable(SipError("The version of SIP is another.", where="start-line", status=505), request)
    method = _sequence(headers)[1]
    if method.upper() != request.method.upper():
        error = SipError("The method differs from that of the sequence number.", where="CSeq")
        raise _answerable(error, request)
    return Request(request.method, request.uri, headers, _body(rest, headers, request), raw)


def _read_fields(rest: bytes) -> Headers:
    lines = rest.split(b"\n")
    if len(lines) > MAX_LINES:
        raise SipError("The head of a message has more than {bound} lines.", where="head", bound=MAX_LINES)
    fields: list[tuple[str, str]] = []
    for line in lines:
        text = _text(line.replace(b"\r", b" ").replace(b"\0", b" ")).rstrip()
        if text[:1] in {" ", "\t"} and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {text.strip()}".strip())
            continue
        name, colon, value = text.partition(":")
        if colon and _NAME.match(name.strip()):
            fields.append((name.strip(), value.strip()))
        if len(fields) > MAX_FIELDS:
            raise SipError("A message has more than {bound} header fields.", where="head", bound=MAX_FIELDS)
    return Headers(fields)


def _check_needed(headers: Headers, request: Request | None) -> None:
    for name in _NEEDED:
        if not headers.get(name):
            error = SipError("A header field that every message needs is missing.", where=name)
            raise _answerable(error, request if headers.get("Via") else None)
    if not _sequence(headers)[1]:
        raise _answerable(SipError("The sequence number cannot be read.", where="CSeq"), request)


def _body(rest: bytes, headers: Headers, request: Request | None) -> bytes:
    try:
        length = announced_length(headers)
    except SipError as error:
        raise _answerable(error, request) from None
    if length is None:
        if len(rest) > MAX_MESSAGE:
            too_long = SipError(
                "The body is longer than {bound} bytes.", where="message", status=513, bound=MAX_MESSAGE
            )
            raise _answerable(too_long, request)
        return rest
    if length > len(rest):
        raise _answerable(SipError("The body is shorter than announced.", where="Content-Length"), request)
    return rest[:length]


def announced_length(headers: Headers) -> int | None:
    """Return the Content-Length, or None; SipError where it is no number, contradicts itself, or exceeds `MAX_MESSAGE`."""
    written = {value.strip() for value in headers.all("Content-Length")}
    if not written:
        return None
    length = read_number(written.pop(), most=10**10 - 1)  # more digits are no length that anybody means
    if written or length is None:
        raise SipError("The length of the body cannot be read.", where="Content-Length")
    if length > MAX_MESSAGE:
        raise SipError(
            "The body is longer than {bound} bytes.", where="Content-Length", status=513, bound=MAX_MESSAGE
        )
    return length


def _answerable(error: SipError, request: Request | None) -> SipError:
    error.request = request
    return error


def _sequence(headers: Headers) -> tuple[int, str]:
    found = _CSEQ.match((headers.get("CSeq") or "").strip())
    if found is None or int(found[1]) >= 2**32:
        return 0, ""
    return int(found[1]), found[2]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")


def readable(text: str) -> str:
    """Replace octets that are not UTF-8, for rows, pages and manifests."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def write_message(message: Message) -> bytes:
    """Serialise a message, with Content-Length; SipError where a line break stands in a field."""
    if isinstance(message, Request):
        start = f"{message.method} {message.uri} {VERSION}"
    else:
        start = f"{VERSION} {message.status} {message.reason or REASONS.get(message.status, '')}"
    lines = [start]
    lines += [f"{name}: {value}" for name, value in message.headers if name.lower() != "content-length"]
    lines.append(f"Content-Length: {len(message.body)}")
    if any("\r" in line or "\n" in line for line in lines):
        raise SipError("A line break stands in the first line or in a header field.", where="head")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + message.body
