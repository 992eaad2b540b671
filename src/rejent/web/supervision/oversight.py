"""Supervision: the use of the system week by week, the viewings drawn for review, the week's report."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.access.errors import NoSuchProtocolError, ReviewRefusedError
from rejent.access.presence import queries as presence_queries
from rejent.access.services import supervision as services
from rejent.access.services.supervision import LONGEST_NOTE
from rejent.access.supervision import queries as supervision
from rejent.access.supervision import reviews
from rejent.access.supervision.reviews import SampledView
from rejent.access.supervision.weeks import Week
from rejent.access.viewings import protocols, volume
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.web.desk import Desk, Line, Reader, Trouble, whoever_may
from rejent.web.pages.plain_form import PlainForm, area
from rejent.web.registers.protocol_papers import presented_facts
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.route_permissions import may_enter
from rejent.web.stream_parts import Reading, ReportLine, Section
from rejent.web.supervision.week_choice import read_week
from rejent.web.supervision.week_digest import file_name, week_digest
from rejent.web.supervision.week_duties import duties, outcome_state
from rejent.web.supervision.week_report import who_saw
from rejent.web.words.identifiers import OUTCOMES
from rejent.web.words.recordings import item_of, pages_of
from rejent.web.words.wording import moment_near

MOST_WRONG = 8
"""Lines at the head of the page; the rest are counted and stand in their sections."""
MOST_PARTS = 20
"""Parts of a reviewed viewing listed one by one."""


class ReviewForm(PlainForm):
    """The outcome and a note."""

    outcome = forms.ChoiceField(
        label=_("What the review came to"),
        choices=[(str(outcome), words) for outcome, words in OUTCOMES.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what the review came to."),
            "invalid_choice": _("Choose what the review came to."),
        },
    )
    note = area(
        _("Note"),
        _("Write a note: at least one sentence."),
        hint=_(
            "what was looked at, such as the case file, and what follows; it is kept beside the register, not in it"
        ),
        rows=4,
        max_length=LONGEST_NOTE,
    )


def oversight(request: PersonRequest) -> HttpResponse:
    """Return a week: what is on, who saw what and why, what waits; each total leads to the rows behind it."""
    chosen = read_week(request)
    reading = Reading.of(chosen.week, with_secret_places=may(request, "see-secret-places"))
    used, totals = who_saw(reading)
    sections = [*used, *duties(reading)]
    shown = [(one, _open_to(request, one.lines)) for one in sections if one.lines]
    context = {
        "chosen": chosen,
        "shown": shown,
        "quiet": [one for one in sections if not one.lines],
        **_wrong(shown),
        "totals": totals,
        "waiting": reviews.count_waiting(),
        "sample": reviews.sample(chosen.week),
        "kept": reviews.kept_report(chosen.week) is not None,
    }
    return render(request, "supervision/supervision.html", context)


def _wrong(shown: list[tuple[Section, list[tuple[ReportLine, bool]]]]) -> dict[str, Any]:
    found = [
        (one, line, opens)
        for one, lines in shown
        for line, opens in lines
        if line.state and line.state[0] == "stopped"
    ]
    left_out = found[MOST_WRONG:]
    return {
        "wrong": [(line, opens) for _, line, opens in found[:MOST_WRONG]],
        "more_wrong": len(left_out),
        "more_wrong_in": {one.name: one.title for one, *_ in left_out},
    }


def supervision_digest(request: PersonRequest, week: str) -> HttpResponse:
    """Return a week's report as a file: the one the keeper filed, else one made now; entered before it is handed out."""
    wanted = Week.read(week)
    content = reviews.kept_report(wanted)
    if content is None:
        content = week_digest(wanted, with_secret_places=may(request, "see-secret-places"))
    services.enter_report_taken(wanted, content, **acting(request))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{file_name(wanted)}"'
    return response


def review(request: PersonRequest, number: str) -> HttpResponse:
    """Return a drawn viewing: what it was opened for, what of it was shown, and what reviewing it came to."""
    return render(request, "supervision/review.html", _review_context(request, number, ReviewForm()))


