"""What was done to somebody's ways of signing in since it was last confirmed that they are the person's own; as the ledger has it."""

import json
from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID

from rejent.office.acts import (
    AUTHENTICATOR_ADDED,
    AUTHENTICATOR_REMOVED,
    IDENTITY_LINKED,
    IDENTITY_UNLINKED,
    PASSWORD_OFF,
    PASSWORD_SET,
    PERSON_ADDED,
    SIGN_IN_CONFIRMED,
)
from rejent.office.authenticators import authenticators, password_digest
from rejent.office.identities import identities
from rejent.office.models import Account, Person
from rejent.registers import queries as registers
from rejent.registers.queries import EnteredAct

GIVING = frozenset({PERSON_ADDED.name, PASSWORD_SET.name, IDENTITY_LINKED.name})
"""Acts after which whoever did them may know how to sign in as the person."""
_CHANGING = GIVING | {
    PASSWORD_OFF.name,
    IDENTITY_UNLINKED.name,
    AUTHENTICATOR_ADDED.name,
    AUTHENTICATOR_REMOVED.name,
}


def since_confirmed(person_id: UUID) -> Iterator[EnteredAct]:
    """The acts that changed how a person signs in, newest first, back to the last confirmation."""
    before: int | None = None
    while True:
        page = registers.acts(
            names=[*_CHANGING, SIGN_IN_CONFIRMED.name], subject=f"person:{person_id}", before=before
        )
        for act in page.acts:
            if act.act == SIGN_IN_CONFIRMED.name:
                return
            yield act
        if page.before is None:
            return
        before = page.before


def set_up_by(person_id: UUID) -> frozenset[str]:
    """Everybody else who set up how a person signs in since the last confirmation, as the ledger names them."""
    acts = since_confirmed(person_id)
    return frozenset(act.actor for act in acts if act.act in GIVING and act.actor != str(person_id))


def digest_of_ways(person_id: UUID) -> str:
    """The same of a person by their identifier."""
    return ways_digest(Person.objects.get(pk=person_id))


def ways_digest(person: Person) -> str:
    """A digest of everything that signs in as a person and how it came about: whoever confirms it has seen just that."""
    accounts = Account.objects.filter(person_id=person.pk).order_by("pk")
    newest = next(since_confirmed(person.pk), None)
    held = {
        "sign_in": person.sign_in,
        "newest": newest.index if newest else None,
        "accounts": [
            [account.username, password_digest(account), authenticators(account)] for account in accounts
        ],
        "identities": sorted([link.way, link.issuer, link.subject] for link in identities(person.pk)),
    }
    return sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()
