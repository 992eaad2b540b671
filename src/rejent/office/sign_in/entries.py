"""Enters who signed in, who signed out and who failed to, however that was done (R-ACC-7)."""

from collections.abc import Mapping
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.signals import authentication_failed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from rejent.office import services
from rejent.office.models import Account
from rejent.office.sign_in.configured import WAYS


def connect() -> None:
    """Listen from now on to Django's own signals, and to the one of codes of the second step."""
    user_logged_in.connect(_signed_in, dispatch_uid="office.signed-in")
    user_logged_out.connect(_signed_out, dispatch_uid="office.signed-out")
    user_login_failed.connect(_refused, dispatch_uid="office.sign-in-refused")
    authentication_failed.connect(_code_refused, dispatch_uid="office.code-refused")


def way_of(request: HttpRequest, account: Account) -> str:
    """Return the first proof of a signing in as allauth remembers it: ``password``, ``oidc``, ``ldap``; empty for a passkey alone."""
    methods = [str(each.get("method")) for each in get_authentication_records(request, account)]
    return next((method for method in reversed(methods) if method != "mfa"), "")


def _signed_in(*, user: Account, request: HttpRequest | None = None, **_: Any) -> None:
    if user.person_id is not None:
        proof = way_of(request, user) if request is not None else ""
        way = proof if proof in WAYS else ""
        services.note_signed_in(user.person_id, way=way, clock=settings.CLOCK)


def _signed_out(*, user: Account | None, **_: Any) -> None:
    if user is not None and user.person_id is not None:
        services.note_signed_out(user.person_id, clock=settings.CLOCK)


def _refused(*, credentials: Mapping[str, Any], **_: Any) -> None:
    services.note_sign_in_refused(str(credentials.get("username") or ""), clock=settings.CLOCK)


def _code_refused(*, user: Account, **_: Any) -> None:
    services.note_sign_in_refused(user.username, clock=settings.CLOCK)
