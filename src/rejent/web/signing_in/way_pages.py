"""Signing in by an identity provider or by the office's directory; who is let in, and as whom, the office alone decides."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from allauth.account.utils import get_next_redirect_url
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from rejent.office import services
from rejent.office.errors import NotProvenError, WayAwayError
from rejent.office.sign_in.clients import open_directory, open_provider
from rejent.office.sign_in.configured import LDAP, OIDC
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.refusals import Refusal, not_found, show
from rejent.web.signing_in.accounts import ClosedAccountAdapter, too_early
from rejent.web.signing_in.attempts import Attempts
from rejent.web.signing_in.ways import asking, let_in, person_known_as, way_name

if TYPE_CHECKING:
    from rejent.office.sign_in.id_token import Proven

_FLOWS = "provider-flows"
_PATH = "/account/provider"
_MOST_FLOWS = 4
"""Signings in that one browser may have begun at a time, one in each of its tabs."""
_LONGEST_NEXT = 200
"""Signs of a page's address that is gone on to; flows stand in a cookie, which holds 4096."""
log = structlog.get_logger()


def provider_begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the identity provider."""
    if request.user.is_authenticated:
        return redirect("start")
    provider = open_provider(settings.INSTALLATION, reverse("provider-back"), settings.CLOCK)
    if provider is None:
        return not_found(request)
    from rejent.office.sign_in.provider import Flow

    next_page, flow = get_next_redirect_url(request), Flow.new(settings.CLOCK.now())
    try:
        with asking(OIDC):
            address = provider.address(flow)
    except WayAwayError:
        return _away(request, OIDC, next_page)
    goes_on = next_page if next_page and len(next_page) <= _LONGEST_NEXT else None
    begun = {"nonce": flow.nonce, "verifier": flow.verifier, "begun": flow.begun.isoformat(), "next": goes_on}
    flows = list(_flows(request).items())[1 - _MOST_FLOWS :]
    return _keeping(redirect(address), dict([*flows, (flow.state, begun)]))


def provider_back(request: HttpRequest) -> HttpResponse:
    """Read what the browser brings back from the identity provider; a flow is read once."""
    configured = settings.INSTALLATION.oidc
    if configured is None:
        return not_found(request)
    if request.user.is_authenticated:
        return redirect("start")
    flows = _flows(request)
    begun = flows.pop(request.GET.get("state", ""), None)
    if begun is None:
        services.note_sign_in_refused_to(None, clock=settings.CLOCK)
        return _refused(request, _unconfirmed())
    return _keeping(_answered(request, configured.issuer, begun), flows)


def _answered(request: HttpRequest, issuer: str, begun: Mapping[str, Any]) -> HttpResponse:
    place = ClosedAccountAdapter(request).get_client_ip(request)
    attempts = Attempts(f"{OIDC}:{place}", place, settings.CLOCK)
    if not attempts.begin():
        return _refused(request, "; ".join(too_early(attempts).messages), status=429)
    try:
        with asking(OIDC):
            proven = _proven(request, begun)
    except WayAwayError:
        return _away(request, OIDC, begun.get("next"))
    except NotProvenError as error:
        log.warning("way.refused", way=OIDC, why=error.facts.get("why"))
        services.note_sign_in_refused_to(None, clock=settings.CLOCK)
        return _refused(request, _unconfirmed())
    attempts.succeeded()
    return _entered(request, issuer, proven, begun.get("next"))


def _proven(request: HttpRequest, begun: Mapping[str, Any]) -> "Proven":
    """Return what the provider's answer proves.

    Raises WayAwayError: the provider does not answer; NotProvenError: nothing is proved, or this browser began no such flow.
    """
    from rejent.office.sign_in.provider import Flow

    if not begun:
        raise _no_flow()
    provider = open_provider(settings.INSTALLATION, reverse("provider-back"), settings.CLOCK)
    if provider is None:
        raise _no_flow()
    when = datetime.fromisoformat(begun["begun"])
    flow = Flow(request.GET["state"], begun["nonce"], begun["verifier"], when)
    return provider.person(flow, request.GET.dict())


def _no_flow() -> NotProvenError:
    """Return a refusal that counts against nobody: any page may have a browser ask for this address."""
    return NotProvenError("The identity provider's answer proves nothing: {why}.", why="state")


def _entered(request: HttpRequest, issuer: str, proven: "Proven", next_page: str | None) -> HttpResponse:
    person, may = person_known_as(OIDC, issuer, proven.subject)
    if person is None or not may:
        services.note_sign_in_refused_to(person.id if person else None, clock=settings.CLOCK)
        return _unknown(request, proven.subject)
    return let_in(request, person.id, OIDC, next_page=next_page, second_factor=proven.second_factor)


@sensitive_post_parameters("password")
def directory(request: HttpRequest) -> HttpResponse:
    """Sign in with name and password of the office's directory."""
    if settings.INSTALLATION.ldap is None:
        return not_found(request)
    if request.user.is_authenticated:
        return redirect("start")
    form, next_page = DirectoryForm(request.POST or None), get_next_redirect_url(request)
    if request.method == "POST" and form.is_valid():
        try:
            with asking(LDAP):
                answer = _asked_directory(request, form.cleaned_data, next_page)
        except WayAwayError:
            return _away(request, LDAP, next_page)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if answer is not None:
                return answer
            form.add_error(
                None, gettext("User name or password do not fit, or the office has not linked this account.")
            )
    context = {"form": form, "next_page": next_page, "name": way_name(LDAP)}
    return render(request, "signing_in/directory.html", context)


