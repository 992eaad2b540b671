"""The first three people: entered, given one-time addresses, and confirmed by signed papers."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.setting_up.founding import (
    CONFIRMED_BY,
    FIRST_ROLES,
    FirstPerson,
    confirm_first,
    enter_first_people,
    first_people,
    give_password,
)
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.refusals import not_found
from rejent.web.setup.steps import is_regulated
from rejent.web.signing_in.first_links import make_link

_USERNAMES = {
    RoleName.HEAD: "kierownik",
    RoleName.PROTECTION_OFFICER: "iod",
    RoleName.ADMINISTRATOR: "asi",
}


class PeopleForm(PlainForm):
    """Name and user name of each of the first people."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in FIRST_ROLES:
            self.fields[f"{role}-name"] = text(
                _("Name and surname"), _("Enter the name and surname."), max_length=120
            )
            self.fields[f"{role}-username"] = text(
                _("User name"), _("Enter a user name."), max_length=60, initial=_USERNAMES[role]
            )

    @property
    def rows(self) -> list[tuple[object, object, object]]:
        """Return each role with its two fields."""
        return [(ROLES[role], self[f"{role}-name"], self[f"{role}-username"]) for role in FIRST_ROLES]


def setup_people(request: HttpRequest) -> HttpResponse:
    """Enter the three people and show their one-time addresses, this once; later, how far each has come."""
    if not is_regulated():
        return redirect("setup-steps")
    held = first_people()
    if all(one is None for one in held.values()):
        return _enter_people(request)
    return _show_people(request, {})


def setup_link(request: HttpRequest, role: str) -> HttpResponse:
    """Make a new one-time address for one of them; the former opens nothing any more."""
    person = _of(role)
    if person is None:
        return not_found(request)
    link = make_link(person.username)
    give_password(RoleName(role), link.password, clock=settings.CLOCK)
    return _show_people(request, {role: request.build_absolute_uri(link.address)})


def setup_confirm(request: HttpRequest, role: str) -> HttpResponse:
    """Enter that a signed paper says whose account it is."""
    if _of(role) is None:
        return not_found(request)
    try:
        confirm_first(RoleName(role), clock=settings.CLOCK)
    except RejentError as error:
        messages.error(request, error.sentence(gettext))
    else:
        messages.success(request, gettext("Entered: the account is confirmed."))
    return redirect("setup-people")


def _enter_people(request: HttpRequest) -> HttpResponse:
    form = PeopleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        links, people = {}, {}
        for role in FIRST_ROLES:
            username = form.cleaned_data[f"{role}-username"]
            link = make_link(username)
            links[str(role)] = request.build_absolute_uri(link.address)
            people[role] = FirstPerson(
                form.cleaned_data[f"{role}-name"], _post(role), username, link.password
            )
        try:
            enter_first_people(people, clock=settings.CLOCK)
        except RejentError as error:
            form.refuse(error)
        else:
            return _show_people(request, links)
    return render(request, "setup/people.html", {"form": form}, status=422 if form.errors else 200)


def _post(role: RoleName) -> str:
    """Return what the person's post is called: the head's as the regulation says."""
    if role is RoleName.HEAD:
        return queries.verified_regulation(civil_date(settings.CLOCK.now())).head
    return str(ROLES[role])


def _show_people(request: HttpRequest, links: dict[str, str]) -> HttpResponse:
    held = first_people()
    rows = [
        {
            "role": str(role),
            "title": ROLES[role],
            "person": person,
            "link": links.get(str(role), ""),
            "given": person.sign_in is SignIn.GIVEN,
            "confirmed": person.sign_in is SignIn.CONFIRMED,
            "by": ROLES[CONFIRMED_BY[role]],
        }
        for role, person in held.items()
        if person is not None
    ]
    return render(
        request,
        "setup/people_entered.html",
        {"rows": rows, "all_confirmed": all(row["confirmed"] for row in rows)},
    )


def _of(role: str) -> PersonView | None:
    return first_people().get(RoleName(role)) if role in set(FIRST_ROLES) else None
