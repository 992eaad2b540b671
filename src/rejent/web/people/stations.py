"""Stations: the list, and striking one off."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.office import queries, services
from rejent.office.regulation.vocabulary import Stations
from rejent.office.stations import queries as stations
from rejent.office.views import Lack, StationView
from rejent.web.pages.plain_form import PlainForm, area, form_page, submit
from rejent.web.requests.client_station import client_station, station_words
from rejent.web.requests.visitor import PersonRequest, acting, may

ENROLMENT = 'rejent station enrol /srv/rejent --name "…" --to /media/stick/station.p12'
"""A private key that a page handed out would lie in the browser's downloads."""


def station_list(request: PersonRequest) -> HttpResponse:
    """List the stations, valid and struck off, and name the one that this request comes from."""
    here = client_station(request)
    rules = queries.verified_streams(civil_date(settings.CLOCK.now())).values()
    clauses = [one.access.clause for one in rules if one.access.stations is Stations.LISTED]
    installation = settings.INSTALLATION
    context = {
        "rows": [(one, _standing(one)) for one in stations.stations()],
        "demanded": bool(clauses),
        "clauses": ", ".join(filter(None, clauses)),
        "asked": installation.client_certificates or bool(installation.station_header),
        "by_itself": installation.by_itself,
        "here": station_words(here),
        "may_enrol": may(request, "enrol-station"),
        "may_revoke": may(request, "revoke-station"),
        "enrolment": ENROLMENT,
    }
    return render(request, "people/stations.html", context)


def station_revoke(request: PersonRequest, station_id: int) -> HttpResponse:
    """Strike a station off; viewings that are open on it end with their next request."""
    found = stations.station(station_id)
    form = StrikeOffForm(request.POST or None)
    answer = submit(
        request,
        form,
        lambda given: services.revoke_station(station_id, reason=given["reason"], **acting(request)),
        gettext("The station is struck off. Viewings open on it end now."),
        "stations",
        field="reason",
    )
    return answer or form_page(request, "people/station_revoke.html", form, found=found)


def _standing(one: StationView) -> tuple[str, str]:
    match one.lack(settings.CLOCK.now()):
        case Lack.REVOKED:
            return "neutral", gettext("struck off")
        case Lack.EXPIRED:
            return "attention", gettext("certificate has ended")
    return "recording", gettext("listed")


class StrikeOffForm(PlainForm):
    """The reason why a station is struck off."""

    reason = area(
        _("Reason"),
        _("Enter the reason: at least one sentence."),
        hint=_("for example: the computer was replaced, or its disk was lost"),
    )
