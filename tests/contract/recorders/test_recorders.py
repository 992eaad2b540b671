"""What every recorder type promises its sink, whatever it reads."""

import itertools
import threading

import pytest

from rejent.kernel.clock import SystemClock
from rejent.recording.contract import GeneralCause, Recorder, State
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.address import Camera, parse_address
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from tests.cameras.farm import clip, served
from tests.cameras.notebook import Notebook
from tests.waiting import CEILING_S


@pytest.fixture(scope="module")
def cameras():
    """Cameras over RTSP: two of them."""
    with served({name: SimulatedCamera(clip(Coding(group=5))) for name in ("one", "two")}) as farm:
        yield [farm.camera("one"), farm.camera("two")]


@pytest.fixture
def at_work(cameras):
    """A recorder at work on two sources, its sink, and its thread."""
    notebook = Notebook()
    recorder = CameraRecorder(notebook, SystemClock())
    for camera in cameras:
        recorder.add(camera)
    thread = threading.Thread(target=recorder.run)
    thread.start()
    notebook.wait_for(lambda: min(notebook.units("one"), notebook.units("two")) >= 20)
    yield recorder, notebook, thread
    recorder.stop()
    thread.join()


def typed(recorder: Recorder) -> Recorder:
    """Mypy sees here that the recorder fulfils the contract."""
    return recorder


def test_a_gap_reaches_from_the_beginning_to_the_first_segment(at_work):
    """Before anything is recorded a gap is open; it ends where the first segment begins."""
    _, notebook, _ = at_work
    for source in ("one", "two"):
        gaps, first = notebook.gaps[source], notebook.of(source)[0]
        assert gaps[0].cause is GeneralCause.STARTING
        assert gaps[-1].end == first.opening.start


def test_fragments_follow_one_another_without_a_hole(at_work):
    """Fragments of a segment are in order, touch, and the first can be played by itself."""
    _, notebook, _ = at_work
    fragments = notebook.of("one")[0].fragments
    assert (fragments[0].time, fragments[0].key) == (0, True)
    assert all(
        earlier.time + earlier.duration == later.time for earlier, later in itertools.pairwise(fragments)
    )
    assert all(fragment.units > 0 for fragment in fragments)


def test_states_tell_what_is_so(at_work):
    """A source that yields is `recording` without a cause, in what is told and in what is asked."""
    recorder, notebook, _ = at_work
    assert {(one.state, one.cause) for one in typed(recorder).statuses()} == {
        (State.RECORDING, GeneralCause.NONE)
    }
    assert {one.source_id for one in notebook.statuses if one.state is State.RECORDING} == {"one", "two"}


def test_removing_one_source_leaves_the_other_alone(at_work):
    """The removed source is closed and told; the other goes on in the same segment or the one that joins it."""
    recorder, notebook, _ = at_work
    recorder.remove("one")
    notebook.wait_for(lambda: GeneralCause.SWITCHED_OFF in notebook.causes("one"))
    before = notebook.units("two")
    notebook.wait_for(lambda: notebook.units("two") > before + 20)
    assert notebook.of("one")[-1].ending is not None
    assert notebook.gaps["one"][-1].end is None
    assert [status.source_id for status in recorder.statuses()] == ["two"]
    assert len({segment.opening.run for segment in notebook.of("two")}) == 1


def test_stopping_closes_every_segment(at_work):
    """After `stop`, `run` returns, and every segment has its ending."""
    recorder, notebook, thread = at_work
    recorder.stop()
    thread.join(CEILING_S)
    assert not thread.is_alive()
    assert all(segment.ending is not None for segment in notebook.segments)
    assert all(segment.ending.units == segment.units for segment in notebook.segments)


def test_a_source_that_cannot_be_reached_has_an_open_gap(at_work):
    """A source added to a running recorder that yields nothing is told with its cause and an open gap."""
    recorder, notebook, _ = at_work
    recorder.add(Camera("three", parse_address("rtsp://127.0.0.1:1/x")[0]))
    notebook.wait_for(lambda: CameraCause.UNREACHABLE in notebook.causes("three"))
    notebook.wait_for(lambda: notebook.gaps["three"][-1].cause is CameraCause.UNREACHABLE)
    assert notebook.gaps["three"][-1].end is None
