"""One-time sign-in links: a first password that nobody types, in an address that ends by itself.

The address carries user name, secret and end, signed. The account's first password is a keyed digest of the secret, so that who
holds an address past its end cannot sign in with it either; choosing one's own password ends the given one, and the link.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.office import queries, services
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.web.pages.plain_form import PlainForm, clean_again, new_secret

VALID_FOR = timedelta(hours=72)
"""From Friday evening to Monday evening."""
_SALT = "rejent.web.signing_in.first_links"


@dataclass(frozen=True, slots=True)
class FirstLink:
    """A link, and the first password that it stands for."""

    address: str
    password: str


def make_link(username: str) -> FirstLink:
    """Return a new link for an account that is given its password."""
    secret = secrets.token_urlsafe(24)
    until = int((settings.CLOCK.now() + VALID_FOR).timestamp())
    token = _signer().sign_object([username, secret, until])
    return FirstLink(reverse("first-link", args=[token]), _password(secret))


def _signer() -> Signer:
    return Signer(salt=_SALT)


def _password(secret: str) -> str:
    return salted_hmac(_SALT, secret, algorithm="sha256").hexdigest()


def _account(token: str) -> Any:
    """Return the account that a link opens now; None where it opens none any more."""
    try:
        username, secret, until = _signer().unsign_object(token)
    except (BadSignature, ValueError):
        return None
    account = get_user_model().objects.filter(username=username, is_active=True).first()
    if account is None or account.person_id is None or settings.CLOCK.now().timestamp() >= until:
        return None
    given = queries.sign_in(account.person_id) is SignIn.GIVEN
    return account if given and account.check_password(_password(secret)) else None


class OwnPasswordForm(PlainForm):
    """A password of one's own, twice."""

    password = new_secret(
        _("Your password"),
        _("Enter a password."),
        hint=_("at least 12 characters; several words are easier to remember than signs"),
    )
    again = new_secret(
        _("The same password again"),
        _("Enter the password again."),
    )

    def __init__(self, *args: Any, account: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._account = account

    def clean_password(self) -> str:
        """Return a password that is good enough."""
        return str(get_adapter().clean_password(self.cleaned_data["password"], self._account))

    def clean_again(self) -> str:
        """Return the second one. Raises ValidationError: it is another."""
        return clean_again(self, "password", gettext("The two passwords differ."))


def first_link(request: HttpRequest, token: str) -> HttpResponse:
    """Let the person of a new account choose a password; then they sign in with it as always."""
    account = _account(token)
    if account is None:
        return render(request, "signing_in/first_link_over.html", status=404)
    form = OwnPasswordForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        services.change_own_password(account, form.cleaned_data["password"], clock=settings.CLOCK)
        messages.success(
            request,
            gettext("Your password is set. Sign in as %(name)s.") % {"name": account.username},
        )
        return redirect("account_login")
    context = {"form": form, "account": account, "name": queries.person(account.person_id).name}
    return render(request, "signing_in/first_link.html", context, status=422 if form.errors else 200)
