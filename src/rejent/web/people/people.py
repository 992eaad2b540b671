"""People of the office: their roles, passwords and leaving."""

from collections.abc import Collection, Iterator
from itertools import islice

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access import authorisation_queries
from rejent.access.views import AuthorisationView
from rejent.kernel.clock import civil_date
from rejent.office import queries, services
from rejent.office.errors import PasswordRefusedError
from rejent.office.people import standing, statements
from rejent.office.people.duties import may_change
from rejent.office.people.role_words import ENGAGEMENTS, ROLES
from rejent.web.desk import Desk, Found, Sought
from rejent.web.pages.plain_form import PlainForm, form_page, new_secret, several_of, submit, text
from rejent.web.people.authorisations import with_scope
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.signing_in.first_links import make_link


class _OfRoles(PlainForm):
    """A form with a choice of roles."""

    def offer_to(self, acting: Collection[str], by_regulation: Collection[str]) -> None:
        """Show only the roles that somebody may give; one that is sent all the same is refused with its reason."""
        widget = self.fields["roles"].widget
        if isinstance(widget, forms.CheckboxSelectMultiple):
            widget.choices = [
                (role, words) for role, words in ROLES.items() if may_change(acting, [role], by_regulation)
            ]


class PersonForm(_OfRoles):
    """Somebody of the office and their account."""

    name = text(_("Name and surname"), _("Enter the name and surname."), max_length=120)
    post = text(_("Post"), _("Enter the post."), max_length=120)
    roles = several_of(
        _("Roles"),
        options=ROLES.items(),
        hint=_("a role decides which pages open; pictures need an authorisation besides"),
    )
    username = text(_("User name"), _("Enter a user name."), max_length=60)
    password = new_secret(
        _("First password"),
        _("Enter a first password."),
        hint=_("at least 12 characters; the person changes it after signing in"),
    )


class RolesForm(_OfRoles):
    """A person's roles in the office."""

    roles = several_of(_("Roles"), options=ROLES.items())


class PasswordForm(PlainForm):
    """A password for somebody who has forgotten theirs."""

    password = new_secret(
        _("New password"),
        _("Enter a new password."),
        hint=_("at least 12 characters; the person changes it after signing in"),
    )
    without_second_step = forms.BooleanField(
        label=_("Take lost codes and passkeys off the account"), required=False
    )


def _entrusted() -> frozenset[str]:
    return standing.entrusted_by_regulation(civil_date(settings.CLOCK.now()))


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


def person(request: PersonRequest, person_id: str) -> HttpResponse:
    """Return one person: roles, authorisations, whether they have left."""
    return _show_person(request, person_id, PasswordForm())


def _show_person(
    request: PersonRequest, person_id: str, password: PasswordForm, link: str = ""
) -> HttpResponse:
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
        "link": link,
        "may_change": may(request, "add-person"),
        "may_confirm": may(request, "confirm-sign-in"),
        "entrusted": not may_change(request.person.roles, found.roles, _entrusted()),
        "may_print": may(request, "see-authorisations") or found.id == request.person.id,
        "own": found.id == request.person.id,
        "signed": statements.statements(found.id),
        "may_sign": may(request, "enter-statement") and found.id != request.person.id,
    }
    return render(request, "people/person.html", context, status=422 if password.errors else 200)


def person_new(request: PersonRequest) -> HttpResponse:
    """Enter a person with an account."""
    form = PersonForm(request.POST or None)
    form.offer_to(request.person.roles, _entrusted())
    answer = submit(
        request,
        form,
        lambda given: services.add_person(**given, **acting(request)),
        gettext("The person is entered. Pictures need an authorisation besides."),
        lambda made: reverse("person", args=[made.id]),
        field=lambda error: (
            "password" if "password" in error.code else "username" if "user" in error.code else None
        ),
    )
    return answer or form_page(request, "people/person_new.html", form)


def person_roles(request: PersonRequest, person_id: str) -> HttpResponse:
    """Give a person exactly the chosen roles."""
    form = RolesForm(request.POST)
    if form.is_valid():
        services.set_roles(person_id, form.cleaned_data["roles"], **acting(request))
        messages.success(request, gettext("The roles are saved."))
    return redirect("person", person_id)


def person_password(request: PersonRequest, person_id: str) -> HttpResponse:
    """Set the forgotten password of somebody else anew."""
    form = PasswordForm(request.POST)
    if str(request.person.id) != str(person_id) and form.is_valid():
        try:
            services.set_password(person_id, **form.cleaned_data, **acting(request))
        except PasswordRefusedError as error:
            form.refuse(error, "password")
        else:
            return done(
                request,
                gettext("The password is set. Earlier sessions of this person ended."),
                "person",
                person_id,
            )
    return _show_person(request, person_id, form)


def person_first_link(request: PersonRequest, person_id: str) -> HttpResponse:
    """Give somebody else a one-time address, at which they choose a password that nobody else knows; shown this once."""
    if str(request.person.id) == str(person_id):
        return redirect("person", person_id)
    link = make_link(queries.person(person_id).username)
    services.set_password(person_id, link.password, **acting(request))
    return _show_person(request, person_id, PasswordForm(), request.build_absolute_uri(link.address))


def person_left(request: PersonRequest, person_id: str) -> HttpResponse:
    """Check what ends with a person's leaving; enter it: account and tokens stop working at once."""
    found = queries.person(person_id)
    if request.method == "POST":
        services.person_left(person_id, **acting(request))
        return done(request, gettext("Entered. The account no longer works."), "person", person_id)
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


MOST_FOUND = 20


def _finds(sought: Sought) -> Iterator[Found]:
    fitting = (
        one for one in queries.people(left=True) if sought.names(one.name, one.post or "", one.username)
    )
    for one in islice(fitting, MOST_FOUND) if sought.may("see-people") else ():
        yield Found(gettext("People"), one.name, one.post or "", reverse("person", args=[one.id]))


DESK = Desk(finds=_finds)
