"""People of the office: their roles, passwords and leaving."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rejent.access import authorisation_queries
from rejent.access.views import AuthorisationView
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries, services
from rejent.office.errors import PasswordRefusedError
from rejent.office.people import standing, statements
from rejent.office.people.duties import may_change
from rejent.office.people.role_words import ENGAGEMENTS, ROLES
from rejent.web.pages.plain_form import form_page
from rejent.web.people.authorisations import with_scope
from rejent.web.people.office_forms import PasswordForm, PersonForm, RolesForm
from rejent.web.requests.visitor import PersonRequest, acting, may


def _entrusted() -> frozenset[str]:
    return standing.entrusted_by_regulation(civil_date(settings.CLOCK.now()))


@require_GET
def people(request: PersonRequest) -> HttpResponse:
    """Everybody of the office, with roles and what they may see."""
    now = settings.CLOCK.now()
    held: dict[str, list[AuthorisationView]] = {}
    for authorisation in authorisation_queries.authorisations(valid_at=now):
        held.setdefault(str(authorisation.person_id), []).append(authorisation)
    rows = [
        (person, [ROLES[role] for role in ROLES if role in person.roles], held.get(str(person.id), []))
        for person in queries.people(left="left" in request.GET)
    ]
    context = {"rows": rows, "may_add": may(request, "add-person"), "left": "left" in request.GET}
    return render(request, "people/people.html", context)


@require_GET
def person(request: PersonRequest, person_id: str) -> HttpResponse:
    """Return one person: roles, authorisations, whether they have left."""
    return _shown(request, person_id, PasswordForm())


def _shown(request: PersonRequest, person_id: str, password: PasswordForm) -> HttpResponse:
    found = queries.person(person_id)
    form = RolesForm(initial={"roles": sorted(found.roles)})
    form.offer_to(request.person.roles, _entrusted())
    context = {
        "found": found,
        "roles": [ROLES[role] for role in ROLES if role in found.roles],
        "engagement": ENGAGEMENTS.get(found.engagement, found.engagement),
        "authorisations": [
            with_scope(one) for one in authorisation_queries.authorisations(person_id=found.id)
        ],
        "form": form,
        "password": password,
        "may_change": may(request, "add-person"),
        "may_confirm": may(request, "confirm-sign-in"),
        "entrusted": not may_change(request.person.roles, found.roles, _entrusted()),
        "may_print": may(request, "see-authorisations") or found.id == request.person.id,
        "own": found.id == request.person.id,
        "signed": statements.statements(found.id),
        "may_sign": may(request, "enter-statement") and found.id != request.person.id,
    }
    return render(request, "people/person.html", context, status=422 if password.errors else 200)


@require_http_methods(["GET", "POST"])
def person_new(request: PersonRequest) -> HttpResponse:
    """Enter a person with an account."""
    form = PersonForm(request.POST or None)
    form.offer_to(request.person.roles, _entrusted())
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_person(**form.cleaned_data, **acting(request))
        except RejentError as error:
            form.refuse(
                error,
                "password" if "password" in error.code else "username" if "user" in error.code else None,
            )
        else:
            messages.success(
                request, gettext("The person is entered. Pictures need an authorisation besides.")
            )
            return redirect("person", made.id)
    return form_page(request, "people/person_new.html", form)


@require_POST
def person_roles(request: PersonRequest, person_id: str) -> HttpResponse:
    """Give a person exactly the chosen roles."""
    form = RolesForm(request.POST)
    if form.is_valid():
        services.set_roles(person_id, form.cleaned_data["roles"], **acting(request))
        messages.success(request, gettext("The roles are saved."))
    return redirect("person", person_id)


@require_POST
def person_password(request: PersonRequest, person_id: str) -> HttpResponse:
    """Set the forgotten password of somebody else anew."""
    form = PasswordForm(request.POST)
    if str(request.person.id) != str(person_id) and form.is_valid():
        try:
            services.set_password(person_id, **form.cleaned_data, **acting(request))
        except PasswordRefusedError as error:
            form.refuse(error, "password")
        else:
            messages.success(request, gettext("The password is set. Earlier sessions of this person ended."))
            return redirect("person", person_id)
    return _shown(request, person_id, form)


@require_http_methods(["GET", "POST"])
def person_left(request: PersonRequest, person_id: str) -> HttpResponse:
    """Check what ends with a person's leaving; enter it: account and tokens stop working at once."""
    found = queries.person(person_id)
    if request.method == "POST":
        services.person_left(person_id, **acting(request))
        messages.success(request, gettext("Entered. The account no longer works."))
        return redirect("person", person_id)
    valid = [
        one
        for one in authorisation_queries.authorisations(valid_at=settings.CLOCK.now())
        if one.person_id == found.id
    ]
    context = {
        "found": found,
        "roles": [ROLES[role] for role in ROLES if role in found.roles],
        "held": [one.number for one in valid],
    }
    return render(request, "people/person_left.html", context)
