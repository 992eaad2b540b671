"""Live pictures: what a viewer gets, and what a bad viewer cannot do to others."""

import asyncio
import contextlib
import json
import select
import socket
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.formats.mp4.picture import AccessUnit
from rejent.kernel.clock import ManualClock, SystemClock
from rejent.recording.contract import GeneralCause, SourceStatus, State
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.recorder.live.client import subscribe
from rejent.streams.cameras.recorder.live.publisher import LivePublisher
from rejent.streams.cameras.recorder.live.wire import (
    HEAD,
    LiveKind,
    LiveMessage,
    parse_message_head,
    short_socket_path,
    subscription,
)
from tests.unit.formats.clips import clip, judged
from tests.waiting import CEILING_S

NOON = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


class Viewer:
    """A web process reduced to a socket."""

    def __init__(self, path: Path, *sources: str) -> None:
        self.connection = socket.socket(socket.AF_UNIX)
        with short_socket_path(path) as name:
            self.connection.connect(name)
        self.connection.setblocking(False)
        self._received = bytearray()
        self.wish(*sources)

    def wish(self, *sources: str) -> None:
        """Asks for these sources."""
        self.connection.sendall(subscription(sources))

    def all_there_is(self) -> list[LiveMessage]:
        """Every whole message that was sent so far."""
        with contextlib.suppress(BlockingIOError):
            while part := self.connection.recv(1 << 20):
                self._received += part
        messages = []
        while (message := self._message()) is not None:
            messages.append(message)
        return messages

    def _message(self) -> LiveMessage | None:
        if len(self._received) < HEAD.size:
            return None
        length, kind, key, name, captured_at = parse_message_head(bytes(self._received[: HEAD.size]))
        end = HEAD.size + name + length
        if len(self._received) < end:
            return None
        content = bytes(self._received[HEAD.size : end])
        del self._received[:end]
        return LiveMessage(content[:name].decode(), kind, content[name:], captured_at, key)


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock moved by hand."""
    return ManualClock(NOON)


@pytest.fixture
def publisher(tmp_path: Path, clock: ManualClock):
    """A recorder's publisher."""
    with closing(LivePublisher(tmp_path / "live.sock", clock)) as made:
        yield made


def _path(publisher: LivePublisher) -> Path:
    return publisher._path


def _batches(units: tuple[AccessUnit, ...], size: int = 3) -> list[list[AccessUnit]]:
    return [list(units[at : at + size]) for at in range(0, len(units), size)]


def test_a_viewer_gets_a_playable_stream_from_the_next_key_picture(
    publisher: LivePublisher, tmp_path: Path
) -> None:
    """Joining in the middle of a group gives the initialisation, then pictures from the next key picture on."""
    made = clip("h264")
    publisher.pictures("a", made.parameters, list(made.units[:10]))
    viewer = Viewer(_path(publisher), "a")
    with closing(viewer.connection):
        publisher.service()
        publisher.service()
        for batch in _batches(made.units[10:]):
            assert publisher.watched()
            publisher.pictures("a", made.parameters, batch)
        messages = viewer.all_there_is()
    verdict = judged(b"".join(message.payload for message in messages), tmp_path)
    assert messages[0].kind is LiveKind.INITIALISATION
    assert messages[1].key
    assert verdict.frames == 50
    assert verdict.times == [number * 3600 for number in range(50)]
    assert verdict.complaints == ""


@pytest.mark.parametrize("recipe", ["h264-b", "h265-b"])
def test_reordered_pictures_are_shown_in_order(recipe: str, publisher: LivePublisher, tmp_path: Path) -> None:
    """With B-pictures every picture still has its own time."""
    made = clip(recipe)
    viewer = Viewer(_path(publisher), "a")
    with closing(viewer.connection):
        publisher.service()
        publisher.service()
        for batch in _batches(made.units):
            publisher.pictures("a", made.parameters, batch)
        messages = viewer.all_there_is()
    verdict = judged(b"".join(message.payload for message in messages), tmp_path)
    assert verdict.frames >= len(made.units) - 10
    assert verdict.times == [number * 3600 for number in range(verdict.frames)]


