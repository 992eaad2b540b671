"""Writing the office: regulation versions, places, people, gates, tokens. Each is an act in the ledger."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from rejent.kernel.clock import Clock, civil_date
from rejent.office import acts, queries
from rejent.office.errors import (
    ExcludedPlaceError,
    NameTakenError,
    NoSuchPersonError,
    PasswordRefusedError,
    UnknownPlaceKindError,
    UnknownRoleError,
)
from rejent.office.models import (
    Account,
    Building,
    GateFact,
    Person,
    PersonRole,
    Place,
    RegulationVersion,
    Role,
    Token,
)
from rejent.office.regulation import load
from rejent.office.views import PersonView
from rejent.office.vocabulary import PlaceKind
from rejent.registers.services import enter

TEST_GATE_DAYS = 30
GATES = ("staff-informed", "places-marked", "legal-basis", "statements")


def activate_regulation(text: str, *, in_force_from: date, clock: Clock, actor: str) -> int:
    """Load a version of the regulation, in force from a day; returns its number.

    Raises:
        RegulationRefusedError: it breaks a rule; nothing is loaded.
    """
    load(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        last = RegulationVersion.objects.order_by("-version").first()
        row = RegulationVersion.objects.create(
            version=last.version + 1 if last else 1,
            text=text,
            sha256=digest,
            in_force_from=in_force_from,
            loaded_at=clock.now(),
        )
        record = {"version": row.version, "sha256": digest, "in_force_from": in_force_from.isoformat()}
        enter(acts.REGULATION_ACTIVATED, actor=actor, subject="regulation", record=record, at=clock.now())
    return row.version


def add_place(building: str, name: str, kind: str, *, clock: Clock, actor: str) -> int:
    """The place of that name in a building, made if it is not there yet; returns its identifier.

    Raises:
        UnknownPlaceKindError: the kind is not one of the list.
        ExcludedPlaceError: the statute forbids monitoring there.
        NameTakenError: the place is there as another kind.
    """
    try:
        known = PlaceKind(kind)
    except ValueError:
        raise UnknownPlaceKindError(
            "{kind} is not a kind of place.",
            kind=kind,
            advice="Kinds: {known}.",
            known=" ".join(each for each in PlaceKind if not each.excluded),
        ) from None
    if known.rule is not None:
        raise ExcludedPlaceError(
            "No camera may cover a place of the kind {kind}: {rule}", kind=kind, rule=str(known.rule)
        )
    with transaction.atomic():
        house, _made = Building.objects.get_or_create(name=building)
        place, made = Place.objects.get_or_create(building=house, name=name, defaults={"kind": kind})
        if place.kind != kind:
            raise NameTakenError("That place is entered as a place of the kind {kind}.", kind=place.kind)
        if made:
            enter(
                acts.PLACE_ADDED,
                actor=actor,
                subject=f"place:{place.pk}",
                record={"kind": kind},
                at=clock.now(),
            )
    return place.pk


def add_person(
    name: str, *, post: str, roles: Iterable[str], username: str, password: str, clock: Clock, actor: str
) -> PersonView:
    """Enter a person with an account to sign in with.

    Raises:
        UnknownRoleError: a role is not one of the list.
        PasswordRefusedError: the password is too easy.
        NameTakenError: the user name is in use.
    """
    wanted = _known_roles(roles)
    try:
        validate_password(password, Account(username=username))
    except ValidationError as error:
        raise PasswordRefusedError(
            "The password is refused: {reasons}",
            reasons=" ".join(error.messages),
            advice="Choose a longer one.",
        ) from None
    with transaction.atomic():
        if Account.objects.filter(username=username).exists():
            raise NameTakenError("The user name is in use.", advice="Choose another.")
        person = Person.objects.create(name=name, post=post, joined_on=civil_date(clock.now()))
        PersonRole.objects.bulk_create(PersonRole(person=person, role=role) for role in sorted(wanted))
        Account.objects.create_user(username, password=password, person=person)
        enter(
            acts.PERSON_ADDED,
            actor=actor,
            subject=f"person:{person.pk}",
            record=_roles(person, wanted),
            at=clock.now(),
        )
    return queries.person(person.pk)


def set_roles(person_id: UUID | str, roles: Iterable[str], *, clock: Clock, actor: str) -> PersonView:
    """Give a person exactly these roles.

    Raises:
        UnknownRoleError: a role is not one of the list.
        NoSuchPersonError: there is no such person.
    """
    wanted = _known_roles(roles)
    with transaction.atomic():
        person = _locked_person(person_id)
        person.roles.all().delete()
        PersonRole.objects.bulk_create(PersonRole(person=person, role=role) for role in sorted(wanted))
        enter(
            acts.ROLES_SET,
            actor=actor,
            subject=f"person:{person.pk}",
            record=_roles(person, wanted),
            at=clock.now(),
        )
    return queries.person(person_id)


def person_left(person_id: UUID | str, *, clock: Clock, actor: str) -> None:
    """Enter that a person has left as of today; accounts and tokens stop working at once.

    Raises:
        NoSuchPersonError: there is no such person.
    """
    today = civil_date(clock.now())
    with transaction.atomic():
        person = _locked_person(person_id)
        person.left_on = today - timedelta(days=1)
        person.save(update_fields=["left_on"])
        person.accounts.update(is_active=False)
        person.tokens.filter(revoked_at__isnull=True).update(revoked_at=clock.now())
        record = {"person": str(person.pk), "left_on": today.isoformat()}
        enter(acts.PERSON_LEFT, actor=actor, subject=f"person:{person.pk}", record=record, at=clock.now())


def enter_gate(stream: str, kind: str, on: date, *, note: str, clock: Clock, actor: str) -> None:
    """Enter a fact that a stream's start needs."""
    with transaction.atomic():
        GateFact.objects.create(
            stream=stream, kind=kind, on=on, note=note, entered_at=clock.now(), entered_by=actor
        )
        record = {"stream": stream, "kind": kind, "on": on.isoformat()}
        enter(acts.GATE_ENTERED, actor=actor, subject=f"stream:{stream}", record=record, at=clock.now())


