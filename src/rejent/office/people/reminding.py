"""Reminders by e-mail to people who have not stated that they know the regulation in force; no word of its content."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from rejent.kernel.clock import Clock, civil_date
from rejent.office import queries
from rejent.office.acts import STATEMENT_REMINDED
from rejent.office.people import statements
from rejent.office.people.mailing import Letter
from rejent.office.views import OutstandingStatement
from rejent.registers import queries as registers
from rejent.registers.services import enter

EVERY = timedelta(days=7)


def statement_letters(clock: Clock) -> Iterator[Letter]:
    """Yield the mails that are due: to who has not stated and was not reminded within `EVERY`."""
    today = civil_date(clock.now())
    lacking = statements.outstanding(today)
    people = {one.id: one for one in queries.people()} if lacking else {}
    for one in lacking:
        address = people[one.person_id].email
        if address and not _reminded_lately(one, today):
            with translation.override(settings.LANGUAGE_CODE):
                yield Letter(
                    address, gettext("Statement to be given"), tuple(_lines(one)), partial(_enter, one, clock)
                )


def _lines(one: OutstandingStatement) -> Iterator[str]:
    yield gettext("Your statement about version %(version)s of the monitoring regulation is not entered.") % {
        "version": one.version
    }
    if not one.ever:
        yield gettext("Until it is, your account opens nothing else.")
    yield ""
    yield gettext("Sign in to the program and give it, or hand in a signed one.")


def _reminded_lately(one: OutstandingStatement, today: date) -> bool:
    reminders = registers.entered_on(f"person:{one.person_id}", [STATEMENT_REMINDED.name])
    return any(
        act.facts is not None
        and act.facts.get("version") == one.version
        and today - civil_date(act.at) < EVERY
        for act in reminders
    )


def _enter(one: OutstandingStatement, clock: Clock) -> None:
    with transaction.atomic():
        record = {"person": str(one.person_id), "version": one.version}
        subject = f"person:{one.person_id}"
        enter(STATEMENT_REMINDED, actor="", subject=subject, record=record, at=clock.now())