def test_without_a_viewer_nothing_is_kept(publisher: LivePublisher) -> None:
    """Pictures nobody asked for leave nothing behind."""
    made = clip("h264")
    publisher.pictures("a", made.parameters, list(made.units))
    assert not publisher.watched()
    assert publisher._streams == {}


def test_a_second_viewer_begins_at_once(publisher: LivePublisher) -> None:
    """While somebody looks, the group of pictures under way is given to whoever joins."""
    made = clip("h264")
    first = Viewer(_path(publisher), "a")
    publisher.service()
    publisher.service()
    publisher.pictures("a", made.parameters, list(made.units[:30]))
    second = Viewer(_path(publisher), "a")
    publisher.service()
    publisher.service()
    with closing(first.connection), closing(second.connection):
        kinds = [(message.kind, message.key) for message in second.all_there_is()]
    assert kinds[:2] == [(LiveKind.INITIALISATION, False), (LiveKind.FRAGMENT, True)]


def test_a_slow_viewer_loses_whole_fragments_and_nobody_else_notices(
    publisher: LivePublisher, clock: ManualClock, tmp_path: Path
) -> None:
    """A slow viewer later reads whole messages that play; the other one misses nothing."""
    made = clip("h264")
    padded = [replace(unit, data=unit.data + _filler(60_000)) for unit in made.units] * 4
    units = [replace(unit, time=number * 3600) for number, unit in enumerate(padded)]
    slow, quick = Viewer(_path(publisher), "a"), Viewer(_path(publisher), "a")
    for _ in range(3):
        publisher.service()
    seen: list[LiveMessage] = []
    with closing(slow.connection), closing(quick.connection):
        for batch in _batches(tuple(units)):
            clock.advance(timedelta(milliseconds=120))
            publisher.pictures("a", made.parameters, batch)
            publisher.watched()
            seen += quick.all_there_is()
        late = []
        while publisher.watched() and (more := slow.all_there_is()):
            late += more
    assert publisher.dropped > 0
    assert judged(_joined(seen), tmp_path, "quick.mp4").frames == len(units)
    verdict = judged(_joined(late), tmp_path, "slow.mp4")
    assert 0 < verdict.frames < len(units)
    assert verdict.complaints == ""


def _filler(length: int) -> bytes:
    """A NAL unit of filler data (H.264 §7.3.2.7)."""
    return length.to_bytes(4, "big") + b"\x0c" + b"\xff" * (length - 2) + b"\x80"


def _joined(messages: list[LiveMessage]) -> bytes:
    return b"".join(message.payload for message in messages)


def test_a_viewer_can_change_its_subscription(publisher: LivePublisher) -> None:
    """A later subscription replaces the earlier one."""
    made = clip("h264")
    viewer = Viewer(_path(publisher), "a")
    with closing(viewer.connection):
        publisher.service()
        publisher.service()
        viewer.wish("b")
        publisher.service()
        for source in "ab":
            publisher.pictures(source, made.parameters, list(made.units[:10]))
        assert {message.source_id for message in viewer.all_there_is()} == {"b"}


def test_new_parameter_sets_give_a_new_initialisation(publisher: LivePublisher) -> None:
    """After a change of size fragments wait for the next key picture, behind a new initialisation."""
    before, after = clip("h264"), clip("h264", (640, 360), 1)
    viewer = Viewer(_path(publisher), "a")
    with closing(viewer.connection):
        publisher.service()
        publisher.service()
        publisher.pictures("a", before.parameters, list(before.units[:5]))
        publisher.pictures("a", after.parameters, list(after.units[1:4]))
        publisher.pictures("a", after.parameters, list(after.units[:4]))
        kinds = [(message.kind, message.key) for message in viewer.all_there_is()]
    start = (LiveKind.INITIALISATION, False)
    assert kinds == [start, (LiveKind.FRAGMENT, True), start, (LiveKind.FRAGMENT, True)]


