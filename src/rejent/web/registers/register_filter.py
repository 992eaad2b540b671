"""The filter of the register of actions, as the page's address holds it."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext

from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.registers.acts import MACHINERY
from rejent.registers.exporting import Selection
from rejent.web.words import acts
from rejent.web.words.act_names import acts_of, kind_called, kind_words
from rejent.web.words.when import read_day
from rejent.web.words.wording import day_digits

_PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SOURCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Filter:
    """The filter of the register; an empty text takes everything, the person ``-`` is the program itself.

    ``machinery`` adds the acts of the machinery; ``wrong`` says what could not be read, for the page.
    """

    person: str
    source: str
    kind: str
    first: date | None
    last: date | None
    machinery: bool
    wrong: str = ""

    @property
    def narrowed(self) -> bool:
        """Return whether anything is left out on the reader's wish."""
        return bool(self.person or self.source or self.kind or self.first or self.last)

    def selection(self) -> Selection:
        """Return the same as a selection of acts."""
        return Selection(
            names=acts_of(self.kind),
            actor={"": None, "-": ""}.get(self.person, self.person),
            subject=f"source:{self.source}" if self.source else "",
            since=local_midnight(self.first) if self.first else None,
            until=local_midnight(self.last + timedelta(days=1)) if self.last else None,
            machinery=self.machinery or self.kind in MACHINERY,
        )

    def record(self) -> dict[str, object]:
        """Return the same for a record in the ledger: identifiers and days, and only what narrows."""
        facts = {
            "person": "system" if self.person == "-" else self.person,
            "source": self.source,
            "only": self.kind,
            "from": self.first.isoformat() if self.first else "",
            "until": self.last.isoformat() if self.last else "",
        }
        narrowing: dict[str, object] = {name: value for name, value in facts.items() if value}
        return {**narrowing, "machinery": self.machinery}

    def words(self, names: acts.Names) -> list[str]:
        """Return the same for people, a line each."""
        return list(self.labels(names).values())

    def labels(self, names: acts.Names) -> dict[str, str]:
        """Return the same for people, by the name that it has in the address; only what narrows."""
        labelled = {
            "person": (gettext("Person"), names.person(self.person.strip("-")) if self.person else ""),
            "kind": (gettext("Act"), kind_words(self.kind) if self.kind else ""),
            "source": (gettext("Source"), names.source(self.source) if self.source else ""),
            "first": (gettext("From"), day_digits(self.first) if self.first else ""),
            "last": (gettext("To"), day_digits(self.last) if self.last else ""),
        }
        return {name: f"{label}: {value}" for name, (label, value) in labelled.items() if value}


def read_filter(request: HttpRequest) -> Filter:
    """Read the filter from the address; unreadable days narrow nothing and are reported in ``wrong``."""
    today = civil_date(settings.CLOCK.now())
    days: dict[str, date | None] = {"first": None, "last": None}
    wrong = ""
    for name in days:
        if written := request.GET.get(name, "").strip():
            try:
                days[name] = read_day(written, today)
            except InputRefusedError as error:
                wrong = error.sentence(gettext)
    person, written, source = (request.GET.get(name, "").strip() for name in ("person", "kind", "source"))
    kind = kind_called(written) if written else ""
    if written and not kind:
        wrong = gettext("No kind of act is called %(words)s. Choose one of the list.") % {"words": written}
    return Filter(
        person=person if person == "-" or _PERSON.fullmatch(person) else "",
        source=source if _SOURCE.fullmatch(source) else "",
        kind=kind,
        first=days["first"],
        last=days["last"],
        machinery="machinery" in request.GET,
        wrong=wrong,
    )
