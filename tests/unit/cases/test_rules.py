"""What counts as filed, in time, sought and decidable, by the five offices' own examples."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.cases import rules
from rejent.cases.errors import ApplicationRefusedError, DecisionRefusedError
from rejent.cases.kinds import RIGHTS, Demands, demands_of
from rejent.cases.views import Channel, Kind, State
from rejent.kernel.clock import local_midnight
from rejent.kernel.explanations import counted_line
from rejent.office.regulation.loading import example, load
from rejent.office.regulation.vocabulary import ApplicationField, LatePolicy, Right

STREAMS = {
    "elblag": "video",
    "boleslawiec": "calls",
    "pleszew": "video",
    "miedziana-gora": "video",
    "walbrzych-mops": "calls",
}


def demands(office: str, kind: Kind = Kind.PRESERVATION) -> Demands:
    """What an example's regulation demands."""
    return demands_of(load(example(office)).streams[STREAMS[office]], kind)


@pytest.mark.parametrize(
    ("event", "last_day"),
    [
        (date(2026, 12, 10), date(2026, 12, 28)),
        (date(2026, 4, 17), date(2026, 5, 4)),
        (date(2026, 5, 21), date(2026, 6, 5)),
        (date(2026, 11, 7), date(2026, 11, 23)),
        (date(2026, 10, 28), date(2026, 11, 12)),
        (date(2026, 3, 2), date(2026, 3, 16)),
    ],
)
@pytest.mark.parametrize("office", ["pleszew", "walbrzych-mops"])
def test_fourteen_days_roll_over_free_days(office: str, event: date, last_day: date) -> None:
    """The vectors of the research report, under both regulations that set a term."""
    deadline = rules.filing_deadline(demands(office), event, event)
    assert deadline is not None
    assert deadline.last_day == last_day


@pytest.mark.parametrize("office", ["elblag", "boleslawiec", "miedziana-gora"])
def test_offices_without_a_term_have_no_deadline(office: str) -> None:
    """Nobody is late where the regulation sets no term, nor is a body that is entitled by law."""
    assert rules.filing_deadline(demands(office), date(2026, 3, 1), date(2026, 3, 1)) is None
    entitled = demands("pleszew", Kind.DISCLOSURE)
    assert rules.filing_deadline(entitled, date(2020, 3, 1), date(2020, 3, 1)) is None


def test_the_last_possible_day_starts_the_term() -> None:
    """Where the event may have been on several days, the applicant gets the last one's term."""
    deadline = rules.filing_deadline(demands("pleszew"), date(2026, 3, 2), date(2026, 3, 5))
    assert deadline is not None
    assert deadline.last_day == date(2026, 3, 19)


def test_the_count_is_told_in_one_line() -> None:
    """Origin, length, nominal day, the reason why it moves, and the day that counts."""
    deadline = rules.filing_deadline(demands("pleszew"), date(2026, 12, 10), date(2026, 12, 10))
    assert deadline is not None
    assert str(counted_line(deadline)) == (
        "10.12.2026 + 14 days = 24.12.2026 (Christmas Eve) → Monday, 28 December 2026"
    )
    plain = rules.filing_deadline(demands("pleszew"), date(2026, 3, 2), date(2026, 3, 2))
    assert plain is not None
    assert str(counted_line(plain)) == "02.03.2026 + 14 days = Monday, 16 March 2026"


def test_the_day_of_posting_counts_for_post_alone() -> None:
    """What came by post was filed on the day of the postmark; everything else when it was received."""
    posted, received = date(2026, 3, 13), date(2026, 3, 18)
    assert rules.filed_on(Channel.POST, received, posted, demands("pleszew")) == posted
    assert rules.filed_on(Channel.POST, received, None, demands("pleszew")) == received
    assert rules.filed_on(Channel.E_MAIL, received, posted, demands("pleszew")) == received


def test_provisional_holds_are_meant_for_ten_working_days() -> None:
    """Easter Monday and the weekends do not count."""
    assert rules.decide_by(Kind.PRESERVATION, date(2026, 3, 30), date(2026, 4, 1)) == date(2026, 4, 16)


def test_a_day_behind_the_last_year_is_none() -> None:
    """Where no next day can be reckoned, the form says so."""
    with pytest.raises(ApplicationRefusedError):
        rules.requested_interval(date(9999, 12, 31), date(9999, 12, 31), None, None)


