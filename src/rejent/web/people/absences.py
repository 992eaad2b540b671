"""Absences of the head of the office, and whether the deputy decides meanwhile."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.office import queries, services
from rejent.office.people import absences as office
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import AbsenceView, PersonView
from rejent.web.pages.plain_form import DayField, PlainForm, form_page, one_of, submit
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.words.acts import Names
from rejent.web.words.when import WithoutYear
from rejent.web.words.wording import day_digits


class AbsenceForm(PlainForm):
    """An absence of the head."""

    person = one_of(_("Head of the office"), _("Choose who is away."))
    first_day = DayField(_("First day"), _("Enter the first day."), meant=WithoutYear.NEAREST)
    last_day = DayField(
        _("Last day"), hint=_("leave empty while the end is not known"), meant=WithoutYear.NEAREST
    )

    def __init__(self, *args: Any, heads: list[PersonView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", [(str(one.id), one.name) for one in heads])


def absences(request: PersonRequest) -> HttpResponse:
    """Every absence, and who decides today."""
    today, names = civil_date(settings.CLOCK.now()), Names()
    rules = queries.verified_streams(today).values()
    context = {
        "rows": [
            (one, names.person(str(one.person_id)), names.person(one.entered_by), *_standing(one))
            for one in office.absences()
        ],
        "away": bool(office.away(today)),
        "deputy_acts": _deputy_acts(today),
        "clauses": ", ".join(
            filter(None, (one.handover.clause for one in rules if one.handover.deputy_in_absence))
        ),
        "may_enter": may(request, "enter-absence"),
    }
    return render(request, "people/absences/absences.html", context)


def absence_new(request: PersonRequest) -> HttpResponse:
    """Enter an absence of the head."""
    today = civil_date(settings.CLOCK.now())
    heads = [one for one in queries.people() if RoleName.HEAD in one.roles and one.active(today)]
    only = str(heads[0].id) if len(heads) == 1 else ""
    form = AbsenceForm(
        request.POST or None,
        heads=heads,
        initial={"person": only, "first_day": day_digits(today)},
    )
    answer = submit(
        request,
        form,
        lambda given: services.enter_absence(
            given["person"], given["first_day"], given["last_day"], **acting(request)
        ),
        gettext("The absence is entered."),
        "absences",
    )
    return answer or form_page(request, "people/absences/absence_new.html", form)


def absence_end(request: PersonRequest, absence_id: int) -> HttpResponse:
    """Check which absence ends and who decides then; enter that the head is back before it ends by itself."""
    found, today = office.absence(absence_id), civil_date(settings.CLOCK.now())
    if request.method == "POST":
        services.end_absence(absence_id, **acting(request))
        return done(request, gettext("Entered: the absence is ended."), "absences")
    context = {
        "found": found,
        "who": Names().person(str(found.person_id)),
        "over": found.over(today),
        "lasts": found.covers(today),
        "deputy_hands_back": _deputy_acts(today) and _away_by(found, today),
    }
    return render(request, "people/absences/absence_end.html", context)


def _deputy_acts(today: date) -> bool:
    return any(one.handover.deputy_in_absence for one in queries.verified_streams(today).values())


def _away_by(one: AbsenceView, today: date) -> bool:
    others = (
        other.id != one.id and other.person_id == one.person_id and other.covers(today)
        for other in office.absences()
    )
    return one.covers(today) and bool(office.away(today)) and not any(others)


def _standing(one: AbsenceView) -> tuple[tuple[str, str], bool]:
    today = civil_date(settings.CLOCK.now())
    if one.ended_at is not None:
        return ("neutral", gettext("ended before its time")), False
    if one.over(today):
        return ("neutral", gettext("over")), False
    if one.covers(today):
        return ("attention", gettext("lasts")), True
    return ("neutral", gettext("to come")), True
