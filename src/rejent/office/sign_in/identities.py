"""What people sign in with: digests of it as the ledger has them, and identities of providers and directories (R-ACC-2)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from allauth.mfa.models import Authenticator

from rejent.office.models import CHANGED_BY_USE, Account, Identity
from rejent.office.queries import person_key, person_view
from rejent.office.views import IdentityView, PersonView


def person_known_as(way: str, issuer: str, subject: str) -> PersonView | None:
    """Return the person that an identity is linked with, whether or not they have left; nobody where it is none's."""
    row = (
        Identity.objects.filter(way=way, issuer=issuer, subject=subject)
        .select_related("person")
        .prefetch_related("person__roles", "person__accounts")
        .first()
    )
    return person_view(row.person) if row else None


def identities(person_id: UUID | str | None = None) -> list[IdentityView]:
    """Return the links of a person, or of everybody."""
    rows = Identity.objects.order_by("person__name", "pk")
    if person_id is not None:
        rows = rows.filter(person_id=person_key(person_id))
    return [identity_view(row) for row in rows]


def has_password(person_id: UUID | str) -> bool:
    """Return whether a person may sign in with a password of the office's own."""
    return any(
        account.has_usable_password() for account in Account.objects.filter(person_id=person_key(person_id))
    )


def identity_digest(way: str, issuer: str, subject: str) -> str:
    """Return the SHA-256 of an identity in hexadecimal, as the ledger keeps it."""
    return hashlib.sha256(f"{way}\0{issuer}\0{subject}".encode()).hexdigest()


def identity_view(row: Identity) -> IdentityView:
    """Return the row as it is handed out."""
    return IdentityView(row.person_id, row.way, row.issuer, row.subject, row.linked_at)


KINDS: Mapping[str, str] = MappingProxyType(
    {
        Authenticator.Type.TOTP: "totp",
        Authenticator.Type.WEBAUTHN: "passkey",
        Authenticator.Type.RECOVERY_CODES: "recovery-codes",
    }
)
"""The ledger's name of each kind of allauth's."""


def password_digest(account: Account) -> str | None:
    """Return the digest of the hash of an account's password, bound to the account; None where no password opens it."""
    if not account.has_usable_password():
        return None
    return _digest({"account": account.pk, "password": account.password})


def signing_in(account: Account) -> dict[str, object]:
    """Return the facts of an act that set a password: the account and the digest."""
    return {"account": account.pk, "digest": password_digest(account)}


def authenticators(account: Account) -> list[str]:
    """Kind and digest of each passkey, secret of codes and seed of recovery codes, as ``kind:digest``, sorted."""
    return sorted(map(_written, Authenticator.objects.filter(user_id=account.pk)))


def authenticators_of(person: UUID) -> Iterator[tuple[int, str]]:
    """Yield the account and ``kind:digest`` of whatever a person signs in with besides passwords."""
    for row in Authenticator.objects.filter(user__person_id=person).order_by("pk"):
        yield row.user_id, _written(row)


def second_steps(person: UUID) -> list[tuple[str, datetime]]:
    """Return the kind of whatever a person signs in with besides passwords, and when it was set up, oldest first."""
    rows = Authenticator.objects.filter(user__person_id=person).order_by("created_at", "pk")
    return [(KINDS.get(row.type, row.type), row.created_at) for row in rows]


def _written(row: Authenticator) -> str:
    data = row.data if isinstance(row.data, dict) else {"": row.data}
    lasting = {name: value for name, value in data.items() if name not in CHANGED_BY_USE}
    digest = _digest({"account": row.user_id, "kind": row.type, "data": lasting})
    return f"{KINDS.get(row.type, row.type)}:{digest}"


def _digest(fields: Mapping[str, object]) -> str:
    """Of any JSON at all: what somebody wrote into a row stops no check."""
    return sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
