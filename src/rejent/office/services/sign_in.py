"""Noting how it stands with whose means of signing in they are, and confirming that they are the person's alone."""

from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.office.acts import SIGN_IN_CONFIRMED
from rejent.office.errors import NoSuchPersonError, NotConfirmerError, SignInRefusedError
from rejent.office.models import Person
from rejent.office.people import standing
from rejent.office.people.duplicate_persons import shared
from rejent.office.queries import person_key
from rejent.office.services.locked import locked_person
from rejent.office.services.sessions import end_sessions
from rejent.office.sign_in.history import confirmed_by_nobody, set_up_by, ways_digest
from rejent.office.sign_in.own_sign_in import SignIn, may_confirm
from rejent.registers.services import enter


def restarted(person: Person, state: SignIn) -> dict[str, object]:
    """Note on a locked row, to be saved, how its person's means of signing in came to be theirs; return what the act tells of it."""
    person.sign_in = state
    return {"sign_in": state.value}


def confirm_sign_in(
    person_id: UUID | str, *, clock: Clock, actor: str, confirmed_by: str = "", seen: str | None = None
) -> None:
    """Confirm that nobody but the person signs in as the person; what they may do and see rests no longer.

    Their sessions end: one that was opened before was perhaps somebody else's. Raises NoSuchPersonError,
    SignInRefusedError.

    ``confirmed_by`` is who confirmed, where the actor enters somebody else's word; ``seen`` the digest of what was
    shown to them (`rejent.office.sign_in.history.ways_digest`).
    """
    with transaction.atomic():
        person = locked_person(person_id)
        if seen is not None and seen != ways_digest(person):
            raise SignInRefusedError(
                "Something changed since this page was shown.",
                advice="Look at it again, and ask the person again.",
            )
        if person.sign_in == SignIn.CONFIRMED and person.pk not in confirmed_by_nobody():
            return
        _demand_confirmable(person)
        _demand_confirmer(person, confirmed_by or actor, clock)
        person.sign_in = SignIn.CONFIRMED
        person.save(update_fields=["sign_in"])
        end_sessions([person.pk])
        record: dict[str, object] = {"person": str(person.pk)}
        if confirmed_by:
            record["confirmed_by"] = confirmed_by
        record |= standing.place_taken(confirmed_by or actor, clock=clock)
        subject = f"person:{person.pk}"
        enter(SIGN_IN_CONFIRMED, actor=actor, subject=subject, record=record, at=clock.now(), row=person)


def _demand_confirmable(person: Person) -> None:
    if person.left_on is not None:
        raise SignInRefusedError("Who has left signs in no more.")
    if person.sign_in == SignIn.GIVEN:
        raise SignInRefusedError(
            "The person still has the password that somebody else set.",
            advice="Let the person sign in and choose a password of their own first.",
        )


def _demand_confirmer(person: Person, confirmer: str, clock: Clock) -> None:
    """Whoever confirms is a third: not the person, not who set the means up, and one who decides or supervises.

    What is entered at the command line without a person's name is somebody's signed paper, and nobody can be told.
    """
    try:
        carried = standing.carried(confirmer, clock=clock)
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
    """Return whether two who acted are one, as far as can be told; the command line is nobody's."""
    try:
        return bool(shared(person_key(confirmer), person_key(setter)))
    except NoSuchPersonError:
        return False
