"""Refusals and errors as pages: what happened, the rule, who decides, what can be done now."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.errors import AccessRefusedError
from rejent.access.refused import address_for_entry, enter_refused
from rejent.access.rules.decision import Decision, Rule, may_administer
from rejent.access.rules.sentences import HEAD_DECIDES
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError, RejentError
from rejent.office import queries
from rejent.office.errors import NotEntrustedError
from rejent.office.people.role_words import ROLES
from rejent.office.people.standing import on_duty_if_known
from rejent.office.views import PersonView
from rejent.web.route_permissions import why_shut
from rejent.web.words.identifiers import in_words

log = structlog.get_logger(__name__)

_STATUS: tuple[tuple[type[RejentError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (InputRefusedError, 400),
)
_TITLES: dict[int, str | Promise] = {
    400: _("Nothing was saved"),
    403: _("Access refused"),
    404: _("This is not here"),
    409: _("Somebody was faster"),
    500: _("Something on our side does not work"),
}
_UNREAD = _("This could not be read")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A page that says no: title, the rule behind it, who decides, and what can be done now.

    ``incident`` is the number in the log, if any; ``link`` holds the words and the address of what can be done now; ``basis``
    is the place in the regulation that says so.
    """

    title: str
    sentence: str
    decides: str = ""
    now: str = ""
    incident: str = ""
    link: tuple[str, str] | None = None
    basis: str = ""


def show(request: HttpRequest, refusal: Refusal, status: int) -> HttpResponse:
    """Return the page, or for a script the same in JSON."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": refusal.sentence, "now": refusal.now}, status=status)
    return render(request, "pages/refusal.html", {"refusal": refusal, "status": status}, status=status)


def fresh_proof_needed(request: HttpRequest) -> HttpResponse:
    """Said to somebody whose signing in is too long ago, and who has nothing here to prove anew who they are."""
    refusal = Refusal(
        gettext("This needs a fresh proof"),
        gettext(
            "Whoever agrees as the second person, gives a statement, or changes how they sign in, proves again who they are."
        ),
        "",
        gettext("Sign out, sign in again and come back within five minutes."),
    )
    enter_refusal(request, "fresh-proof-missing")
    return show(request, refusal, 403)


def enter_refusal(request: HttpRequest, rule: str) -> None:
    """Enter that a rule refused this page, or this operation, to whoever is signed in; strangers are nobody to name."""
    person_id = getattr(request.user, "person_id", None) if request.user.is_authenticated else None
    if person_id is not None:
        asked = "page" if request.method in {"GET", "HEAD"} else "operation"
        enter_refused(
            person_id, rule, {asked: address_for_entry(request.resolver_match)}, clock=settings.CLOCK
        )


def error_page(request: HttpRequest, error: RejentError) -> HttpResponse:
    """Return an error of the program's own tree, worded for its reader."""
    status = 403 if error.rule else next((number for kind, number in _STATUS if isinstance(error, kind)), 500)
    if error.rule and not error.entered:
        enter_refusal(request, error.rule)
    sentence = gettext(error.template).format(**in_plain_words(error.facts))
    advice = gettext(error.advice).format(**error.facts) if error.advice else ""
    decides, now, basis = "", advice, ""
    if isinstance(error, AccessRefusedError):
        decides, now = _who_decides(request, error.decision, advice)
        basis = "" if error.decision.clause in sentence else error.decision.clause
    if isinstance(error, NotEntrustedError):
        decides, now = (
            advice,
            gettext("Nothing was saved. Ask one of them to do it; the page is open to them."),
        )
    title = _UNREAD if status == 400 and request.method == "GET" else _TITLES[status]
    return show(request, Refusal(str(title), sentence, decides, now, link=_link(error), basis=basis), status)


def _who_decides(request: HttpRequest, decision: Decision, advice: str) -> tuple[str, str]:
    """Return who can change a refusal, by name where somebody's authorisation would, and what can be done now."""
    now = gettext(decision.now) if decision.now else ""
    person = getattr(request, "person", None)
    if person is not None and decision.advice == HEAD_DECIDES:
        return who_issues(person)
    if decision.rule in {Rule.NOBODY, Rule.STREAM_NOT_PRESCRIBED, Rule.ROLE_NOT_NAMED}:
        return f"{gettext('The regulation is changed by the head of the office.')} {advice}".strip(), now
    return advice, now