def _asked_directory(
    request: HttpRequest, given: Mapping[str, Any], next_page: str | None
) -> HttpResponse | None:
    """Let in whose entry is linked and whose password it is; nothing is asked about anybody else's password.

    Attempts are counted under the name as typed and under the entry: one entry has many ways to be written.
    """
    opened = open_directory(settings.INSTALLATION)
    place = ClosedAccountAdapter(request).get_client_ip(request)
    typed = Attempts(f"{LDAP}:{given['login'].strip()}", place, settings.CLOCK)
    if not typed.begin():
        raise too_early(typed)
    found = opened.find(given["login"]) if opened else None
    person, may = person_known_as(LDAP, "", found.subject) if found else (None, False)
    if opened is None or found is None or person is None or not may:
        services.note_sign_in_refused_to(person.id if person else None, clock=settings.CLOCK)
        return None
    entry = Attempts(f"{LDAP}:{found.subject}", place, settings.CLOCK)
    if not entry.begin():
        raise too_early(entry)
    if not opened.opens(found, given["password"]):
        services.note_sign_in_refused_to(person.id, clock=settings.CLOCK)
        return None
    for attempts in (typed, entry):
        attempts.succeeded()
    return let_in(request, person.id, LDAP, next_page=next_page)


def _flows(request: HttpRequest) -> dict[str, dict[str, Any]]:
    """Return the flows that this browser has begun, from a signed cookie: strangers must not fill the database."""
    try:
        held = signing.loads(request.COOKIES.get(_FLOWS, ""), salt=_FLOWS)
    except signing.BadSignature:
        return {}
    return held if isinstance(held, dict) else {}


def _keeping(answer: HttpResponse, flows: Mapping[str, dict[str, Any]]) -> HttpResponse:
    if not flows:
        answer.delete_cookie(_FLOWS, path=_PATH, samesite="Lax")
        return answer
    answer.set_cookie(
        _FLOWS, signing.dumps(flows, salt=_FLOWS, compress=True), path=_PATH, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


def _unconfirmed() -> str:
    return gettext("%(way)s did not confirm who you are.") % {"way": way_name(OIDC)}


def _away(request: HttpRequest, way: str, next_page: str | None) -> HttpResponse:
    text = gettext("%(way)s does not answer. A password or passkey of this program still works.")
    messages.error(request, text % {"way": way_name(way)})
    more = f"?{urlencode({'next': next_page})}" if next_page else ""
    return redirect(reverse("account_login") + more)


def _refused(request: HttpRequest, what: str, *, status: int = 403) -> HttpResponse:
    now = gettext("Begin anew on the sign-in page, in one tab, and finish within ten minutes.")
    return show(request, Refusal(gettext("Signing in refused"), what, "", now), status)


def _unknown(request: HttpRequest, subject: str) -> HttpResponse:
    """Show the identifier at the provider to its holder alone, for the office to link."""
    refusal = Refusal(
        gettext("Signing in refused"),
        gettext("Nobody who belongs to the office now is linked with this account."),
        gettext("People are entered and linked by the IT administrator."),
        gettext("Tell the administrator this identifier: %(identifier)s") % {"identifier": subject},
    )
    return show(request, refusal, 403)


class DirectoryForm(PlainForm):
    """Name and password as the directory knows them."""

    login = text(
        _("User name in the directory"),
        _("Enter your user name in the directory."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
        max_length=256,
    )
    password = forms.CharField(
        label=_("Password in the directory"),
        error_messages={"required": _("Enter your password in the directory.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=1024,
    )
