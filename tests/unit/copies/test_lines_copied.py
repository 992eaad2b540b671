"""Copies of a line by time: of an original the cluster before stands in the file, and what is played, derived and counted is what was asked."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rejent.cases import queries as office_cases
from rejent.cases import services as cases
from rejent.cases.copies import queries, services
from rejent.cases.copies.opening import open_part
from rejent.cases.copies.stream_parts import playable_of, shown_of
from rejent.cases.copies.views import CopyView
from rejent.cases.views import Kind, State
from rejent.catalog import services as booked
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.matroska.reader import CallReader
from rejent.formats.sound.legs import read_sound
from rejent.formats.sound.wav import NARROW, PCM_HEADER, stereo_wav
from rejent.formats.source import BytesSource
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.retention import services as retention
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.player.workshop import derived_workshop, workshop
from tests.spoken_call import finished, recorded
from tests.unit.cases.application import NOON, entered
from tests.unit.copies.conftest import CALLS_ALONE, CopyingOffice

CALL, LASTS = "ab" * 16, 20
ASKED = Interval(NOON + timedelta(milliseconds=3250), NOON + timedelta(milliseconds=15_750))
"""Within clusters."""
Samples = npt.NDArray[np.int16]


def add_line(office: CopyingOffice, contents: list[bytes] | None = None) -> str:
    """A line with a call of twenty seconds from noon, as it was recorded, or as a file that an exchange left."""
    clock, day = office.office.clock, civil_date(NOON)
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 555",))
    line = call_services.add_line(name="Centrala", stated=stated, clock=clock, actor="")
    recipient = office.office.keys.make_keys(line, [day])[day].text
    booked.store_day_keys(line, {day: recipient}, clock=clock)
    begun = call_services.BegunCall(CALL, line, day, NOON, "incoming", "105550123", "745550100", "siprec")
    call_services.begin_call(begun, clock=clock)
    for number, kept in enumerate(recorded(CALL, NOON, LASTS)):
        sealed = office.office.sealed(contents[number] if contents else kept.content, recipient)
        segment = finished(line, kept, sealed, recipient)
        with office.office.store.create(segment.object_name) as writer:
            writer.write(sealed)
            writer.commit()
        booked.book_segments([segment], clock)
    call_services.end_call(CALL, NOON + timedelta(seconds=LASTS), "bye", clock=clock)
    return line


@pytest.fixture
def mops(found_office: Callable[[str], CopyingOffice]) -> Iterator[CopyingOffice]:
    """An office that records calls."""
    yield found_office(CALLS_ALONE)
    for each in (workshop, derived_workshop):
        each().close()
        each.cache_clear()


def make_copy(office: CopyingOffice, line: str) -> CopyView:
    """A copy of what the line recorded in the asked time."""
    clock = office.office.clock
    case = entered(clock, line, kind=Kind.DISCLOSURE, stream="calls")
    given: dict[str, Any] = {"reasons": "x", "basis": "§ 6", "knowledge": None}
    cases.decide_case(
        case.number, State.GRANTED, person=office.people["head"], clock=clock, ledger=None, **given
    )
    retention.place_hold(
        source_id=line, start=NOON, end=NOON + timedelta(seconds=LASTS), case=case.number, basis="§ 6",
        review_on=date(2026, 12, 31), clock=clock, ledger=None, actor="cli",
    )  # fmt: skip
    return office.copy(case.number, source_id=line, interval=ASKED)


def open_copy(office: CopyingOffice, copy: CopyView) -> bytes:
    """What is in a copy of one recording."""
    (part,) = queries.copy(copy.number).parts
    return open_part(part, person=office.people["administrator"], clock=office.office.clock).read()


def samples_of(content: bytes) -> Samples:
    """Both sides of a WAV file."""
    length = int.from_bytes(content[PCM_HEADER - 4 : PCM_HEADER], "little")
    return np.frombuffer(content[PCM_HEADER : PCM_HEADER + length], "<i2").reshape(-1, 2)


def spoken() -> Samples:
    """The asked time of the call as it was spoken."""
    (kept,) = recorded(CALL, NOON, LASTS)
    sound = read_sound([kept.reader])
    whole = samples_of(stereo_wav(sound, NARROW).content)
    first, past = (
        (nanoseconds(at) - sound.start) * NARROW // 1_000_000_000 for at in (ASKED.start, ASKED.end)
    )
    return whole[first:past]


def derive_copy(office: CopyingOffice, copy: CopyView, *spans: dict[str, Any]) -> CopyView:
    """A copy derived with some times silenced."""
    person = office.people["administrator"]
    given = {"fill": "solid", "regions": [], "spans": list(spans)}
    services.save_plan(copy.number, given, person=person, clock=office.office.clock)
    keeping = office.office.keeping
    begun = services.begin_derived(copy.number, unchanged=not spans, person=person, keeping=keeping)
    return services.finish_copy(begun, keeping)


def test_a_line_is_played_and_derived_exactly_as_asked(mops: CopyingOffice) -> None:
    """The original is cut at clusters and stays what it was; what is heard of it begins and ends to the sample, and a silent time is where it was said."""
    copy = make_copy(mops, add_line(mops))
    (part,) = copy.parts
    assert part.interval.start < ASKED.start
    assert ASKED.end < part.interval.end < NOON + timedelta(seconds=LASTS)
    assert shown_of(copy, part) == ASKED
    content = open_copy(mops, copy)
    kept = list(CallReader(content).packets())
    whole = list(recorded(CALL, NOON, LASTS)[0].reader.packets())
    assert kept == [one for one in whole if kept[0].arrival <= one.arrival <= kept[-1].arrival]
    made = playable_of(copy, part, BytesSource(content))
    assert made is not None
    heard, expected = samples_of(made(BytesSource(content))), spoken()
    assert heard.shape == expected.shape == (12.5 * NARROW, 2)
    assert (heard == expected).mean() > 0.999
    silenced = {"effect": "silent", "party": 0, "reason": "person", "start": 2000, "end": 4000}
    second = derive_copy(mops, copy, silenced)
    assert second.parts[0].interval == ASKED
    left = samples_of(open_copy(mops, second))
    assert left.shape == expected.shape
    assert (left[2 * NARROW : 4 * NARROW] == 0).all()
    apart = np.ones(len(left), bool)
    apart[2 * NARROW : 4 * NARROW] = False
    assert (left[apart] == expected[apart]).mean() > 0.999
    assert mops.found() == []


def test_a_file_of_an_exchange_is_copied_whole_and_played_as_asked(mops: CopyingOffice) -> None:
    """Nothing in it can be cut without coding it anew: the file stays what it was, to the byte, and what is heard is the asked part."""
    whole = stereo_wav(read_sound([recorded(CALL, NOON, LASTS)[0].reader]), NARROW).content
    copy = make_copy(mops, add_line(mops, [whole]))
    (part,) = copy.parts
    assert open_copy(mops, copy) == whole
    assert (part.whole, shown_of(copy, part)) == (False, ASKED)
    made = playable_of(copy, part, BytesSource(whole))
    assert made is not None
    for content in (made(BytesSource(whole)), open_copy(mops, derive_copy(mops, copy))):
        rate = int.from_bytes(content[24:28], "little")
        assert len(samples_of(content)) == 12.5 * rate


def decided_of_call(office: CopyingOffice, line: str) -> str:
    """The number of a disclosure of the call that was consented to, and for which the call is held."""
    clock = office.office.clock
    case = entered(clock, line, kind=Kind.DISCLOSURE, stream="calls")
    given: dict[str, Any] = {"reasons": "x", "basis": "§ 6", "knowledge": None}
    cases.decide_case(
        case.number, State.GRANTED, person=office.people["head"], clock=clock, ledger=None, **given
    )
    retention.place_hold(
        source_id=line, start=NOON, end=NOON + timedelta(seconds=LASTS + 1), case=case.number, basis="§ 6",
        review_on=date(2026, 12, 31), clock=clock, ledger=None, actor="cli", item=CALL,
    )  # fmt: skip
    return case.number


def test_a_further_application_about_a_call_finds_its_copy(mops: CopyingOffice) -> None:
    """By the same call, once; after that nothing of it is left to be copied, though the hold reaches a moment further than the call."""
    line = add_line(mops)
    whole = Interval(NOON, NOON + timedelta(seconds=LASTS + 1))
    copy = mops.copy(decided_of_call(mops, line), source_id=line, interval=whole, item=CALL)
    further = office_cases.case(decided_of_call(mops, line))
    assert [one.number for one in services.find_renewable(further)] == [copy.number]
    assert services.find_renewable(office_cases.case(copy.case)) == []
    assert not services.is_in_renewed(further)
    services.renew_copy(copy.number, further.number, person=mops.people["clerk"], clock=mops.office.clock)
    assert services.find_renewable(further) == []
    assert services.is_in_renewed(further)