def in_plain_words(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts of a refusal as its reader calls them: a stream by its name, everything else as it is."""
    return {name: (name == "stream" and in_words(name, str(fact))) or fact for name, fact in facts.items()}


def _link(error: RejentError) -> tuple[str, str] | None:
    if not isinstance(error, AccessRefusedError):
        return None
    if error.decision.rule is Rule.PROTOCOL_UNFINISHED:
        number = str(error.decision.facts["number"])
        return gettext("Finish the protocol"), reverse("protocol-write", args=[number])
    if error.decision.rule is Rule.STATEMENT_MISSING:
        return _own_statement()
    if error.decision.rule is Rule.VIEWING_ENDED:
        return gettext("Find a recording"), reverse("find")
    return None


def _own_statement() -> tuple[str, str]:
    return gettext("My statement"), reverse("own-statement")


def route_refused(request: HttpRequest) -> HttpResponse:
    """Refuse a page that the person's role does not open."""
    person = getattr(request, "person", None)
    if person is None and request.user.is_authenticated:
        enter_refusal(request, Rule.NOT_OF_OFFICE)
        sentence = gettext("This account belongs to nobody in the office, or the person has left.")
        return _refused(
            request, 403, sentence, decides=gettext("People are entered by the IT administrator.")
        )
    decision = why_shut(person, request)
    enter_refusal(request, decision.rule if decision else Rule.ROLE_DOES_NOT_ADMINISTER)
    if decision is not None:
        now = gettext(decision.now) if decision.now else ""
        link = _own_statement() if decision.rule is Rule.STATEMENT_MISSING else None
        decides = gettext(decision.advice)
        return _refused(request, 403, gettext(decision.sentence), now, decides=decides, link=link)
    return _refused(
        request,
        403,
        gettext("This page is not among the duties of your role."),
        gettext("Go back to the start page; it lists what is yours to do."),
        decides=gettext("Roles are given by the IT administrator on the decision of the head of the office."),
    )


def _refused(
    request: HttpRequest,
    status: int,
    sentence: str,
    now: str = "",
    *,
    decides: str = "",
    link: tuple[str, str] | None = None,
) -> HttpResponse:
    title = _UNREAD if status == 400 else _TITLES[status]
    return show(request, Refusal(str(title), sentence, decides, now, link=link), status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Refuse what cannot be read of the browser's request (Django's handler for 400)."""
    return _refused(request, 400, gettext("The address or the form was damaged on the way."), _again())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Refused by Django itself (its handler for 403)."""
    return _refused(request, 403, gettext("This was refused."), _again())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Nothing at this address (Django's handler for 404)."""
    now = gettext("Check the address, or go back to the start page.")
    return _refused(request, 404, gettext("There is nothing at this address."), now)


def failed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return an error nobody foresaw (Django's handler for 500); needs neither database nor session."""
    refusal = Refusal(
        str(_TITLES[500]),
        gettext("Nothing was saved."),
        now=gettext("Tell the IT administrator the number of this report."),
        incident=secrets.token_hex(2).upper(),
    )
    log.error("unforeseen", incident=refusal.incident)
    context = {"refusal": refusal, "language": translation.get_language()}
    return HttpResponse(render_to_string("pages/failed.html", context), status=500)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return a form without its token (Django's handler for failed CSRF checks)."""
    sentence = gettext("The form was open too long, or the browser keeps no cookies. Nothing was saved.")
    return _refused(request, 403, sentence, _again())


def _again() -> str:
    return gettext("Go back, reload the page and try again.")


def who_issues(asker: PersonView) -> tuple[str, str]:
    """Return who may issue authorisations to a person now, and how the person comes by one."""
    today = civil_date(settings.CLOCK.now())
    people = [
        one
        for one in queries.people()
        if one.active(today)
        and may_administer(on_duty_if_known(one, clock=settings.CLOCK).roles, "issue-authorisation").allowed
    ]
    others = ", ".join(_named(one) for one in people if one.id != asker.id)
    decides = gettext("Authorisations are issued by: %(people)s.") % {"people": others} if others else ""
    if any(one.id == asker.id for one in people):
        decides = f"{gettext('You issue authorisations to others; nobody authorises themselves.')} {decides}".strip()
        if not others:
            return decides, gettext(
                "Sign the authorisation on paper. Nobody authorises themselves on a page, so the IT administrator enters it at the "
                "server, with the command: rejent authorise DIR. Or enter your absence where the regulation lets the deputy decide then."
            )
    return decides, gettext(
        "Tell them which cameras or lines you need, for what and until when. They enter it on the page “Authorisations”."
    )


def _named(person: PersonView) -> str:
    roles = ", ".join(str(words) for role, words in ROLES.items() if role in person.roles)
    return f"{person.name} ({person.post or roles})"
