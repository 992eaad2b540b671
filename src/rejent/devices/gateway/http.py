"""The gateway's HTTP, as an ASGI application: who asks is known by the key of its connection, and looked up for each request.

    GET  /v1/authority                 the certificate that a device holds against its one-time code, before it trusts anything
    POST /v1/enrol                     a signing request (PKCS #10, DER), Rejent-Code and Rejent-Proof: the certificate, or 202 while it waits
    POST /v1/renew                     the same by a device that is listed, with its own key
    POST /v1/report                    what the headers say of the device; answers how far its batches have come
    POST /v1/batches/STREAM/SOURCE     a batch, with Rejent-Number, Rejent-Previous, Rejent-Lost: a receipt once it is durable

Every request may say ``Rejent-Version``, ``Rejent-Software`` (a digest) and ``Rejent-Clock`` (an instant).
"""

import asyncio
import json
import random
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from math import ceil
from typing import Any, NamedTuple, TypeVar

import structlog
from django.db import DatabaseError, close_old_connections

from rejent.devices import queries
from rejent.devices.errors import BatchDelayedError, BatchRefusedError
from rejent.devices.gateway import limits, records
from rejent.devices.gateway.chain import Claim, Joint, Position, join
from rejent.devices.views import Batch, DeviceView, Right
from rejent.kernel.clock import Clock
from rejent.kernel.numbers import read_number

