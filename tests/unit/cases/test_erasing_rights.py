"""Erasure, objection and withdrawal of consent: what is granted is destroyed before its term, unless it is held."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from rejent.access.viewings.restriction import restriction, whole_restriction
from rejent.cases import services as cases
from rejent.cases.errors import DecisionRefusedError
from rejent.cases.queries import case
from rejent.cases.views import CaseView, Identity, Kind, State
from rejent.catalog import queries as catalog
from rejent.catalog.checks import findings as catalog_findings
from rejent.catalog.models import Segment
from rejent.catalog.services import segments as segment_services
from rejent.kernel.intervals import Interval
from rejent.office.regulation.vocabulary import Right
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.models import Entry
from rejent.registers.services import enter
from rejent.retention import queries as retention
from rejent.retention import services
from rejent.retention.acts import ERASURE_DONE
from rejent.retention.checks import findings as retention_findings
from rejent.retention.holds.recorded import recorded_time
from rejent.retention.models import Erasure
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.views import BegunCall
from tests.guarded_rows import unguarded
from tests.unit.cases.application import NOON, application, entered
from tests.unit.cases.conftest import staff
from tests.unit.retention.office import MINUTE, RecordingOffice

CALL, OTHER = "ab" * 16, "cd" * 16
ASKED = (NOON + MINUTE, NOON + 2 * MINUTE)


@pytest.fixture
def recorded(pleszew: RecordingOffice, camera: str) -> list[str]:
    """The names of four minutes from noon."""
    return [pleszew.record(camera, NOON + each * MINUTE, b"MARK%d" % each).object_name for each in range(4)]


def asked(office: RecordingOffice, source: str, right: Right, **changed: Any) -> CaseView:
    """A right that somebody recorded in the second minute asks for."""
    given = {"times": ASKED, "identity": Identity.DOCUMENT.value, **changed}
    return entered(office.clock, source, kind=Kind.RIGHT, right=right.value, **given)


def decide(
    office: RecordingOffice, people: dict[str, PersonView], number: str, outcome: State, **changed: Any
) -> None:
    """Decide as the head."""
    given: dict[str, Any] = {"reasons": "x", "basis": "art. 17 RODO", "knowledge": False, **changed}
    cases.decide_case(number, outcome, person=people["head"], clock=office.clock, ledger=None, **given)


def names(office: RecordingOffice) -> set[str]:
    """What lies in the store."""
    return {stored.name for stored in office.store.objects()}


def wrong(office: RecordingOffice) -> list[str]:
    """What `fsck` says of the recordings and of their erasure."""
    found = [
        *catalog_findings(office.store, office.clock, deep=True),
        *retention_findings(office.keeping),
        *guarded_rows("retention"),
    ]
    return [each.code for each in found if each.code != "catalog.segments-before-added"]


@pytest.mark.parametrize("right", [Right.ERASURE, Right.OBJECTION])
def test_what_is_granted_goes_before_its_term(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str, recorded: list[str], right: Right
) -> None:
    """The minute that was asked for and nothing else; nobody opens it from the decision on, and its end is proved."""
    number = asked(pleszew, camera, right).number
    assert services.keep_once(pleszew.keeping).withdrawn == 0
    assert restriction(camera, *ASKED) is None
    decide(pleszew, people, number, State.GRANTED)
    refused = restriction(camera, *ASKED)
    assert refused is not None
    assert "E-2026-1" in refused.facts.values()
    assert whole_restriction(camera, *ASKED) is not None
    assert restriction(camera, NOON, NOON + MINUTE) is None
    assert services.keep_once(pleszew.keeping).withdrawn == 1
    assert {recorded[0], recorded[2], recorded[3]} <= names(pleszew)
    assert recorded[1] not in names(pleszew)
    (one,) = retention.erasures_of(number)
    assert (one.state, one.segments) == ("done", 1)
    act = registers.act(one.done_entry or 0)
    assert act.act == "erasure.done"
    assert act.facts is not None
    assert act.facts["digest"] == one.digest != ""
    minutes = Interval(NOON, NOON + 4 * MINUTE)
    for since, kept_s in ((NOON, 240), (pleszew.clock.now() + MINUTE, 180)):
        assert recorded_time(camera, minutes, clock=pleszew.clock, kept_since=since).recorded_s == kept_s
    assert services.keep_once(pleszew.keeping).withdrawn == 0
    assert wrong(pleszew) == []


def test_what_is_held_goes_once_its_hold_ends(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str, recorded: list[str]
) -> None:
    """Until then it stays, opened by nobody who asks under the ordinary way; `fsck` misses nothing."""
    hold = services.place_hold(
        source_id=camera, start=NOON, end=NOON + 2 * MINUTE, case="RSD 1/26", basis="art. 22² § 4",
        review_on=date(2026, 4, 1), clock=pleszew.clock, ledger=None, actor="",
    )  # fmt: skip
    number = asked(pleszew, camera, Right.ERASURE, times=(NOON, NOON + 3 * MINUTE)).number
    decide(pleszew, people, number, State.GRANTED)
    services.keep_once(pleszew.keeping)
    assert {recorded[0], recorded[1]} <= names(pleszew)
    assert recorded[2] not in names(pleszew)
    (one,) = retention.erasures_of(number)
    assert (one.state, one.segments) == ("decided", 1)
    pleszew.clock.advance(timedelta(hours=2))
    assert wrong(pleszew) == []
    services.end_hold(hold.number, reason="umorzono", clock=pleszew.clock, ledger=None, actor="")
    services.keep_once(pleszew.keeping)
    (one,) = retention.erasures_of(number)
    assert (one.state, one.segments) == ("done", 3)
    assert names(pleszew) & set(recorded) == {recorded[3]}
    assert wrong(pleszew) == []


def test_what_is_refused_or_may_be_evidence_stays(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str, recorded: list[str]
) -> None:
    """Evidence is not erased by consent; a refusal leaves the recording to its term."""
    number = asked(pleszew, camera, Right.ERASURE).number
    for knowledge in (True, None):
        with pytest.raises(DecisionRefusedError):
            decide(pleszew, people, number, State.GRANTED, knowledge=knowledge)
    decide(pleszew, people, number, State.REFUSED)
    services.keep_once(pleszew.keeping)
    assert set(recorded) <= names(pleszew)
    assert [one.state for one in retention.erasures_of(number)] == ["dropped"]


def test_a_part_is_erased_where_a_part_is_granted(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str, recorded: list[str]
) -> None:
    """Of two cameras the one that was chosen."""
    other = pleszew.add_camera("Korytarz")
    kept = pleszew.record(other, NOON + MINUTE, b"OTHER").object_name
    number = cases.enter_case(_about(camera, other), clock=pleszew.clock, ledger=None, actor="clerk").number
    first = next(one for one in retention.erasures_of(number) if one.source_id == camera)
    decide(pleszew, people, number, State.PARTLY, kept=[first.number])
    services.keep_once(pleszew.keeping)
    assert recorded[1] not in names(pleszew)
    assert kept in names(pleszew)


def _about(*sources: str) -> Any:
    """The second minute of several cameras."""
    return application(
        *sources, kind=Kind.RIGHT, right=Right.ERASURE.value, times=ASKED, identity=Identity.DOCUMENT.value
    )


@pytest.mark.usefixtures("people")
def test_a_planted_erasure_destroys_nothing(
    pleszew: RecordingOffice, camera: str, recorded: list[str]
) -> None:
    """A row that was set to granted past the program removes nothing, and is named."""
    asked(pleszew, camera, Right.ERASURE)
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE retention_erasure SET state = 'decided', decided_at = asked_at")
    assert services.keep_once(pleszew.keeping).withdrawn == 0
    assert set(recorded) <= names(pleszew)
    assert "retention.differs-from-ledger" in wrong(pleszew)


def correct(office: RecordingOffice, number: str, right: Right, *sources: str, **changed: Any) -> None:
    """Correct what a right is asked for as the clerk, who entered it."""
    given = {"kind": Kind.RIGHT, "right": right.value, "times": ASKED, "identity": Identity.DOCUMENT.value}
    cases.correct_case(
        number, application(*sources, **given | changed), reason="pomyłka", clock=office.clock, ledger=None, actor="clerk"
    )  # fmt: skip


def test_a_corrected_right_destroys_nothing(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str, recorded: list[str]
) -> None:
    """Whoever consents to access, or says that it may be evidence, has nothing erased that was asked for before a correction."""
    number = asked(pleszew, camera, Right.ERASURE, times=(NOON, NOON + 3 * MINUTE)).number
    correct(pleszew, number, Right.ACCESS, camera)
    assert [one.state for one in retention.erasures_of(number)] == ["dropped"]
    assert len(case(number).holds) == 1
    decide(pleszew, people, number, State.GRANTED, basis="art. 15 RODO", knowledge=None)
    second = asked(pleszew, camera, Right.ERASURE).number
    correct(pleszew, second, Right.RECTIFICATION, camera)
    decide(pleszew, people, second, State.GRANTED, basis="art. 16 RODO", knowledge=True)
    services.keep_once(pleszew.keeping)
    assert set(recorded) <= names(pleszew)


def test_a_corrected_erasure_destroys_what_it_is_about_now(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str, recorded: list[str]
) -> None:
    """Of four minutes the one that is left of the application; another camera's at no time; what is asked again is erased."""
    other = pleszew.add_camera("Korytarz")
    there = pleszew.record(other, NOON + MINUTE, b"OTHER").object_name
    number = asked(pleszew, other, Right.ERASURE, times=(NOON, NOON + 4 * MINUTE)).number
    correct(pleszew, number, Right.ERASURE, camera, times=(NOON, NOON + 4 * MINUTE))
    correct(pleszew, number, Right.ERASURE, camera)
    correct(pleszew, number, Right.ACCESS, camera)
    correct(pleszew, number, Right.ERASURE, camera)
    states = [(one.source_id == camera, one.state) for one in retention.erasures_of(number)]
    assert states == [(False, "dropped"), (True, "dropped"), (True, "dropped"), (True, "asked")]
    with pytest.raises(DecisionRefusedError):
        decide(pleszew, people, number, State.GRANTED, knowledge=True)
    decide(pleszew, people, number, State.REFUSED, knowledge=False)
    third = asked(pleszew, camera, Right.ERASURE, times=(NOON, NOON + 4 * MINUTE)).number
    correct(pleszew, third, Right.ERASURE, camera)
    decide(pleszew, people, third, State.GRANTED)
    services.keep_once(pleszew.keeping)
    assert names(pleszew) == {there, recorded[0], recorded[2], recorded[3]}