def test_what_is_sought_follows_from_what_is_known() -> None:
    """A stated time as it stands; half an hour around one hour; the whole days where no hour is known."""
    day, noon = date(2026, 3, 1), datetime(2026, 3, 1, 11, tzinfo=UTC)
    whole = rules.requested_interval(day, day, None, None)
    assert (whole.start, whole.end) == (local_midnight(day), local_midnight(date(2026, 3, 2)))
    around = rules.requested_interval(day, day, noon, None)
    assert (around.start, around.end) == (noon - timedelta(minutes=30), noon + timedelta(minutes=30))
    stated = rules.requested_interval(day, day, noon, noon + timedelta(minutes=5))
    assert stated.length == timedelta(minutes=5)
    several = rules.requested_interval(day, date(2026, 3, 3), noon, None)
    assert several.end == local_midnight(date(2026, 3, 4))


@pytest.mark.parametrize(
    ("last", "end"),
    [(date(2026, 3, 1), datetime(2026, 3, 1, 10, tzinfo=UTC)), (date(2026, 5, 1), None)],
)
def test_an_empty_or_endless_time_is_refused(last: date, end: datetime | None) -> None:
    """A time that ends before it begins, and one longer than a month."""
    with pytest.raises(ApplicationRefusedError):
        rules.requested_interval(date(2026, 3, 1), last, datetime(2026, 3, 1, 11, tzinfo=UTC), end)


@pytest.mark.parametrize(
    ("received", "posted", "first", "last", "part"),
    [
        ("2026-03-11", None, "2026-03-01", "2026-03-01", "received_on"),
        ("2026-03-05", "2026-03-06", "2026-03-01", "2026-03-01", "posted_on"),
        ("2026-03-05", None, "2026-03-03", "2026-03-01", "event_last"),
        ("2026-03-05", None, "2026-03-06", "2026-03-06", "event_first"),
        ("2026-03-05", "2026-03-03", "2026-03-04", "2026-03-04", "event_first"),
    ],
)
def test_days_follow_one_another(received: str, posted: str | None, first: str, last: str, part: str) -> None:
    """The event, the posting, the receipt, today."""
    days = [date.fromisoformat(each) for each in (received, first, last)]
    mark = date.fromisoformat(posted) if posted else None
    with pytest.raises(ApplicationRefusedError) as refused:
        rules.require_days(days[0], mark, days[1], days[2], date(2026, 3, 10))
    assert refused.value.part == part


def decided(office: str, outcome: State, *, late: bool = False, **changed: object) -> None:
    """Demand a decision that lacks nothing but what is changed."""
    given = rules.Deciding(
        demands(office), Kind.PRESERVATION, number="W-2026-1", late=late, withdrawn=False, right="", identity="", holds=2, erases=False,
        outcome=outcome, reasons="brak", basis="§ 6", knowledge=None, kept=1,
    )  # fmt: skip
    rules.require_decision(replace(given, **changed))  # type: ignore[arg-type]


def test_a_late_application_follows_its_office() -> None:
    """Pleszew does not consider it, Wałbrzych may; both say whether the recording may be evidence."""
    assert demands("pleszew").late is LatePolicy.NOT_CONSIDERED
    assert rules.possible(demands("pleszew"), late=True) == (State.REFUSED,)
    assert State.GRANTED in rules.possible(demands("walbrzych-mops"), late=True)
    with pytest.raises(DecisionRefusedError) as refused:
        decided("pleszew", State.GRANTED, late=True, knowledge=True)
    assert "§ 6 ust. 3–6" in str(refused.value)
    with pytest.raises(DecisionRefusedError):
        decided("walbrzych-mops", State.GRANTED, late=True)
    decided("walbrzych-mops", State.GRANTED, late=True, knowledge=False)
    decided("pleszew", State.REFUSED, late=True, knowledge=True)