def test_states_are_sent_at_once_and_to_new_subscribers(publisher: LivePublisher) -> None:
    """A state that changed before anybody looked is the first thing a viewer learns."""
    publisher.state(SourceStatus("a", State.STOPPED, CameraCause.REFUSED_PASSWORD, NOON))
    viewer = Viewer(_path(publisher), "a")
    with closing(viewer.connection):
        publisher.service()
        publisher.service()
        for _ in range(2):
            publisher.state(SourceStatus("a", State.RECORDING, GeneralCause.NONE, NOON))
        publisher.service()
        told = [json.loads(message.payload) for message in viewer.all_there_is()]
    assert [(one["state"], one["cause"]) for one in told] == [
        ("stopped", "refused-password"),
        ("recording", ""),
    ]


@pytest.mark.parametrize(
    "rubbish", [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, subscription(["a"])[:-1] + b"x"]
)
def test_a_viewer_that_sends_rubbish_is_hung_up_on(publisher: LivePublisher, rubbish: bytes) -> None:
    """Only that connection ends."""
    good, bad = Viewer(_path(publisher), "a"), Viewer(_path(publisher))
    with closing(good.connection), closing(bad.connection):
        bad.connection.sendall(rubbish)
        for _ in range(4):
            publisher.service()
        assert publisher.subscribers == 1
        assert bad.connection.recv(1) == b""


def test_a_viewer_that_goes_away_is_forgotten(publisher: LivePublisher) -> None:
    """A closed connection costs nothing afterwards, even if it is noticed only while sending."""
    made = clip("h264")
    viewer = Viewer(_path(publisher), "a")
    publisher.service()
    publisher.service()
    viewer.connection.close()
    publisher.pictures("a", made.parameters, list(made.units[:20]))
    assert not publisher.watched()
    assert publisher.subscribers == 0


def test_the_socket_is_for_the_own_account_only(publisher: LivePublisher) -> None:
    """Mode 0600, from before anybody can connect."""
    assert stat.S_IMODE(_path(publisher).stat().st_mode) == 0o600


def test_a_socket_left_by_a_dead_recorder_is_replaced_and_paths_may_be_long(tmp_path: Path) -> None:
    """A recorder killed without warning does not hinder the next one, however deep the folder."""
    folder = tmp_path / ("d" * 100) / ("e" * 100)
    folder.mkdir(parents=True)
    path = folder / "live.sock"
    LivePublisher(path, ManualClock(NOON))._listener.close()
    with closing(LivePublisher(path, ManualClock(NOON))) as publisher, closing(Viewer(path, "a").connection):
        publisher.service()
        assert publisher.subscribers == 1


def test_the_client_comes_back_when_the_recorder_does(tmp_path: Path) -> None:
    """A recorder that vanishes is reported as a state; the pictures of its successor follow by themselves."""
    made = clip("h264")
    path = tmp_path / "live.sock"
    pauses: list[float] = []

    async def watch() -> list[LiveMessage]:
        seen: list[LiveMessage] = []

        async def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 2:
                _serve_in_thread(path, made)

        async for message in subscribe(path, ["a"], SystemClock(), pause=pause):
            seen.append(message)
            if len(pauses) >= 2 and message.kind is LiveKind.STATE:
                return seen
        return seen

    seen = asyncio.run(asyncio.wait_for(watch(), CEILING_S))
    kinds = [message.kind for message in seen]
    assert kinds[0] is LiveKind.STATE
    assert json.loads(seen[0].payload)["cause"] == GeneralCause.RECORDER_STOPPED
    assert kinds[1:3] == [LiveKind.INITIALISATION, LiveKind.FRAGMENT]
    assert kinds[-1] is LiveKind.STATE
    assert 0.8 <= pauses[0] <= 1.2
    assert 1.6 <= pauses[1] <= 2.4


def _serve_in_thread(path: Path, made) -> None:
    """A recorder that shows a few pictures to its first viewer, then vanishes."""
    publisher = LivePublisher(path, SystemClock())

    def run() -> None:
        poll = select.poll()
        poll.register(publisher, select.POLLIN)
        while not publisher.watched():
            poll.poll(1000)
        publisher.pictures("a", made.parameters, list(made.units[:20]))
        publisher.close()

    threading.Thread(target=run, daemon=True).start()
