"""Entering what people sign in with, each time that changes."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.office.acts import (
    AUTHENTICATOR_ADDED,
    AUTHENTICATOR_REMOVED,
    PASSWORD_SET,
)
from rejent.office.errors import SignInRefusedError
from rejent.office.models import Account
from rejent.office.queries import person_key
from rejent.office.services.locked import locked_person
from rejent.office.services.sign_in import restarted
from rejent.office.sign_in.authenticators import authenticators_of, signing_in
from rejent.office.sign_in.own_sign_in import after_choosing
from rejent.registers.services import PendingEntry, enter, enter_many


@contextmanager
def entering_authenticators(person_id: UUID | str, *, clock: Clock, actor: str) -> Iterator[None]:
    """Enter every passkey, secret of codes and seed of recovery codes that the block adds or takes off, with the block or not at all.

    Raises:
        NoSuchPersonError: there is no such person.
        SignInRefusedError: what signs in as the person is not what was entered.
    """
    person = person_key(person_id)
    with transaction.atomic():
        row = locked_person(person)
        list(Account.objects.select_for_update().filter(person_id=person).order_by("pk"))
        before = Counter(authenticators_of(person))
        yield
        after = Counter(authenticators_of(person))
        changes = ((AUTHENTICATOR_REMOVED, before - after), (AUTHENTICATOR_ADDED, after - before))
        enter_many(
            [
                PendingEntry(
                    act, actor, f"person:{person}", _record(person, account, written), clock.now(), row
                )
                for act, found in changes
                for account, written in sorted(found.elements())
            ]
        )


def change_own_password(account: Account, password: str, *, clock: Clock) -> None:
    """Give an account the password that its own person chose, which was validated before; sessions opened with the old one end.

    Args:
        account: as it was read when its person asked.
        password: the new one.
        clock: tells the instant that is entered.

    Raises:
        SignInRefusedError: the password or the sessions of the account changed since it was read, or what signs in to it is
            not what was entered.
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
        begun: dict[str, object] = {}
        if person is not None:
            begun = restarted(person, after_choosing(person.sign_in))
            person.save(update_fields=["sign_in"])
        who = str(account.person_id)
        record = {"person": who, "second_steps_removed": 0, **signing_in(account), **begun}
        subject = f"person:{who}"
        enter(PASSWORD_SET, actor=who, subject=subject, record=record, at=clock.now(), row=person)


def _record(person: UUID, account: int, written: str) -> dict[str, object]:
    kind, _, digest = written.partition(":")
    return {"person": str(person), "account": account, "kind": kind, "digest": digest}
