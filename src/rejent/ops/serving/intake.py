"""Bounds on the size and duration of a request's body, before anybody knows who sends it.

Django writes a body to the disk whatever its length, before it looks at the sender: a stranger could fill the disk that
recordings go to. Nothing longer than a page of this program can send, and nothing too slow, gets that far.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any

from rejent.kernel.numbers import read_number

LARGEST_BODY = 3 << 20
"""Bytes of a body; above what Django reads into a form (2.5 MiB), so that its own refusal is seen first."""
SLOWEST_BODY_S = 30.0
"""Seconds in which the whole of a body must have come."""

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class NotTakenInError(Exception):
    """A request that is answered without being read."""

    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


async def taken_in(headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> Receive:
    """Return the request with the whole of its body, as the application receives it; header names in small letters.

    Raises NotTakenInError: it is too long or too slow, or says its length in two ways (RFC 9112 § 6.1), so that a proxy
    before us may have found its end elsewhere.
    """
    lengths = [value for name, value in headers if name == b"content-length"]
    if lengths and any(name == b"transfer-encoding" for name, _ in headers):
        raise NotTakenInError(HTTPStatus.BAD_REQUEST)
    if lengths and read_number(lengths[0], most=LARGEST_BODY) is None:
        raise NotTakenInError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        async with asyncio.timeout(SLOWEST_BODY_S):
            first = await _whole(receive)
    except TimeoutError:
        raise NotTakenInError(HTTPStatus.REQUEST_TIMEOUT) from None
    coming = [first]

    async def received() -> Message:
        return coming.pop() if coming else await receive()

    return received


async def refuse(error: NotTakenInError, send: Send) -> None:
    """Answer a request that was not taken in, and end its connection."""
    body = json.dumps({"code": "request", "sentence": f"{error.status.phrase}."}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _whole(receive: Receive) -> Message:
    """Return one message with all of the body; that of a broken connection as it comes."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise NotTakenInError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not message.get("more_body", False):
            return {"type": "http.request", "body": bytes(body), "more_body": False}
