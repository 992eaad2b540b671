"""Telling people: what differs, what is to be done, and the way to plates, publications and documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rejent.access.rules.decision import may_administer
from rejent.kernel.clock import civil_date
from rejent.notices.agreement import queries as agreement
from rejent.notices.agreement.rules import HANG, LOAD, Difference
from rejent.notices.plates import queries as plates
from rejent.notices.publication import queries as publications
from rejent.office.regulation.law import Rule
from rejent.office.views import PersonView
from rejent.web.desk import Desk, Line, Reader, Trouble, whoever_may
from rejent.web.notices.lacking import lacking_lines, wait_words
from rejent.web.notices.words import ACTORS, plates_concern, stream_names
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.words import wording

MOST = 6
"""Differences that the start page names one by one."""


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """A difference as a page shows it: in words, with its rule, who must act, since when, and where to go."""

    words: str
    rule: Rule
    stream: str
    actor: str
    since: date | None
    address: str


def notices(request: PersonRequest) -> HttpResponse:
    """Show every difference between plates, inventory, regulation and publications, with the ways to mend them."""
    today = civil_date(settings.CLOCK.now())
    missing = lacking_lines()
    context = {
        "differences": [_line(each) for each in agreement.found(settings.CLOCK)]
        if _sees(request.person)
        else [],
        "missing": [(each, may(request, each.act)) for each in missing],
        "waits": wait_words(missing),
        "has_plates": plates_concern(today),
        "sees_documents": may(request, "see-notice-documents"),
        "sees_differences": _sees(request.person),
        "due": len(plates.due(today)),
        "hanging": len([each for each in plates.plates() if each.stands(today)]),
        "published": len(publications.standing(today)),
        "may_publish": may(request, "publish-notices"),
        "test": settings.INSTALLATION.test,
    }
    return render(request, "notices/notices.html", context)


def _wrong(_now: datetime) -> Iterator[Trouble]:
    """Yield what differs between plates, inventory, regulation and publications, to each who must act."""
    if missing := lacking_lines():
        words = ngettext("%(n)s thing that the law demands is missing in what people are told", "%(n)s things that the law demands are missing in what people are told", len(missing))  # fmt: skip
        more = wait_words(missing)
        lacking = Line("attention", words % {"n": len(missing)}, more, f"{reverse('notices')}#missing")
        yield Trouble(lacking, whoever_may(*{each.act for each in missing}))
    every = agreement.found(settings.CLOCK)
    for act in dict.fromkeys(each.act for each in every):
        theirs = [each for each in every if each.act == act]
        for each in theirs[:MOST]:
            line = _line(each)
            since = gettext("Since %(day)s.") % {"day": wording.day_digits(each.since)} if each.since else ""
            more = f"{line.rule.source}. {since}".strip()
            yield Trouble(Line("attention", line.words, more, line.address), whoever_may(act))
        if rest := len(theirs[MOST:]):
            words = ngettext("%(n)s more difference between plates, inventory and publications", "%(n)s more differences between plates, inventory and publications", rest)  # fmt: skip
            yield Trouble(Line("attention", words % {"n": rest}, "", reverse("notices")), whoever_may(act))


def _waits(reader: Reader) -> Iterator[Line]:
    looks = reader.may("check-plate") and plates_concern(reader.today)
    due = len(plates.due(reader.today)) if looks else 0
    if due:
        words = ngettext("%(n)s plate is to be looked at", "%(n)s plates are to be looked at", due)
        yield Line("attention", words % {"n": due}, "", reverse("plates-walk"), gettext("Begin the walk"))


def _sees(person: PersonView) -> bool:
    return any(may_administer(person.roles, act).allowed for act in ACTORS)


def _line(difference: Difference) -> DifferenceLine:
    if difference.plate:
        address = reverse("plate", args=[difference.plate])
    elif difference.act == LOAD:
        address = reverse("regulation")
    else:
        address = reverse("plate-new" if difference.act == HANG else "publications")
    return DifferenceLine(
        words=wording.sentence_words(difference.sentence),
        rule=difference.rule,
        stream=stream_names([difference.stream]),
        actor=str(ACTORS[difference.act]),
        since=difference.since,
        address=address,
    )


DESK = Desk(waits=_waits, wrong=_wrong)
