"""Motion JPEG over HTTP: the pictures of a multipart response, one by one as they arrive (RFC 2046 §5.1).

Libav reads it, too, but holds pictures back while it finds out what it reads, and keeps a part without end in memory.
"""

import http.client
import ssl
from collections.abc import Callable, Iterator
from email.message import Message
from typing import BinaryIO
from urllib.parse import SplitResult, urlsplit

from rejent.kernel.numbers import read_number
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import CameraCause, PasswordRefusedError
from rejent.streams.cameras.network.rtsp.address import Login, Trust, fingerprint
from rejent.streams.cameras.network.rtsp.assembly import MAX_PICTURE
from rejent.streams.cameras.network.rtsp.auth import Authenticator

TIMEOUT_S = 10.0
"""Seconds without a byte after which a camera counts as silent."""
MAX_PART = MAX_PICTURE
"""Bytes of one picture, which is kept as it is."""
_MAX_LINE = 8 * 1024
_MAX_LINES = 64


def http_answer(address: str, login: Login | None, trust: Trust) -> http.client.HTTPResponse:
    """Return the answer of an ``http`` or ``https`` address; SourceError where it is not reached, or refuses the login.

    UntrustedError: it shows another certificate than ``trust`` accepts; neither login nor path was sent.
    """
    split = urlsplit(address)
    target = split.path + (f"?{split.query}" if split.query else "")
    authenticator = Authenticator(login)
    response = _response(_connection(split, trust), target, authenticator)
    if response.status == 401:
        response.close()
        authenticator.take(response.headers.get_all("WWW-Authenticate") or [])
        response = _response(_connection(split, trust), target, authenticator)
    if response.status in {401, 403}:
        raise PasswordRefusedError
    return response


def jpeg_parts(response: http.client.HTTPResponse) -> Iterator[bytes] | None:
    """Return the JPEG pictures of an answer, or None for anything else; reading them raises SourceError where a part never ends."""
    kind = Message()
    kind["Content-Type"] = response.headers.get("Content-Type", "")
    boundary = kind.get_param("boundary", "")
    if response.status != 200 or kind.get_content_maintype() != "multipart" or not isinstance(boundary, str):
        return None
    return _closing(response, b"--" + boundary.removeprefix("--").encode("latin-1"))


def _connection(split: SplitResult, trust: Trust) -> http.client.HTTPConnection:
    host = split.hostname or ""
    if split.scheme == "http":
        return http.client.HTTPConnection(host, split.port or 80, timeout=TIMEOUT_S)
    connection = http.client.HTTPSConnection(
        host, split.port or 443, timeout=TIMEOUT_S, context=trust.context()
    )
    try:
        certificate = _handshake(connection)
    except ssl.SSLCertVerificationError as error:
        raise trust.refusal(_shown(split, trust)) from error
    if trust.rejects(certificate):
        connection.close()
        raise trust.refusal(fingerprint(certificate))
    return connection


def _handshake(connection: http.client.HTTPSConnection) -> bytes | None:
    try:
        connection.connect()
    except ssl.SSLCertVerificationError:
        raise
    except OSError as error:
        raise SourceError(CameraCause.UNREACHABLE, "The camera does not answer.") from error
    encrypted = connection.sock
    return encrypted.getpeercert(binary_form=True) if isinstance(encrypted, ssl.SSLSocket) else None


def _shown(split: SplitResult, trust: Trust) -> str:
    looking = http.client.HTTPSConnection(
        split.hostname or "", split.port or 443, timeout=TIMEOUT_S, context=trust.with_certificate().context()
    )
    try:
        return fingerprint(_handshake(looking))
    finally:
        looking.close()


def _response(
    connection: http.client.HTTPConnection, target: str, authenticator: Authenticator
) -> http.client.HTTPResponse:
    authorization = authenticator.authorization("GET", target)
    try:
        connection.request(
            "GET", target, headers={"Authorization": authorization} if authorization is not None else {}
        )
        return connection.getresponse()
    except (http.client.HTTPException, ValueError) as error:
        raise SourceError(CameraCause.NOT_A_CAMERA, "The camera does not answer as HTTP asks for.") from error
    except OSError as error:
        raise SourceError(CameraCause.UNREACHABLE, "The camera does not answer.") from error


def _closing(response: http.client.HTTPResponse, boundary: bytes) -> Iterator[bytes]:
    with response:
        yield from _parts(response, boundary)


def _parts(stream: BinaryIO, boundary: bytes) -> Iterator[bytes]:
    line = _line(stream)
    while line and line.strip() != boundary + b"--":
        if not line.startswith(boundary):
            line = _line(stream)
            continue
        size = _part_size(stream)
        if size is None:
            content, line = _until(stream, boundary)
        else:
            content, line = _receive(stream.read, size), _line(stream)
            if len(content) < size:
                return
        if content:
            yield content


def _part_size(stream: BinaryIO) -> int | None:
    size = None
    for _ in range(_MAX_LINES):
        line = _line(stream).strip()
        if not line:
            return size
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            size = read_number(value.strip(), most=MAX_PART)
            if size is None:
                raise _endless()
    raise _endless()


def _until(stream: BinaryIO, boundary: bytes) -> tuple[bytes, bytes]:
    content = bytearray()
    while line := _line(stream):
        if line.startswith(boundary):
            return bytes(content.removesuffix(b"\r\n")), line
        content += line
        if len(content) > MAX_PART:
            raise _endless()
    return b"", b""


def _line(stream: BinaryIO) -> bytes:
    return _receive(stream.readline, _MAX_LINE)


def _receive(read: Callable[[int], bytes], size: int) -> bytes:
    try:
        return read(size)
    except (OSError, http.client.HTTPException) as error:
        raise SourceError(CameraCause.CLOSED, "The camera broke the connection.") from error
    except (OverflowError, ValueError) as error:
        raise SourceError(CameraCause.GARBAGE, "The camera states a length that is none.") from error


def _endless() -> SourceError:
    return SourceError(CameraCause.GARBAGE, "The camera sends a picture that does not end.")
