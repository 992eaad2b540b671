"""One subscriber to live pictures in the recorder: a socket, its subscription, and its queue."""

import select
import socket
from collections import deque
from dataclasses import dataclass

from rejent.kernel.clock import Clock
from rejent.streams.cameras.recorder.live.wire import (
    HEAD,
    LiveKind,
    LiveProtocolError,
    parse_message_head,
    parse_subscription,
)

_LONGEST_WAIT = 2.0
"""Seconds a fragment may stay queued."""
_MOST_BYTES = 32 * 1024 * 1024
_MOST_PARTS = 256
"""Buffers given to the kernel at once (below IOV_MAX)."""
_LARGEST_SUBSCRIPTION = 1 << 16


@dataclass(frozen=True, slots=True)
class Message:
    """Message sent as a whole or not at all; its buffers are shared by all subscribers."""

    source_id: str
    parts: tuple[bytes, ...]
    droppable: bool
    key: bool = False


class Subscriber:
    """A connection that never blocks the recorder."""

    def __init__(self, connection: socket.socket, clock: Clock) -> None:
        self.connection = connection
        self.wanted: frozenset[str] = frozenset()
        self.events = int(select.EPOLLIN)
        self.dropped = 0
        """Fragments not sent because the subscriber was slow."""
        self._clock = clock
        self._queue: deque[tuple[float, Message]] = deque()
        self._queued = 0
        self._sent = 0
        self._without_key: set[str] = set()
        self._received = bytearray()

    @property
    def waiting(self) -> bool:
        """Return whether messages are queued."""
        return bool(self._queue)

    def wait_for_key(self, source_id: str) -> None:
        """Skip fragments of this source until one with a key picture."""
        self._without_key.add(source_id)

    def queue(self, message: Message) -> None:
        """Queue a message, unless it is a fragment the subscriber is too slow for or cannot decode."""
        if message.droppable:
            if self._is_slow():
                self._drop_all()
                self._without_key.add(message.source_id)
                self.dropped += 1
                return
            if message.source_id in self._without_key and not message.key:
                return
            self._without_key.discard(message.source_id)
        self._queue.append((self._clock.monotonic(), message))
        self._queued += sum(map(len, message.parts))

    def send(self) -> None:
        """Send as much as the socket takes; OSError where the connection is gone."""
        while self._queue:
            parts = self._next_parts()
            try:
                sent = self.connection.sendmsg(parts)
            except BlockingIOError:
                return
            self._advance(sent)

    def receive(self) -> frozenset[str] | None:
        """Return the sources subscribed to from now on, None while no whole subscription has come.

        Raises OSError, LiveProtocolError: it is over.
        """
        try:
            received = self.connection.recv(_LARGEST_SUBSCRIPTION)
        except BlockingIOError:
            return None
        if not received:
            raise ConnectionResetError
        self._received += received
        wanted: frozenset[str] | None = None
        while len(self._received) >= HEAD.size:
            length, kind, _, name, _ = parse_message_head(bytes(self._received[: HEAD.size]))
            if kind is not LiveKind.SUBSCRIBE or name or length > _LARGEST_SUBSCRIPTION:
                raise LiveProtocolError("A subscriber to live pictures sends something that is no wish.")
            if len(self._received) < HEAD.size + length:
                break
            wanted = parse_subscription(bytes(self._received[HEAD.size : HEAD.size + length]))
            del self._received[: HEAD.size + length]
        return wanted

    def _is_slow(self) -> bool:
        if not self._queue:
            return False
        return self._clock.monotonic() - self._queue[0][0] > _LONGEST_WAIT or self._queued > _MOST_BYTES

    def _drop_all(self) -> None:
        first = self._queue[0] if self._sent else None
        kept: deque[tuple[float, Message]] = deque()
        for entry in self._queue:
            if entry is first or not entry[1].droppable:
                kept.append(entry)
            else:
                self.dropped += 1
                self._without_key.add(entry[1].source_id)
        self._queue = kept
        self._queued = sum(len(part) for _, message in kept for part in message.parts)

    def _next_parts(self) -> list[bytes | memoryview]:
        parts: list[bytes | memoryview] = []
        skip = self._sent
        for _, message in self._queue:
            for part in message.parts:
                if skip >= len(part):
                    skip -= len(part)
                    continue
                parts.append(memoryview(part)[skip:] if skip else part)
                skip = 0
            if len(parts) >= _MOST_PARTS:
                break
        return parts[:_MOST_PARTS]

    def _advance(self, sent: int) -> None:
        self._sent += sent
        while self._queue:
            length = sum(map(len, self._queue[0][1].parts))
            if self._sent < length:
                return
            self._sent -= length
            self._queued -= length
            self._queue.popleft()
