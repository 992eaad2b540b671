"""People and their roles; authorisations for pictures."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rejent.access import queries as access
from rejent.access import renewals
from rejent.access import services as access_services
from rejent.access.rules.decision import may_administer
from rejent.access.views import AuthorisationView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries, services
from rejent.office.errors import NotEntrustedError, PasswordRefusedError
from rejent.office.people import standing, statements
from rejent.office.people.entrusting import may_change
from rejent.office.people.role_words import ROLES
from rejent.web.people.office_forms import ACTS, AuthorisationForm, PasswordForm, PersonForm, RolesForm
from rejent.web.registers.exports import MOST_PRINTED
from rejent.web.requests.visitor import PersonRequest
from rejent.web.stream_parts import PAGES
from rejent.web.words.fact_words import in_words
from rejent.web.words.wording import day_digits


def _may(request: PersonRequest, act: str) -> bool:
    return may_administer(request.person.roles, act).allowed


def _entrusted() -> frozenset[str]:
    return standing.entrusted_by_regulation(civil_date(settings.CLOCK.now()))


def _actor(request: PersonRequest) -> str:
    return str(request.person.id)


@require_GET
def people(request: PersonRequest) -> HttpResponse:
    """Everybody of the office, with roles and what they may see."""
    now = settings.CLOCK.now()
    held: dict[str, list[AuthorisationView]] = {}
    for authorisation in access.authorisations(valid_at=now):
        held.setdefault(str(authorisation.person_id), []).append(authorisation)
    rows = [
        (person, [ROLES[role] for role in ROLES if role in person.roles], held.get(str(person.id), []))
        for person in queries.people(left="left" in request.GET)
    ]
    context = {"rows": rows, "may_add": _may(request, "add-person"), "left": "left" in request.GET}
    return render(request, "people/people.html", context)


@require_GET
def person(request: PersonRequest, person_id: str) -> HttpResponse:
    """One person: roles, authorisations, whether they have left."""
    return _shown(request, person_id, PasswordForm())


def _shown(request: PersonRequest, person_id: str, password: PasswordForm) -> HttpResponse:
    found = queries.person(person_id)
    form = RolesForm(initial={"roles": sorted(found.roles)})
    form.offer_to(request.person.roles, _entrusted())
    context = {
        "found": found,
        "roles": [ROLES[role] for role in ROLES if role in found.roles],
        "authorisations": [with_scope(one) for one in access.authorisations(person_id=found.id)],
        "form": form,
        "password": password,
        "may_change": _may(request, "add-person"),
        "may_confirm": _may(request, "confirm-sign-in"),
        "entrusted": not may_change(request.person.roles, found.roles, _entrusted()),
        "may_print": _may(request, "see-authorisations") or found.id == request.person.id,
        "own": found.id == request.person.id,
        "signed": statements.statements(found.id),
        "may_sign": _may(request, "enter-statement") and found.id != request.person.id,
    }
    return render(request, "people/person.html", context, status=422 if password.errors else 200)


@require_http_methods(["GET", "POST"])
def person_new(request: PersonRequest) -> HttpResponse:
    """Enter a person with an account."""
    form = PersonForm(request.POST or None)
    form.offer_to(request.person.roles, _entrusted())
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_person(**form.cleaned_data, clock=settings.CLOCK, actor=_actor(request))
        except NotEntrustedError:
            raise
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
    return render(request, "people/person_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def person_roles(request: PersonRequest, person_id: str) -> HttpResponse:
    """Give a person exactly the chosen roles."""
    form = RolesForm(request.POST)
    if form.is_valid():
        services.set_roles(person_id, form.cleaned_data["roles"], clock=settings.CLOCK, actor=_actor(request))
        messages.success(request, gettext("The roles are saved."))
    return redirect("person", person_id)


@require_POST
def person_password(request: PersonRequest, person_id: str) -> HttpResponse:
    """Set the forgotten password of somebody else anew."""
    form = PasswordForm(request.POST)
    if str(request.person.id) != str(person_id) and form.is_valid():
        try:
            services.set_password(person_id, **form.cleaned_data, clock=settings.CLOCK, actor=_actor(request))
        except PasswordRefusedError as error:
            form.refuse(error, "password")
        else:
            messages.success(request, gettext("The password is set. Earlier sessions of this person ended."))
            return redirect("person", person_id)
    return _shown(request, person_id, form)


@require_GET
def authorisations(request: PersonRequest) -> HttpResponse:
    """The register of authorisations, newest first."""
    names = {one.id: one.name for one in queries.people(left=True)}
    today, followed = civil_date(settings.CLOCK.now()), renewals.renewed()
    ending = {one.number for one in renewals.ending(clock=settings.CLOCK)}
    rows = [
        (
            one,
            names.get(one.person_id, ""),
            *with_scope(one)[1:],
            _standing(one, today, ends_soon=one.number in ending),
            followed.get(one.number, ""),
        )
        for one in access.authorisations()
    ]
    context = {
        "rows": rows,
        "may_issue": _may(request, "issue-authorisation"),
        "may_revoke": _may(request, "revoke-authorisation"),
        "most_printed": MOST_PRINTED,
    }
    return render(request, "people/authorisations/authorisations.html", context)


@require_http_methods(["GET", "POST"])
def authorisation_new(request: PersonRequest) -> HttpResponse:
    """Issue the controller's leave for a person."""
    today = civil_date(settings.CLOCK.now())
    form = AuthorisationForm(
        request.POST or None,
        initial={"person": request.GET.get("person", ""), "valid_from": day_digits(today)},
        people=[one for one in queries.people() if one.id != request.person.id],
        streams={
            name: in_words("stream", name) or name for name in queries.streams(today) or [next(iter(PAGES))]
        },
        live=[stream for stream, pages in PAGES.items() if pages.live],
        by_source=(by_source := [stream for stream, pages in PAGES.items() if pages.by_source]),
        sources=[one for stream in by_source for one in catalog.sources(stream)],
        today=today,
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            issued = access_services.issue_authorisation(
                person_id=queries.person(given["person"]).id,
                acts=given["acts"],
                stream=given["stream"],
                source_ids=given.get("sources") or None,
                valid_from=given["valid_from"],
                valid_until=given["valid_until"],
                clock=settings.CLOCK,
                actor=_actor(request),
            )
        except RejentError as error:
            form.refuse(error)
        else:
            messages.success(
                request, gettext("Authorisation %(number)s is issued.") % {"number": issued.number}
            )
            return redirect("authorisations")
    return render(
        request,
        "people/authorisations/authorisation_new.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


def with_scope(one: AuthorisationView) -> tuple[AuthorisationView, str, str]:
    """The authorisation with what it covers and where, in words."""
    covers = ", ".join(str(ACTS.get(act, act)) for act in sorted(one.acts))
    if one.stream not in PAGES or not PAGES.of(one.stream).by_source:
        return one, covers, in_words("stream", one.stream) or one.stream
    if one.source_ids is None:
        return one, covers, str(PAGES.of(one.stream).words.every_source)
    names = {source.id: source.name for source in catalog.sources(removed=True)}
    return one, covers, ", ".join(sorted(names.get(source, source) for source in one.source_ids))


def _standing(one: AuthorisationView, today: date, *, ends_soon: bool) -> tuple[str, str]:
    if one.revoked_at is not None:
        return "neutral", gettext("revoked")
    if one.valid_until is not None and one.valid_until < today:
        return "neutral", gettext("ended")
    if one.valid_from > today:
        return "attention", gettext("not yet valid")
    if ends_soon:
        return "attention", gettext("ends soon")
    return "recording", gettext("valid")
