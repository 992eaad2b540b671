"""The second step of signing in, left out where the identity provider vouches for one; its codes are counted as passwords are."""

from allauth.core import context
from allauth.mfa.base import forms
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings

from rejent.web.signing_in.accounts import ClosedAccountAdapter, too_early
from rejent.web.signing_in.attempts import Attempts
from rejent.web.signing_in.ways import ASSERTED


class SecondStep(AuthenticateStage):  # type: ignore[misc]  # allauth has no types
    """Asks for code or passkey where the person has one."""

    def _should_handle(self, request: object) -> bool:
        return self.login.state.get(ASSERTED) is not True and super()._should_handle(request)


class _Counted(forms.BaseAuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A form that reads a code only if the last failures are long enough ago."""

    def clean_code(self) -> str:
        """Return the code, if it is the account's. Raises ValidationError: it is not, or it was tried too often a moment ago."""
        adapter = ClosedAccountAdapter(context.request)
        attempts = Attempts(f"code:{self.user.pk}", adapter.get_client_ip(context.request), settings.CLOCK)
        if not attempts.begin():
            raise too_early(attempts)
        code = str(super().clean_code())
        attempts.succeeded()
        return code


class AuthenticateForm(_Counted, forms.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Signing in."""


class ReauthenticateForm(_Counted, forms.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Proving once more who one is."""
