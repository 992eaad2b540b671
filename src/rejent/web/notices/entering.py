"""Entering what is missing where it is listed, by the services and checks of the pages that a button would lead to."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from rejent.kernel.clock import civil_date
from rejent.notices.documents.asks import ROUTE
from rejent.office import queries, services
from rejent.office.regulation.loading import load
from rejent.web.notices.filling import FactsForm, find_facts, route_form, wording_form
from rejent.web.notices.lacking import lacking_lines
from rejent.web.notices.overview import notices_page
from rejent.web.notices.wordings import find_passage, submit_wording
from rejent.web.pages.plain_form import Check, submit
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.words.wording import day_words


def _list() -> str:
    return f"{reverse('notices')}#missing"


def missing_wording(request: PersonRequest, stream: str, language: str, passage: str) -> HttpResponse:
    """Enter the words of a passage, from today on, after a look at what they change."""
    form = wording_form(stream, language, passage, request.POST)
    truth = find_passage(stream, language, passage)[0]
    return submit_wording(request, form, truth, _list()) or notices_page(request, form)


def missing_route(request: PersonRequest, stream: str) -> HttpResponse:
    """Enter since when the office can be reached without being recorded."""
    form = route_form(stream, request.POST)
    answer = submit(
        request,
        form,
        lambda given: services.enter_gate(stream, ROUTE, given["on"], note="", **acting(request)),
        gettext("The fact is entered."),
        _list(),
        field="on",
    )
    return answer or notices_page(request, form)


def missing_facts(request: PersonRequest) -> HttpResponse:
    """Enter what is one value of the regulation each, as a new version from today, after a look at what that means."""
    facts = find_facts(lacking_lines())
    if not facts:
        return redirect(_list())
    form = FactsForm(request.POST, lines=facts)
    newest = queries.every_version()[0]
    day = max(civil_date(settings.CLOCK.now()), newest.in_force_from)

    def check(given: dict[str, Any]) -> Check:
        load(form.written_into(newest.text))
        return Check(
            title=gettext("A new version of the regulation"),
            facts=[
                (str(form.fields[name].label), (form.say(name),)) for name, value in given.items() if value
            ],
            outcome=(
                gettext(
                    "From %(day)s everybody and every recording follows it. It cannot be taken back, only followed by another version."
                )
                % {"day": day_words(day)},
            ),
            confirm=gettext("Enter the version"),
            icon="circle-check",
        )

    answer = submit(
        request,
        form,
        lambda _: services.activate_regulation(
            form.written_into(newest.text), in_force_from=day, **acting(request)
        ),
        lambda number: (
            gettext("Version %(n)s is entered, in force from %(day)s.") % {"n": number, "day": day_words(day)}
        ),
        _list(),
        check=check,
    )
    return answer or notices_page(request, form)