def review_enter(request: PersonRequest, number: str) -> HttpResponse:
    """Enter what the review came to; it stays, and a later one may follow it."""
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            services.review_viewing(
                number,
                reviewer=request.person,
                outcome=form.cleaned_data["outcome"],
                note=form.cleaned_data["note"],
                clock=settings.CLOCK,
            )
        except ReviewRefusedError as error:
            form.refuse(error, "note")
        else:
            return done(request, gettext("The review is entered."), "review", number)
    return render(request, "supervision/review.html", _review_context(request, number, form), status=422)


def _review_context(request: PersonRequest, number: str, form: ReviewForm) -> dict[str, Any]:
    found = reviews.sampled(number)
    reading = Reading.of(found.week, with_secret_places=may(request, "see-secret-places"))
    context = {
        "found": found,
        "state": outcome_state(found),
        "form": form,
        "past": [(one, reading.names.person(one.by), OUTCOMES[one.outcome]) for one in found.reviews],
        "why_not": _why_not(request, found),
        "draw": reviews.sample(found.week),
    }
    if found.viewing is not None:
        context |= {
            "who": reading.names.person(str(found.viewing.person_id)),
            "where": ", ".join(map(reading.placed, found.viewing.source_ids)),
            "item": item_of(found.viewing.source_id, found.viewing.item),
            "words": pages_of(found.viewing.source_id).words,
            "purpose": reading.names.purpose(found.viewing.purpose),
            "station": reading.names.station(found.viewing.station) if found.viewing.station else "",
            "shown": list(presented_facts(found.viewing, MOST_PARTS)),
            "second": reading.names.person(str(found.viewing.second_id)) if found.viewing.second_id else "",
            "guests": presence_queries.guests(found.viewing.id),
            "protocol": _protocol_of(request, number),
        }
    return context


def _protocol_of(request: PersonRequest, number: str) -> str:
    if not may(request, "see-viewings"):
        return ""
    try:
        protocols.protocol(number)
    except NoSuchProtocolError:
        return ""
    return reverse("protocol", args=[number])


def _why_not(request: PersonRequest, found: SampledView) -> str:
    if not supervision.may_oversee(request.person.roles, "review-viewing", clock=settings.CLOCK):
        return gettext("Reviews are entered by the data protection officer and the secretary.")
    refused: RejentError | None = reviews.refusal_of_own(found, request.person)
    return refused.sentence(gettext) if refused else ""


def _open_to(request: PersonRequest, lines: list[ReportLine]) -> list[tuple[ReportLine, bool]]:
    pages = {line.address.partition("?")[0] for line in lines if line.address}
    routes = {page: resolve(page).url_name or "" for page in pages}
    opened = {route: may_enter(request.person, route) for route in set(routes.values())}
    return [(line, opened.get(routes.get(line.address.partition("?")[0], ""), False)) for line in lines]


def _waits(reader: Reader) -> Iterator[Line]:
    waiting = reviews.count_waiting() if may_enter(reader.person, "review-enter") else 0
    if waiting:
        words = ngettext("%(n)s viewing waits for a review", "%(n)s viewings wait for a review", waiting)
        more = gettext("Drawn by lot; the reviews are entered one by one.")
        address = f"{reverse('supervision')}#reviews"
        yield Line("attention", words % {"n": waiting}, more, address, gettext("Review"))


def _find_exceeded(now: datetime) -> Iterator[Trouble]:
    """Yield who was given as much of recordings as one person may be."""
    for one in volume.exceeded(clock=settings.CLOCK):
        words = gettext("%(name)s was given as much of recordings as one person may be") % {
            "name": office.person(one.person_id).name
        }
        more = gettext("More was refused: %(moment)s") % {"moment": moment_near(one.refused_at, now)}
        yield Trouble(Line("attention", words, more, reverse("viewings")), whoever_may("see-viewings"))


DESK = Desk(waits=_waits, wrong=_find_exceeded)
