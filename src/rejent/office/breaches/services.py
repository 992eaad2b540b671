"""Entering breaches and the steps taken; the record names what changed, and never what happened to whom."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.plain_text import is_plain
from rejent.kernel.views import view_of
from rejent.office.acts import BREACH_CHANGED, BREACH_CLOSED, BREACH_OPENED
from rejent.office.breaches import queries
from rejent.office.breaches.models import Breach
from rejent.office.breaches.rules import BreachView, lacking
from rejent.office.errors import BreachRefusedError
from rejent.office.people import standing
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter, take_number

_MARK = "N"
_LONGEST = 4000
TEXTS = ("effects", "remedies", "not_notified", "not_told")
INSTANTS = ("notified_at", "told_at", "warned_at", "reported_at", "final_at")


def open_breach(
    *, found_at: datetime, facts: str, personal_data: bool, incident: bool, clock: Clock, actor: str
) -> BreachView:
    """Enter a breach of personal data, an incident, or both; its clocks run from when it was found. Raises BreachRefusedError."""
    text, clock = _text(facts), FrozenClock(clock)
    if not text:
        raise BreachRefusedError("Say what happened.")
    if not (personal_data or incident):
        raise BreachRefusedError("Choose whether it is a breach of personal data, an incident, or both.")
    if found_at > clock.now():
        raise BreachRefusedError("It was not found later than now.")
    with transaction.atomic():
        year = civil_date(clock.now()).year
        row = Breach.objects.create(
            number=written_number(_MARK, year, take_number(queries.SERIES, year)),
            personal_data=personal_data,
            incident=incident,
            found_at=found_at,
            facts=text,
            opened_at=clock.now(),
            opened_by=actor,
        )
        record = {
            "number": row.number,
            "start": found_at.isoformat(),
            **standing.place_taken(actor, clock=clock),
        }
        enter(BREACH_OPENED, actor=actor, subject="", record=record, at=clock.now(), row=row)
    return view_of(BreachView, row)


def change_breach(number: str, new: Mapping[str, object], *, clock: Clock, actor: str) -> BreachView:
    """Enter steps taken and what is known meanwhile, by their names; a closed breach stays as it is.

    Raises NoSuchBreachError, BreachRefusedError.
    """
    queries.breach(number)
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = verified(Breach.objects.select_for_update(no_key=True).get(number=number))
        if row.closed_at is not None:
            raise BreachRefusedError("The breach is closed.")
        values: dict[str, object] = {name: _text(str(new[name])) for name in TEXTS if name in new}
        for name in INSTANTS:
            at = new.get(name)
            if isinstance(at, datetime):
                if not row.found_at <= at <= clock.now():
                    raise BreachRefusedError(
                        "A step is taken after the breach was found, and not later than now."
                    )
                values[name] = at
        changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
        if changed:
            for name in changed:
                setattr(row, name, values[name])
            row.save()
            record = {"number": number, "details": changed, **standing.place_taken(actor, clock=clock)}
            enter(BREACH_CHANGED, actor=actor, subject="", record=record, at=clock.now(), row=row)
    return view_of(BreachView, row)


def close_breach(number: str, *, clock: Clock, actor: str) -> BreachView:
    """Close a breach once everything that the log must hold stands in it; a closed one stays as it was.

    Raises NoSuchBreachError, BreachRefusedError.
    """
    queries.breach(number)
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = verified(Breach.objects.select_for_update(no_key=True).get(number=number))
        if row.closed_at is None:
            if lacking(view_of(BreachView, row)):
                raise BreachRefusedError(
                    "Something that the log must hold lacks.", advice="Enter it, or why it was not done."
                )
            row.closed_at, row.closed_by = clock.now(), actor
            row.save()
            record = {"number": number, **standing.place_taken(actor, clock=clock)}
            enter(BREACH_CLOSED, actor=actor, subject="", record=record, at=clock.now(), row=row)
    return view_of(BreachView, row)


def _text(written: str) -> str:
    text = written.strip()
    if len(text) > _LONGEST or not is_plain(text.replace("\n", " ").replace("\r", " ")):
        raise BreachRefusedError(
            "A text has at most {longest} characters, and none invisible.", longest=_LONGEST
        )
    return text
