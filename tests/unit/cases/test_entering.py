"""An application is entered with its number, its deadline and its provisional hold, or not at all."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.cases import checks, queries, services
from rejent.cases.errors import ApplicationRefusedError, NoSuchCaseError
from rejent.cases.models import Case
from rejent.cases.services.entering import PARTLY_GONE
from rejent.cases.views import Applicant, Channel, Kind, State
from rejent.kernel.clock import local_midnight
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.retention import services as retention_services
from rejent.retention.errors import HoldProvisionalError
from tests.booked import every_case
from tests.unit.cases.application import NOON, TEXTS, application, entered
from tests.unit.retention.office import RecordingOffice
from tests.unit.retention.one_call import CALL, office_of_one_call

EVENING = local_midnight(date(2026, 4, 1))


def test_what_is_asked_for_is_held_at_once(pleszew: RecordingOffice, camera: str) -> None:
    """Half an hour around the hour, provisionally, for ten working days; the case names the hold and the hold the case."""
    case = entered(pleszew.clock, camera)
    assert (case.number, case.state, case.late) == ("W-2026-1", State.WAITING, False)
    assert (case.last_day, case.decide_by) == (date(2026, 3, 16), date(2026, 3, 16))
    (hold,) = retention.holds()
    assert case.holds == (hold.number,)
    assert (hold.case, hold.provisional, hold.review_on) == ("W-2026-1", True, case.decide_by)
    assert (hold.start, hold.end) == (NOON - timedelta(minutes=30), NOON + timedelta(minutes=30))
    assert list(checks.findings()) == []


@pytest.mark.parametrize("day", [16, 17])
def test_whoever_files_late_is_held_all_the_same(pleszew: RecordingOffice, camera: str, day: int) -> None:
    """Being late is noted; nobody decides by letting the recording die."""
    pleszew.go_to(datetime(2026, 3, 18, 9, tzinfo=UTC))
    case = entered(pleszew.clock, camera, received_on=date(2026, 3, day))
    assert case.late == (day == 17)
    assert len(retention.holds()) == 1


def test_what_was_posted_in_time_is_in_time(pleszew: RecordingOffice, camera: str) -> None:
    """The postmark counts, where the regulation says so."""
    pleszew.go_to(datetime(2026, 3, 20, 9, tzinfo=UTC))
    posted = {"channel": Channel.POST, "received_on": date(2026, 3, 20), "posted_on": date(2026, 3, 16)}
    case = entered(pleszew.clock, camera, **posted)
    assert (case.filed_on, case.late) == (date(2026, 3, 16), False)


def test_the_ledger_holds_no_name(pleszew: RecordingOffice, camera: str) -> None:
    """Neither the applicant nor a text of theirs stands in any record; the row is bound by a salted digest."""
    entered(pleszew.clock, camera)
    told = repr([act.facts for act in registers.acts(limit=50).acts])
    for kept_apart in ("Przykładowa", "Rynek", "600 000 000", TEXTS["description"], TEXTS["purpose"]):
        assert kept_apart not in told


def test_who_applied_cannot_be_swapped(pleszew: RecordingOffice, camera: str) -> None:
    """Another name in the table of applicants is found, though the ledger has never held the first."""
    entered(pleszew.clock, camera)
    row = Case.objects.get()
    type(row.applicant).objects.filter(pk=row.pk).update(name="Ktoś Inny")
    assert [finding.code for finding in checks.findings()] == ["cases.differs-from-ledger"]


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"applicant": Applicant("  ")}, "applicant"),
        ({"applicant": Applicant("Anna\u202e")}, "applicant"),
        ({"applicant": Applicant("Аnna Nowak")}, "applicant"),
        ({"applicant": Applicant("a" * 201)}, "applicant"),
        ({"details": TEXTS | {"purpose": " "}}, "purpose"),
        ({"details": TEXTS | {"description": "\u200b"}}, "description"),
        ({"details": TEXTS | {"place": "x" * 301}}, "place"),
        ({"details": TEXTS | {"letter-day": "2026-03-03"}}, "letter-day"),
        ({"details": TEXTS | {"letter-day": "wczoraj"}}, "letter-day"),
        ({"times": (None, None)}, "start"),
        ({"received_on": date(2026, 3, 3)}, "received_on"),
        ({"event_first": date(2026, 3, 3)}, "event_first"),
        ({"source_ids": frozenset()}, "sources"),
        ({"source_ids": frozenset({"ab" * 16})}, "sources"),
        ({"stream": "calls"}, "stream"),
    ],
)
def test_an_application_that_lacks_something_takes_no_number(
    pleszew: RecordingOffice, camera: str, changed: dict[str, Any], part: str
) -> None:
    """The field is named; nothing is held, and the next one is still the first."""
    with pytest.raises(ApplicationRefusedError) as refused:
        entered(pleszew.clock, camera, **changed)
    assert refused.value.part == part
    assert retention.holds() == []
    assert entered(pleszew.clock, camera).number == "W-2026-1"


def test_what_was_destroyed_is_told(pleszew: RecordingOffice, camera: str) -> None:
    """Nothing can be held any more; the case says so, with the destruction, and still waits for its decision."""
    pleszew.record(camera, NOON, b"gone")
    pleszew.go_to(EVENING)
    retention_services.keep_once(pleszew.keeping)
    case = entered(
        pleszew.clock, camera, kind=Kind.DISCLOSURE, received_on=date(2026, 4, 1), times=(NOON, NOON + timedelta(minutes=1))
    )  # fmt: skip
    assert (case.holds, case.state) == ((), State.WAITING)
    assert [lost.facts["number"] for lost in case.lost] == [retention.destructions()[0].number]


def test_what_was_partly_destroyed_is_told_beside_the_hold(pleszew: RecordingOffice, camera: str) -> None:
    """The first day is gone: the case holds the last, and says what it lacks."""
    pleszew.record(camera, NOON, b"gone")
    pleszew.record(camera, NOON + timedelta(days=19), b"kept")
    pleszew.go_to(EVENING)
    retention_services.keep_once(pleszew.keeping)
    times = (NOON, NOON + timedelta(days=19, minutes=1))
    case = entered(pleszew.clock, camera, kind=Kind.DISCLOSURE, received_on=date(2026, 4, 1), event_last=date(2026, 3, 20), times=times)  # fmt: skip
    assert len(case.holds) == 1
    assert [(lost.template, lost.facts["start"]) for lost in case.lost] == [(PARTLY_GONE, NOON.isoformat())]


def test_a_provisional_hold_outlives_its_ten_days_with_an_alarm(
    pleszew: RecordingOffice, camera: str
) -> None:
    """Nothing lapses: near its last day an alarm is raised, and past the term the recording is still there."""
    pleszew.record(camera, NOON, b"kept")
    case = entered(pleszew.clock, camera)
    retention_services.keep_once(pleszew.keeping)
    assert "hold-undecided" not in {alarm.kind for alarm in retention.alarms()}
    pleszew.go_to(datetime(2026, 3, 12, 9, tzinfo=UTC))
    retention_services.keep_once(pleszew.keeping)
    (raised,) = [alarm for alarm in retention.alarms() if alarm.kind == "hold-undecided"]
    assert raised.facts == {"number": case.holds[0], "case": case.number}
    pleszew.go_to(EVENING + timedelta(days=30))
    retention_services.keep_once(pleszew.keeping)
    assert len(pleszew.living(camera, NOON, NOON + timedelta(minutes=1))) == 1


def test_nobody_ends_a_provisional_hold_by_hand(
    pleszew: RecordingOffice, people: dict[str, PersonView], camera: str
) -> None:
    """Neither its end nor its review: the decision does both."""
    number = entered(pleszew.clock, camera).holds[0]
    given: dict[str, Any] = {"clock": pleszew.clock, "ledger": None, "actor": str(people["head"].id)}
    with pytest.raises(HoldProvisionalError):
        retention_services.end_hold(number, reason="x", **given)
    with pytest.raises(HoldProvisionalError):
        retention_services.review_hold(number, reason="x", review_on=date(2026, 4, 1), **given)
    assert list(checks.findings()) == []


def test_calls_are_found_by_their_numbers(db: None, tmp_path: Path) -> None:  # noqa: ARG001 - asked for its effect
    """The call of both numbers is held, whole and alone; no number stands in the ledger; a wrong one finds nothing."""
    office = office_of_one_call(tmp_path, ended=True)
    office.go_to(datetime(2026, 3, 2, 9, tzinfo=UTC))
    numbers = {"caller-number": "105550123", "called-number": "105550100"}
    case = services.enter_case(
        application(stream="calls", details=numbers), clock=office.clock, ledger=None, actor="clerk"
    )
    assert [hold.item for hold in retention.holds()] == [CALL]
    assert "105550123" not in repr([act.facts for act in registers.acts(names=["case.entered"]).acts])
    other = services.enter_case(
        application(stream="calls", details=numbers | {"caller-number": "105550124"}),
        clock=office.clock, ledger=None, actor="clerk",
    )  # fmt: skip
    assert (len(case.holds), other.holds) == (1, ())
    with pytest.raises(ApplicationRefusedError) as refused:
        services.enter_case(
            application(stream="calls", details=numbers | {"caller-number": "kto to"}),
            clock=office.clock, ledger=None, actor="clerk",
        )  # fmt: skip
    assert refused.value.part == "caller-number"


def test_cases_are_found_by_number_name_and_sign(pleszew: RecordingOffice, camera: str) -> None:
    """Every word must fit; marks and capitals do not matter; pages follow one another."""
    for name in ("Łucja Źdźbło", "Anna Nowak", "Policja w Pleszewie"):
        entered(pleszew.clock, camera, applicant=Applicant(name))
    found = {
        words: [case.number for case in queries.cases(words=words).cases]
        for words in ("lucja zdzblo", "NOWAK", "w-2026-3", "rsd-17/26", "nikt", "")
    }
    everyone = ["W-2026-3", "W-2026-2", "W-2026-1"]
    assert found == {
        "lucja zdzblo": ["W-2026-1"],
        "NOWAK": ["W-2026-2"],
        "w-2026-3": ["W-2026-3"],
        "rsd-17/26": everyone,
        "nikt": [],
        "": everyone,
    }
    assert [case.number for case in queries.cases(after="W-2026-3").cases] == everyone[1:]
    assert [case.number for case in queries.cases(state="waiting").cases] == everyone
    assert queries.cases(state="refused").cases == []
    assert [case.number for case in every_case()] == everyone[::-1]
    with pytest.raises(NoSuchCaseError):
        queries.case("W-2026-9")
