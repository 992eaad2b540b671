"""Changes of a person's ways of sign-in since the last confirmation, by the ledger."""

import json
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
from rejent.office.models import Account, Person
from rejent.office.sign_in.identities import authenticators, identities, password_digest
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


def since_confirmed(person_id: UUID) -> list[EnteredAct]:
    """Return the acts that changed how a person signs in, the last one first, back to the last confirmation.

    By their places in the ledger, for a clock that was set back would hide behind a confirmation what came after it.
    """
    found: list[EnteredAct] = []
    for act in registers.entered_on(f"person:{person_id}", [*_CHANGING, SIGN_IN_CONFIRMED.name]):
        if act.act == SIGN_IN_CONFIRMED.name:
            found.clear()
        else:
            found.append(act)
    return found[::-1]


def set_up_by(person_id: UUID) -> frozenset[str]:
    """Everybody else who set up how a person signs in since the last confirmation, as the ledger names them."""
    given = (act for act in since_confirmed(person_id) if act.act in GIVING)
    return frozenset(act.actor for act in given if act.subject != f"person:{act.actor}")


def digest_of_ways(person_id: UUID) -> str:
    """Return a digest of everything that signs in as a person and how it came about: whoever confirms it has seen just that."""
    person = Person.objects.get(pk=person_id)
    accounts = Account.objects.filter(person_id=person.pk).order_by("pk")
    newest = next(iter(since_confirmed(person.pk)), None)
    held = {
        "sign_in": person.sign_in,
        "newest": newest.index if newest else None,
        "accounts": [
            [account.username, password_digest(account), authenticators(account)] for account in accounts
        ],
        "identities": sorted([link.way, link.issuer, link.subject] for link in identities(person.pk)),
    }
    return sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()
