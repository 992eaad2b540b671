"""Checking a regulation against the statute: excluded rooms, notices, legal bases, purposes, periods."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import Length, RetentionKind, RetentionRule, deadline_to_act, working_days_after
from rejent.office.regulation import law
from rejent.office.regulation.demands import Case, Demands
from rejent.office.regulation.findings import Problem, Severity
from rejent.office.regulation.forms import FormPaper, faults_of
from rejent.office.regulation.reading import Read
from rejent.office.regulation.sections import flagged, section_of
from rejent.office.regulation.vocabulary import NoticeChannel, PlaybackRecord, Position, RoleName

WORK_AFTER_WINDOW = 2
"""Working days for which the recording must still exist after an application filed on its last day."""

PERIODS = Demands()
_of_periods = PERIODS.enlist


@_of_periods("retention", "purposes")
def _every_stream_has_a_period(case: Case) -> Iterator[Problem]:
    if case.rules.retention is not None:
        return
    if section_of(case.name).period_may_wait:
        template = "No retention is set for every purpose: the stream stays off until the office sets it, with a reason."
        yield case.broken(law.STORAGE_LIMIT, template, severity=Severity.FLAG)
    else:
        yield case.broken(law.STORAGE_LIMIT, "The stream has no retention.", "retention")


@_of_periods("retention", "purposes", "preservation.window", "preservation.posting_date_counts")
def _recordings_outlive_the_time_for_applications(case: Case) -> Iterator[Problem]:
    window = case.rules.preservation.window
    period = case.rules.retention
    if window is None or period is None:
        return
    origin = _event_lost_to_its_applicant(period, window)
    if origin is not None:
        yield case.broken(
            law.APPLICATION_WINDOW,
            "Who saw an event on {day} may apply through {deadline}; the recording may be gone on {last_day}.",
            "preservation",
            "window",
            day=origin,
            deadline=deadline_to_act(origin, window).last_day,
            last_day=period.length.after(origin),
        )


@lru_cache(maxsize=64)
def _event_lost_to_its_applicant(period: RetentionRule, window: Length) -> date | None:
    for offset in range(_YEARS_LOOKED_AT * 365):
        origin = _FIRST_DAY_LOOKED_AT + timedelta(days=offset)
        needed = working_days_after(deadline_to_act(origin, window).last_day, WORK_AFTER_WINDOW)
        last_day = period.length.after(origin)
        last_sure_day = last_day if period.kind is RetentionKind.FIXED else last_day - timedelta(days=1)
        if needed > last_sure_day:
            return origin
    return None


_FIRST_DAY_LOOKED_AT = date(2026, 1, 1)
_YEARS_LOOKED_AT = 6


STAFF_NOTICE_DAYS = 14

_DECIDE = frozenset({RoleName.HEAD, RoleName.DEPUTY, RoleName.SECRETARY})
"""Roles that may decide for the controller; the data protection officer must not (RODO art. 38(6))."""
_RUN_OR_USE = frozenset(
    {RoleName.ADMINISTRATOR, RoleName.IT_UNIT, RoleName.CONTRACTOR, RoleName.GUARD, RoleName.VIEWER}
)
_PURPOSE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


_FEW_HAVE = {
    "directions": Sentence("Only calls have directions."),
    "events": Sentence("Only the streams activity and network have events."),
}

_DEMANDS = Demands()
_of_the_rest = _DEMANDS.enlist


def held_against_statute(given: Read) -> Iterator[Problem]:
    """Yield everything a regulation breaks, in no particular order."""
    yield from _of_the_office(given)
    for stream in given.regulation.streams:
        for demands in (PERIODS, _DEMANDS, *section_of(stream).demands):
            yield from demands.broken(given, stream)


def _of_the_office(given: Read) -> Iterator[Problem]:
    regulation = given.regulation
    if given.sound(("streams",)) and not regulation.streams:
        yield Problem(("streams",), law.REGULATION_FIRST, Sentence("The regulation provides for no stream."))
    for key in ("name", "title", "controller", "head"):
        if given.sound((key,)) and not getattr(regulation, key):
            yield Problem((key,), law.FORMAT, Sentence("The key {key} is empty.", {"key": key}))
    if given.sound(("supervisors",)):
        for role in regulation.supervisors:
            if role in _RUN_OR_USE:
                template = "{role} cannot supervise: whoever runs or uses the system would watch themselves."
                yield Problem(("supervisors",), law.ON_INSTRUCTIONS, Sentence(template, {"role": role.value}))
    if given.sound(("contact",)) and not regulation.contact:
        yield Problem(
            ("contact",),
            law.INFORMATION,
            Sentence("The data protection officer's address is missing; notices stay incomplete without it."),
            Severity.FLAG,
        )


# --- What is recorded -------------------------------------------------------------------------------------------------


@_of_the_rest("purposes", "legal_basis")
def _purposes_are_stated(case: Case) -> Iterator[Problem]:
    if not case.rules.purposes:
        yield case.broken(law.REGULATION_FIRST, "The stream has no purpose.", "purposes")
    seen = set()
    for index, purpose in enumerate(case.rules.purposes):
        if not _PURPOSE_ID.fullmatch(purpose.id) or len(purpose.id) > 40:
            template = "A purpose is named by small letters, digits and hyphens, at most 40."
            yield case.broken(law.FORMAT, template, "purposes", index, "id")
        if purpose.id in seen:
            template = "Two purposes are named {id}."
            yield case.broken(law.FORMAT, template, "purposes", index, "id", id=purpose.id)
        seen.add(purpose.id)
        if not purpose.text:
            yield case.broken(
                law.REGULATION_FIRST, "The purpose is not described.", "purposes", index, "text"
            )
        if purpose.basis is not None and purpose.basis not in case.rules.legal_basis:
            template = "The basis {basis} of a purpose is none of the stream's."
            yield case.broken(
                law.PERSONAL_DATA_BASIS, template, "purposes", index, "basis", basis=purpose.basis.value
            )
        if flagged(case.regulation, case.name, purpose):
            yield case.broken(
                section_of(case.name).purposes,
                "The purpose “{purpose}” is not on the statute's list: it cannot be chosen before the data protection "
                "officer has stated a position.",
                "purposes",
                index,
                severity=Severity.FLAG,
                purpose=purpose.text,
            )


@_of_the_rest("directions", "events")
def _lists_belong_to_their_streams(case: Case) -> Iterator[Problem]:
    for key, template in _FEW_HAVE.items():
        if getattr(case.rules, key) and key not in section_of(case.name).own_keys:
            yield Problem(("streams", case.name, key), law.FORMAT, template)


# --- Telling people ---------------------------------------------------------------------------------------------------


@_of_the_rest("notices.staff_days", "notices.marking_days")
def _notice_is_given_in_time(case: Case) -> Iterator[Problem]:
    notices = case.rules.notices
    if notices.staff_days < STAFF_NOTICE_DAYS:
        template = "Employees must be told at least {least} days before; the regulation says {days}."
        key = ("notices", "staff_days")
        yield case.broken(law.STAFF_NOTICE, template, *key, least=STAFF_NOTICE_DAYS, days=notices.staff_days)


@_of_the_rest("notices.channels")
def _notices_reach_people(case: Case) -> Iterator[Problem]:
    channels = set(case.rules.notices.channels)
    if not channels & {NoticeChannel.WRITTEN_INFORMATION, NoticeChannel.STATEMENT}:
        template = "The regulation names no written information for new employees; the statute demands it."
        yield case.broken(law.NEW_STAFF, template, "notices", "channels", severity=Severity.FLAG)


@_of_the_rest("places.shown", "places.areas")
def _secret_places_are_not_listed(case: Case) -> Iterator[Problem]:
    if case.rules.places.secret and case.rules.places.areas:
        template = "The regulation is published, so it cannot list places that it keeps secret."
        yield case.broken(law.FORMAT, template, "places", "areas")


# --- Copies and hand-over ---------------------------------------------------------------------------------------------


@_of_the_rest("handover.public_information")
def _recordings_are_not_public_information(case: Case) -> Iterator[Problem]:
    if case.rules.handover.public_information:
        template = "Recordings cannot be given out as public information."
        yield case.broken(law.NOT_PUBLIC_INFORMATION, template, "handover", "public_information")


@_of_the_rest("copies.commission", "copies.maker_counts")
def _two_people_destroy_a_copy(case: Case) -> Iterator[Problem]:
    copies = case.rules.copies
    if copies.commission < 2:
        template = "A copy is destroyed by at least two people; the regulation says {count}."
        yield case.broken(law.TWO_PEOPLE, template, "copies", "commission", count=copies.commission)
    if copies.maker_counts:
        template = "The maker of a copy would count among those who destroy it."
        yield case.broken(law.TWO_PEOPLE, template, "copies", "maker_counts", severity=Severity.FLAG)


@_of_the_rest("handover.deputy_in_absence")
def _a_deputy_who_decides_is_named(case: Case) -> Iterator[Problem]:
    if case.rules.handover.deputy_in_absence and case.regulation.deputy == "":
        template = "The deputy decides in the head's absence, but no deputy is named."
        yield case.broken(law.FORMAT, template, "handover", "deputy_in_absence")


@_of_the_rest("access.authorised_by")
def _who_authorises_decides_in_the_office(case: Case) -> Iterator[Problem]:
    by = case.rules.access.authorised_by
    if by not in _DECIDE:
        template = "{role} cannot issue authorisations: the head, the deputy or the secretary does so for the controller."
        yield case.broken(law.ON_INSTRUCTIONS, template, "access", "authorised_by", role=by.value)


@_of_the_rest("access.position")
def _a_deputy_who_states_positions_is_named(case: Case) -> Iterator[Problem]:
    if case.rules.access.position is Position.HEAD_OR_DEPUTY and case.regulation.deputy == "":
        template = "The deputy may state the position on protocols, but no deputy is named."
        yield case.broken(law.FORMAT, template, "access", "position")


@_of_the_rest("access.playback_record", "access.protocol_fields")
def _a_protocol_asks_for_something(case: Case) -> Iterator[Problem]:
    access = case.rules.access
    if access.playback_record is PlaybackRecord.PROTOCOL and not access.protocol_fields:
        template = "A protocol without fields says nothing; where none is wanted, playback_record is entry."
        yield case.broken(law.FORMAT, template, "access", "protocol_fields")


@_of_the_rest("access.most_hours_an_hour", "access.most_hours_a_day")
def _something_may_be_seen(case: Case) -> Iterator[Problem]:
    for key in ("most_hours_an_hour", "most_hours_a_day"):
        if getattr(case.rules.access, key) < 1:
            yield case.broken(law.FORMAT, "With no hours at all nobody could see a recording.", "access", key)


# --- Forms ------------------------------------------------------------------------------------------------------------


@_of_the_rest("forms")
def _forms_can_be_printed(case: Case) -> Iterator[Problem]:
    given: set[FormPaper] = set()
    for index, form in enumerate(case.rules.forms):
        path = ("streams", case.name, "forms", index)
        for key, sentence in faults_of(form):
            yield Problem((*path, *key), law.FORMAT, sentence)
        for paper in form.papers:
            if paper in given:
                template = "Two forms are given for the paper {paper}."
                yield case.broken(law.FORMAT, template, "forms", index, "papers", paper=paper.value)
            given.add(paper)


@_of_the_rest("adopted", "access", "handover", "preservation", "copies")
def _what_was_adopted_is_a_provision(case: Case) -> Iterator[Problem]:
    for index, each in enumerate(case.rules.adopted):
        section, _, rest = each.key.partition(".")
        name, _, word = rest.partition(".")
        given = getattr(getattr(case.rules, section, None), name, None)
        if given is None or (word and word not in given):
            template = "The stream has no provision {key}."
            yield case.broken(law.FORMAT, template, "adopted", index, "key", key=each.key)


@_of_the_rest("forms", "copies.label", "copies.register", "handover.register")
def _forms_name_the_columns_of_their_registers(case: Case) -> Iterator[Problem]:
    rules = case.rules
    for paper, key, columns in (
        (FormPaper.LABEL, "copies.label", rules.copies.label),
        (FormPaper.COPIES, "copies.register", rules.copies.register),
        (FormPaper.DISCLOSURES, "handover.register", rules.handover.register),
    ):
        form = rules.form(paper)
        if form is not None and list(form.named) != list(columns):
            template = "The form {paper} has other columns than {key}: {columns}."
            named = {"paper": paper.value, "key": key, "columns": ", ".join(columns)}
            path = ("streams", case.name, "forms", rules.forms.index(form), "lines")
            yield Problem(path, law.FORMAT, Sentence(template, named))
