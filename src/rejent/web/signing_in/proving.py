"""Fresh proof of who somebody is: the page that asks something of them is shown first, the proof is asked for when they answer, then they answer again."""

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from rejent.office import queries
from rejent.web.refusals import fresh_proof_needed
from rejent.web.requests.visitor import PersonRequest
from rejent.web.signing_in.ways import proved_too_long_ago

_TO_PROVE, _PROVING = "page-to-prove-for", "page-proving-for"
"""In the session: the page whose answer counts only after a proof, and the page from which somebody was sent to give it."""


def ask_proof(request: PersonRequest, *, factor: bool = False) -> HttpResponse | None:
    """Return where an answer leads that nothing freshly proves; None where the page may be shown, or the answer counts.

    Such an answer does not count. With ``factor`` the proof is by codes or a passkey where the account has them. Raises ReauthenticationRequired: the proof is asked for, and leads back.
    """
    unproved = _is_unproved(request, factor=factor)
    if request.method == "POST":
        if unproved:
            request.session[_TO_PROVE] = request.path
            return redirect(request.path)
        return fresh_proof_needed(request) if proved_too_long_ago(request) else None
    if request.session.get(_TO_PROVE) != request.path:
        return None
    del request.session[_TO_PROVE]
    if unproved:
        request.session[_PROVING] = request.path
        if not (factor and has_factor(request)):
            raise ReauthenticationRequired
        return redirect(f"{reverse('mfa_reauthenticate')}?next={request.path}")
    return None


def just_proved(request: PersonRequest, *, factor: bool = False) -> bool:
    """Return whether somebody comes back to a page from proving who they are; says so once."""
    if request.session.get(_PROVING) != request.path:
        return False
    del request.session[_PROVING]
    return not _is_unproved(request, factor=factor)


def _is_unproved(request: PersonRequest, *, factor: bool) -> bool:
    return is_reauthentication_required(request, app="") or (
        factor and has_factor(request) and not by_second_factor(request)
    )


def has_factor(request: PersonRequest) -> bool:
    """Return whether the person has codes or a passkey."""
    return queries.standing_of(request.person.id).second_factor


def by_second_factor(request: PersonRequest) -> bool:
    """Return whether the last fresh proof was by codes or a passkey."""
    fresh = [
        each for each in get_authentication_records(request, request.user) if each.get("reauthenticated")
    ]
    return bool(fresh) and fresh[-1].get("method") == "mfa"
