"""Telling people: what differs, what is to be done, and the way to plates, publications and documents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, ngettext_lazy

from rejent.access.rules.decision import may_administer
from rejent.kernel.clock import civil_date
from rejent.notices.agreement import queries as agreement
from rejent.notices.agreement.rules import HANG, LOAD, Difference, Kind
from rejent.notices.plates import queries as plates
from rejent.notices.publication import queries as publications
from rejent.office.regulation.law import Rule
from rejent.office.views import PersonView
from rejent.web.desk import Counted, Desk, Line, Reader, Trouble, whoever_may
from rejent.web.notices.filling import missing_rows
from rejent.web.notices.lacking import lacking_lines, wait_words
from rejent.web.notices.words import ACTORS, plates_concern, stream_names
from rejent.web.pages.plain_form import PlainForm
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.words import wording

_ALIKE: Mapping[Kind, Counted] = {
    Kind.PLACE_UNMARKED: ngettext_lazy("%(n)s place without a plate", "%(n)s places without a plate", "n"),
    Kind.PLATE_NAMES_UNKNOWN: ngettext_lazy(
        "%(n)s plate names a place without a source", "%(n)s plates name places without a source", "n"
    ),
    Kind.PLATE_NOT_IN_REGULATION: ngettext_lazy(
        "%(n)s plate names a place that the regulation does not list",
        "%(n)s plates name places that the regulation does not list",
        "n",
    ),
    Kind.PLATE_OUTDATED: ngettext_lazy("%(n)s outdated plate", "%(n)s outdated plates", "n"),
    Kind.PLATE_DAMAGED: ngettext_lazy("%(n)s damaged plate", "%(n)s damaged plates", "n"),
    Kind.PLATE_MISSING: ngettext_lazy("%(n)s plate is not there", "%(n)s plates are not there", "n"),
    Kind.SOURCE_NOT_IN_REGULATION: ngettext_lazy(
        "%(n)s place with a source that the regulation does not list",
        "%(n)s places with sources that the regulation does not list",
        "n",
    ),
    Kind.AREA_WITHOUT_SOURCE: ngettext_lazy(
        "%(n)s place of the regulation without a source",
        "%(n)s places of the regulation without a source",
        "n",
    ),
    Kind.PUBLICATION_MISSING: ngettext_lazy("%(n)s missing publication", "%(n)s missing publications", "n"),
    Kind.PUBLICATION_OUTDATED: ngettext_lazy(
        "%(n)s outdated publication", "%(n)s outdated publications", "n"
    ),
}
"""What many differences of a kind are called on the start page."""


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
    """Show what is missing with its fields, and every difference between plates, inventory, regulation and publications with the way to mend it."""
    return notices_page(request)


def notices_page(request: PersonRequest, refused: PlainForm | None = None) -> HttpResponse:
    """Return the page; with a form of the list that was refused, in its place with what was typed."""
    today = civil_date(settings.CLOCK.now())
    missing = lacking_lines()
    context = {
        "differences": [_line(each) for each in agreement.found(settings.CLOCK)]
        if _sees(request.person)
        else [],
        "missing": missing,
        "rows": missing_rows(request, missing, refused),
        "form": refused,
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
    return render(request, "notices/notices.html", context, status=422 if refused else 200)


def _wrong(_now: datetime) -> Iterator[Trouble]:
    """Yield what differs between plates, inventory, regulation and publications, to each who must act."""
    if missing := lacking_lines():
        words = ngettext("%(n)s thing that the law demands is missing in what people are told", "%(n)s things that the law demands are missing in what people are told", len(missing))  # fmt: skip
        more = wait_words(missing)
        lacking = Line("attention", words % {"n": len(missing)}, more, f"{reverse('notices')}#missing")
        yield Trouble(lacking, whoever_may(*{each.act for each in missing}))
    for each in agreement.found(settings.CLOCK):
        line = _line(each)
        since = gettext("Since %(day)s.") % {"day": wording.day_digits(each.since)} if each.since else ""
        more = f"{line.rule.source}. {since}".strip()
        shown = Line("attention", line.words, more, line.address, alike=_ALIKE[each.kind])
        yield Trouble(shown, whoever_may(each.act))


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
    elif difference.act == HANG:
        address = f"{reverse('plate-new')}?place={difference.place or ''}"
    elif difference.channel:
        address = f"{reverse('publication-new')}?channel={difference.channel}"
    else:
        address = reverse("publications")
    return DifferenceLine(
        words=wording.sentence_words(difference.sentence),
        rule=difference.rule,
        stream=stream_names([difference.stream]),
        actor=str(ACTORS[difference.act]),
        since=difference.since,
        address=address,
    )


DESK = Desk(waits=_waits, wrong=_wrong)
