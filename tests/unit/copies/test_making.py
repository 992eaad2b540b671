"""A copy is exactly what was asked for of what a decided case keeps, under a key of its own."""

from datetime import UTC, date, datetime, timedelta
from errno import ENOSPC
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases import services as cases
from rejent.cases.copies import queries, rules
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.models import Copy, CopyPart
from rejent.cases.copies.opening import open_part
from rejent.cases.copies.services import finish_copies, make_copy, making
from rejent.cases.copies.services.sealing import Sealed, seal_parts
from rejent.cases.copies.stream_parts import shown_of
from rejent.cases.copies.views import Absence, State
from rejent.cases.errors import DecisionRefusedError
from rejent.cases.views import Despite, Kind
from rejent.cases.views import State as Outcome
from rejent.catalog.models import Segment, SegmentState
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.reader import initialisation_of
from rejent.formats.mp4.reader import shown_of as ticks_shown
from rejent.formats.source import BytesSource
from rejent.kernel.clock import OFFICE_ZONE, civil_date
from rejent.kernel.intervals import Interval
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.retention import services as retention
from rejent.vault.errors import FolderMismatchError, StorageError
from rejent.vault.store.disk import DiskStore
from tests.booked import every_copy
from tests.fault.failing_calls import FailingCalls
from tests.guarded_rows import unguarded
from tests.unit.cases.application import NOON, entered
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.retention.office import MINUTE

PAST_TERM = datetime(2026, 4, 2, 12, tzinfo=UTC)


def content(office: CopyingOffice, number: str) -> list[bytes]:
    """What the parts of a copy hold."""
    parts = queries.copy(number).parts
    person = office.people["administrator"]
    opened = [open_part(part, person=person, clock=office.office.clock) for part in parts]
    return [each.read() for each in opened]


def test_a_copy_is_numbered_and_says_what_is_in_it(pleszew: CopyingOffice) -> None:
    """Digests, instants, gaps with what is known of them, the end of its life, and the act that tells of all."""
    case = pleszew.decided()
    copy = pleszew.copy(case.number)
    assert (copy.number, copy.state, copy.case, copy.source_kind) == (
        "K-2026-1",
        State.KEPT,
        case.number,
        "video",
    )
    assert [part.interval for part in copy.parts] == [
        Interval(NOON, NOON + MINUTE),
        Interval(NOON + MINUTE, NOON + 1.5 * MINUTE),
        Interval(NOON + 2 * MINUTE, NOON + 3 * MINUTE),
    ]
    assert [(each.interval, each.why) for each in copy.missing] == [
        (Interval(NOON + 1.5 * MINUTE, NOON + 2 * MINUTE), Absence.GAP)
    ]
    plain = content(pleszew, copy.number)
    assert [sha256(each).hexdigest() for each in plain] == [part.sha256 for part in copy.parts]
    assert [len(each) for each in plain] == [part.bytes for part in copy.parts]
    assert all(b"MARK%d@59" % place in each for place, each in enumerate(plain) if place != 1)
    assert (copy.recorded_on, copy.due_on) == (date(2026, 3, 1), date(2026, 6, 1))
    (act,) = registers.acts(names=["copy.made"]).acts
    assert act.facts is not None
    assert act.index == copy.made_entry
    assert act.facts["digest"] == copy.digest == rules.content_digest(copy.parts)
    assert pleszew.found() == []


def test_only_what_was_asked_for_is_cut_out(pleszew: CopyingOffice) -> None:
    """From the key picture before, to the last picture shown; without coding anything anew."""
    case = pleszew.decided()
    wanted = Interval(NOON + timedelta(seconds=12), NOON + timedelta(seconds=20))
    copy = pleszew.copy(case.number, interval=wanted)
    (part,) = copy.parts
    assert part.interval == Interval(NOON + timedelta(seconds=10), NOON + timedelta(seconds=20))
    (plain,) = content(pleszew, copy.number)
    assert [b"MARK0@%02d" % second in plain for second in (9, 10, 19, 20)] == [False, True, True, False]
    assert copy.missing == ()
    assert shown_of(copy, part) == wanted
    head = initialisation_of(BytesSource(plain))
    assert ticks_shown(head) == (2 * TIMESCALE, 10 * TIMESCALE)


