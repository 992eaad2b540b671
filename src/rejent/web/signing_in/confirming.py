"""Confirming that nobody but a person signs in as that person."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rejent.kernel.errors import RejentError
from rejent.office import queries, services
from rejent.office.sign_in import history as sign_in_history
from rejent.office.sign_in import identities
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers.queries import EnteredAct
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.signing_in.ways import way_name
from rejent.web.words.acts import Names
from rejent.web.words.identifiers import in_words, noun_of


@dataclass(frozen=True, slots=True)
class Change:
    """One change of how somebody signs in, as it is shown: what, of which kind, who did it, when."""

    words: str
    kind: str
    who: str
    by_another: bool
    at: datetime


@require_http_methods(["GET", "POST"])
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
            messages.success(
                request, gettext("Confirmed. The person signs in anew, and their authorisations open again.")
            )
            return redirect("person", person_id)
    by_nobody = found.id in sign_in_history.confirmed_by_nobody()
    steps = identities.second_steps(found.id)
    context = {
        "found": found,
        "seen": sign_in_history.digest_of_ways(found.id),
        "waits": found.sign_in in (SignIn.CHOSEN, SignIn.LINKED) or by_nobody,
        "by_nobody": by_nobody,
        "given": found.sign_in is SignIn.GIVEN,
        "password": identities.has_password(found.id),
        "steps": [(in_words("kind", kind) or kind, since) for kind, since in steps],
        "links": [(way_name(link.way), link) for link in identities.identities(found.id)],
        "changes": [] if found.sign_in is SignIn.CONFIRMED and not by_nobody else _changes(found),
        "refused": refused,
    }
    return render(request, "signing_in/person_confirm.html", context, status=422 if refused else 200)


def _changes(found: PersonView) -> list[Change]:
    names = Names()
    return [_change(act, found, names) for act in reversed(sign_in_history.since_confirmed(found.id))]


def _change(act: EnteredAct, found: PersonView, names: Names) -> Change:
    own = act.actor == str(found.id)
    facts = act.facts or {}
    kind = str(facts.get("kind") or facts.get("way") or "")
    words = in_words("kind", kind) or in_words("way", kind) or kind
    who = gettext("whoever was signed in as this person") if own else names.person(act.actor)
    return Change(noun_of(act.act), words, who, not own, act.at)
