"""Confirming that nobody but a person signs in as that person."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rejent.kernel.errors import RejentError
from rejent.office import authenticators, identities, queries, services
from rejent.office.errors import NoSuchPersonError
from rejent.office.own_sign_in import SignIn
from rejent.web.fact_words import in_words
from rejent.web.visitor import PersonRequest
from rejent.web.ways import way_name


@require_http_methods(["GET", "POST"])
def person_confirm(request: PersonRequest, person_id: str) -> HttpResponse:
    """Everything that signs in as the person, to be gone through with them; then it is confirmed."""
    found = queries.person(person_id)
    refused = ""
    if request.method == "POST":
        try:
            services.confirm_sign_in(found.id, clock=settings.CLOCK, actor=str(request.person.id))
        except RejentError as error:
            refused = error.sentence(gettext)
        else:
            messages.success(request, gettext("Confirmed. The authorisations of this person open again."))
            return redirect("person", person_id)
    context = {
        "found": found,
        "waits": found.sign_in in (SignIn.CHOSEN, SignIn.LINKED),
        "given": found.sign_in is SignIn.GIVEN,
        "password": identities.has_password(found.id),
        "steps": [
            (in_words("kind", kind) or kind, since) for kind, since in authenticators.second_steps(found.id)
        ],
        "links": [(way_name(link.way), link) for link in identities.identities(found.id)],
        "set_by": _name(found.sign_in_set_by),
        "refused": refused,
    }
    return render(request, "pages/person_confirm.html", context, status=422 if refused else 200)


def _name(actor: str) -> str:
    try:
        return queries.person(actor).name
    except NoSuchPersonError:
        return gettext("somebody at the machine itself")
