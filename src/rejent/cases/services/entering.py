"""Enter an application: its number, its deadline, and a provisional hold of what it asks for, in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from secrets import token_hex

from django.db import transaction
from django.utils.translation import gettext_noop

from rejent.cases import kinds, rules
from rejent.cases.acts import CASE_ENTERED
from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.models import Case, CaseApplicant
from rejent.cases.queries import case_view, search_form
from rejent.cases.stream_parts import FINDER, Candidate, Search
from rejent.cases.views import Applicant, Application, CaseView, Identity
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.intervals import Interval
from rejent.kernel.plain_text import is_of_one_script, is_plain
from rejent.ledger.location import LedgerLocation
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import ApplicationField, Right
from rejent.registers.books.numbers import written_number
from rejent.registers.services import enter, take_number
from rejent.retention import queries as holds
from rejent.retention import services as retention
from rejent.retention.errors import AlreadyDestroyedError
from rejent.retention.queries import ErasureView

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

    Raises ApplicationRefusedError: a field that the regulation demands is missing or cannot be read, or the days do not follow one another,
    or nothing can be looked for with what is known; NoRegulationError, UnknownStreamError: the stream is not prescribed, or nothing records
    it.
    """
    clock = FrozenClock(clock)
    today = civil_date(clock.now())
    require_right(application)
    demands = demands_on(application, today)
    application = tidy(application, demands)
    rules.require_days(
        application.received_on,
        application.posted_on,
        application.event_first,
        application.event_last,
        today,
    )
    row = _row(application, demands, today, clock, actor)
    found = candidates(application, clock, actor)
    with transaction.atomic():
        for source_id in sorted({each.source_id for each in found}):
            locked_source(source_id)
        row.number = written_number(_MARK, today.year, take_number(SERIES, today.year))
        hold_found(row, found, demands.clause, clock, actor)
        row.save(force_insert=True)
        row.applicant = applicant_row(row, application)
        row.applicant.save(force_insert=True)
        row.state_parts(applicant=row.applicant.bound())
        _enter(row, clock, actor)
    retention.sign_at_once(ledger, clock)
    return case_view(row)


def candidates(application: Application, clock: Clock, actor: str) -> list[Candidate]:
    """Return the recordings that an application may be about; none where its kind holds none.

    Raises `ApplicationRefusedError` where too little is known, or too many fit.
    """
    if not kinds.looks_for(application.kind, application.right) or application.interval is None:
        return []
    if (
        kinds.rules_of_right(application.right).erases
        and demands_on(application, civil_date(clock.now())).refused_since
    ):
        return []
    found = FINDER.of(application.stream)(Search(application, clock, actor))
    if len(found) > MOST_HOLDS:
        raise ApplicationRefusedError(
            "More than {most} recordings fit.", most=MOST_HOLDS, advice="State the time or the place closer."
        )
    return found


def demands_on(application: Application, today: date) -> kinds.Demands:
    """Return what the regulation in force demands of an application; ApplicationRefusedError where it prescribes no such stream."""
    stream = office.verified_regulation(today).stream(application.stream)
    if stream is None:
        raise ApplicationRefusedError("The regulation in force prescribes no such monitoring.", part="stream")
    return kinds.demands_of(stream, application.kind, application.right)


def _row(application: Application, demands: kinds.Demands, today: date, clock: Clock, actor: str) -> Case:
    row = Case(
        kind=application.kind.value,
        stream=application.stream,
        version=office.version_in_force(today).version,
        decide_by=rules.decide_by(application.kind, application.received_on, today),
        holds=[],
        lost=[],
        entered_at=clock.now(),
        entered_by=actor,
    )
    state_application(row, application, demands)
    return row


def state_application(row: Case, application: Application, demands: kinds.Demands) -> None:
    """Set the columns that say what was applied for, and count its deadline of filing."""
    filed = rules.filed_on(application.channel, application.received_on, application.posted_on, demands)
    first, last = application.event_first, application.event_last
    deadline = rules.filing_deadline(demands, first, last)
    answer = rules.answer_deadline(application.kind, application.received_on)
    counted = deadline or answer
    row.right, row.identity, row.channel = application.right, application.identity, application.channel.value
    row.received_on, row.posted_on, row.filed_on = application.received_on, application.posted_on, filed
    row.event_first, row.event_last, row.about = first, last, application.about
    row.start = application.interval.start if application.interval else None
    row.end = application.interval.end if application.interval else None
    row.last_day = deadline.last_day if deadline else None
    row.holidays = counted.holidays if counted else ""
    row.late = deadline is not None and not deadline.in_time(filed)
    row.sources = sorted(application.source_ids)
    row.own = application.applicant.person


def hold_found(row: Case, found: list[Candidate], clause: str, clock: Clock, actor: str) -> None:
    """Hold each recording that was found, and note those of which nothing is left."""
    if kinds.rules_of_right(row.right).erases:
        _ask_erasure(row, found, clock, actor)
        return
    basis = clause or _grounds(row)
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
            row.lost.append(_lost(each, gone))
        else:
            row.holds.append(placed.number)
            row.lost += [[each.source_id, PARTLY_GONE, _ends_of(part)] for part in placed.gone]


def _grounds(row: Case) -> str:
    """Return the provision that a hold rests on where the regulation has none about such applications: the stream's on keeping longer."""
    regulation = office.verified_version(row.version)
    rules = regulation.stream(row.stream)
    return (rules and (rules.extension.clause or rules.clause)) or regulation.title


