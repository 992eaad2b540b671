"""Passkeys and security keys, judged a little more strictly than WebAuthn leaves optional.

Whoever signs in with a key alone must have been verified by it; the challenge of a session does not prove that. A key
whose counter does not grow has a copy somewhere (WebAuthn § 6.1.1); keys that do not count show 0 for ever.
"""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django.conf import settings
from django.db import transaction
from fido2.webauthn import AuthenticationResponse, AuthenticatorData

from rejent.office import services

COUNTER = "counter"
"""Under this name stands, in an authenticator's data, what its key counted last."""


class SecondStepForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A key besides the password."""

    demands_verification = False

    def clean_credential(self) -> Authenticator:
        """Return the authenticator whose key signed. Raises ValidationError: it did not, did not verify its holder, or has a copy."""
        given = self.cleaned_data["credential"]
        authenticator = super().clean_credential()
        shown = AuthenticationResponse.from_dict(given).response.authenticator_data
        verified = shown.is_user_verified() or not self.demands_verification
        if not verified or not _counted_on(authenticator, shown):
            services.note_sign_in_refused(authenticator.user.username, clock=settings.CLOCK)
            raise get_adapter().validation_error("incorrect_code")
        return authenticator


class SignInForm(SecondStepForm):
    """A passkey alone."""

    demands_verification = True
    reauthenticated = False
    passwordless = True

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, user=None, **kwargs)


class ReauthenticateForm(SecondStepForm):
    """Proving once more who one is."""

    reauthenticated = True


def _counted_on(authenticator: Authenticator, shown: AuthenticatorData) -> bool:
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        before = row.data.get(COUNTER, row.wrap().authenticator_data.counter)
        if (before or shown.counter) and shown.counter <= before:
            return False
        row.data[COUNTER] = shown.counter
        row.save(update_fields=["data"])
    authenticator.data = row.data
    return True
