"""Accounts are made by the office, never by whoever comes by; guessing their passwords is slow."""

from math import ceil
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from rejent.office import queries, services
from rejent.office.proxies import client_address
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.web.signing_in.attempts import Attempts
from rejent.web.signing_in.ways import still_stands
from rejent.web.words.wording import duration_short

_STOOD = "stood-at-first-proof"
"""In the session of somebody who signs in: the account's own word on which sessions count, as it was at the first proof."""


def too_early(attempts: Attempts) -> ValidationError:
    """Return the error of an attempt made before its wait was over, with the time left."""
    text = gettext("Too many failed attempts. Try again in %(wait)s.")
    return ValidationError(text % {"wait": duration_short(max(1, ceil(attempts.wait_s)))})


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signing up is closed, and failed attempts are counted as `rejent.web.signing_in.attempts` says; else as allauth has it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody signs themselves up."""
        return False

    def get_login_stages(self) -> list[str]:
        """Return the steps after the first proof, with our own second step in place of allauth's."""
        own = "rejent.web.signing_in.second_step.SecondStep"
        stages = super().get_login_stages()
        return [own if stage == "allauth.mfa.stages.AuthenticateStage" else stage for stage in stages]

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Remember how the account stood when the first proof was given."""
        request.session[_STOOD] = user.get_session_auth_hash()
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def login(self, request: HttpRequest, user: Any) -> None:
        """Open the session, unless the account changed during the second step, or was changed by hand.

        Raises ImmediateHttpResponse: it was; the way leads back to the sign-in page.
        """
        if request.session.pop(_STOOD, "") != user.get_session_auth_hash() or not still_stands(request, user):
            raise ImmediateHttpResponse(redirect("account_login"))
        if user.person_id is not None and not queries.is_as_entered(user.person_id):
            services.note_sign_in_refused_to(user.person_id, clock=settings.CLOCK)
            text = gettext("Roles, or what signs in to this account, are not what was entered.")
            messages.error(request, text)
            messages.error(
                request,
                gettext(
                    "Tell the data protection officer: the check on the page Promises names what differs."
                ),
            )
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def set_password(self, user: Any, password: str) -> None:
        """Give somebody the password that they chose themselves, and enter that."""
        services.change_own_password(user, password, clock=settings.CLOCK)

    def clean_password(self, password: str, user: Any = None) -> str:
        """Return a password that is good enough. Raises ValidationError: too weak, or the one that somebody else set."""
        chosen = str(super().clean_password(password, user))
        if user is not None and user.pk and _given(user) and user.check_password(chosen):
            raise ValidationError(gettext("This is the password that was given to you. Choose another."))
        return chosen

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address a request comes from; behind a proxy that the office named, what that proxy says."""
        return client_address(
            request.META.get("REMOTE_ADDR") or "unknown",
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            settings.INSTALLATION.trusted_proxies,
        )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return the account whose password was given, or nothing. Raises ValidationError: tried too often just now."""
        attempts = Attempts(str(credentials.get("username", "")), self.get_client_ip(request), settings.CLOCK)
        if not attempts.begin():
            services.note_sign_in_refused(str(credentials.get("username") or ""), clock=settings.CLOCK)
            raise too_early(attempts)
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempts.succeeded()
        return user


def _given(user: Any) -> bool:
    return user.person_id is not None and queries.sign_in(user.person_id) is SignIn.GIVEN
