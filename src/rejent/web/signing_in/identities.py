"""On the page of a person: what others know them by, and whether a password of the office's own opens."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from rejent.kernel.errors import RejentError
from rejent.office import queries, services
from rejent.office.errors import IdentityRefusedError, WayAwayError
from rejent.office.sign_in import history as sign_in_history
from rejent.office.sign_in import identities
from rejent.office.sign_in.clients import open_directory
from rejent.office.sign_in.configured import LDAP, OIDC
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers.queries import EnteredAct
from rejent.web.requests.visitor import PersonRequest, acting, done
from rejent.web.signing_in.ways import asking, way_name
from rejent.web.words.act_names import noun_of
from rejent.web.words.acts import Names
from rejent.web.words.identifiers import in_words


def person_link(request: PersonRequest, person_id: str) -> HttpResponse:
    """Link a person with what a way knows them by: an identifier as the provider lists it, a name in the directory."""
    way, written = request.POST.get("way", ""), request.POST.get("identifier", "")
    try:
        issuer, subject = _identity(way, written)
        services.link_identity(person_id, way=way, issuer=issuer, subject=subject, **acting(request))
    except RejentError as error:
        return _refused(request, person_id, error)
    return done(request, gettext("Linked. From now on the person may sign in that way."), "person", person_id)


def person_unlink(request: PersonRequest, person_id: str, way: str) -> HttpResponse:
    """Check what ends and what still signs in; take a link off: what is signed in as the person ends."""
    if request.method == "GET":
        ends = [way_name(link.way) for link in identities.identities(person_id) if link.way == way]
        return _confirmation(
            request,
            person_id,
            heading=gettext("Take the link off"),
            what=gettext("The person no longer signs in that way, and is signed out at once."),
            ends=", ".join(ends),
            stays=_password_of(person_id) + _linked(person_id, but=way),
        )
    try:
        services.unlink_identity(person_id, way, **acting(request))
    except RejentError as error:
        return _refused(request, person_id, error)
    return done(
        request, gettext("The link is taken off. Sessions of this person ended."), "person", person_id
    )


def person_password_off(request: PersonRequest, person_id: str) -> HttpResponse:
    """Check what still signs in; turn the office's own password off for a linked person."""
    if request.method == "GET":
        return _confirmation(
            request,
            person_id,
            heading=gettext("Turn the password of this program off"),
            what=gettext(
                "What was signed in with the password ends at once. Setting one anew turns it on again."
            ),
            ends=", ".join(_password_of(person_id)),
            stays=_linked(person_id),
        )
    try:
        services.turn_password_off(person_id, **acting(request))
    except RejentError as error:
        return _refused(request, person_id, error)
    return done(
        request,
        gettext("The password is turned off. Setting one anew turns it on again."),
        "person",
        person_id,
    )


def _confirmation(request: PersonRequest, person_id: str, **context: str | list[str]) -> HttpResponse:
    return render(request, "signing_in/identity_end.html", {"found": queries.person(person_id), **context})


def _password_of(person_id: str) -> list[str]:
    return [gettext("Password of this program")] if identities.has_password(person_id) else []


def _linked(person_id: str, but: str = "") -> list[str]:
    return [way_name(link.way) for link in identities.identities(person_id) if link.way != but]


def _identity(way: str, written: str) -> tuple[str, str]:
    """Return issuer and subject of what somebody wrote. Raises IdentityRefusedError: they are not known; WayAwayError: no answer."""
    if way == OIDC and settings.INSTALLATION.oidc is not None:
        return settings.INSTALLATION.oidc.issuer, written
    opened = open_directory(settings.INSTALLATION) if way == LDAP else None
    if opened is None:
        raise IdentityRefusedError("{way} is not configured.", way=way, advice="See rejent.toml.")
    with asking(LDAP):
        found = opened.find(written)
    if found is None:
        raise IdentityRefusedError(
            "The directory knows nobody by this name, or more than one.", advice="Write it as people type it."
        )
    return "", found.subject


def _refused(request: PersonRequest, person_id: str, error: RejentError) -> HttpResponse:
    """Go back to the person's page with the error; what a rule refuses is raised on, to its own page."""
    if error.rule:
        raise error
    if isinstance(error, WayAwayError):
        text = gettext("%(way)s does not answer. Nothing was saved.") % {"way": way_name(LDAP)}
    else:
        text = error.sentence(gettext)
    messages.error(request, text)
    return redirect("person", person_id)


def person_confirm(request: PersonRequest, person_id: str) -> HttpResponse:
    """Everything that signs in as the person and how it came about, to be gone through with them; then it is confirmed."""
    found = queries.person(person_id)
    refused = ""
    if request.method == "POST":
        try:
            services.confirm_sign_in(found.id, **acting(request), seen=request.POST.get("seen", ""))
        except RejentError as error:
            if error.rule:
                raise
            refused = error.sentence(gettext)
        else:
            return done(
                request,
                gettext("Confirmed. The person signs in anew, and their authorisations open again."),
                "person",
                person_id,
            )
    steps = identities.second_steps(found.id)
    context = {
        "found": found,
        "seen": sign_in_history.digest_of_ways(found.id),
        "waits": found.sign_in in (SignIn.CHOSEN, SignIn.LINKED),
        "given": found.sign_in is SignIn.GIVEN,
        "password": identities.has_password(found.id),
        "steps": [(in_words("kind", kind) or kind, since) for kind, since in steps],
        "links": [(way_name(link.way), link) for link in identities.identities(found.id)],
        "changes": [] if found.sign_in is SignIn.CONFIRMED else _changes(found),
        "refused": refused,
    }
    return render(request, "signing_in/person_confirm.html", context, status=422 if refused else 200)


def _changes(found: PersonView) -> list[dict[str, Any]]:
    names = Names()
    return [_change(act, found, names) for act in reversed(sign_in_history.since_confirmed(found.id))]


def _change(act: EnteredAct, found: PersonView, names: Names) -> dict[str, Any]:
    own = act.actor == str(found.id)
    facts = act.facts or {}
    kind = str(facts.get("kind") or facts.get("way") or "")
    words = in_words("kind", kind) or in_words("way", kind) or kind
    who = gettext("whoever was signed in as this person") if own else names.person(act.actor)
    return {"words": noun_of(act.act), "kind": words, "who": who, "by_another": not own, "at": act.at}
