"""Publisher of live pictures in the recorder: fragments of a few pictures over a Unix socket.

The recorder drives a `LivePublisher`, its `PictureListener`, from its own loop and never waits for it. Without a
subscriber a picture costs one look into a dictionary. A slow subscriber loses whole fragments, up to the next key
picture, and nobody else is affected. Messages are described in `rejent.streams.cameras.recorder.live.wire`.
"""

import contextlib
import json
import select
import socket
from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from rejent.formats.errors import ParameterSetError
from rejent.formats.fragment_index import Fragment
from rejent.formats.mp4.picture import AccessUnit, ParameterSets
from rejent.formats.mp4.writer import FragmentWriter, initialisation
from rejent.kernel.clock import Clock
from rejent.recording.contract import SourceStatus
from rejent.streams.cameras.recorder.live.subscriber import Message, Subscriber
from rejent.streams.cameras.recorder.live.wire import (
    LiveKind,
    LiveProtocolError,
    message_head,
    short_socket_path,
)

_BATCH = 0.2
"""Seconds of pictures in a fragment where the stream re-orders; otherwise each batch of reading is one."""
_LARGEST_GROUP = 8 * 1024 * 1024
"""Bytes kept of the current group of pictures, so that a further subscriber begins at once."""


class _LiveStream:
    def __init__(self, source_id: str, clock: Clock) -> None:
        self.subscribers: list[Subscriber] = []
        self._source_id = source_id
        self._clock = clock
        self._writer: FragmentWriter | None = None
        self._initialisation: Message | None = None
        self._group: list[Message] = []
        self._group_size = 0
        self._newest = 0.0

    def begin(self, parameters: ParameterSets) -> None:
        """Send an initialisation for new parameter sets, none where they cannot be read; fragments follow from the next key picture on."""
        self._writer, self._initialisation = None, None
        self._forget_group()
        try:
            content = initialisation(parameters)
        except ParameterSetError:
            return
        head = message_head(self._source_id, LiveKind.INITIALISATION, len(content), self._clock.now())
        self._initialisation = Message(self._source_id, (head, content), droppable=False)
        self._parameters = parameters
        for subscriber in self.subscribers:
            subscriber.wait_for_key(self._source_id)
            subscriber.queue(self._initialisation)

    def join(self, subscriber: Subscriber) -> None:
        self.subscribers.append(subscriber)
        subscriber.wait_for_key(self._source_id)
        if self._initialisation is not None:
            subscriber.queue(self._initialisation)
        for message in self._group:
            subscriber.queue(message)

    def add(self, unit: AccessUnit) -> None:
        if unit.damaged:
            self.flush(everything=True)
            self._writer = None
            return
        if unit.key:
            self.flush(everything=True)
            if self._writer is None and self._initialisation is not None:
                self._writer = FragmentWriter(self._parameters, target=_BATCH)
        if self._writer is None:
            return
        fragment = self._writer.add(unit)
        self._newest = unit.arrival
        if fragment is not None:
            self._send(fragment)

    def flush(self, *, everything: bool = False) -> None:
        if self._writer is not None and (everything or self._writer.depth == 0):
            fragment = self._writer.flush()
            if fragment is not None:
                self._send(fragment)

    def _send(self, fragment: Fragment) -> None:
        length = sum(map(len, fragment.parts))
        captured = captured_at(self._newest, self._clock)
        head = message_head(self._source_id, LiveKind.FRAGMENT, length, captured, key=fragment.key)
        message = Message(self._source_id, (head, *fragment.parts), droppable=True, key=fragment.key)
        if fragment.key:
            self._forget_group()
        if self._group or fragment.key:
            self._group.append(message)
            self._group_size += length
        if self._group_size > _LARGEST_GROUP:
            self._forget_group()
        for subscriber in self.subscribers:
            subscriber.queue(message)

    def _forget_group(self) -> None:
        self._group, self._group_size = [], 0


