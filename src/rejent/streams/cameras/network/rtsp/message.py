"""RTSP 1.0 messages on the wire (RFC 2326 §4–§7, §10.12), without input or output.

Real cameras write these carelessly, so the parser tolerates lower-case names, bare line feeds and bodies longer or
shorter than announced. Everything is bounded: no peer makes it hold more than `MAX_HEAD` + `MAX_BODY` bytes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rejent.kernel.numbers import read_number
from rejent.streams.cameras.errors import NotACameraError, ProtocolError

MAX_HEAD = 16 * 1024
"""Largest head of a message, in bytes, line ends included."""
MAX_HEADERS = 128
MAX_BODY = 256 * 1024
INTERLEAVED = 0x24
"""The dollar sign that begins an interleaved frame: sign, channel, length (2 bytes, big-endian), payload."""

_EMPTY_LINE = re.compile(rb"\r?\n")
_STATUS_LINE = re.compile(rb"RTSP/\d{1,3}\.\d{1,3}[ \t]+(\d{3})(?:[ \t]+([^\r\n]*))?$", re.IGNORECASE)
_REQUEST_LINE = re.compile(rb"([A-Z_]{3,32})[ \t]+(\S{1,2048})[ \t]+RTSP/\d{1,3}\.\d{1,3}$")
_SDP_LINES = re.compile(rb"(?:[a-z]=[^\r\n]*(?:\r?\n)+)+")
_START_OF_MESSAGE = re.compile(
    rb"RTSP/(?:\d{1,3}\.\d{1,3}[ \t]|[\d.]{0,7}\Z)|[A-Z_]{3,32} (?:\S{1,2048} RTSP/|\S{0,2048}\Z)"
)
"""A line that begins a message, or the beginning of one at the end of the input."""


class Headers:
    """Header fields in the order received; names are compared without regard to case."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = [(name.lower(), value) for name, value in fields]

    def get(self, name: str) -> str | None:
        """Return the first value of a field, or None."""
        wanted = name.lower()
        return next((value for known, value in self._fields if known == wanted), None)

    def all(self, name: str) -> list[str]:
        """Return every value of a field, in order."""
        wanted = name.lower()
        return [value for known, value in self._fields if known == wanted]

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(slots=True, frozen=True)
class Response:
    """A response of the camera."""

    status: int
    reason: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def sequence(self) -> int | None:
        """Return CSeq, or None where it is missing or no number."""
        return _number(self.headers.get("CSeq"))


@dataclass(slots=True, frozen=True)
class Request:
    """A request of either side."""

    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


Message = Response | Request


