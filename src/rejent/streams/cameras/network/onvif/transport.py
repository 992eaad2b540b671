"""HTTP/1.1 exchanges with a camera, bounded in time, size and number of header fields (RFC 9112).

No redirect is followed, no cookie kept, no compression requested, and each exchange has its own connection: cameras
close idle ones as they please.
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from datetime import timedelta

from rejent.kernel.clock import Clock
from rejent.kernel.numbers import read_number
from rejent.streams.cameras.errors import NotACameraError, ProtocolError, StalledError, UnreachableError
from rejent.streams.cameras.network.rtsp.address import Trust, fingerprint

LARGEST_BODY = 1024 * 1024
MOST_FIELDS = 64
_LONGEST_LINE = 8 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Host and port to connect to."""

    host: str
    port: int
    encrypted: bool

    @property
    def authority(self) -> str:
        """Return host and port as in the Host field."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Response to a request, with the time from the last byte sent to the first line received, at a monotonic instant in seconds."""

    status: int
    challenges: tuple[str, ...]
    body: bytes
    round_trip: timedelta
    answered_at: float


async def exchange(
    endpoint: Endpoint,
    path: str,
    fields: dict[str, str],
    body: bytes | None,
    *,
    trust: Trust,
    clock: Clock,
    timeout_s: float,
    largest: int = LARGEST_BODY,
) -> HttpResponse:
    """Send one POST, or a GET where there is no body, and read its response of at most ``largest`` bytes.

    UnreachableError, UntrustedError: no connection. StalledError: no response in time. NotACameraError: no HTTP. ProtocolError: it is
    too large or badly framed.
    """
    connected = False
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await _connection(endpoint, trust)
            connected = True
            try:
                writer.write(_head(endpoint, path, fields, body) + (body or b""))
                await writer.drain()
                return await _answer(reader, clock, largest)
            finally:
                await _abort(writer)
    except TimeoutError:
        if connected:
            raise StalledError("The camera does not answer in time.") from None
        raise UnreachableError("The camera cannot be reached in time.") from None
    except asyncio.IncompleteReadError:
        raise ProtocolError("The camera broke off its answer.") from None
    except UnicodeError:
        raise UnreachableError("The name of the camera leads to no address.") from None
    except OSError as error:
        raise UnreachableError("No connection to the camera comes about.", number=error.errno or 0) from None


def _head(endpoint: Endpoint, path: str, fields: dict[str, str], body: bytes | None) -> bytes:
    lines = [
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
        f"Host: {endpoint.authority}",
        "Connection: close",
        *([] if body is None else [f"Content-Length: {len(body)}"]),
        *(f"{name}: {value}" for name, value in fields.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _connection(endpoint: Endpoint, trust: Trust) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if not endpoint.encrypted:
        return await asyncio.open_connection(endpoint.host, endpoint.port, limit=_LONGEST_LINE)
    try:
        reader, writer = await asyncio.open_connection(
            endpoint.host, endpoint.port, ssl=trust.context(), limit=_LONGEST_LINE
        )
    except ssl.SSLCertVerificationError:
        raise trust.refusal() from None
    except ssl.SSLError:
        raise NotACameraError("What answers there does not speak TLS.") from None
    encrypted = writer.get_extra_info("ssl_object")
    certificate = encrypted.getpeercert(binary_form=True) if encrypted is not None else None
    if trust.rejects(certificate):
        await _abort(writer)
        raise trust.refusal(fingerprint(certificate))
    return reader, writer


async def _abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader, clock: Clock, largest: int) -> HttpResponse:
    sent = clock.monotonic()
    line = await _line(reader)
    answered = clock.monotonic()
    version, _, rest = line.partition(" ")
    status = read_number(rest[:3], least=100, most=999)
    if not version.startswith("HTTP/1.") or status is None:
        raise NotACameraError("What answers there does not speak HTTP.")
    fields: dict[str, list[str]] = {}
    for _ in range(MOST_FIELDS + 1):
        line = await _line(reader)
        if not line:
            break
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), []).append(value.strip())
    else:
        raise ProtocolError("The camera's answer has too many header fields.")
    body = await _body(reader, fields, largest)
    challenges = tuple(fields.get("www-authenticate", ()))
    return HttpResponse(status, challenges, body, timedelta(seconds=answered - sent), answered)


async def _line(reader: asyncio.StreamReader) -> str:
    try:
        raw = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise ProtocolError("The camera's answer has a line that does not end.") from None
    except asyncio.IncompleteReadError as broken:
        if broken.partial or reader.at_eof():
            raise NotACameraError("What answers there does not speak HTTP.") from None
        raise
    return raw.decode("latin-1").rstrip("\r\n")


async def _body(reader: asyncio.StreamReader, fields: dict[str, list[str]], largest: int) -> bytes:
    if "chunked" in fields.get("transfer-encoding", [""])[-1].lower():
        return await _chunks(reader, largest)
    stated = fields.get("content-length", [None])[-1]
    if stated is None:
        return await _until_closed(reader, largest)
    return await reader.readexactly(_allowed(_size(stated), largest))


def _size(stated: str, base: int = 10) -> int:
    size = read_number(stated, most=10**12, base=base)
    if size is None:
        raise ProtocolError("The camera states no usable length of its answer.")
    return size


async def _chunks(reader: asyncio.StreamReader, largest: int) -> bytes:
    body = bytearray()
    while True:
        size = _size((await _line(reader)).partition(";")[0].strip(), base=16)
        if size == 0:
            return bytes(body)
        _allowed(len(body) + size, largest)
        body += await reader.readexactly(size)
        await _line(reader)


async def _until_closed(reader: asyncio.StreamReader, largest: int) -> bytes:
    body = bytearray()
    while part := await reader.read(64 * 1024):
        body += part
        _allowed(len(body), largest)
    return bytes(body)


def _allowed(size: int, largest: int) -> int:
    if size > largest:
        raise ProtocolError("The camera's answer is larger than {largest} bytes.", largest=largest)
    return size
