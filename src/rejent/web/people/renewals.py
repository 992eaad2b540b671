"""Renewing an authorisation by a new one that follows it."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rejent.access import queries as access
from rejent.access import services
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries
from rejent.web.people.duty_forms import RenewalForm
from rejent.web.people.people import with_scope
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.wording import day_digits


@require_http_methods(["GET", "POST"])
def authorisation_renew(request: PersonRequest, number: str) -> HttpResponse:
    """The same scope for a further period; every check is made anew."""
    today = civil_date(settings.CLOCK.now())
    former = access.authorisation(number)
    first = max((former.valid_until or today) + timedelta(days=1), today)
    form = RenewalForm(request.POST or None, today=today, initial={"valid_from": day_digits(first)})
    if request.method == "POST" and form.is_valid():
        try:
            issued = services.renew_authorisation(
                number,
                valid_from=form.cleaned_data["valid_from"],
                valid_until=form.cleaned_data["valid_until"],
                clock=settings.CLOCK,
                actor=str(request.person.id),
            )
        except RejentError as error:
            form.refuse(error)
        else:
            renewed = {"former": number, "number": issued.number}
            messages.success(request, gettext("Authorisation %(former)s is renewed by %(number)s.") % renewed)
            return redirect("authorisations")
    context = {"form": form, "former": with_scope(former), "whose": queries.person(former.person_id)}
    return render(
        request, "people/authorisations/authorisation_renew.html", context, status=422 if form.errors else 200
    )
