"""Raise alarms on what needs a person: the clock, the storage, what is overdue, holds to be looked at again.

Each is entered when it begins and ends.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.terms import working_days_after
from rejent.recording.office_lock import RECORDER, find_unproven_holder
from rejent.registers.queries import not_accepted
from rejent.registers.services import enter
from rejent.retention.acts import ALARM_ENDED, ALARM_RAISED
from rejent.retention.clock import ClockState
from rejent.retention.holds.standing import standing_numbers
from rejent.retention.models import Alarm, Hold
from rejent.retention.rounds.round import last_done
from rejent.retention.stream_parts import ALARMS

CLOCK = "clock"
OLDER_DATABASE = "older-database"
CAPACITY = "capacity"
OVERDUE = "overdue"
REVIEW = "hold-review"
UNDECIDED = "hold-undecided"
MAIL_FAILS = "mail-fails"
"""Also the name under which it is noted that the office's mail server took no reminder."""
SLOT_TAKEN = "recorder-slot"
"""Somebody who is not the program holds the recorder's slot in the database; recording goes on."""
DAYS_AHEAD = 2
"""Working days before the last for which a provisional hold is meant, from which it is an alarm."""


Look = Callable[[date], Iterator[tuple[str, dict[str, object]]]]
"""Yields, on a civil date, the subjects of an alarm that is on, each with what is known of it."""
_OTHERS: dict[str, Look] = {}


def raise_for(kind: str, look: Look) -> None:
    """Let a subject above raise alarms of a kind of its own; called once, when its application is ready."""
    _OTHERS[kind] = look


@dataclass(frozen=True, slots=True)
class AlarmView:
    """Something that needs a person.

    Attributes:
        kind: ``clock``, ``older-database``, ``capacity``, ``overdue``, ``hold-review``, ``hold-undecided``, ``mail-fails``, ``recorder-slot`` or one of a kind of stream or another subject.
        subject: what it is about: a hold's number, or empty.
    """

    kind: str
    subject: str
    raised_at: datetime
    ended_at: datetime | None
    facts: dict[str, object]


def alarm_kinds() -> tuple[str, ...]:
    """Return every kind that there is."""
    return (
        CLOCK,
        OLDER_DATABASE,
        CAPACITY,
        OVERDUE,
        REVIEW,
        UNDECIDED,
        MAIL_FAILS,
        SLOT_TAKEN,
        *(kind for each in ALARMS.values() for kind in each),
        *_OTHERS,
    )


def alarms(*, ended: bool = False) -> list[AlarmView]:
    """Return the alarms that are on, oldest first; with ``ended`` the past ones too."""
    rows = Alarm.objects.order_by("raised_at", "pk")
    if not ended:
        rows = rows.filter(ended_at__isnull=True)
    return [AlarmView(row.kind, row.subject, row.raised_at, row.ended_at, row.facts) for row in rows]


def update_alarms(clock: Clock, state: ClockState, overdue: int) -> int:
    """Raise what is new, end what is over, and return how many are on."""
    now = clock.now()
    wanted = dict(_wanted(clock, state, overdue))
    with transaction.atomic():
        on = {
            (row.kind, row.subject): row
            for row in Alarm.objects.select_for_update().filter(ended_at__isnull=True)
        }
        for key in wanted.keys() - on.keys():
            kind, subject = key
            Alarm.objects.create(kind=kind, subject=subject, raised_at=now, facts=wanted[key])
            record = {"kind": kind, "subject": subject, **wanted[key]}
            enter(ALARM_RAISED, actor="", subject=f"alarm:{kind}", record=record, at=now)
        for key in on.keys() - wanted.keys():
            kind, subject = key
            Alarm.objects.filter(pk=on[key].pk).update(ended_at=now)
            enter(
                ALARM_ENDED,
                actor="",
                subject=f"alarm:{kind}",
                record={"kind": kind, "subject": subject},
                at=now,
            )
    return len(wanted)


def _wanted(clock: Clock, state: ClockState, overdue: int) -> list[tuple[tuple[str, str], dict[str, object]]]:
    found: list[tuple[tuple[str, str], dict[str, object]]] = []
    if lost := not_accepted():
        found.append(((OLDER_DATABASE, ""), {"entries": sum(map(len, lost))}))
    if state.blocks:
        found.append(((CLOCK, ""), {"off_by_s": round(state.off_by_s)}))
    forecast = catalog.storage_forecast(clock=clock)
    if not forecast.enough:
        days_left = None if forecast.days_left is None else int(forecast.days_left)
        facts = {"free": forecast.free, "needed": forecast.needed, "days_left": days_left}
        found.append(((CAPACITY, ""), {**facts, "needed_days": forecast.needed_days}))
    if overdue:
        found.append(((OVERDUE, ""), {"days": overdue}))
    if last_done(MAIL_FAILS) is not None:
        found.append(((MAIL_FAILS, ""), {}))
    for of_stream in ALARMS.values():
        for kind, look in of_stream.items():
            if (known := look(clock.now())) is not None:
                found.append(((kind, ""), dict(known)))
    today = civil_date(clock.now())
    for kind, look_on in _OTHERS.items():
        found += [((kind, subject), dict(known)) for subject, known in look_on(today)]
    return [*found, *_find_taken_slot(), *_holds_to_be_looked_at(today)]


def _find_taken_slot() -> Iterator[tuple[tuple[str, str], dict[str, object]]]:
    if (stranger := find_unproven_holder(RECORDER)) is not None:
        yield (SLOT_TAKEN, ""), {"role": stranger.role, "session": stranger.pid}


def _holds_to_be_looked_at(today: date) -> Iterator[tuple[tuple[str, str], dict[str, object]]]:
    """Yield the holds whose review is due; provisional ones earlier, since they stand until somebody decides."""
    standing, soon = standing_numbers(), working_days_after(today, DAYS_AHEAD)
    near = Hold.objects.filter(review_on__lte=soon).order_by("pk")
    for number, case, provisional, review_on in near.values_list(
        "number", "case", "provisional", "review_on"
    ):
        if number in standing and provisional:
            yield (UNDECIDED, number), {"number": number, "case": case}
        elif number in standing and review_on <= today:
            yield (REVIEW, number), {"number": number}
