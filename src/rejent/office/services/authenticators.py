"""Entering what people sign in with, each time that changes: what the program wrote, never what the database says of it.

What allauth stores is known by Django's signals, which carry the objects that were written.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from rejent.kernel.clock import Clock
from rejent.office.acts import (
    AUTHENTICATOR_ADDED,
    AUTHENTICATOR_REMOVED,
    PASSWORD_SET,
)
from rejent.office.errors import SignInRefusedError
from rejent.office.models import Account, Person, lasting
from rejent.office.services.locked import locked_person
from rejent.office.services.sign_in import restarted
from rejent.office.sign_in.authenticators import authenticators_of, signing_in
from rejent.office.sign_in.own_sign_in import after_choosing
from rejent.registers.services import PendingEntry, enter, enter_many


@contextmanager
def entering_authenticators(person_id: UUID | str, *, clock: Clock, actor: str) -> Iterator[None]:
    """Enter every passkey, secret of codes and seed of recovery codes that the block adds or takes off, with the block or not at all.

    Raises NoSuchPersonError, SignInRefusedError.
    """
    with (
        transaction.atomic(),
        entering_authenticators_of(locked_person(person_id), clock=clock, actor=actor),
    ):
        yield


@contextmanager
def entering_authenticators_of(row: Person, *, clock: Clock, actor: str) -> Iterator[None]:
    """Enter what the block adds or takes off of a person whose row is locked."""
    person = row.pk
    list(Account.objects.select_for_update().filter(person_id=person).order_by("pk"))
    before = Counter(authenticators_of(person))
    with stating_authenticators(row):
        yield
    after = Counter(authenticators_of(person))
    changes = ((AUTHENTICATOR_REMOVED, before - after), (AUTHENTICATOR_ADDED, after - before))
    enter_many(
        [
            PendingEntry(act, actor, f"person:{person}", _record(person, account, written), clock.now(), row)
            for act, found in changes
            for account, written in sorted(found.elements())
        ]
    )


def change_own_password(account: Account, password: str, *, clock: Clock) -> None:
    """Give an account the password that its own person chose, which was validated before; sessions opened with the old one end.

    Raises SignInRefusedError.
    """
    read = (account.password, account.sessions_ended)
    with transaction.atomic():
        person = locked_person(account.person_id) if account.person_id else None
        held = Account.objects.select_for_update().filter(pk=account.pk)
        if list(held.values_list("password", "sessions_ended")) != [read]:
            raise SignInRefusedError(
                "The account was changed meanwhile; its password stays.", advice="Sign in again."
            )
        account.set_password(password)
        account.save(update_fields=["password"])
        if person is not None:
            state_password(person, account)
        begun: dict[str, object] = {}
        if person is not None:
            begun = restarted(person, after_choosing(person.sign_in))
            person.save(update_fields=["sign_in"])
        who = str(account.person_id)
        record = {"person": who, "second_steps_removed": 0, **signing_in(account), **begun}
        subject = f"person:{who}"
        enter(PASSWORD_SET, actor=who, subject=subject, record=record, at=clock.now(), row=person)


def bound_account(account: Account) -> list[object]:
    """Return what the ledger binds of an account with neither codes nor passkeys."""
    return [account.pk, account.username, account.password, account.is_active, None, None, None]


def state_password(person: Person, account: Account) -> None:
    """State that a password of a person was written."""
    person.state_parts(
        accounts=[
            [*each[:2], account.password, *each[3:]] if each[0] == account.pk else each
            for each in person.bound_parts["accounts"]
        ]
    )


def close_accounts(person: Person) -> None:
    """State that no account of a person opens any more."""
    person.state_parts(accounts=[[*each[:3], False, *each[4:]] for each in person.bound_parts["accounts"]])


@contextmanager
def stating_authenticators(person: Person) -> Iterator[None]:
    """State every passkey, secret of codes and seed of recovery codes that the block writes or deletes for a person's accounts."""
    accounts, held = dict[int, list[Any]](), dict[int, tuple[int, list[Any]]]()
    for each in person.bound_parts["accounts"]:
        accounts[each[0]] = each[:4]
        if each[4] is not None:
            held[each[4]] = each[0], each[4:]
    caller = threading.get_ident()

    def saved(instance: Authenticator, **_signal: object) -> None:
        if instance.user_id in accounts and threading.get_ident() == caller:
            held[instance.pk] = instance.user_id, [instance.pk, instance.type, lasting(instance.data)]

    def deleted(instance: Authenticator, **_signal: object) -> None:
        if threading.get_ident() == caller:
            held.pop(instance.pk, None)

    post_save.connect(saved, Authenticator)
    post_delete.connect(deleted, Authenticator)
    try:
        yield
    finally:
        post_save.disconnect(saved, Authenticator)
        post_delete.disconnect(deleted, Authenticator)
    bound = list[list[Any]]()
    for account in sorted(accounts):
        own = [columns for _, (owner, columns) in sorted(held.items()) if owner == account]
        bound += [[*accounts[account], *columns] for columns in own or [[None, None, None]]]
    person.state_parts(accounts=bound)


def _record(person: UUID, account: int, written: str) -> dict[str, object]:
    kind, _, digest = written.partition(":")
    return {"person": str(person), "account": account, "kind": kind, "digest": digest}
