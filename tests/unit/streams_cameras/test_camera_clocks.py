"""Cameras that tell no time in their streams are asked for it over ONVIF, once an hour, by a thread of its own."""

import socket
from datetime import UTC, datetime, timedelta

from rejent.kernel.clock import ManualClock
from rejent.recording.contract import GeneralCause, SourceStatus, State
from rejent.streams.cameras.recorder.process import EVERY_S, CameraClocks
from tests.cameras.onvif_stub import Behaviour, OnvifStub

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def status(
    source: str = "cam", *, state: State = State.RECORDING, offset: float | None = None
) -> SourceStatus:
    """How a camera fares."""
    return SourceStatus(source, state, GeneralCause.NONE, NOW, clock_offset=offset)


def test_a_cameras_offset_is_measured_without_a_login() -> None:
    """The offset is what the camera says minus our time, to half a second."""
    clocks = CameraClocks(ManualClock(NOW))
    with OnvifStub(Behaviour(login="digest", now=NOW + timedelta(seconds=90))) as stub:
        clocks.look([status()], {"cam": f"127.0.0.1:{stub.port}"})
        clocks.wait()
    assert clocks.offset("cam") == 90.5
    assert [way for _question, way in stub.asked] == ["open"]


def test_a_camera_is_asked_once_an_hour() -> None:
    """A second look within the hour asks nothing; after it the camera is asked again."""
    clock = ManualClock(NOW)
    clocks = CameraClocks(clock)
    with OnvifStub(Behaviour(now=NOW)) as stub:
        for _ in range(3):
            clocks.look([status()], {"cam": f"127.0.0.1:{stub.port}"})
            clocks.wait()
        assert len(stub.asked) == 1
        clock.advance(timedelta(seconds=EVERY_S))
        clocks.look([status()], {"cam": f"127.0.0.1:{stub.port}"})
        clocks.wait()
        assert len(stub.asked) == 2


def test_who_tells_the_time_or_is_not_recorded_is_not_asked() -> None:
    """Sender reports are finer, and a camera that does not answer RTSP is left in peace."""
    clocks = CameraClocks(ManualClock(NOW))
    with OnvifStub(Behaviour(now=NOW)) as stub:
        host = f"127.0.0.1:{stub.port}"
        statuses = [status("a", offset=0.1), status("b", state=State.CONNECTING), status("c"), status("d")]
        clocks.look(statuses, {"a": host, "b": host, "c": ""})
        clocks.wait()
        assert stub.asked == []
    assert clocks.offset("a") is None


def test_a_camera_without_onvif_has_no_offset() -> None:
    """A refused connection is no error of ours; an older measurement is forgotten."""
    clock = ManualClock(NOW)
    clocks = CameraClocks(clock)
    with OnvifStub(Behaviour(now=NOW)) as stub:
        clocks.look([status()], {"cam": f"127.0.0.1:{stub.port}"})
        clocks.wait()
    assert clocks.offset("cam") == 0.5
    clock.advance(timedelta(seconds=EVERY_S))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        clocks.look([status()], {"cam": f"127.0.0.1:{nobody.getsockname()[1]}"})
        clocks.wait()
    assert clocks.offset("cam") is None
