"""What the recorder of every kind promises its sink, whatever it reads."""

import itertools
from collections.abc import Iterator

import pytest

from rejent.catalog.stream_parts import SOURCES as FORM
from rejent.recording.contract import GeneralCause, State
from tests.contract.streams.conftest import FOLDERS, kind_of
from tests.contract.streams.recorders import DRIVERS, SOURCES, Driven
from tests.waiting import CEILING_S

CONTINUOUS = [folder for folder in DRIVERS if kind_of(folder).of(FORM).is_continuous]
NOW_AND_THEN = [folder for folder in DRIVERS if folder not in CONTINUOUS]
OF_ITEMS = [folder for folder in DRIVERS if kind_of(folder).of(FORM).items]
WITHOUT_ITEMS = [folder for folder in DRIVERS if folder not in OF_ITEMS]


def test_the_recorder_of_every_kind_is_driven() -> None:
    """A kind that is registered without a driver fails, and so does a driver of no kind."""
    missing, foreign = set(FOLDERS) - set(DRIVERS), set(DRIVERS) - set(FOLDERS)
    assert not missing, f"Add a driver of {missing} to DRIVERS in tests/contract/streams/recorders.py."
    assert not foreign, f"No kind stands in {foreign}, of which there is a driver in DRIVERS."


@pytest.fixture(params=DRIVERS)
def at_work(request: pytest.FixtureRequest) -> Iterator[Driven]:
    """A recorder at work on two sources that have yielded something."""
    with DRIVERS[request.param]() as driven:
        for source in SOURCES:
            driven.feed(source)
        yield driven


@pytest.mark.parametrize("at_work", CONTINUOUS, indirect=True)
def test_a_gap_reaches_from_the_beginning_to_the_first_segment(at_work: Driven) -> None:
    """Where it is recorded without a pause, a gap is open before anything is; it ends where the first segment begins."""
    for source in SOURCES:
        gaps, first = at_work.notebook.gaps[source], at_work.notebook.of(source)[0]
        assert gaps[0].cause is GeneralCause.STARTING
        assert gaps[-1].end == first.opening.start


@pytest.mark.parametrize("at_work", NOW_AND_THEN, indirect=True)
def test_waiting_for_what_comes_now_and_then_is_no_gap(at_work: Driven) -> None:
    """Nothing is missing before the first segment, nor between two."""
    assert at_work.notebook.gaps == {}


def test_fragments_are_in_order(at_work: Driven) -> None:
    """Fragments of a segment do not overlap, none is empty, and the first can be played by itself."""
    assert at_work.notebook.segments
    for segment in at_work.notebook.segments:
        fragments = segment.fragments[:]
        assert (fragments[0].time, fragments[0].key) == (0, True)
        assert all(
            earlier.time + earlier.duration <= later.time for earlier, later in itertools.pairwise(fragments)
        )
        assert all(any(fragment.parts) for fragment in fragments)


@pytest.mark.parametrize("at_work", WITHOUT_ITEMS, indirect=True)
def test_every_fragment_has_units(at_work: Driven) -> None:
    """Only what tells of an item, such as the messages that open a call, is handed over without any."""
    fragments = [fragment for segment in at_work.notebook.segments for fragment in segment.fragments[:]]
    assert fragments
    assert all(fragment.units > 0 for fragment in fragments)


@pytest.mark.parametrize("at_work", CONTINUOUS, indirect=True)
def test_fragments_follow_one_another_without_a_hole(at_work: Driven) -> None:
    """Where it is recorded without a pause, they touch."""
    fragments = at_work.notebook.of("one")[0].fragments[:]
    assert len(fragments) > 1
    assert all(
        earlier.time + earlier.duration == later.time for earlier, later in itertools.pairwise(fragments)
    )


def test_states_tell_what_is_so(at_work: Driven) -> None:
    """A source that yields is `recording` without a cause, in what is reported and in what is asked."""
    asked = {(one.source_id, one.state, one.cause) for one in at_work.recorder.statuses()}
    assert asked == {(source, State.RECORDING, GeneralCause.NONE) for source in SOURCES}
    reported = {one.source_id: (one.source_id, one.state, one.cause) for one in at_work.notebook.statuses}
    assert set(reported.values()) == asked


def test_removing_one_source_leaves_the_other_alone(at_work: Driven) -> None:
    """The removed source is closed, once its item is over where it yields items; the other goes on."""
    at_work.recorder.remove("one")
    at_work.feed("two")
    at_work.finish("one")
    at_work.notebook.wait_for(lambda: all(each.ending is not None for each in at_work.notebook.of("one")))
    assert [status.source_id for status in at_work.recorder.statuses()] == ["two"]


@pytest.mark.parametrize("at_work", OF_ITEMS, indirect=True)
def test_an_item_under_way_is_recorded_to_its_end(at_work: Driven) -> None:
    """Its source may be removed meanwhile: what comes of the item still goes into its own run."""
    at_work.recorder.remove("one")
    at_work.notebook.wait_for(lambda: GeneralCause.SWITCHED_OFF in at_work.notebook.causes("one"))
    at_work.feed("one")
    assert len({segment.opening.run for segment in at_work.notebook.of("one")}) == 1
    at_work.finish("one")
    at_work.notebook.wait_for(lambda: at_work.notebook.of("one")[-1].ending is not None)


@pytest.mark.parametrize("at_work", CONTINUOUS, indirect=True)
def test_a_removed_source_is_reported_and_the_other_goes_on_in_its_run(at_work: Driven) -> None:
    """Where it is recorded without a pause, a gap stays open that says why, and the other's run is not broken."""
    at_work.recorder.remove("one")
    at_work.notebook.wait_for(lambda: GeneralCause.SWITCHED_OFF in at_work.notebook.causes("one"))
    at_work.feed("two")
    assert at_work.notebook.gaps["one"][-1].end is None
    assert len({segment.opening.run for segment in at_work.notebook.of("two")}) == 1


def test_stopping_closes_every_segment(at_work: Driven) -> None:
    """After `stop`, `run` returns, and every segment has its ending; to stop again does nothing."""
    at_work.recorder.stop()
    at_work.thread.join(CEILING_S)
    assert not at_work.thread.is_alive()
    endings = [(each.ending and each.ending.units, each.units) for each in at_work.notebook.segments]
    assert endings
    assert all(stated == units for stated, units in endings)
    at_work.recorder.stop()


def test_a_source_that_cannot_be_reached_has_an_open_gap(at_work: Driven) -> None:
    """A source added to a running recorder that can yield nothing is reported with its cause and an open gap of that cause."""
    notebook = at_work.notebook
    at_work.unreachable("three")
    general = {GeneralCause.NONE, GeneralCause.STARTING}
    notebook.wait_for(lambda: not general.issuperset(notebook.causes("three")))
    notebook.wait_for(lambda: notebook.gaps["three"][-1].cause is notebook.causes("three")[-1])
    assert notebook.gaps["three"][-1].end is None