class LivePublisher:
    """Server of live pictures; all but `state` is called from the recorder's one thread, and no call blocks.

    It works whenever the recorder calls `watched`, once a round. The socket has mode 0600 and replaces one left by a dead recorder.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._streams: dict[str, _LiveStream] = {}
        self._parameters: dict[str, ParameterSets] = {}
        self._states: dict[str, Message] = {}
        self._new_states: deque[SourceStatus] = deque()
        self._subscribers: dict[int, Subscriber] = {}
        self._dropped_before = 0
        self._listener = _listening(path)
        self._poll = select.epoll()
        self._poll.register(self._listener, select.EPOLLIN)

    @property
    def subscribers(self) -> int:
        """Count the connections."""
        return len(self._subscribers)

    @property
    def dropped(self) -> int:
        """Count the fragments not sent because a subscriber was slow."""
        return self._dropped_before + sum(each.dropped for each in self._subscribers.values())

    def watched(self) -> Collection[str]:
        """Serve the subscribers, then return the watched sources."""
        self.service()
        return self._streams.keys()

    def pictures(self, source_id: str, parameters: ParameterSets, units: list[AccessUnit]) -> None:
        """Send pictures of one source as they arrive, with the parameter sets in force."""
        stream = self._streams.get(source_id)
        if self._parameters.get(source_id) is not parameters:
            self.parameters(source_id, parameters)
        if stream is not None:
            for unit in units:
                stream.add(unit)
            stream.flush()
            self._send_all(stream)

    def fileno(self) -> int:
        """Return the descriptor to wait on for reading."""
        return self._poll.fileno()

    def service(self) -> None:
        """Accept subscribers, read their subscriptions, send queued messages; never blocks."""
        while self._new_states:
            self._publish_state(self._new_states.popleft())
        for number, events in self._poll.poll(0):
            if number == self._listener.fileno():
                self._accept()
                continue
            subscriber = self._subscribers.get(number)
            if subscriber is None:
                continue
            try:
                if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                    self._read_subscription(subscriber)
                subscriber.send()
            except (OSError, LiveProtocolError):
                self._disconnect(subscriber)
            else:
                self._update_events(subscriber)

    def parameters(self, source_id: str, sets: ParameterSets) -> None:
        """Set the parameter sets in force for the source's pictures from now on."""
        if self._parameters.get(source_id) == sets:
            return
        self._parameters[source_id] = sets
        stream = self._streams.get(source_id)
        if stream is not None:
            stream.begin(sets)
            self._send_all(stream)

    def state(self, status: SourceStatus) -> None:
        """Publish the state of a source to present and later subscribers. Callable from any thread."""
        self._new_states.append(status)

    def _publish_state(self, status: SourceStatus) -> None:
        state = {"state": status.state, "cause": status.cause, "since": status.since.isoformat()}
        content = json.dumps(state).encode()
        head = message_head(status.source_id, LiveKind.STATE, len(content), self._clock.now())
        message = Message(status.source_id, (head, content), droppable=False)
        known = self._states.get(status.source_id)
        if known is not None and known.parts[1] == content:
            return
        self._states[status.source_id] = message
        stream = self._streams.get(status.source_id)
        for subscriber in stream.subscribers if stream is not None else ():
            subscriber.queue(message)
        if stream is not None:
            self._send_all(stream)

    def remove(self, source_id: str) -> None:
        """Forget a source that is no longer recorded here."""
        self._parameters.pop(source_id, None)
        self._states.pop(source_id, None)
        self._streams.pop(source_id, None)

    def close(self) -> None:
        """End all connections and remove the socket."""
        for subscriber in list(self._subscribers.values()):
            self._disconnect(subscriber)
        self._poll.close()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setblocking(False)
                self._subscribers[connection.fileno()] = Subscriber(connection, self._clock)
                self._poll.register(connection, select.EPOLLIN)

    def _read_subscription(self, subscriber: Subscriber) -> None:
        wanted = subscriber.receive()
        if wanted is None:
            return
        for source_id in subscriber.wanted - wanted:
            self._unsubscribe(subscriber, source_id)
        for source_id in wanted - subscriber.wanted:
            if source_id in self._states:
                subscriber.queue(self._states[source_id])
            self._stream(source_id).join(subscriber)
        subscriber.wanted = wanted

    def _stream(self, source_id: str) -> _LiveStream:
        stream = self._streams.get(source_id)
        if stream is None:
            stream = self._streams[source_id] = _LiveStream(source_id, self._clock)
            if source_id in self._parameters:
                stream.begin(self._parameters[source_id])
        return stream

    def _unsubscribe(self, subscriber: Subscriber, source_id: str) -> None:
        stream = self._streams.get(source_id)
        if stream is not None and subscriber in stream.subscribers:
            stream.subscribers.remove(subscriber)
            if not stream.subscribers:
                del self._streams[source_id]

    def _send_all(self, stream: _LiveStream) -> None:
        for subscriber in list(stream.subscribers):
            try:
                subscriber.send()
            except OSError:
                self._disconnect(subscriber)
            else:
                self._update_events(subscriber)

    def _update_events(self, subscriber: Subscriber) -> None:
        """Wait for room in the socket only while something is queued."""
        events = select.EPOLLIN | (select.EPOLLOUT if subscriber.waiting else 0)
        if events != subscriber.events:
            subscriber.events = events
            self._poll.modify(subscriber.connection, events)

    def _disconnect(self, subscriber: Subscriber) -> None:
        self._dropped_before += subscriber.dropped
        for source_id in subscriber.wanted:
            self._unsubscribe(subscriber, source_id)
        del self._subscribers[subscriber.connection.fileno()]
        self._poll.unregister(subscriber.connection)
        subscriber.connection.close()


def captured_at(arrival: float, clock: Clock) -> datetime:
    """Return the instant of an ``arrival`` in seconds of the monotonic clock."""
    return clock.now() - timedelta(seconds=clock.monotonic() - arrival)


def _listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        with short_socket_path(path) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.listen(64)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
