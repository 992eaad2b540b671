"""Enter an application: its number, its deadline, and a provisional hold of what it asks for, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_noop

from rejent.cases import rules
from rejent.cases.acts import CASE_ENTERED
from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.models import Case, CaseApplicant
from rejent.cases.queries import case_view, search_form
from rejent.cases.stream_parts import FINDER, Candidate, Search
from rejent.cases.views import Applicant, Application, CaseView
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.intervals import Interval
from rejent.kernel.plain_text import is_of_one_script, is_plain
from rejent.ledger.location import LedgerLocation
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import ApplicationField
from rejent.registers.numbers import written_number
from rejent.registers.services import enter, take_number
from rejent.retention import services as retention
from rejent.retention.errors import AlreadyDestroyedError

SERIES = "cases"
_MARK = "W"
LONGEST_NAME = 200
LONGEST_CONTACT = 200
LONGEST_ADDRESS = 400
LONGEST_TEXT = 4000
LONGEST_LINE = 300
MOST_HOLDS = 40
"""Recordings that one application holds; where more fit, too little is known."""
PARTLY_GONE = gettext_noop("Of what is asked for, {start} to {end} had been destroyed before.")
"""Sentence about a part of a held interval; its instants as they are kept."""
_LONG = frozenset({ApplicationField.DESCRIPTION, ApplicationField.PURPOSE})
_OF_THE_FORM = frozenset(
    {
        ApplicationField.APPLICANT,
        ApplicationField.DATE,
        ApplicationField.EXACT_TIME,
        ApplicationField.APPROXIMATE_TIME,
    }
)
"""Fields that are no texts of their own."""


def enter_case(
    application: Application, *, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> CaseView:
    """Enter an application, and hold at once what it may be about until it is decided (R-REQ-1, R-OPEN-2).

    Args:
        application: as it was filed.
        clock: what the time is.
        ledger: where the ledger's head is signed at once; None leaves that to the keeper.
        actor: who enters it.

    Raises:
        ApplicationRefusedError: a field that the regulation demands is missing or cannot be read, or the days do not follow one
            another, or nothing can be looked for with what is known.
        NoRegulationError, UnknownStreamError: the stream is not prescribed, or nothing records it.
    """
    clock = FrozenClock(clock)
    today = civil_date(clock.now())
    demands = demands_on(application, today)
    application = _tidy(application, demands)
    rules.demand_days(
        application.received_on,
        application.posted_on,
        application.event_first,
        application.event_last,
        today,
    )
    row = _row(application, demands, today, clock, actor)
    found = FINDER.of(application.stream)(Search(application, clock, actor))
    if len(found) > MOST_HOLDS:
        raise ApplicationRefusedError(
            "More than {most} recordings fit.", most=MOST_HOLDS, advice="State the time or the place closer."
        )
    with transaction.atomic():
        for source_id in sorted({each.source_id for each in found}):
            locked_source(source_id)
        row.number = written_number(_MARK, today.year, take_number(SERIES, today.year))
        _hold(row, found, demands.clause, clock, actor)
        row.save(force_insert=True)
        row.applicant = _applicant_row(row, application.applicant)
        _enter(row, clock, actor)
    retention.sign_at_once(ledger, clock)
    return case_view(row)


def demands_on(application: Application, today: date) -> rules.Demands:
    """Return what the regulation in force demands of an application; ApplicationRefusedError where it prescribes no such stream."""
    stream = office.verified_regulation(today).stream(application.stream)
    if stream is None:
        raise ApplicationRefusedError("The regulation in force prescribes no such monitoring.", part="stream")
    return rules.demands_of(stream, application.kind)


def _row(application: Application, demands: rules.Demands, today: date, clock: Clock, actor: str) -> Case:
    filed = rules.filed_on(application.channel, application.received_on, application.posted_on, demands)
    deadline = rules.filing_deadline(demands, application.event_first, application.event_last)
    return Case(
        kind=application.kind.value,
        stream=application.stream,
        version=office.regulation_version(today).version,
        channel=application.channel.value,
        received_on=application.received_on,
        posted_on=application.posted_on,
        filed_on=filed,
        event_first=application.event_first,
        event_last=application.event_last,
        start=application.interval.start,
        end=application.interval.end,
        about=application.about,
        last_day=deadline.last_day if deadline else None,
        holidays=deadline.holidays if deadline else "",
        late=deadline is not None and not deadline.in_time(filed),
        decide_by=rules.decide_by(today),
        details=dict(sorted(application.details.items())),
        sources=sorted(application.source_ids),
        holds=[],
        lost=[],
        own=application.applicant.person,
        entered_at=clock.now(),
        entered_by=actor,
    )


def _hold(row: Case, found: list[Candidate], clause: str, clock: Clock, actor: str) -> None:
    """Hold each recording that was found, and note those of which nothing is left."""
    basis = clause or row.number
    for each in found:
        try:
            placed = retention.place_hold(
                source_id=each.source_id,
                start=each.interval.start,
                end=each.interval.end,
                case=row.number,
                basis=basis,
                review_on=row.decide_by,
                clock=clock,
                ledger=None,
                actor=actor,
                item=each.item,
                provisional=True,
            )
        except AlreadyDestroyedError as gone:
            facts = {name: str(fact) for name, fact in gone.facts.items()}
            row.lost.append([each.source_id, gone.template, facts])
        else:
            row.holds.append(placed.number)
            row.lost += [[each.source_id, PARTLY_GONE, _ends_of(part)] for part in placed.gone]


def _ends_of(part: Interval) -> dict[str, str]:
    return {"start": part.start.isoformat(), "end": part.end.isoformat()}


def _applicant_row(row: Case, applicant: Applicant) -> CaseApplicant:
    reference = row.details.get(ApplicationField.CASE_NUMBER, "")
    return CaseApplicant.objects.create(
        case=row,
        name=applicant.name,
        address=applicant.address,
        contact=applicant.contact,
        sought=search_form(f"{applicant.name} {applicant.contact} {reference}")[:700],
    )


def _enter(row: Case, clock: Clock, actor: str) -> None:
    record = {
        "number": row.number,
        "kind": row.kind,
        "stream": row.stream,
        "version": row.version,
        "channel": row.channel,
        "received_on": row.received_on.isoformat(),
        "filed_on": row.filed_on.isoformat(),
        "last_day": row.last_day.isoformat() if row.last_day else None,
        "late": row.late,
        "decide_by": row.decide_by.isoformat(),
        "holds": list(row.holds),
        "lost": len(row.lost),
    }
    enter(CASE_ENTERED, actor=actor, subject=f"case:{row.number}", record=record, at=clock.now(), row=row)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    longest: int
    required: bool


def _tidy(application: Application, demands: rules.Demands) -> Application:
    """Return the application with its texts as they are kept; ApplicationRefusedError for one that is missing or cannot be seen."""
    given = application.applicant
    applicant = Applicant(
        _text(given.name, _Field("applicant", LONGEST_NAME, required=True)),
        _text(given.address, _Field("address", LONGEST_ADDRESS, required=False)),
        _text(given.contact, _Field("contact", LONGEST_CONTACT, required=False)),
        str(office.person(given.person).id) if given.person else "",
    )
    if not is_of_one_script(applicant.name):
        raise ApplicationRefusedError(
            "The name mixes letters of several scripts.", part="applicant", advice="Type it anew."
        )
    demanded = set(demands.fields)
    timed = demanded & {ApplicationField.EXACT_TIME, ApplicationField.APPROXIMATE_TIME}
    if timed and application.about is None:
        raise ApplicationRefusedError(
            "The regulation asks for the time of the event ({clause}).", part="start", clause=demands.clause
        )
    details = _details(application.details, demanded)
    return Application(
        kind=application.kind,
        stream=application.stream,
        channel=application.channel,
        received_on=application.received_on,
        event_first=application.event_first,
        event_last=application.event_last,
        interval=application.interval,
        applicant=applicant,
        about=application.about,
        posted_on=application.posted_on,
        details=details,
        source_ids=application.source_ids,
    )


def _details(given: Mapping[str, str], demanded: set[ApplicationField]) -> dict[str, str]:
    known = [each for each in ApplicationField if each not in _OF_THE_FORM]
    kept = {
        each.value: _text(
            given.get(each.value, ""),
            _Field(each.value, LONGEST_TEXT if each in _LONG else LONGEST_LINE, required=each in demanded),
        )
        for each in known
    }
    return {name: text for name, text in kept.items() if text}


def _text(given: str, field: _Field) -> str:
    kept = given.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if field.required and not kept:
        raise ApplicationRefusedError("The regulation asks for this.", part=field.name, advice="Enter it.")
    if len(kept) > field.longest:
        raise ApplicationRefusedError(
            "The text is longer than {longest} characters.", part=field.name, longest=field.longest
        )
    if not all(map(is_plain, kept.split("\n"))) or any("\ud800" <= sign <= "\udfff" for sign in kept):
        raise ApplicationRefusedError(
            "The text may hold no invisible characters.", part=field.name, advice="Type it anew."
        )
    return kept