def write_request(method: str, uri: str, sequence: int, fields: Iterable[tuple[str, str]] = ()) -> bytes:
    """Build a request without body; ProtocolError where the URI or a field contains a line break."""
    lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {sequence}", *(f"{name}: {value}" for name, value in fields)]
    if any("\r" in line or "\n" in line for line in lines):
        raise ProtocolError("A line break stands in the address or in a header field.")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def write_response(status: int, reason: str, sequence: str, fields: Iterable[tuple[str, str]] = ()) -> bytes:
    """Build a response to a request of the camera."""
    lines = [
        f"RTSP/1.0 {status} {reason}",
        f"CSeq: {sequence}",
        *(f"{name}: {value}" for name, value in fields),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def parse_message(received: bytes, *, quiet: bool = False) -> tuple[Message | None, int]:
    """Parse one message at the beginning; return it and the bytes it took, or None and 0 while it is incomplete.

    ``quiet``: an unfinished body is taken as it stands. ProtocolError, NotACameraError: no message, or one beyond the bounds.
    """
    begin = _head_end(received)
    if begin < 0:
        _refuse_endless(received)
        return None, 0
    start_line, headers = _parse_head(received[:begin].rstrip(b"\r\n"))
    length, known = _body_length(headers)
    body_end = begin + length
    if len(received) < body_end or not known:
        if not quiet:
            return None, 0
        body_end = len(received)
    body_end = _with_forgotten_lines(received, begin, body_end)
    return _message(start_line, headers, received[begin:body_end]), body_end


def _head_end(received: bytes) -> int:
    line_end = received.find(b"\n", 0, MAX_HEAD + 4)
    if line_end >= 0:
        _check_start(received[:line_end].rstrip(b"\r"))
    for _ in range(MAX_HEADERS + 1):
        if line_end < 0:
            return -1
        found = _EMPTY_LINE.match(received, line_end + 1, MAX_HEAD + 4)
        if found is not None:
            return found.end()
        line_end = received.find(b"\n", line_end + 1, MAX_HEAD + 4)
    raise ProtocolError("A message has more than {bound} header fields.", bound=MAX_HEADERS)


def _refuse_endless(received: bytes) -> None:
    if len(received) > MAX_HEAD:
        raise ProtocolError("The head of a message is longer than {bound} bytes.", bound=MAX_HEAD)
    if b"\n" not in received and not _may_become_start(received):
        raise NotACameraError("What answers there does not speak RTSP.")


def _may_become_start(received: bytes) -> bool:
    return (
        b"RTSP/".startswith(received[:5].upper()) or re.match(rb"[A-Z_]{1,32}(?: |$)", received) is not None
    )


def _check_start(line: bytes) -> re.Match[bytes]:
    found = _STATUS_LINE.match(line) or _REQUEST_LINE.match(line)
    if found is None:
        raise NotACameraError("What answers there does not speak RTSP.")
    return found


def _parse_head(head: bytes) -> tuple[re.Match[bytes], Headers]:
    first, _, rest = head.partition(b"\n")
    start = _check_start(first.rstrip(b"\r"))
    fields: list[tuple[str, str]] = []
    for raw in rest.split(b"\n"):
        line = raw.removesuffix(b"\r").decode("utf-8", "replace")
        if line[:1] in {" ", "\t"} and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip(), value.strip()))
    return start, Headers(fields)


def _body_length(headers: Headers) -> tuple[int, bool]:
    written = headers.get("Content-Length")
    described = "sdp" in (headers.get("Content-Type") or "").lower()
    length = _number(written)
    if length is None:
        return 0, not described
    if length > MAX_BODY:
        raise ProtocolError("A message announces a body of more than {bound} bytes.", bound=MAX_BODY)
    return length, True


def _with_forgotten_lines(received: bytes, start: int, end: int) -> int:
    """Return the real end of the body: some cameras announce a length too small by a line or more."""
    if end <= start or received[start:end].lstrip()[:2] != b"v=":
        return end
    line_start = max(received.rfind(b"\n", start, end) + 1, start)
    more = _SDP_LINES.match(received, line_start, start + MAX_BODY)
    return max(end, more.end()) if more else end


def _message(start: re.Match[bytes], headers: Headers, body: bytes) -> Message:
    if start.re is _STATUS_LINE:
        return Response(int(start[1]), (start[2] or b"").decode("utf-8", "replace"), headers, body)
    return Request(start[1].decode(), start[2].decode("utf-8", "replace"), headers, body)


def skip_noise(received: bytes) -> int:
    """Count the line ends, or rest of too long a body, to drop before a message or an interleaved frame may begin."""
    lead = len(received) - len(received.lstrip(b"\r\n\t \0"))
    if lead == len(received) or received[lead] == INTERLEAVED or _may_become_start(received[lead:]):
        return lead
    return _next_start(received, lead)


def skip_false_start(received: bytes) -> int:
    """Count the bytes to drop of what looked like the beginning of a message and is none."""
    return _next_start(received, 1)


def _next_start(received: bytes, place: int) -> int:
    dollar = received.find(b"$", place)
    found = _START_OF_MESSAGE.search(received, place, dollar if dollar >= 0 else len(received))
    if found is not None and found.end() != dollar:
        return found.start()
    return dollar if dollar >= 0 else len(received)


def _number(written: str | None) -> int | None:
    return read_number((written or "").strip(), most=10**10 - 1)