def test_what_is_held_is_not_erased_by_another_row(
    pleszew: RecordingOffice,
    people: dict[str, PersonView],
    camera: str,
    recorded: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither a row that bears its digest while the keeper decides, nor an act of another erasure lets go of what a hold keeps."""
    services.place_hold(
        source_id=camera, start=NOON + MINUTE, end=NOON + 2 * MINUTE, case="RSD 1/26", basis="x",
        review_on=date(2026, 4, 1), clock=pleszew.clock, ledger=None, actor="",
    )  # fmt: skip
    number = asked(pleszew, camera, Right.ERASURE, times=(NOON, NOON + 2 * MINUTE)).number
    decide(pleszew, people, number, State.GRANTED)
    free, held = (Segment.objects.get(object_name=recorded[each]) for each in range(2))
    decide_removal = segment_services.decide_removal

    def bearing_another(*given: Any, **named: Any) -> None:
        with unguarded():
            Segment.objects.filter(pk=free.pk).update(sha256=held.sha256)
        decide_removal(*given, **named)
        with unguarded():
            Segment.objects.filter(pk=free.pk).update(sha256=free.sha256)

    monkeypatch.setattr(segment_services, "decide_removal", bearing_another)
    services.keep_once(pleszew.keeping)
    assert recorded[0] not in names(pleszew)
    wanted = Interval(NOON + MINUTE, NOON + 2 * MINUTE)
    objects = [each for each in catalog.objects_reaching(camera, wanted) if each.name == recorded[1]]
    assert objects
    decide_removal(camera, objects, "E-2026-99", clock=pleszew.clock)
    services.keep_once(pleszew.keeping)
    assert recorded[1] in names(pleszew)


@pytest.mark.parametrize("column", ["units", "state"])
def test_nothing_is_erased_while_a_row_hides_it(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str, recorded: list[str], column: str
) -> None:
    """A row that was altered, or says destroyed without an act, keeps the erasure waiting, and `fsck` names it; then all of it goes."""
    number = asked(pleszew, camera, Right.ERASURE, times=(NOON, NOON + 2 * MINUTE)).number
    decide(pleszew, people, number, State.GRANTED)
    row = Segment.objects.get(object_name=recorded[1])
    before = {column: getattr(row, column)}
    with unguarded():
        Segment.objects.filter(pk=row.pk).update(
            **{column: {"units": row.units + 1, "state": "destroyed"}[column]}
        )
    for _ in range(2):
        services.keep_once(pleszew.keeping)
        assert [one.state for one in retention.erasures_of(number)] == ["decided"]
    assert restriction(camera, *ASKED) is not None
    pleszew.clock.advance(timedelta(hours=2))
    assert "retention.not-erased" in wrong(pleszew)
    with unguarded():
        Segment.objects.filter(pk=row.pk).update(**before)
    services.keep_once(pleszew.keeping)
    (one,) = retention.erasures_of(number)
    assert (one.state, one.segments) == ("done", 2)
    assert recorded[1] not in names(pleszew)
    assert wrong(pleszew) == []
    with unguarded():
        Segment.objects.filter(pk=row.pk).update(state="sealed")
    assert "retention.erased-lives" in wrong(pleszew)


@pytest.mark.parametrize("state", ["dropped", "done"])
def test_a_row_that_was_lifted_opens_nothing(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str, recorded: list[str], state: str
) -> None:
    """What is granted and held stays closed by the ledger's word, whatever its row says."""
    services.place_hold(
        source_id=camera, start=NOON, end=NOON + 2 * MINUTE, case="RSD 1/26", basis="x",
        review_on=date(2026, 4, 1), clock=pleszew.clock, ledger=None, actor="",
    )  # fmt: skip
    decide(pleszew, people, asked(pleszew, camera, Right.ERASURE).number, State.GRANTED)
    with unguarded():
        Erasure.objects.update(state=state)
    assert restriction(camera, *ASKED) is not None
    (one,) = Erasure.objects.all()
    with transaction.atomic():
        facts = {"number": one.number}
        planted = enter(
            ERASURE_DONE, actor="", subject=f"source:{camera}", record=facts, at=pleszew.clock.now()
        )
    with unguarded():
        Entry.objects.filter(pk=planted).update(tag=b"")
    assert restriction(camera, *ASKED) is not None, "nor does an act that the program did not enter"
    assert recorded[1] in names(pleszew)


@pytest.fixture
def line(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office that records calls by consent: one call of two minutes, and another one."""
    office = RecordingOffice.open(tmp_path, datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "walbrzych-mops")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 10 555",))
    source = call_services.add_line(name="Line", stated=stated, clock=office.clock, actor="")
    office.sources["line"] = source
    for call, caller, start in ((CALL, "105550123", NOON), (OTHER, "105550199", NOON + 5 * MINUTE)):
        begun = BegunCall(call, source, start.date(), start, "incoming", caller, "105550100", "siprec")
        call_services.begin_call(begun, clock=office.clock)
        for each in range(2):
            office.record(source, start + each * MINUTE, call[:4].encode(), run=call)
        call_services.end_call(call, start + 2 * MINUTE, "hung-up", clock=office.clock)
    return office


def test_consent_to_a_call_is_withdrawn(line: RecordingOffice) -> None:
    """Nobody opens it from the application on; granted, it goes with its numbers, and the other call stays."""
    people = staff(line)
    source = line.sources["line"]
    case = entered(
        line.clock, kind=Kind.RIGHT, stream="calls", right=Right.WITHDRAWAL.value, identity=Identity.DOCUMENT.value,
        details={"caller-number": "105550123", "called-number": "105550100"}, times=(NOON, None),
    )  # fmt: skip
    (one,) = retention.erasures_of(case.number)
    assert (one.item, one.blocks, one.state) == (CALL, True, "asked")
    assert restriction(source, NOON, NOON + MINUTE, CALL) is not None
    assert restriction(source, NOON + 5 * MINUTE, NOON + 6 * MINUTE, OTHER) is None
    decide(line, people, case.number, State.GRANTED)
    assert restriction(source, NOON, NOON + MINUTE, CALL) is not None
    assert services.keep_once(line.keeping).withdrawn == 1
    left = {each.run for each in catalog.segments(source, NOON, NOON + 10 * MINUTE)}
    assert left == {OTHER}
    assert len(names(line)) == 2
    (one,) = retention.erasures_of(case.number)
    assert (one.state, one.segments) == ("done", 2)
    assert wrong(line) == []
    refused = entered(
        line.clock, kind=Kind.RIGHT, stream="calls", right=Right.WITHDRAWAL.value, identity=Identity.DOCUMENT.value,
        details={"caller-number": "105550199", "called-number": "105550100"}, times=(NOON + 5 * MINUTE, None),
    )  # fmt: skip
    assert restriction(source, NOON + 5 * MINUTE, NOON + 6 * MINUTE, OTHER) is not None
    decide(line, people, refused.number, State.REFUSED)
    assert restriction(source, NOON + 5 * MINUTE, NOON + 6 * MINUTE, OTHER) is None


def test_consent_that_nobody_proved_theirs_closes_nothing(line: RecordingOffice) -> None:
    """Nobody opens the call once a correction says that the identity was shown, and everybody may again once that was a mistake."""
    source = line.sources["line"]
    stated: dict[str, Any] = {
        "stream": "calls", "times": (NOON, None),
        "details": {"caller-number": "105550123", "called-number": "105550100"},
    }  # fmt: skip
    number = entered(
        line.clock, kind=Kind.RIGHT, right=Right.WITHDRAWAL.value, identity=Identity.NOT_SHOWN.value, **stated
    ).number
    for identity, blocks in ((None, False), (Identity.DOCUMENT, True), (Identity.NOT_SHOWN, False)):
        if identity is not None:
            correct(line, number, Right.WITHDRAWAL, identity=identity.value, **stated)
        (one,) = retention.erasures_of(number)
        assert (one.state, one.blocks) == ("asked", blocks)
        assert (restriction(source, NOON, NOON + MINUTE, CALL) is not None) == blocks
    assert wrong(line) == []