def test_a_recording_that_begins_before_the_asked_instant_is_shown_from_it(pleszew: CopyingOffice) -> None:
    """Also within the first group of pictures, all of which the file needs; a whole recording stays what it was, to the byte."""
    case = pleszew.decided()
    copy = pleszew.copy(case.number, interval=Interval(NOON + timedelta(seconds=3), NOON + 2 * MINUTE))
    first, second = copy.parts
    assert (first.whole, second.whole) == (False, True)
    assert first.interval == Interval(NOON, NOON + MINUTE)
    assert shown_of(copy, first) == Interval(NOON + timedelta(seconds=3), NOON + MINUTE)
    assert shown_of(copy, second) == second.interval == Interval(NOON + MINUTE, NOON + 1.5 * MINUTE)
    heads = [initialisation_of(BytesSource(each)) for each in content(pleszew, copy.number)]
    assert [ticks_shown(head) for head in heads] == [(3 * TIMESCALE, 60 * TIMESCALE), None]


def test_a_copy_outlives_its_day_and_what_held_it(pleszew: CopyingOffice) -> None:
    """The day's key dies, the hold ends, and the copy opens; also where it is made of what a hold kept."""
    case = pleszew.decided()
    first = pleszew.copy(case.number)
    before = content(pleszew, first.number)
    pleszew.office.go_to(PAST_TERM)
    retention.keep_once(pleszew.office.keeping)
    second = pleszew.copy(case.number)
    assert content(pleszew, second.number) == before
    head = str(pleszew.people["head"].id)
    retention.end_hold(case.holds[0], reason="koniec", clock=pleszew.office.clock, ledger=None, actor=head)
    retention.keep_once(pleszew.office.keeping)
    assert pleszew.office.living(pleszew.camera, NOON, NOON + MINUTE) == []
    assert content(pleszew, first.number) == before
    assert pleszew.found() == []


def test_what_was_destroyed_before_is_told(pleszew: CopyingOffice) -> None:
    """A hold that came too late for a part of the time; and nothing is made where nothing is left."""
    case = pleszew.decided()
    pleszew.office.go_to(PAST_TERM)
    retention.keep_once(pleszew.office.keeping)
    kept = pleszew.office.living(pleszew.camera, NOON, NOON + 3 * MINUTE)
    pleszew.office.store.remove([kept[0].object_name])
    copy = pleszew.copy(case.number)
    first = copy.missing[0]
    assert (first.interval, first.why) == (Interval(NOON, NOON + MINUTE), Absence.UNREADABLE)
    assert len(copy.parts) == 2
    with pytest.raises(CopyRefusedError, match="was not recorded"):
        pleszew.copy(case.number, interval=Interval(NOON + 10 * MINUTE, NOON + 11 * MINUTE))


def test_what_a_row_alone_calls_destroyed_is_copied(pleszew: CopyingOffice) -> None:
    """As long as its key lives; a copy tells of what is gone by the key store and by entered rows."""
    case = pleszew.decided()
    Segment.objects.filter(start=NOON).update(state=SegmentState.DESTROYED)
    assert len(pleszew.copy(case.number).parts) == 3
    Segment.objects.filter(start=NOON).update(recipient="age1nobody")
    assert pleszew.copy(case.number).missing[0].why is Absence.UNREADABLE


