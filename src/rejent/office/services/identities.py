"""Linking people with what an identity provider or a directory knows them by; nobody else can be made of it."""

from operator import itemgetter
from uuid import UUID

from django.db import IntegrityError, transaction

from rejent.kernel.clock import Clock
from rejent.kernel.plain_text import is_plain
from rejent.office.acts import IDENTITY_LINKED, IDENTITY_UNLINKED, PASSWORD_OFF
from rejent.office.errors import IdentityRefusedError, IdentityTakenError, PersonRefusedError
from rejent.office.models import Identity, Person
from rejent.office.people import standing
from rejent.office.queries import person_key
from rejent.office.services.changing import end_sessions, enter_about, locked_person, require_may_change
from rejent.office.services.sign_in import restarted, state_password
from rejent.office.sign_in.configured import WAYS
from rejent.office.sign_in.identities import has_password, identity_digest, identity_view
from rejent.office.sign_in.own_sign_in import after_linking, after_password_off
from rejent.office.views import IdentityView

_LONGEST = 255


def link_identity(
    person_id: UUID | str, *, way: str, issuer: str, subject: str, clock: Clock, actor: str
) -> IdentityView:
    """Let a person sign in as somebody whom an identity provider or a directory knows; what they may see rests until confirmed.

    The person's sessions end: what was opened in their name ends with what they may see. Raises NoSuchPersonError,
    NotEntrustedError, IdentityRefusedError, IdentityTakenError.

    A directory has no ``issuer``: its UUIDs are nobody else's anywhere.
    """
    if way not in WAYS:
        raise IdentityRefusedError("{way} is no way of signing in.", way=way, advice="Known are: oidc ldap.")
    known_as = subject.strip()
    if not known_as or len(known_as) > _LONGEST or not is_plain(known_as):
        raise IdentityRefusedError(
            "This is nobody's identifier.", advice="Take it from the provider's own list."
        )
    with transaction.atomic():
        person = _changed(person_id, clock, actor)
        _require_free(person, way, issuer, known_as)
        row = _created(person, way, issuer, known_as, clock)
        others = [each for each in person.bound_parts["identities"] if each[0] != way]
        person.state_parts(identities=sorted([*others, row.bound()], key=itemgetter(0)))
        begun = restarted(person, after_linking(person.sign_in))
        person.save()
        end_sessions([person.pk])
        facts = {"way": way, "digest": identity_digest(way, issuer, known_as), **begun}
        facts |= standing.place_taken(actor, clock=clock)
        enter_about(person, IDENTITY_LINKED, clock=clock, actor=actor, **facts)
    return identity_view(row)


def unlink_identity(person_id: UUID | str, way: str, *, clock: Clock, actor: str) -> None:
    """Take a person's identity of a way off; the person's sessions end.

    Raises NoSuchPersonError, NotEntrustedError, IdentityRefusedError.
    """
    with transaction.atomic():
        person = _changed(person_id, clock, actor)
        row = person.identities.filter(way=way).first()
        if row is None:
            raise IdentityRefusedError("The person has no identity of this way.")
        if person.left_on is None and not has_password(person.pk) and person.identities.count() == 1:
            raise IdentityRefusedError(
                "It is the only way in of this person.", advice="Set a password first."
            )
        facts: dict[str, object] = {"way": way, "digest": identity_digest(way, row.issuer, row.subject)}
        facts |= standing.place_taken(actor, clock=clock)
        row.delete()
        left = [each for each in person.bound_parts["identities"] if each[0] != way]
        person.state_parts(identities=left)
        end_sessions([person.pk])
        enter_about(person, IDENTITY_UNLINKED, clock=clock, actor=actor, **facts)


def turn_password_off(person_id: UUID | str, *, clock: Clock, actor: str) -> None:
    """Let a linked person sign in by that alone; sessions opened with the password end. Setting one anew turns it on.

    Raises NoSuchPersonError, NotEntrustedError, PersonRefusedError.
    """
    with transaction.atomic():
        person = _changed(person_id, clock, actor)
        if not person.identities.exists():
            raise PersonRefusedError(
                "Without the password this person could not sign in.", advice="Link an identity first."
            )
        if not has_password(person.pk):
            return
        for account in person.accounts.all():
            account.set_unusable_password()
            account.save(update_fields=["password"])
            state_password(person, account)
        begun = restarted(person, after_password_off(person.sign_in))
        person.save()
        facts = {**begun, **standing.place_taken(actor, clock=clock)}
        enter_about(person, PASSWORD_OFF, clock=clock, actor=actor, **facts)


def _require_free(person: Person, way: str, issuer: str, subject: str) -> None:
    """Refuse to link who has left, who has an identity of this way, or what is somebody's already."""
    if person.left_on is not None:
        raise IdentityRefusedError("Who has left signs in no more.", advice="Enter the person anew.")
    if Identity.objects.filter(way=way, issuer=issuer, subject=subject).exists():
        raise _taken()
    if person.identities.filter(way=way).exists():
        raise IdentityTakenError("The person has an identity of this way.", advice="Take it off first.")


def _created(person: Person, way: str, issuer: str, subject: str, clock: Clock) -> Identity:
    try:
        with transaction.atomic():
            return Identity.objects.create(
                person=person, way=way, issuer=issuer, subject=subject, linked_at=clock.now()
            )
    except IntegrityError:
        raise _taken() from None


def _taken() -> IdentityTakenError:
    return IdentityTakenError(
        "This identity is linked already.", advice="Take it off the person who has it, if that was wrong."
    )


def _changed(person_id: UUID | str, clock: Clock, actor: str) -> Person:
    """Return the locked row of somebody whose signing in is the actor's to change."""
    if str(person_key(person_id)) == actor:
        raise IdentityRefusedError(
            "Nobody changes how they themselves sign in.", advice="Ask another administrator."
        )
    person = locked_person(person_id)
    require_may_change(sorted(person.verified_roles), actor, clock)
    return person