@pytest.mark.parametrize(
    ("outcome", "changed", "part"),
    [
        (State.GRANTED, {"basis": ""}, "basis"),
        (State.GRANTED, {"basis": "w-2026-1"}, "basis"),
        (State.REFUSED, {"reasons": "", "knowledge": False}, "reasons"),
        (State.REFUSED, {}, "knowledge"),
        (State.PARTLY, {"kept": 0}, "kept"),
        (State.PARTLY, {"kept": 2}, "kept"),
        (State.WAITING, {}, "outcome"),
    ],
)
def test_a_decision_lacks_nothing(outcome: State, changed: dict[str, object], part: str) -> None:
    """Basis, reasons of a refusal, the answer on evidence, a true part."""
    with pytest.raises(DecisionRefusedError) as refused:
        decided("pleszew", outcome, **changed)
    assert refused.value.part == part


def test_what_may_be_evidence_stands_whatever_was_decided() -> None:
    """Consent keeps all, consent in part what was chosen, knowledge everything, refusal nothing."""
    chosen = frozenset({"Z-2026-1"})
    stands = {
        (outcome, number, knowledge): rules.stands_after(outcome, number, chosen, knowledge=knowledge)
        for outcome in (State.GRANTED, State.PARTLY, State.REFUSED)
        for number in ("Z-2026-1", "Z-2026-2")
        for knowledge in (None, False, True)
    }
    lifted = {
        (State.PARTLY, "Z-2026-2", None),
        (State.PARTLY, "Z-2026-2", False),
        *((State.REFUSED, number, known) for number in ("Z-2026-1", "Z-2026-2") for known in (None, False)),
    }
    assert {each for each, stays in stands.items() if not stays} == lifted


@pytest.mark.parametrize(
    ("kind", "received", "prolonged", "last_day"),
    [
        (Kind.RIGHT, date(2026, 1, 31), False, date(2026, 3, 2)),
        (Kind.RIGHT, date(2026, 1, 31), True, date(2026, 4, 30)),
        (Kind.RIGHT, date(2026, 8, 31), False, date(2026, 9, 30)),
        (Kind.PUBLIC_INFORMATION, date(2026, 12, 10), False, date(2026, 12, 28)),
    ],
)
def test_answers_have_the_term_of_the_law(
    kind: Kind, received: date, prolonged: bool, last_day: date
) -> None:
    """One month from the receipt, three once it is put off, counted once from the same day; fourteen days of public information."""
    deadline = rules.answer_deadline(kind, received, prolonged=prolonged)
    assert deadline is not None
    assert deadline.last_day == last_day
    assert rules.answer_deadline(Kind.DISCLOSURE, received) is None


def test_rights_follow_the_grounds_of_the_processing() -> None:
    """Consent gives portability and withdrawal, a public task objection; what the law does not give is refused."""
    named = {
        office: {
            right
            for right, each in RIGHTS.items()
            if each.given(load(example(office)).streams[stream].legal_basis)
        }
        for office, stream in STREAMS.items()
    }
    always = {Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION}
    assert named["miedziana-gora"] == always
    assert named["pleszew"] == named["elblag"] == always | {Right.OBJECTION}
    assert named["boleslawiec"] == always | {Right.PORTABILITY, Right.WITHDRAWAL}
    assert named["walbrzych-mops"] == set(RIGHTS)
    rules_of = load(example("pleszew")).streams["video"]
    assert demands_of(rules_of, Kind.RIGHT, Right.PORTABILITY).outcomes == (State.REFUSED,)
    assert State.GRANTED in demands_of(rules_of, Kind.RIGHT, Right.ACCESS).outcomes
    assert demands_of(rules_of, Kind.PUBLIC_INFORMATION).outcomes == (State.REFUSED,)


def test_forms_ask_for_what_their_annexes_have() -> None:
    """F-4 of Pleszew, F-5 of Wałbrzych, F-2 of Bolesławiec."""
    named = ApplicationField
    assert set(demands("pleszew").fields) == {
        named.APPLICANT, named.DATE, named.PLACE, named.APPROXIMATE_TIME, named.DESCRIPTION, named.PURPOSE,
    }  # fmt: skip
    assert set(demands("walbrzych-mops").fields) == {
        named.CALLER_NUMBER, named.CALLED_NUMBER, named.DATE, named.APPROXIMATE_TIME,
    }  # fmt: skip
    asked = demands("boleslawiec", Kind.DISCLOSURE).fields
    assert {named.TELEPHONE_NUMBER, named.PURPOSE, named.LEGAL_BASIS, named.CASE_NUMBER} <= set(asked)
