"""Confirmation pages before what cannot be taken back: revoking an authorisation, a person's leaving."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rejent.access import queries as access
from rejent.access import services as access_services
from rejent.kernel.clock import civil_date
from rejent.office import queries, services
from rejent.office.people.role_words import ROLES
from rejent.web.people.people import with_scope
from rejent.web.requests.visitor import PersonRequest


@require_http_methods(["GET", "POST"])
def authorisation_revoke(request: PersonRequest, number: str) -> HttpResponse:
    """Check whose authorisation ends and what it covers; take it back: what is being seen by it ends."""
    found, today = access.authorisation(number), civil_date(settings.CLOCK.now())
    if request.method == "POST":
        access_services.revoke_authorisation(number, clock=settings.CLOCK, actor=str(request.person.id))
        messages.success(request, gettext("Authorisation %(number)s is revoked.") % {"number": number})
        return redirect("authorisations")
    _, covers, where = with_scope(found)
    context = {
        "found": found,
        "who": queries.person(found.person_id),
        "covers": covers,
        "where": where,
        "ended": found.valid_until is not None and found.valid_until < today,
    }
    return render(request, "people/authorisations/authorisation_revoke.html", context)


@require_http_methods(["GET", "POST"])
def person_left(request: PersonRequest, person_id: str) -> HttpResponse:
    """Check what ends with a person's leaving; enter it: account and tokens stop working at once."""
    found = queries.person(person_id)
    if request.method == "POST":
        services.person_left(person_id, clock=settings.CLOCK, actor=str(request.person.id))
        messages.success(request, gettext("Entered. The account no longer works."))
        return redirect("person", person_id)
    valid = [one for one in access.authorisations(valid_at=settings.CLOCK.now()) if one.person_id == found.id]
    context = {
        "found": found,
        "roles": [ROLES[role] for role in ROLES if role in found.roles],
        "held": [one.number for one in valid],
    }
    return render(request, "people/person_left.html", context)