def publish_test_gates(*, clock: Clock) -> None:
    """Enter every gate of every stream as passed thirty days ago; for test installations only."""
    today = civil_date(clock.now())
    for stream in queries.regulation(today).streams:
        for kind in GATES:
            enter_gate(
                str(stream),
                kind,
                today - timedelta(days=TEST_GATE_DAYS),
                note="--test",
                clock=clock,
                actor="",
            )


def create_token(person_id: UUID | str, *, label: str, days: int, clock: Clock, actor: str) -> str:
    """A new bearer token of a person; only its digest is kept, so it is shown this once.

    Raises:
        NoSuchPersonError: there is no such person.
    """
    text = f"rejent_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        person = _locked_person(person_id)
        Token.objects.create(
            person=person,
            label=label,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(days=days),
        )
        record = {"person": str(person.pk), "days": days}
        enter(acts.TOKEN_CREATED, actor=actor, subject=f"person:{person.pk}", record=record, at=clock.now())
    return text


def revoke_token(token_id: int, *, clock: Clock, actor: str) -> None:
    """End a token; one that has ended stays so."""
    with transaction.atomic():
        token = Token.objects.select_for_update().filter(pk=token_id, revoked_at__isnull=True).first()
        if token is None:
            return
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        record = {"person": str(token.person_id), "token": token_id}
        enter(
            acts.TOKEN_REVOKED,
            actor=actor,
            subject=f"person:{token.person_id}",
            record=record,
            at=clock.now(),
        )


def _known_roles(roles: Iterable[str]) -> set[str]:
    wanted = set(roles)
    if unknown := wanted - set(Role.values):
        raise UnknownRoleError(
            "There is no role {role}.",
            role=min(unknown),
            advice="Roles: {known}.",
            known=" ".join(Role.values),
        )
    return wanted


def _locked_person(person_id: UUID | str) -> Person:
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NoSuchPersonError("There is no such person.")
    return person


def _roles(person: Person, roles: set[str]) -> dict[str, object]:
    return {"person": str(person.pk), "roles": " ".join(sorted(roles))}
