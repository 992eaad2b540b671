"""Accounts of two people that may be one human's."""

from collections.abc import Iterator
from enum import StrEnum
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt

from rejent.office.models import Account


class Shared(StrEnum):
    """A property that the accounts of two people have in common."""

    PERSON = "person"
    ADDRESS = "address"
    CODES = "codes"
    PASSKEY = "passkey"


def shared(first: UUID, second: UUID) -> frozenset[Shared]:
    """Return what the accounts of two people share; nothing where the program takes them for two humans."""
    if first == second:
        return frozenset({Shared.PERSON})
    marks = [set(_marks(person)) for person in (first, second)]
    return frozenset(kind for kind, _ in marks[0] & marks[1])


def _marks(person: UUID) -> Iterator[tuple[Shared, str]]:
    """Yield addresses, secrets of apps that make codes and public halves of passkeys of a person."""
    for account in Account.objects.filter(person_id=person):
        if account.email.strip():
            yield Shared.ADDRESS, account.email.strip().casefold()
    for kept in Authenticator.objects.filter(user__person_id=person):
        if kept.type == Authenticator.Type.TOTP:
            yield Shared.CODES, decrypt(kept.data["secret"])
        elif kept.type == Authenticator.Type.WEBAUTHN:
            credential = kept.wrap().authenticator_data.credential_data
            yield Shared.PASSKEY, repr(sorted(credential.public_key.items()))
