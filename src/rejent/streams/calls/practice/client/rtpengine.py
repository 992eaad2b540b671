"""A recording client for calls relayed by rtpengine, which forks the media.

rtpengine offers copies of both parties (``subscribe request`` of its ng protocol) and the recorder answers; neither
call nor proxy waits for that.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from rejent.kernel.clock import Clock
from rejent.streams.calls.practice.client.bencode import Value, decoded, encoded
from rejent.streams.calls.practice.client.session import HandOver, Speaker, recording_session

PATIENCE_S = 0.5
"""Seconds before a command is repeated."""
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
    """Fork an answered call to a recorder until ``over`` is set.

    ConnectionError: rtpengine does not respond, or does not know the call.
    """
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
    """Return the speaker of each line of the offer, the caller first."""
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
