"""A regulation held against the statute: ceilings, excluded rooms, notice periods, legal bases, closed lists of purposes.

Each demand is one function that yields what a stream breaks. It names the keys it reads, so that it is skipped where
those could not be read: one mistake in a file gives one finding, not a chain of them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from rejent.kernel.sentences import Fact, Sentence
from rejent.kernel.terms import (
    Length,
    RetentionKind,
    RetentionRule,
    Unit,
    deadline_to_act,
    first_day_beyond,
    working_days_after,
)
from rejent.office import law
from rejent.office.findings import Problem, Severity
from rejent.office.law import Rule
from rejent.office.provisions import Regulation, StreamRules
from rejent.office.reading import Read
from rejent.office.toml_lines import Path
from rejent.office.vocabulary import (
    EXCLUDED_BY_STATUTE,
    CallDirection,
    CopyOrigin,
    HoldTrigger,
    LegalBasis,
    NoticeChannel,
    PlaybackRecord,
    Position,
    StreamName,
)

THREE_MONTHS = Length(3, Unit.MONTHS)
STAFF_NOTICE_DAYS = 14
MARKING_DAYS = 1
WORK_AFTER_WINDOW = 2
"""Working days that an application filed on its last day must still find the recording alive."""

_MONITORED_WORK = frozenset({StreamName.ACTIVITY, StreamName.NETWORK})
_WITHOUT_OWN_PERIOD = frozenset({StreamName.MAIL, StreamName.ACTIVITY, StreamName.NETWORK})
_ALL = frozenset(StreamName)
_PURPOSE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Case:
    """One stream of one regulation, as a demand sees it."""

    regulation: Regulation
    name: StreamName
    rules: StreamRules

    def broken(
        self, law: Rule, template: str, *key: str | int, severity: Severity = Severity.ERROR, **facts: Fact
    ) -> Problem:
        """A problem at a key of this stream."""
        return Problem(("streams", self.name.value, *key), law, Sentence(template, facts), severity)


Demand = Callable[[Case], Iterator[Problem]]
_DEMANDS: list[tuple[frozenset[StreamName], tuple[Path, ...], Demand]] = []


def _demand(*reads: str, of: frozenset[StreamName] = _ALL) -> Callable[[Demand], Demand]:
    def enlist(demand: Demand) -> Demand:
        _DEMANDS.append((of, tuple(tuple(key.split(".")) for key in reads), demand))
        return demand

    return enlist


def held_against_statute(given: Read) -> Iterator[Problem]:
    """Everything a regulation breaks, in no particular order."""
    yield from _of_the_office(given)
    for name, rules in given.regulation.streams.items():
        case = Case(given.regulation, StreamName(name), rules)
        for streams, reads, demand in _DEMANDS:
            base: Path = ("streams", name)
            if case.name in streams and all(given.sound((*base, *key)) for key in reads):
                yield from demand(case)


def _of_the_office(given: Read) -> Iterator[Problem]:
    regulation = given.regulation
    if given.sound(("streams",)) and not regulation.streams:
        yield Problem(("streams",), law.REGULATION_FIRST, Sentence("The regulation provides for no stream."))
    for key in ("name", "title", "controller", "head"):
        if given.sound((key,)) and not getattr(regulation, key):
            yield Problem((key,), law.FORMAT, Sentence("The key {key} is empty.", {"key": key}))
    if given.sound(("contact",)) and not regulation.contact:
        yield Problem(
            ("contact",),
            law.INFORMATION,
            Sentence("The data protection officer's address is missing; notices stay incomplete without it."),
            Severity.FLAG,
        )


# --- Retention --------------------------------------------------------------------------------------------------------


@_demand("retention", "purposes")
def _every_stream_has_a_period(case: Case) -> Iterator[Problem]:
    if case.rules.retention is not None:
        return
    if case.name in _WITHOUT_OWN_PERIOD:
        template = "No retention is set for every purpose: the stream stays off until the office sets it, with a reason."
        yield case.broken(law.STORAGE_LIMIT, template, severity=Severity.FLAG)
    else:
        yield case.broken(law.STORAGE_LIMIT, "The stream has no retention.", "retention")


def _periods(rules: StreamRules) -> Iterator[tuple[Path, RetentionRule]]:
    if rules.stream_retention is not None:
        yield ("retention",), rules.stream_retention
    for index, purpose in enumerate(rules.purposes):
        if purpose.retention is not None:
            yield ("purposes", index, "retention"), purpose.retention


@_demand("retention", "purposes", of=frozenset({StreamName.VIDEO}))
def _video_is_kept_three_months_at_most(case: Case) -> Iterator[Problem]:
    for key, period in _periods(case.rules):
        origin = first_day_beyond(period.length, THREE_MONTHS)
        if origin is not None:
            template = (
                "Recorded on {day}, a picture would be kept through {last_day}; three months end on {limit}."
            )
            yield case.broken(
                law.VIDEO_CEILING,
                template,
                *key,
                "count",
                day=origin,
                last_day=period.length.after(origin),
                limit=THREE_MONTHS.after(origin),
            )


@_demand("retention", "purposes", of=_WITHOUT_OWN_PERIOD)
def _a_period_without_statute_has_a_reason(case: Case) -> Iterator[Problem]:
    for key, period in _periods(case.rules):
        if not period.reason:
            yield case.broken(
                law.STORAGE_LIMIT, "No statute sets this period, so it needs a reason.", *key, "reason"
            )


@_demand("retention", "purposes", "preservation.window", "preservation.posting_date_counts")
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


@_demand("extension.triggers", of=frozenset({StreamName.VIDEO}))
def _knowledge_suffices_for_a_hold(case: Case) -> Iterator[Problem]:
    missing = {HoldTrigger.EVIDENCE, HoldTrigger.KNOWLEDGE} - set(case.rules.extension.triggers)
    if missing:
        yield case.broken(
            law.EVIDENCE,
            "The statute also keeps recordings for: {triggers}. Holds on these grounds stay possible.",
            "extension",
            "triggers",
            severity=Severity.FLAG,
            triggers=", ".join(sorted(missing)),
        )


# --- What is recorded -------------------------------------------------------------------------------------------------


@_demand("purposes")
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
        if case.regulation.flagged(case.name, purpose):
            yield case.broken(
                _list_of_purposes(case),
                "The purpose {id} is not on the statute's list: it cannot be chosen before the data protection "
                "officer has stated a position.",
                "purposes",
                index,
                severity=Severity.FLAG,
                id=purpose.id,
            )


def _list_of_purposes(case: Case) -> Rule:
    if case.name is StreamName.VIDEO:
        return law.PURPOSES_OF_VIDEO
    return law.PERSONAL_DATA_BASIS if case.name is StreamName.CALLS else law.PURPOSES_OF_MAIL


@_demand("sound", of=_ALL - {StreamName.CALLS})
def _sound_belongs_to_calls_alone(case: Case) -> Iterator[Problem]:
    if case.rules.sound:
        video = case.name is StreamName.VIDEO
        template = (
            "Sound is never recorded with a picture."
            if video
            else "Sound is recorded in calls only; no microphone is ever switched on."
        )
        yield case.broken(law.MINIMISATION if video else law.FORBIDDEN_SPYING, template, "sound")


@_demand("places.excluded", of=frozenset({StreamName.VIDEO}))
def _excluded_rooms_stay_excluded(case: Case) -> Iterator[Problem]:
    for kind in EXCLUDED_BY_STATUTE:
        if kind not in case.rules.places.excluded and kind.rule is not None:
            template = "Places of the kind {kind} must be excluded."
            yield case.broken(kind.rule, template, "places", "excluded", kind=kind.value)


@_demand("directions", of=frozenset({StreamName.CALLS}))
def _calls_have_directions(case: Case) -> Iterator[Problem]:
    if not case.rules.directions:
        template = "State which calls are recorded: incoming, outgoing, internal."
        yield case.broken(law.REGULATION_FIRST, template, "directions")
    if CallDirection.INTERNAL in case.rules.directions:
        yield case.broken(
            law.NEW_STAFF,
            "Internal calls have no announcement: every employee's statement must be entered first.",
            "directions",
            severity=Severity.FLAG,
        )


@_demand("events", of=_MONITORED_WORK)
def _monitored_events_are_listed(case: Case) -> Iterator[Problem]:
    if not case.rules.events:
        yield case.broken(law.REGULATION_FIRST, "State which events are recorded.", "events")


@_demand("directions", "events")
def _lists_belong_to_their_streams(case: Case) -> Iterator[Problem]:
    if case.rules.directions and case.name is not StreamName.CALLS:
        yield case.broken(law.FORMAT, "Only calls have directions.", "directions")
    if case.rules.events and case.name not in _MONITORED_WORK:
        yield case.broken(law.FORMAT, "Only the streams activity and network have events.", "events")


# --- Calls ------------------------------------------------------------------------------------------------------------


@_demand("legal_basis", of=frozenset({StreamName.CALLS}))
def _calls_have_a_legal_basis(case: Case) -> Iterator[Problem]:
    if not case.rules.legal_basis:
        yield case.broken(
            law.PERSONAL_DATA_BASIS, "Recording calls needs a stated legal basis.", "legal_basis"
        )
    elif LegalBasis.CONSENT in case.rules.legal_basis:
        yield case.broken(
            law.CONSENT,
            "Consent by staying on the line is doubtful; there must be an unrecorded route for who refuses.",
            "legal_basis",
            severity=Severity.FLAG,
        )


@_demand("directions", "announcements", of=frozenset({StreamName.CALLS}))
def _calls_are_announced(case: Case) -> Iterator[Problem]:
    spoken = {
        CallDirection.INCOMING: case.rules.announcements.incoming,
        CallDirection.OUTGOING: case.rules.announcements.outgoing,
    }
    for direction, text in spoken.items():
        if direction in case.rules.directions and not text:
            template = "Calls of the direction {direction} are recorded without an announcement."
            key = ("announcements", direction.value)
            yield case.broken(law.INFORMATION, template, *key, direction=direction.value)


# --- Telling people ---------------------------------------------------------------------------------------------------


@_demand("notices.staff_days", "notices.marking_days")
def _notice_is_given_in_time(case: Case) -> Iterator[Problem]:
    notices = case.rules.notices
    if notices.staff_days < STAFF_NOTICE_DAYS:
        template = "Employees must be told at least {least} days before; the regulation says {days}."
        key = ("notices", "staff_days")
        yield case.broken(law.STAFF_NOTICE, template, *key, least=STAFF_NOTICE_DAYS, days=notices.staff_days)
    if case.name is StreamName.VIDEO and notices.marking_days < MARKING_DAYS:
        template = "Places must be marked at least one day before; the regulation says {days}."
        yield case.broken(law.MARKING, template, "notices", "marking_days", days=notices.marking_days)


@_demand("notices.channels")
def _people_are_told(case: Case) -> Iterator[Problem]:
    channels = set(case.rules.notices.channels)
    if case.name is StreamName.VIDEO and not channels & {NoticeChannel.PLATE, NoticeChannel.ANNOUNCEMENT}:
        template = "The regulation names no plates; the statute demands them, and so does the program."
        yield case.broken(law.MARKING, template, "notices", "channels", severity=Severity.FLAG)
    if not channels & {NoticeChannel.WRITTEN_INFORMATION, NoticeChannel.STATEMENT}:
        template = "The regulation names no written information for new employees; the statute demands it."
        yield case.broken(law.NEW_STAFF, template, "notices", "channels", severity=Severity.FLAG)


# --- Copies and hand-over ---------------------------------------------------------------------------------------------


@_demand("handover.public_information")
def _recordings_are_not_public_information(case: Case) -> Iterator[Problem]:
    if case.rules.handover.public_information:
        template = "Recordings cannot be given out as public information."
        yield case.broken(law.NOT_PUBLIC_INFORMATION, template, "handover", "public_information")


@_demand("copies.commission", "copies.maker_counts")
def _two_people_destroy_a_copy(case: Case) -> Iterator[Problem]:
    copies = case.rules.copies
    if copies.commission < 2:
        template = "A copy is destroyed by at least two people; the regulation says {count}."
        yield case.broken(law.TWO_PEOPLE, template, "copies", "commission", count=copies.commission)
    if copies.maker_counts:
        template = "The maker of a copy would count among those who destroy it."
        yield case.broken(law.TWO_PEOPLE, template, "copies", "maker_counts", severity=Severity.FLAG)


@_demand("copies.lifetime", "copies.lifetime_from", of=frozenset({StreamName.VIDEO}))
def _copies_may_outlive_the_ceiling(case: Case) -> Iterator[Problem]:
    lifetime = case.rules.copies.lifetime
    if lifetime is None:
        return
    from_making = case.rules.copies.lifetime_from is CopyOrigin.MAKING
    if from_making or first_day_beyond(lifetime, THREE_MONTHS) is not None:
        yield case.broken(
            law.VIDEO_CEILING,
            "A copy may outlive three months from the recording: then it needs the stored finding that it may be "
            "evidence, else its life is cut to three months.",
            "copies",
            "lifetime",
            severity=Severity.FLAG,
        )


@_demand("handover.deputy_in_absence")
def _a_deputy_who_decides_is_named(case: Case) -> Iterator[Problem]:
    if case.rules.handover.deputy_in_absence and case.regulation.deputy == "":
        template = "The deputy decides in the head's absence, but the key deputy is empty."
        yield case.broken(law.FORMAT, template, "handover", "deputy_in_absence")


@_demand("access.position")
def _a_deputy_who_states_positions_is_named(case: Case) -> Iterator[Problem]:
    if case.rules.access.position is Position.HEAD_OR_DEPUTY and case.regulation.deputy == "":
        template = "The deputy may state the position on protocols, but the key deputy is empty."
        yield case.broken(law.FORMAT, template, "access", "position")


@_demand("access.playback_record", "access.protocol_fields")
def _a_protocol_asks_for_something(case: Case) -> Iterator[Problem]:
    access = case.rules.access
    if access.playback_record is PlaybackRecord.PROTOCOL and not access.protocol_fields:
        template = "A protocol without fields says nothing; where none is wanted, playback_record is entry."
        yield case.broken(law.FORMAT, template, "access", "protocol_fields")


@_demand("access.most_hours_an_hour", "access.most_hours_a_day")
def _something_may_be_seen(case: Case) -> Iterator[Problem]:
    for key in ("most_hours_an_hour", "most_hours_a_day"):
        if getattr(case.rules.access, key) < 1:
            yield case.broken(law.FORMAT, "With no hours at all nobody could see a recording.", "access", key)