KEY = "rejent.key"
"""Under this name the server leaves, in ``scope["state"]``, the SHA-256 of the public key of a connection's certificate."""
SLOWEST_BODY_S = 60.0
"""Seconds in which a body must have come: 70 KB a second of the largest."""
LARGEST_NUMBER = 2**53
"""Numbers of batches that every JSON reader keeps whole."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BATCHES = re.compile(r"/v1/batches/([a-z]{1,12})/([0-9a-f]{32})")
_T = TypeVar("_T")
log = structlog.get_logger(__name__)


class Answer(NamedTuple):
    """An answer of the gateway; ``again_s`` is when to ask again."""

    status: int
    said: Mapping[str, object]
    again_s: float = 0.0


class RefusedError(Exception):
    """A request ends with this answer."""

    def __init__(
        self, status: int, why: str, *, again_s: float = 0.0, said: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(why)
        self.answer = Answer(status, {"why": why, **(said or {})}, again_s)


@dataclass(slots=True)
class Gateway:
    """Takes requests of devices; ``take`` makes a batch of a stream durable before it returns, and raises BatchRefusedError or BatchDelayedError."""

    take: Callable[[str, Batch], None]
    streams: Iterable[str]
    clock: Clock
    authority: str
    _load: limits.Load = field(default_factory=limits.Load)
    _rows: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, "rows"))
    _takers: dict[str, ThreadPoolExecutor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._takers = {
            stream: ThreadPoolExecutor(limits.MOST_OF_STREAM, f"take-{stream}") for stream in self.streams
        }

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(Request.of(scope, receive))
        except RefusedError as refused:
            answer = refused.answer
        except DatabaseError:
            log.exception("gateway.database")
            answer = Answer(503, {"why": "database"}, 5.0)
        await _send(answer, send)

    async def _answer(self, request: "Request") -> Answer:
        if (request.method, request.path) == ("GET", "/v1/authority"):
            return Answer(200, {"certificate": self.authority})
        if request.method != "POST":
            raise RefusedError(405, "method")
        device = await self._in(self._rows, lambda: self._find_device(request))
        if request.path == "/v1/enrol" and device is None:
            return await self._certificate(request, None)
        if device is None:
            raise RefusedError(401, "no certificate of a listed device")
        wait = self._load.allowances.setdefault(device.id, limits.Allowance()).wait(
            request.size, self.clock.monotonic()
        )
        if wait > 0:
            raise RefusedError(429, "too many requests or bytes", again_s=wait)
        if request.path == "/v1/renew":
            return await self._certificate(request, device)
        if request.path == "/v1/report":
            return await self._report(request, device)
        batches = _BATCHES.fullmatch(request.path)
        if batches is None or batches[1] not in self._takers:
            raise RefusedError(404, "no such address")
        return await self._batch(request, device, batches[1], batches[2])

    def _find_device(self, request: "Request") -> DeviceView | None:
        """Return the device of a connection by the list of this moment; nothing without a certificate. Raises RefusedError."""
        if not request.key:
            return None
        found = queries.device_shown(request.key)
        if found is None:
            raise RefusedError(403, "unknown")
        lack = found.lack_at(request.peer, self.clock.now())
        if lack is not None:
            raise RefusedError(403, lack.value)
        return found

    async def _certificate(self, request: "Request", device: DeviceView | None) -> Answer:
        csr = await request.body(limits.LARGEST_REQUEST)
        code = request.headers.get("rejent-code", "")
        try:
            proof = b64decode(request.headers.get("rejent-proof", ""), validate=True)
            signed = await self._in(
                self._rows, lambda: records.request_certificate(csr, proof, device, code, self.clock)
            )
        except (ValueError, PermissionError):
            raise RefusedError(403, "not proven") from None
        return Answer(200, {"certificate": signed}) if signed else Answer(202, {"why": "waiting"}, 1.0)

    async def _report(self, request: "Request", device: DeviceView) -> Answer:
        if Right.REPORT not in device.rights:
            raise RefusedError(403, "right")
        await request.body(0)
        await self._in(self._rows, lambda: self._note_seen(request, device))
        return Answer(200, _told(await self._in(self._rows, lambda: records.find_position(device.id))))

    async def _batch(self, request: "Request", device: DeviceView, stream: str, source: str) -> Answer:
        if Right.RECORD not in device.rights:
            raise RefusedError(403, "right")
        if not self._load.begin(device.id, stream, request.size):
            raise RefusedError(503, "busy", again_s=1.0)
        try:
            body = await request.body(limits.LARGEST_BATCH)
            claim = request.claim(stream, source, body)
            return await self._in(
                self._takers[stream], lambda: self._take_batch(request, device, claim, body)
            )
        finally:
            self._load.end(device.id, stream, request.size)

    def _take_batch(self, request: "Request", device: DeviceView, claim: Claim, body: bytes) -> Answer:
        """Have a batch made durable, and give its receipt; in a thread of its stream."""
        position = records.find_position(device.id)
        joint = join(position, claim)
        if joint in {Joint.FORK, Joint.REPLAY}:
            records.note_fact(device.id, joint, claim, self.clock)
        if joint not in {Joint.NEXT, Joint.AGAIN}:
            raise RefusedError(409, joint.value, said=_told(position))
        self._note_seen(request, device)
        if joint is Joint.NEXT:
            came_at = self.clock.now()
            batch = Batch(device, claim.source, claim.chain, body, came_at, request.offset_s(came_at))
            try:
                self.take(claim.stream, batch)
                position = records.advance(device.id, position, claim, self.clock)
            except BatchRefusedError as refused:
                raise RefusedError(422, str(refused), said=_told(position)) from None
            except BatchDelayedError:
                raise RefusedError(503, "not durable", again_s=5.0) from None
        return Answer(200, {"receipt": claim.body, **_told(position)})

    def _note_seen(self, request: "Request", device: DeviceView) -> None:
        said = request.headers
        records.note_seen(
            device.id,
            version=said.get("rejent-version", ""),
            software=said.get("rejent-software", ""),
            offset_s=request.offset_s(self.clock.now()),
            clock=self.clock,
        )

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
        """Await what may wait for the database, in one of some threads."""

        def done() -> _T:
            try:
                return work()
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(threads, done)


@dataclass(slots=True)
class Request:
    """A request, whose size is known before its body is read."""

    method: str
    path: str
    headers: Mapping[str, str]
    size: int
    key: str
    peer: str
    _receive: Callable[[], Awaitable[Mapping[str, Any]]]

    @classmethod
    def of(cls, scope: Mapping[str, Any], receive: Any) -> "Request":
        """Return the request of a scope. Raises RefusedError: it does not say its size."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        unsaid = "0" if scope["method"] == "GET" else ""
        size = read_number(headers.get("content-length", unsaid), most=2**40)
        if size is None:
            raise RefusedError(411, "no content-length")
        key = str(scope.get("state", {}).get(KEY, ""))
        return cls(
            scope["method"], scope["path"], headers, size, key, (scope.get("client") or [""])[0], receive
        )

    async def body(self, most: int) -> bytes:
        """Return the body. Raises RefusedError: it is larger than ``most``, or came too slowly or not whole."""
        if self.size > most:
            raise RefusedError(413, "too large", said={"most": most})
        body, goes_on = bytearray(), True
        try:
            async with asyncio.timeout(SLOWEST_BODY_S):
                while goes_on:
                    message = await self._receive()
                    if message["type"] != "http.request":
                        raise RefusedError(400, "not whole")
                    body += message.get("body", b"")
                    goes_on = message.get("more_body", False)
        except TimeoutError:
            raise RefusedError(408, "too slow") from None
        return bytes(body)

    def claim(self, stream: str, source: str, body: bytes) -> Claim:
        """Return what is said of a batch. Raises RefusedError: it is not said, or wrongly."""
        number = read_number(self.headers.get("rejent-number", ""), least=1, most=LARGEST_NUMBER)
        lost = read_number(self.headers.get("rejent-lost", "0"), most=LARGEST_NUMBER)
        previous = self.headers.get("rejent-previous", "")
        if number is None or lost is None or not _DIGEST.fullmatch(previous):
            raise RefusedError(400, "rejent-number, rejent-previous or rejent-lost")
        return Claim(stream, source, number, previous, sha256(body).hexdigest(), lost)

    def offset_s(self, now: datetime) -> float | None:
        """Return the device's clock minus ours in seconds; nothing where it does not say."""
        try:
            said = datetime.fromisoformat(self.headers.get("rejent-clock", ""))
            return (said - now).total_seconds()
        except (ValueError, TypeError):
            return None


def _told(position: Position) -> dict[str, object]:
    return {"number": position.number, "chain": position.chain}


async def _send(answer: Answer, send: Any) -> None:
    """Send an answer; who is to ask again waits up to half as long again, so that not all come at once."""
    content = json.dumps(answer.said).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    if answer.again_s:
        waits = ceil(answer.again_s * random.uniform(1.0, 1.5))  # noqa: S311 - no secret
        headers.append((b"retry-after", str(waits).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
