"""Stations: the list, and striking one off."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from rejent.access.rules.decision import may_administer
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries, services
from rejent.office.regulation.vocabulary import Stations
from rejent.office.stations import queries as stations
from rejent.office.views import Lack, StationView
from rejent.web.people.station_form import StrikeOffForm
from rejent.web.requests.client_station import client_station, station_words
from rejent.web.requests.visitor import PersonRequest

ENROLMENT = 'rejent station enrol /srv/rejent --name "…" --to /media/stick/station.p12'
"""A private key that a page handed out would lie in the browser's downloads."""


@require_GET
def station_list(request: PersonRequest) -> HttpResponse:
    """List the stations, valid and struck off, and name the one that this request comes from."""
    here = client_station(request)
    rules = queries.streams(civil_date(settings.CLOCK.now())).values()
    clauses = [one.access.clause for one in rules if one.access.stations is Stations.LISTED]
    installation = settings.INSTALLATION
    context = {
        "rows": [(one, _standing(one)) for one in stations.stations()],
        "demanded": bool(clauses),
        "clauses": ", ".join(filter(None, clauses)),
        "asked": installation.client_certificates or bool(installation.station_header),
        "by_itself": installation.by_itself,
        "here": station_words(here),
        "may_enrol": may_administer(request.person.roles, "enrol-station").allowed,
        "may_revoke": may_administer(request.person.roles, "revoke-station").allowed,
        "enrolment": ENROLMENT,
    }
    return render(request, "people/stations.html", context)


@require_http_methods(["GET", "POST"])
def station_revoke(request: PersonRequest, station_id: int) -> HttpResponse:
    """Strike a station off; viewings that are open on it end with their next request."""
    found = stations.station(station_id)
    form = StrikeOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.revoke_station(
                station_id,
                reason=form.cleaned_data["reason"],
                clock=settings.CLOCK,
                actor=str(request.person.id),
            )
        except RejentError as error:
            form.refuse(error, "reason")
        else:
            messages.success(request, gettext("The station is struck off. Viewings open on it end now."))
            return redirect("stations")
    status = 422 if form.errors else 200
    return render(request, "people/station_revoke.html", {"found": found, "form": form}, status=status)


def _standing(one: StationView) -> tuple[str, str]:
    match one.lack(settings.CLOCK.now()):
        case Lack.REVOKED:
            return "neutral", gettext("struck off")
        case Lack.EXPIRED:
            return "attention", gettext("certificate has ended")
    return "recording", gettext("listed")