def test_one_copy_that_fails_stops_no_other(pleszew: CopyingOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its failure is: a line names it, and the next one is made."""
    case = pleszew.decided()

    begun = list[UUID]()

    def seal(row: Copy, *arguments: Any) -> Sealed:
        begun.append(row.pk)
        if len(begun) <= 3:
            raise ValueError("malformed")
        return seal_parts(row, *arguments)

    monkeypatch.setattr(making, "seal_parts", seal)
    for _ in range(2):
        with pytest.raises(ValueError, match="malformed"):
            pleszew.copy(case.number)
    (line,) = finish_copies(pleszew.office.keeping)
    assert line.replace("-", "") == f"copy {begun[2].hex}: malformed"
    assert [copy.number for copy in every_copy()] == ["K-2026-1"]


@pytest.mark.parametrize(
    ("kind", "outcome"), [(Kind.DISCLOSURE, Outcome.REFUSED), (Kind.PRESERVATION, Outcome.REFUSED)]
)
def test_a_refused_case_allows_no_copy(pleszew: CopyingOffice, kind: Kind, outcome: Outcome) -> None:
    """Whatever stays held."""
    case = pleszew.decided(kind, outcome, knowledge=True)
    with pytest.raises(CopyRefusedError, match="allows no copy"):
        pleszew.copy(case.number)
    assert not Copy.objects.exists()


@pytest.mark.parametrize("ground", [*Despite, "", "because"])
def test_what_was_restricted_is_copied_on_a_stated_ground_alone(pleszew: CopyingOffice, ground: str) -> None:
    """GDPR art. 18(2): one of its grounds, by whoever decides and entered with the decision; then it is packed and handed over, too."""
    asked = entered(
        pleszew.office.clock, pleszew.camera, kind=Kind.RIGHT, right="restriction", identity="document"
    )
    head, clock = pleszew.people["head"], pleszew.office.clock
    cases.decide_case(
        asked.number, Outcome.GRANTED, reasons="", basis="art. 18", knowledge=False, person=head, clock=clock, ledger=None
    )  # fmt: skip
    if ground == "because":
        with pytest.raises(DecisionRefusedError, match="one of the four"):
            pleszew.decided(despite=ground)
        return
    case = pleszew.decided(despite=ground)
    if not ground:
        with pytest.raises(AccessRefusedError, match="restricted"):
            pleszew.copy(case.number)
        assert not Copy.objects.exists()
        return
    made = pleszew.copy(case.number)
    assert open_part(made.parts[0], person=pleszew.people["administrator"], clock=clock).size
    told = registers.acts(names=["case.decided"]).acts[0].facts
    assert told is not None
    assert told["despite"] == ground


def test_who_makes_a_copy(pleszew: CopyingOffice) -> None:
    """The regulation names the administrator and authorised people; a viewer without authorisation, a head and a clerk make none."""
    case = pleszew.decided()
    for role in ("viewer", "head", "clerk", "iod"):
        with pytest.raises(AccessRefusedError):
            make_copy(pleszew.asked(case.number), person=pleszew.people[role], keeping=pleszew.office.keeping)
    with pytest.raises(CopyRefusedError, match="outside what is held"):
        pleszew.copy(case.number, interval=Interval(NOON - timedelta(hours=2), NOON))


def test_the_statute_caps_a_life_without_finding(miedziana_gora: CopyingOffice) -> None:
    """Three months from its making only where it may be evidence, else from the recording (R-OPEN-9)."""
    entry = miedziana_gora.decided(Kind.PRESERVATION)
    capped = miedziana_gora.copy(entry.number)
    assert (capped.due_on, capped.capped, capped.finding) == (date(2026, 6, 1), True, False)
    known = miedziana_gora.decided(Kind.PRESERVATION, knowledge=True)
    free = miedziana_gora.copy(known.number)
    assert (free.due_on, free.capped, free.finding) == (date(2026, 6, 2), False, True)


def test_a_keeper_finishes_what_was_begun(pleszew: CopyingOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after any step: the row is there, fsck names it after an hour, and a round makes the copy, once."""
    case = pleszew.decided()
    steps = 0

    class Killed(BaseException):
        """Nothing catches it."""

    def kill(*_arguments: object, **_named: object) -> None:
        raise Killed

    for place in ("clear_folder", "seal_parts", "_number"):
        with monkeypatch.context() as patched:
            patched.setattr(making, place, kill)
            with pytest.raises(Killed):
                pleszew.copy(case.number)
        steps += 1
    pleszew.office.go_to(pleszew.office.clock.now() + timedelta(hours=2))
    assert pleszew.found() == ["copies.unfinished"] * steps
    assert finish_copies(pleszew.office.keeping) == []
    assert [copy.number for copy in every_copy()] == ["K-2026-1", "K-2026-2", "K-2026-3"]
    assert len({copy.digest for copy in every_copy()}) == 1
    assert pleszew.found() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps nothing else in such a column")
def test_a_row_without_a_readable_key_stops_no_other(
    pleszew: CopyingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named; the copy that was begun beside it is made."""
    case = pleszew.decided()
    with monkeypatch.context() as patched:
        patched.setattr(making, "seal_parts", None)
        for _ in range(2):
            with pytest.raises(TypeError):
                pleszew.copy(case.number)
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE copies_copy SET id = 'nonsense' WHERE rowid IN (SELECT MIN(rowid) FROM copies_copy)"
        )
    (line,) = finish_copies(pleszew.office.keeping)
    assert "nonsense" in line
    assert [row.number for row in Copy.objects.exclude(number="")] == ["K-2026-1"]


def test_a_disk_that_fills_up_at_any_call_costs_no_number(pleszew: CopyingOffice) -> None:
    """Whichever call of the store fails first, the maker is told, nothing is numbered, and a round makes the copy once there is room."""
    case, office, good = pleszew.decided(), pleszew.office, pleszew.office.store
    call, told = 0, 0
    while True:
        before = len(list(every_copy()))
        office.store = DiskStore(office.folder / "vault", FailingCalls(call, ENOSPC, lasting=True))
        try:
            pleszew.copy(case.number, interval=Interval(NOON, NOON + MINUTE))
        except (StorageError, FolderMismatchError):
            told += 1
        else:
            break
        finally:
            office.store = good
        assert len(list(every_copy())) == before
        assert finish_copies(office.keeping) == []
        assert not Copy.objects.filter(state=State.MAKING).exists()
        call += 1 + call // 8
    made = list(every_copy())
    assert [copy.number for copy in made] == [f"K-2026-{number + 1}" for number in range(len(made))]
    assert len({copy.digest for copy in made}) == 1
    assert told > 5
    assert pleszew.found() == []


def test_a_copy_goes_over_midnight_and_through_the_repeated_hour(pleszew: CopyingOffice) -> None:
    """Objects of two days and of both hours, in the order of time, without a hole; its life counts from the first of its days."""
    office, start = pleszew.office, datetime(2026, 10, 24, 21, 59, tzinfo=UTC)
    office.go_to(start)
    starts = [
        start,
        start + MINUTE,
        *(start + timedelta(hours=2, minutes=59) + place * MINUTE for place in range(4)),
    ]
    for each in starts:
        office.record(pleszew.camera, each, b"x", seconds=60)
    office.go_to(start + timedelta(hours=9))
    for first, last, days, wall in (
        (start, start + 2 * MINUTE, {24, 25}, ["23:59", "00:00"]),
        (starts[2], starts[-1] + MINUTE, {25}, ["02:58", "02:59", "02:00", "02:01"]),
    ):
        number = entered(
            office.clock, pleszew.camera, kind=Kind.DISCLOSURE, times=(first, last), received_on=date(2026, 10, 25),
            event_first=civil_date(first), event_last=civil_date(last - MINUTE),
        ).number  # fmt: skip
        cases.decide_case(
            number, Outcome.GRANTED, reasons="x", basis="§ 6", knowledge=None, person=pleszew.people["head"],
            clock=office.clock, ledger=None,
        )  # fmt: skip
        made = pleszew.copy(number, interval=Interval(first, last))
        parts = made.parts
        assert (parts[0].interval.start, parts[-1].interval.end, made.missing) == (first, last, ())
        assert all(one.interval.end == two.interval.start for one, two in pairwise(parts))
        assert {civil_date(part.interval.start).day for part in parts} == days
        shown = [f"{part.interval.start.astimezone(OFFICE_ZONE):%H:%M}" for part in parts]
        assert shown == wall
        assert made.recorded_on == civil_date(first)
    assert pleszew.found() == []


def test_a_copy_of_nothing_is_undone(pleszew: CopyingOffice) -> None:
    """Where nothing opens once it is begun: no number, no key, no object."""
    case = pleszew.decided()
    for each in pleszew.office.living(pleszew.camera, NOON, NOON + 3 * MINUTE):
        pleszew.office.store.remove([each.object_name])
    copy = pleszew.copy(case.number)
    assert (copy.state, copy.number, copy.parts) == (State.ABANDONED, "", ())
    assert pleszew.found() == []
    assert queries.of_case(case.number) == []


def test_edited_rows_give_nothing(pleszew: CopyingOffice) -> None:
    """A digest, a later end, another interval: nothing opens, and fsck names it."""
    number = pleszew.copy(pleszew.decided().number).number
    with pytest.raises(IntegrityError), transaction.atomic():
        Copy.objects.filter(number=number).update(end=NOON + timedelta(hours=1))
    Copy.objects.filter(number=number).update(due_on=date(2027, 1, 1))
    with pytest.raises(LedgerMismatchError):
        queries.copy(number)
    assert "copies.differs-from-ledger" in pleszew.found()


def test_edited_parts_are_found(pleszew: CopyingOffice) -> None:
    """The parts are bound with their copy."""
    number = pleszew.copy(pleszew.decided().number).number
    CopyPart.objects.filter(place=1).update(sha256="0" * 64)
    with pytest.raises(LedgerMismatchError):
        queries.copy(number)
