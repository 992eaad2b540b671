"""The drill's recording client: hands over the calls that the proxy copies to it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from rejent.kernel.clock import Clock
from rejent.streams.calls.network.sip.header_values import read_address
from rejent.streams.calls.network.sip.message import Request, Response, SipError, read_message
from rejent.streams.calls.practice.drill.measurements import HandOverCounts, percentile
from rejent.streams.calls.practice.rtpengine import RelayedCall, hand_over_fork
from rejent.streams.calls.practice.session import HandOver, SimulatedCall, hand_over, query_status
from rejent.streams.calls.practice.voice import conversation

HOST = "127.0.0.1"
_SPOKEN_S = 10.0


@dataclass(slots=True)
class _Call:
    task: "asyncio.Task[HandOver]"
    over: asyncio.Event


@dataclass(slots=True)
class RecordingClient:
    """Hands over calls in a thread of its own, so that measuring is not delayed.

    ``port`` receives copies of messages. ``engine`` forks answered calls where rtpengine relays media; otherwise we
    send speech ourselves, from the INVITE on.
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
        """Run until the end of the block."""
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
        """Return True if the recorder accepts calls, within so many seconds."""
        return self._asked(patience_s) == 200

    def full(self, patience_s: float) -> bool:
        """Return True if the recorder rejects calls, within so many seconds."""
        return self._asked(patience_s) == 503

    def handed(self, patience_s: float) -> HandOverCounts:
        """Return the results since the last call, waiting so many seconds for the last ones."""
        handed = asyncio.run_coroutine_threadsafe(self._handed(patience_s), self._loop)
        return handed.result()

    def _asked(self, patience_s: float) -> int:
        return asyncio.run_coroutine_threadsafe(query_status(self.recorder, patience_s), self._loop).result()

    async def _handed(self, patience_s: float) -> HandOverCounts:
        calls, self._calls = self._calls, {}
        tasks = [call.task for call in calls.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=patience_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        failed = [task.cancelled() or task.exception() is not None for task in tasks]
        return _count(
            [HandOver(0, 0) if no else task.result() for task, no in zip(tasks, failed, strict=True)]
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
        """Process a message that passed the proxy."""
        known = self._calls.get(message.call_id)
        if isinstance(message, Request) and message.method in {"BYE", "CANCEL"}:
            if known is not None:
                known.over.set()
        elif known is None and self._is_due(message):
            over = asyncio.Event()
            task = asyncio.get_running_loop().create_task(self._handing(message, over))
            self._calls[message.call_id] = _Call(task, over)

    def _is_due(self, message: Request | Response) -> bool:
        if isinstance(message, Request):
            return message.method == "INVITE" and self.engine is None
        return message.status == 200 and message.sequence[1] == "INVITE" and self.engine is not None

    async def _handing(self, message: Request | Response, over: asyncio.Event) -> HandOver:
        caller, called = (read_address(message.headers.get(field) or "") for field in ("From", "To"))
        if self.engine is None:
            call = SimulatedCall(caller.address.user, called.address.user, self._legs)
            return await hand_over(call, self.recorder, self.clock, over)
        relayed = RelayedCall(message.call_id, caller.tag, caller.address.user, called.address.user)
        return await hand_over_fork(relayed, self.engine, self.recorder, self.clock, over)


class _Copies(asyncio.DatagramProtocol):
    def __init__(self, client: RecordingClient) -> None:
        self._client = client

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 - the protocol's form
        """Parse a copy; ignore what is not SIP."""
        with suppress(SipError):
            self._client.see(read_message(data))


def _count(outcomes: list[HandOver]) -> HandOverCounts:
    taken = [each for each in outcomes if each.status and each.status < 300]
    answered = [each.waited_s * 1000 for each in outcomes if each.status]
    recorded = sum(not each.late for each in taken)
    return HandOverCounts(
        recorded=recorded,
        late=len(taken) - recorded,
        refused=sum(each.status >= 300 for each in outcomes),
        unanswered=sum(each.status == 0 for each in outcomes),
        answer_p95_ms=round(percentile(answered, 0.95), 1),
    )
