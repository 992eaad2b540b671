"""Cameras by the statute: what a regulation must say of them, and what they need before they start."""

from collections.abc import Iterator

from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import Length, Unit, earliest_start, first_day_beyond
from rejent.office.regulation import law
from rejent.office.regulation.demands import Case, Demands, periods
from rejent.office.regulation.findings import Problem, Severity
from rejent.office.regulation.gates import Condition, FactKind, Gate
from rejent.office.regulation.provisions import Regulation
from rejent.office.regulation.vocabulary import (
    EXCLUDED_BY_STATUTE,
    CopyOrigin,
    Ground,
    HoldTrigger,
    NoticeChannel,
)
from rejent.office.stream_parts import Section

MARKING_DAYS = 1
THREE_MONTHS = Length(3, Unit.MONTHS)
LABOUR_CODE = frozenset({Ground.EMPLOYEE_SAFETY, Ground.PROPERTY, Ground.PRODUCTION_CONTROL, Ground.SECRECY})
MUNICIPAL_ACT = frozenset({Ground.PUBLIC_ORDER, Ground.CITIZEN_SAFETY, Ground.FIRE_AND_FLOOD})

_DEMANDS = Demands()
_demand = _DEMANDS.enlist


@_demand("sound")
def _no_sound_with_a_picture(case: Case) -> Iterator[Problem]:
    if case.rules.sound:
        yield case.broken(law.MINIMISATION, "Sound is never recorded with a picture.", "sound")


@_demand("places.excluded")
def _excluded_rooms_stay_excluded(case: Case) -> Iterator[Problem]:
    for kind in EXCLUDED_BY_STATUTE:
        if kind not in case.rules.places.excluded and kind.rule is not None:
            template = "Places of the kind {kind} must be excluded."
            yield case.broken(kind.rule, template, "places", "excluded", kind=kind.value)


@_demand("notices.staff_days", "notices.marking_days")
def _places_are_marked_in_time(case: Case) -> Iterator[Problem]:
    days = case.rules.notices.marking_days
    if days < MARKING_DAYS:
        template = "Places must be marked at least one day before; the regulation says {days}."
        yield case.broken(law.MARKING, template, "notices", "marking_days", days=days)


@_demand("notices.channels")
def _plates_are_put_up(case: Case) -> Iterator[Problem]:
    if not {NoticeChannel.PLATE, NoticeChannel.ANNOUNCEMENT} & set(case.rules.notices.channels):
        template = "The regulation names no plates; the statute demands them, and so does the program."
        yield case.broken(law.MARKING, template, "notices", "channels", severity=Severity.FLAG)


@_demand("retention", "purposes")
def _video_is_kept_three_months_at_most(case: Case) -> Iterator[Problem]:
    for key, period in periods(case.rules):
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


@_demand("extension.triggers")
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


@_demand("copies.lifetime", "copies.lifetime_from")
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


def _grounds(regulation: Regulation) -> frozenset[Ground]:
    return LABOUR_CODE | MUNICIPAL_ACT if regulation.municipality else LABOUR_CODE


def _conditions(gate: Gate) -> Iterator[Condition]:
    marked = gate.first(FactKind.PLACES_MARKED)
    yield gate.condition(
        FactKind.PLACES_MARKED,
        law.MARKING,
        earliest_start(marked, gate.rules.notices.marking_days) if marked else None,
        Sentence("The day the places were marked is not entered."),
    )


SECTION = Section(
    demands=(_DEMANDS,), purposes=law.PURPOSES_OF_VIDEO, grounds=_grounds, conditions=_conditions
)
