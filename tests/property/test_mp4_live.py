"""Live pictures under any order of publishing, reading, waiting, joining and leaving."""

import contextlib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.formats.mp4.picture import AccessUnit
from rejent.formats.mp4.reader import parse_fragment_head
from rejent.kernel.clock import ManualClock
from rejent.streams.cameras.recorder.live.publisher import LivePublisher
from rejent.streams.cameras.recorder.live.wire import (
    HEAD,
    LiveKind,
    LiveMessage,
    parse_message_head,
    short_socket_path,
    subscription,
)
from tests.examples import examples
from tests.property.test_mp4 import H264

ACTS = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 12)),
    st.tuples(st.just("read"), st.integers(1, 300_000)),
    st.tuples(st.just("wait"), st.integers(1, 4000)),
    st.tuples(st.just("wish"), st.sampled_from((("a",), ("a", "b"), ()))),
    st.tuples(st.just("leave"), st.none()),
)


def _messages(received: bytearray) -> Iterator[LiveMessage]:
    """The whole messages at the beginning of what was received; the rest stays."""
    while len(received) >= HEAD.size:
        length, kind, key, name, captured_at = parse_message_head(bytes(received[: HEAD.size]))
        end = HEAD.size + name + length
        if len(received) < end:
            return
        content = bytes(received[HEAD.size : end])
        del received[:end]
        yield LiveMessage(content[:name].decode(), kind, content[name:], captured_at, key)


class _Rig:
    """A publisher, one viewer that may leave and come back, and what it saw of each source."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(datetime(2026, 5, 4, tzinfo=UTC))
        self.path = folder / "live"
        self.publisher = LivePublisher(self.path, self.clock)
        self.number = 0
        self.join()

    def join(self) -> None:
        self.received = bytearray()
        self.last: dict[str, int | None] = {}
        self.viewer = socket.socket(socket.AF_UNIX)
        with short_socket_path(self.path) as name:
            self.viewer.connect(name)
        self.viewer.setblocking(False)
        self.publisher.service()

    def publish(self, count: int) -> None:
        for _ in range(count):
            moment = self.clock.monotonic()
            unit = AccessUnit(bytes(20_000), self.number * 3600, self.number % 25 == 0, moment, False)
            self.number += 1
            for source in "ab":
                self.publisher.pictures(source, H264, [unit])
            self.clock.advance(timedelta(milliseconds=40))

    def read(self, most: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self.received += self.viewer.recv(most)
        for message in _messages(self.received):
            self._judge(message)
        self.publisher.service()

    def wish(self, wanted: tuple[str, ...]) -> None:
        self.viewer.sendall(subscription(wanted))
        self.publisher.service()

    def leave(self) -> None:
        self.viewer.close()
        self.publisher.service()
        self.join()

    def _judge(self, message: LiveMessage) -> None:
        """A fragment follows the one before it, or begins with a key picture behind an initialisation."""
        if message.kind is LiveKind.INITIALISATION:
            self.last[message.source_id] = None
            return
        assert message.kind is LiveKind.FRAGMENT
        sequence = parse_fragment_head(message.payload).sequence
        before = self.last[message.source_id]
        assert message.key or before == sequence - 1
        self.last[message.source_id] = sequence

    def close(self) -> None:
        self.viewer.close()
        self.publisher.close()


@given(st.lists(ACTS, max_size=60))
@settings(max_examples=examples(80))
def test_a_viewer_only_ever_gets_whole_messages_that_can_be_shown(acts: list[tuple[str, object]]) -> None:
    """Whatever the viewer does, fragments follow each other or begin anew with a key picture."""
    with TemporaryDirectory() as folder, contextlib.closing(_Rig(Path(folder))) as rig:
        for act, argument in acts:
            if act == "publish":
                rig.publish(argument)
            elif act == "read":
                rig.read(argument)
            elif act == "wait":
                rig.clock.advance(timedelta(milliseconds=argument))
            elif act == "wish":
                rig.wish(argument)
            else:
                rig.leave()
        for _ in range(200):
            rig.read(1 << 20)
        assert rig.publisher.subscribers == 1
        assert rig.received == b""


@given(st.integers(60, 200), st.integers(0, 30_000))
@settings(max_examples=examples(20))
def test_what_waits_for_a_slow_viewer_is_bounded(count: int, share: int) -> None:
    """At no time does more wait than two seconds of pictures, and the one fragment under way."""
    with TemporaryDirectory() as folder, contextlib.closing(_Rig(Path(folder))) as rig:
        rig.wish(("a",))
        for _ in range(count):
            rig.publish(1)
            if share:
                rig.read(share)
            waiting = [each._queued for each in rig.publisher._subscribers.values()]
            assert max(waiting) <= 52 * 20_200
