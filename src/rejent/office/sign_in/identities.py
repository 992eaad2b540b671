"""Identities of providers and directories that people sign in by (R-ACC-2)."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from rejent.office.models import Account, Identity
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
    return any(account.has_usable_password() for account in _accounts(person_id))


def identity_digest(way: str, issuer: str, subject: str) -> str:
    """Return the SHA-256 of an identity in hexadecimal, as the ledger keeps it."""
    return hashlib.sha256(f"{way}\0{issuer}\0{subject}".encode()).hexdigest()


def identity_view(row: Identity) -> IdentityView:
    """Return the row as it is handed out."""
    return IdentityView(row.person_id, row.way, row.issuer, row.subject, row.linked_at)


def _accounts(person_id: UUID | str) -> Iterator[Account]:
    return Account.objects.filter(person_id=person_key(person_id)).iterator()
