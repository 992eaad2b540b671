"""A recording client for calls relayed by rtpengine, which forks the media, and its ng protocol in bencode (BEP 3)."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from rejent.kernel.clock import Clock
from rejent.kernel.numbers import read_number
from rejent.streams.calls.practice.session import HandOver, Speaker, recording_session

Value: TypeAlias = "bytes | int | list[Value] | dict[bytes, Value]"
MAX_DEPTH = 32


def encoded(value: str | bytes | int | Sequence[object] | Mapping[str, object]) -> bytes:
    """Encode a value: text as UTF-8, keys sorted; TypeError for an unsupported type."""
    match value:
        case str():
            return encoded(value.encode())
        case bytes():
            return b"%d:%s" % (len(value), value)
        case int():
            return b"i%de" % value
        case Mapping():
            inside = b"".join(encoded(key) + encoded(value[key]) for key in sorted(value))  # type: ignore[arg-type] # checked as it is encoded
            return b"d" + inside + b"e"
        case Sequence():
            return b"l" + b"".join(map(encoded, value)) + b"e"  # type: ignore[arg-type] # likewise
    raise TypeError(type(value).__name__)


def decoded(text: bytes) -> Value:
    """Decode a value; ValueError where it is malformed, or has trailing bytes."""
    value, end = _value(text, 0, 0)
    if end != len(text):
        raise ValueError("something follows the value")
    return value


def _value(text: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    sign = text[at : at + 1]
    if sign == b"i":
        end = text.index(b"e", at)
        digits = text[at + 1 : end]
        return -_count(digits[1:]) if digits[:1] == b"-" else _count(digits), end + 1
    if sign == b"l":
        return _list(text, at + 1, depth + 1)
    if sign == b"d":
        parts, end = _list(text, at + 1, depth + 1)
        keys, values = parts[::2], parts[1::2]
        if len(keys) != len(values) or not all(isinstance(key, bytes) for key in keys):
            raise ValueError("a key is none, or has no value")
        return {
            bytes(key): value for key, value in zip(keys, values, strict=True) if isinstance(key, bytes)
        }, end
    colon = text.index(b":", at)
    end = colon + 1 + _count(text[at:colon])
    if end > len(text):
        raise ValueError("a text is cut short")
    return text[colon + 1 : end], end


def _count(written: bytes) -> int:
    count = read_number(written, most=2**63 - 1)
    if count is None:
        raise ValueError("a number is none")
    return count


def _list(text: bytes, at: int, depth: int) -> tuple[list[Value], int]:
    found: list[Value] = []
    while text[at : at + 1] != b"e":
        value, at = _value(text, at, depth)
        found.append(value)
    return found, at + 1


PATIENCE_S = 0.5
ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class RelayedCall:
    """A call relayed by rtpengine, by its Call-ID and From tag."""

    name: str
    caller_tag: str
    caller: str
    called: str


async def hand_over_fork(
    call: RelayedCall, engine: tuple[str, int], recorder: tuple[str, int], clock: Clock, over: asyncio.Event
) -> HandOver:
    """Fork an answered call to a recorder until ``over`` is set; ConnectionError: rtpengine does not respond, or know the call."""
    request = {"command": "subscribe request", "call-id": call.name, "flags": ["all", "SIPREC"]}
    offer = await _ordered(engine, request)
    begun = clock.monotonic()
    async with recording_session(recorder) as session:
        description = _text(offer, b"sdp")
        answer = await session.begin(_speakers(call, offer), description, clock, over)
        waited, late = clock.monotonic() - begun, over.is_set()
        if answer is None or answer.status >= 300:
            return HandOver(answer.status if answer is not None else 0, 0, waited)
        accepted = {
            "command": "subscribe answer",
            "call-id": call.name,
            "to-tag": _text(offer, b"to-tag"),
            "sdp": answer.body,
        }
        await _ordered(engine, accepted)
        await over.wait()
        await session.end()
    return HandOver(answer.status, 0, waited, late)


def _speakers(call: RelayedCall, offer: dict[bytes, Value]) -> list[Speaker]:
    labels = cast("dict[bytes, dict[bytes, Value]]", offer.get(b"media-labels", {}))
    found = [
        Speaker(label.decode(), call.caller if media.get(b"tag") == call.caller_tag.encode() else call.called)
        for label, media in labels.items()
    ]
    return sorted(found, key=lambda each: each.number != call.caller)


def _text(reply: dict[bytes, Value], key: bytes) -> str:
    value = reply.get(key, b"")
    return value.decode() if isinstance(value, bytes) else ""


async def _ordered(engine: tuple[str, int], order: Mapping[str, object]) -> dict[bytes, Value]:
    loop = asyncio.get_running_loop()
    transport, replies = await loop.create_datagram_endpoint(_Replies, remote_addr=engine)
    cookie = secrets.token_hex(8).encode()
    try:
        for _ in range(ATTEMPTS):
            transport.sendto(cookie + b" " + encoded(order))
            try:
                reply = await asyncio.wait_for(asyncio.shield(replies.first(cookie)), PATIENCE_S)
            except TimeoutError:
                continue
            if reply.get(b"result") != b"ok":
                raise ConnectionError(_text(reply, b"error-reason"))
            return reply
    finally:
        transport.close()
    raise ConnectionError("rtpengine does not answer")


class _Replies(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self._waiting: dict[bytes, asyncio.Future[dict[bytes, Value]]] = {}

    def first(self, cookie: bytes) -> "asyncio.Future[dict[bytes, Value]]":
        """Return the future response to a cookie."""
        return self._waiting.setdefault(cookie, asyncio.get_running_loop().create_future())

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 - the protocol's form
        """Resolve the future of a response."""
        cookie, _, text = data.partition(b" ")
        waiting = self._waiting.get(cookie)
        try:
            reply = decoded(text)
        except ValueError:
            return
        if waiting is not None and not waiting.done() and isinstance(reply, dict):
            waiting.set_result(reply)
