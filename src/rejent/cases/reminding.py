"""Reminders by e-mail of what waits for a decision, numbers and last days alone, to those who decide; with those of statements.

A keeper's chore. Two working days before the last day, on it, and once it is over, each of those who decide gets one mail of what
has come to that stage; what the server took is an act, so that nobody is reminded of the same twice. Mail that fails is an alarm
until one goes through.
"""

import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from rejent.access.rules.decision import may_administer
from rejent.cases import queries
from rejent.cases.acts import CASE_REMINDED
from rejent.cases.services.deciding import deciding_refusal
from rejent.cases.views import CaseView
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.terms import working_days_after
from rejent.office import queries as office
from rejent.office.people import standing
from rejent.office.people.mailing import Letter, read_mail_server, send_letters
from rejent.office.people.reminding import statement_letters
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.services import enter
from rejent.retention.rounds.alarms import MAIL_FAILS
from rejent.retention.rounds.round import forget, note_done

DAYS_AHEAD = 2
"""Working days before the last day, of the first reminder."""

_log = structlog.get_logger(__name__)


class Stage(StrEnum):
    """How near the last day is."""

    SOON = "soon"
    LAST_DAY = "last-day"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class _Due:
    case: CaseView
    stage: Stage


def send_reminders(secrets: Path, *, clock: Clock) -> int:
    """Send what is due, of decisions and of statements, and return how many mails went; nothing without a mail server.

    The server is the one that is set now, in the folder of secrets. One that does not answer, or does not take a mail, is noted for the alarm; the next round tries again.
    """
    server = read_mail_server(secrets)
    if server is None:
        forget(MAIL_FAILS)
        return 0
    letters = [*_letters(clock), *statement_letters(clock)]
    if not letters:
        return 0
    try:
        sent = send_letters(server, letters, clock)
    except (OSError, smtplib.SMTPException) as error:
        _log.warning("mail.failed", why=type(error).__name__)
        note_done(MAIL_FAILS, clock)
        return 0
    forget(MAIL_FAILS)
    return sent


def _letters(clock: Clock) -> Iterator[Letter]:
    due = list(_due(civil_date(clock.now())))
    for person in _deciders(clock):
        if mine := _of(person, due, clock):
            yield _letter(person.email, mine, partial(_enter, person, mine, clock))


def stage_of(last_day: date, today: date) -> Stage | None:
    """Return the stage that a case with this last day is at; None while it is far."""
    if today > last_day:
        return Stage.LATE
    if today == last_day:
        return Stage.LAST_DAY
    return Stage.SOON if last_day <= working_days_after(today, DAYS_AHEAD) else None


def _due(today: date) -> Iterator[_Due]:
    for view in queries.waiting():
        stage = stage_of(view.decide_by, today)
        if stage is not None:
            yield _Due(view, stage)


def _deciders(clock: Clock) -> Iterator[PersonView]:
    for person in office.people():
        roles = standing.current_roles(person.id, clock=clock) or frozenset()
        if person.email and may_administer(roles, "decide-case").allowed:
            yield person


def _of(person: PersonView, due: list[_Due], clock: Clock) -> list[_Due]:
    """Return what a person is to decide and has not been reminded of at this stage."""
    return [
        each
        for each in due
        if deciding_refusal(each.case, person, clock=clock) is None and not _reminded(each, person)
    ]


def _reminded(due: _Due, person: PersonView) -> bool:
    reminders = registers.entered_on(f"case:{due.case.number}", [CASE_REMINDED.name])
    wanted = (str(person.id), due.stage.value, due.case.decide_by.isoformat())
    return any(
        act.facts is not None
        and (act.facts["person"], act.facts["reminder"], act.facts["decide_by"]) == wanted
        for act in reminders
    )


def _letter(address: str, due: list[_Due], sent: Callable[[], None]) -> Letter:
    """Return a mail in the language of the office: numbers, last days, and nothing of what is asked or by whom."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = gettext("Applications that wait for a decision: %(count)s") % {"count": len(due)}
        lines = [
            gettext(_LINES[each.stage])
            % {"number": each.case.number, "day": f"{each.case.decide_by:%d.%m.%Y}"}
            for each in due
        ]
        closing = gettext(
            "Sign in to the program to decide. This mail holds nothing of what was applied for."
        )
    return Letter(address, subject, (*lines, "", closing), sent)


_LINES = {
    Stage.SOON: gettext_noop("%(number)s – last day: %(day)s"),
    Stage.LAST_DAY: gettext_noop("%(number)s – today is the last day: %(day)s"),
    Stage.LATE: gettext_noop("%(number)s – LATE, the last day was: %(day)s"),
}


def _enter(person: PersonView, due: list[_Due], clock: Clock) -> None:
    with transaction.atomic():
        for each in due:
            record = {
                "number": each.case.number,
                "person": str(person.id),
                "reminder": each.stage.value,
                "decide_by": each.case.decide_by.isoformat(),
            }
            subject = f"case:{each.case.number}"
            enter(CASE_REMINDED, actor="", subject=subject, record=record, at=clock.now())
