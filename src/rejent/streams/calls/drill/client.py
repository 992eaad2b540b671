"""The recording client of the drill: sees copies of what the proxy passes on, and hands each call over to the recorder."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from rejent.kernel.clock import Clock
from rejent.streams.calls.client.fork import RelayedCall, hand_over_fork
from rejent.streams.calls.client.session import HandedOver, ask_how_it_is
from rejent.streams.calls.drill.measured import Handed, percentile
from rejent.streams.calls.simulated.pbx import SimulatedCall, hand_over
from rejent.streams.calls.simulated.voice import conversation
from rejent.streams.calls.sip.errors import SipError
from rejent.streams.calls.sip.header_values import read_address
from rejent.streams.calls.sip.message import Request, Response, read_message

HOST = "127.0.0.1"
_SPOKEN_S = 10.0
"""Longer than any call of a drill lasts."""


@dataclass(slots=True)
class _Call:
    """One call that is handed over."""

    task: "asyncio.Task[HandedOver]"
    over: asyncio.Event


@dataclass(slots=True)
class RecordingClient:
    """Hands over what it sees, in a thread of its own, so that nothing it waits for holds up whoever measures.

    Attributes:
        recorder: where recording sessions are taken.
        clock: dates the metadata.
        port: where copies are taken.
        engine: where rtpengine takes orders, if it relays what the parties say: its copies are handed over once the call is
            answered. Otherwise we speak in their place, from the INVITE on.
    """

    recorder: tuple[str, int]
    clock: Clock
    port: int = 0
    engine: tuple[str, int] | None = None
    _calls: dict[str, _Call] = field(default_factory=dict)
    _legs: tuple[bytes, bytes] = field(default_factory=lambda: conversation(_SPOKEN_S, 1))
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    @contextmanager
    def running(self) -> Iterator["RecordingClient"]:
        """See and hand over, until the end of the block."""
        listening = threading.Event()
        thread = threading.Thread(target=self._run, args=(listening,), name="recording-client")
        thread.start()
        listening.wait()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    def well(self, patience_s: float) -> bool:
        """Whether the recorder says within so many seconds that it takes calls."""
        return self._asked(patience_s) == 200

    def full(self, patience_s: float) -> bool:
        """Whether the recorder says within so many seconds that it takes none."""
        return self._asked(patience_s) == 503

    def handed(self, patience_s: float) -> Handed:
        """How the calls seen since the last time were taken; the last answers may come within so many seconds."""
        asked = asyncio.run_coroutine_threadsafe(self._handed(patience_s), self._loop)
        return asked.result()

    def _asked(self, patience_s: float) -> int:
        return asyncio.run_coroutine_threadsafe(ask_how_it_is(self.recorder, patience_s), self._loop).result()

    async def _handed(self, patience_s: float) -> Handed:
        calls, self._calls = self._calls, {}
        tasks = [call.task for call in calls.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=patience_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        failed = [task.cancelled() or task.exception() is not None for task in tasks]
        return _told(
            [HandedOver(0, 0) if no else task.result() for task, no in zip(tasks, failed, strict=True)]
        )

    def _run(self, listening: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        opening = self._loop.create_datagram_endpoint(lambda: _Copies(self), local_addr=(HOST, self.port))
        transport, _ = self._loop.run_until_complete(opening)
        self.port = transport.get_extra_info("sockname")[1]
        listening.set()
        try:
            self._loop.run_forever()
        finally:
            transport.close()
            for call in self._calls.values():
                call.task.cancel()
            tasks = [call.task for call in self._calls.values()]
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    def see(self, message: Request | Response) -> None:
        """A message passed through the proxy."""
        known = self._calls.get(message.call_id)
        if isinstance(message, Request) and message.method in {"BYE", "CANCEL"}:
            if known is not None:
                known.over.set()
        elif known is None and self._is_due(message):
            over = asyncio.Event()
            task = asyncio.get_running_loop().create_task(self._handing(message, over))
            self._calls[message.call_id] = _Call(task, over)

    def _is_due(self, message: Request | Response) -> bool:
        """Whether this is the message upon which a call is handed over."""
        if isinstance(message, Request):
            return message.method == "INVITE" and self.engine is None
        return message.status == 200 and message.sequence[1] == "INVITE" and self.engine is not None

    async def _handing(self, message: Request | Response, over: asyncio.Event) -> HandedOver:
        caller, called = (read_address(message.headers.get(field) or "") for field in ("From", "To"))
        if self.engine is None:
            call = SimulatedCall(caller.address.user, called.address.user, self._legs)
            return await hand_over(call, self.recorder, self.clock, over)
        relayed = RelayedCall(message.call_id, caller.tag, caller.address.user, called.address.user)
        return await hand_over_fork(relayed, self.engine, self.recorder, self.clock, over)


class _Copies(asyncio.DatagramProtocol):
    """Copies of messages, one a datagram."""

    def __init__(self, client: RecordingClient) -> None:
        self._client = client

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 - the protocol's form
        """Read a copy; what is no message of SIP is passed over."""
        with suppress(SipError):
            self._client.see(read_message(data))


def _told(outcomes: list[HandedOver]) -> Handed:
    taken = [each for each in outcomes if each.status and each.status < 300]
    answered = [each.waited_s * 1000 for each in outcomes if each.status]
    recorded = sum(not each.late for each in taken)
    return Handed(
        recorded=recorded,
        late=len(taken) - recorded,
        refused=sum(each.status >= 300 for each in outcomes),
        unanswered=sum(each.status == 0 for each in outcomes),
        answer_p95_ms=round(percentile(answered, 0.95), 1),
    )
