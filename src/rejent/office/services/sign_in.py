"""What people sign in with: entered each time that changes, as the program wrote it; and confirmed to be the person's alone."""

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
from rejent.office.acts import AUTHENTICATOR_ADDED, AUTHENTICATOR_REMOVED, PASSWORD_SET, SIGN_IN_CONFIRMED
from rejent.office.errors import NoSuchPersonError, NotConfirmerError, SignInRefusedError
from rejent.office.models import Account, Person, lasting
from rejent.office.people import standing
from rejent.office.people.duplicate_persons import shared
from rejent.office.queries import person_key
from rejent.office.services.changing import end_sessions, enter_about, locked_person
from rejent.office.sign_in.history import digest_of_ways, set_up_by
from rejent.office.sign_in.identities import authenticators_of, signing_in
from rejent.office.sign_in.own_sign_in import SignIn, after_choosing, may_confirm
from rejent.registers.services import PendingEntry, enter, enter_many


def restarted(person: Person, state: SignIn) -> dict[str, object]:
    """Note on a locked row, to be saved, how its person's means of signing in came to be theirs; return what the act states of it."""
    person.sign_in = state
    return {"sign_in": state.value}


def confirm_sign_in(
    person_id: UUID | str, *, clock: Clock, actor: str, confirmed_by: str = "", seen: str | None = None
) -> None:
    """Confirm that nobody but the person signs in as the person; what they may do and see rests no longer.

    Their sessions end: one that was opened before was perhaps somebody else's. Raises NoSuchPersonError,
    SignInRefusedError.

    ``confirmed_by`` is who confirmed, where the actor enters somebody else's word; ``seen`` the digest of what was
    shown to them (`rejent.office.sign_in.history.digest_of_ways`).
    """
    with transaction.atomic():
        person = locked_person(person_id)
        if seen is not None and seen != digest_of_ways(person.pk):
            raise SignInRefusedError(
                "Something changed since this page was shown.",
                advice="Look at it again, and ask the person again.",
            )
        if person.sign_in == SignIn.CONFIRMED:
            return
        _require_confirmable(person)
        _require_confirmer(person, confirmed_by or actor, clock)
        person.sign_in = SignIn.CONFIRMED
        person.save(update_fields=["sign_in"])
        end_sessions([person.pk])
        facts: dict[str, object] = {"confirmed_by": confirmed_by} if confirmed_by else {}
        facts |= standing.place_taken(confirmed_by or actor, clock=clock)
        enter_about(person, SIGN_IN_CONFIRMED, clock=clock, actor=actor, **facts)


def _require_confirmable(person: Person) -> None:
    if person.left_on is not None:
        raise SignInRefusedError("Who has left signs in no more.")
    if person.sign_in == SignIn.GIVEN:
        raise SignInRefusedError(
            "The person still has the password that somebody else set.",
            advice="Let the person sign in and choose a password of their own first.",
        )


def _require_confirmer(person: Person, confirmer: str, clock: Clock) -> None:
    """Whoever confirms is a third: not the person, not who set the means up, and one who decides or supervises.

    What is entered at the command line without a person's name is somebody's signed paper, and who confirms is not known.
    """
    try:
        carried = standing.current_roles(confirmer, clock=clock)
    except NoSuchPersonError:
        return
    if shared(person_key(confirmer), person.pk):
        raise NotConfirmerError(
            "Nobody confirms their own signing in.",
            advice="The head of the office or the data protection officer does.",
        )
    if any(_one_human(confirmer, setter) for setter in set_up_by(person.pk)):
        raise NotConfirmerError(
            "Whoever set up how the person signs in does not confirm it.",
            advice="Another one of those who decide or supervise does.",
        )
    if not may_confirm(carried or ()):
        raise NotConfirmerError(
            "Signing in is confirmed by who issues authorisations, or by the data protection officer.",
            advice="Ask the head of the office.",
        )


def _one_human(confirmer: str, setter: str) -> bool:
    """Return whether two who acted are one, as far as is known; the command line is nobody's."""
    try:
        return bool(shared(person_key(confirmer), person_key(setter)))
    except NoSuchPersonError:
        return False


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