def _ask_erasure(row: Case, found: list[Candidate], clock: Clock, actor: str) -> None:
    """Enter what is to be erased, and note of what nothing is left.

    What consent is withdrawn of, nobody opens from here on, if it is proved whose consent it was.
    """
    asked = {erasure_key(each): each for each in holds.asked_erasures(row.number)}
    blocks = kinds.RIGHTS[Right(row.right)].blocks and row.identity not in kinds.UNPROVEN
    for each in found:
        before = asked.get(candidate_key(each))
        if before is not None:
            if before.blocks != blocks:
                retention.block_erasure(before.number, blocks=blocks, clock=clock, actor=actor)
            continue
        try:
            retention.ask_erasure(
                each.source_id,
                each.interval,
                each.item,
                case=row.number,
                blocks=blocks,
                clock=clock,
                actor=actor,
            )
        except AlreadyDestroyedError as gone:
            row.lost.append(_lost(each, gone))


def candidate_key(one: Candidate) -> tuple[object, ...]:
    """Return by what a recording that was found is the one of an erasure: its item, or its time."""
    return (one.source_id, one.item) if one.item else (one.source_id, one.interval.start, one.interval.end)


def erasure_key(one: ErasureView) -> tuple[object, ...]:
    """Return the same of an erasure."""
    return (one.source_id, one.item) if one.item else (one.source_id, one.start, one.end)


def _lost(one: Candidate, gone: AlreadyDestroyedError) -> list[object]:
    return [one.source_id, gone.template, {name: str(fact) for name, fact in gone.facts.items()}]


def _ends_of(part: Interval) -> dict[str, str]:
    return {"start": part.start.isoformat(), "end": part.end.isoformat()}


def applicant_row(row: Case, application: Application) -> CaseApplicant:
    """Return a new row of who applied and what they said, under a salt of its own; it is not saved."""
    applicant = application.applicant
    reference = application.details.get(ApplicationField.CASE_NUMBER, "")
    return CaseApplicant(
        case=row,
        name=applicant.name,
        address=applicant.address,
        contact=applicant.contact,
        details=dict(sorted(application.details.items())),
        salt=token_hex(32),
        sought=search_form(f"{row.number} {applicant.name} {applicant.contact} {reference}")[:700],
    )


def _enter(row: Case, clock: Clock, actor: str) -> None:
    record = {
        "number": row.number,
        "kind": row.kind,
        "stream": row.stream,
        "version": row.version,
        **({"right": row.right} if row.right else {}),
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


def tidy(application: Application, demands: kinds.Demands) -> Application:
    """Return the application with its texts as they are kept; ApplicationRefusedError for one that is missing or cannot be seen."""
    given = application.applicant
    applicant = Applicant(
        _text(given.name, "applicant", LONGEST_NAME, required=True),
        _text(given.address, "address", LONGEST_ADDRESS, required=False),
        _text(given.contact, "contact", LONGEST_CONTACT, required=False),
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
            "The time of the event is missing.", part="start", advice="Enter it, at least about."
        )
    if kinds.KINDS[application.kind].recordings and application.interval is None:
        raise ApplicationRefusedError("The day of the event is missing.", part="event_first")
    tidied = replace(application, applicant=applicant, details=_details(application.details, demanded))
    _require_letter_day(tidied)
    return tidied


def _require_letter_day(application: Application) -> None:
    """Raise `ApplicationRefusedError` for a letter's own day that is no day, or lies after the day of receipt."""
    part = ApplicationField.LETTER_DAY.value
    try:
        day = application.letter_day
    except ValueError:
        given = application.details[part]
        raise ApplicationRefusedError("The day cannot be read: {given}.", part=part, given=given) from None
    if day is not None and day > application.received_on:
        raise ApplicationRefusedError(
            "The letter bears a day after the day of receipt.", part=part, advice="Correct one of the days."
        )


def require_right(application: Application) -> None:
    """Raise `ApplicationRefusedError` for a right or an identity that is missing, or does not belong to the kind."""
    if not kinds.KINDS[application.kind].of_a_right:
        if application.right or application.identity:
            raise ApplicationRefusedError("This application names no right.", part="right")
        return
    if application.right not in kinds.RIGHTS:
        raise ApplicationRefusedError("No right is named.", part="right", advice="Choose it.")
    if application.identity not in set(Identity):
        raise ApplicationRefusedError(
            "It is not stated how the applicant's identity was checked.", part="identity", advice="Choose it."
        )


def _details(given: Mapping[str, str], demanded: set[ApplicationField]) -> dict[str, str]:
    known = [each for each in ApplicationField if each not in _OF_THE_FORM]
    kept = {
        each.value: _text(
            given.get(each.value, ""),
            each.value,
            LONGEST_TEXT if each in _LONG else LONGEST_LINE,
            required=each in demanded,
        )
        for each in known
    }
    return {name: text for name, text in kept.items() if text}


def _text(given: str, part: str, longest: int, *, required: bool) -> str:
    kept = given.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if required and not kept:
        raise ApplicationRefusedError("This is missing.", part=part, advice="Enter it.")
    if len(kept) > longest:
        raise ApplicationRefusedError(
            "The text is longer than {longest} characters.", part=part, longest=longest
        )
    if not all(map(is_plain, kept.split("\n"))) or any("\ud800" <= sign <= "\udfff" for sign in kept):
        raise ApplicationRefusedError(
            "The text may hold no invisible characters.", part=part, advice="Type it anew."
        )
    return kept


def tidy_line(part: str, given: str, *, longest: int) -> str:
    """Return a line that somebody must give, as it is kept; ApplicationRefusedError for one that is missing or cannot be seen."""
    if not given.strip():
        raise ApplicationRefusedError("Give a reason.", part=part)
    return _text(given, part, longest, required=True)
