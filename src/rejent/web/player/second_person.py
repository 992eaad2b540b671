"""A second person who signs in at somebody else's browser by password and code, without a session of their own.

Attempts count with those of signing in, by account and address; each failure is entered.
"""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext

from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.web.player.opening_forms import HERE
from rejent.web.signing_in.second_step import AuthenticateForm


def second_here(request: HttpRequest, given: Mapping[str, Any]) -> PersonView | None:
    """Return the second person who signed in on a form of opening, if one had to. Raises ValidationError: the proof fails."""
    if given.get("second_way") != HERE:
        return None
    return proven(request, **{name: given[f"second_{name}"] for name in ("username", "password", "code")})


def proven(request: HttpRequest, *, username: str, password: str, code: str) -> PersonView:
    """Return the person whose user name, password and code these are, without opening a session.

    Raises ValidationError: they do not belong together (which of them is not said), or were tried too often just now.
    """
    account = get_adapter(request).authenticate(request, username=username, password=password)
    if account is None or account.person_id is None or not office.is_as_entered(account.person_id):
        raise _mismatch()
    second_step = AuthenticateForm({"code": code}, user=account)
    if not second_step.is_valid():
        refused = second_step.errors.as_data()["code"][0]
        raise _mismatch() if refused.code == "incorrect_code" else refused
    second_step.authenticator.record_usage()
    person = office.person(account.person_id)
    if not person.active(civil_date(settings.CLOCK.now())):
        raise _mismatch()
    return person


def _mismatch() -> ValidationError:
    return ValidationError(
        gettext(
            "User name, password and code of the second person do not belong together. Nothing was opened."
        )
    )
