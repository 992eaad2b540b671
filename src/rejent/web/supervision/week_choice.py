"""The week in a page's address: ``?week=2026-W47``, or ``?day=`` with a day of it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext

from rejent.access.supervision.weeks import Week
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.web.words.when import read_day


@dataclass(frozen=True, slots=True)
class Chosen:
    """A week, whether it is the current one, and what could not be read of the choice."""

    week: Week
    current: bool
    wrong: str = ""

    @property
    def earlier(self) -> Week:
        """The week before."""
        return self.week.after(-1)

    @property
    def later(self) -> Week | None:
        """The week after; nothing after the one that runs."""
        return None if self.current else self.week.after()


def read_week(request: HttpRequest) -> Chosen:
    """Read the chosen week; the current one where none is chosen, or where it lies ahead."""
    today = civil_date(settings.CLOCK.now())
    week, running, wrong = Week.of(today), Week.of(today), ""
    try:
        if written := request.GET.get("day", "").strip():
            week = Week.of(read_day(written, today))
        elif written := request.GET.get("week", "").strip():
            week = Week.read(written)
    except InputRefusedError as error:
        wrong = error.sentence(gettext)
    week = min(week, running)
    return Chosen(week, week == running, wrong)


_PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SOURCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The narrowing of rows of viewings or watchings; empty identifiers take all, ``wrong`` says what could not be read."""

    week: Week | None = None
    since: datetime | None = None
    until: datetime | None = None
    person: str = ""
    source: str = ""
    wrong: str = ""

    @property
    def chosen(self) -> bool:
        """Return whether anything is left out."""
        return bool(self.since or self.person or self.source)


def read_narrowed(request: HttpRequest) -> Narrowed:
    """Read ``week`` or ``day``, ``person`` and ``source`` from the address; anything else narrows nothing."""
    person, source = (request.GET.get(name, "") for name in ("person", "source"))
    kept = Narrowed(
        person=person if _PERSON.fullmatch(person) else "", source=source if _SOURCE.fullmatch(source) else ""
    )
    try:
        if written := request.GET.get("day", "").strip():
            day = read_day(written, civil_date(settings.CLOCK.now()))
            return replace(kept, since=local_midnight(day), until=local_midnight(day + timedelta(days=1)))
        if written := request.GET.get("week", "").strip():
            week = Week.read(written)
            return replace(kept, week=week, since=week.interval.start, until=week.interval.end)
    except InputRefusedError as error:
        return replace(kept, wrong=error.sentence(gettext))
    return kept
