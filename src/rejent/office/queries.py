"""Reading the office: the regulation in force, people, places, gates, tokens."""

import hashlib
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet

from rejent.kernel.clock import Clock, civil_date
from rejent.office.errors import NoRegulationError, NoSuchPersonError
from rejent.office.models import Building, GateFact, Person, Place, RegulationVersion, Token
from rejent.office.regulation import Regulation, load
from rejent.office.views import GateFactView, PersonView, PlaceView, RegulationView


def regulation(at: date) -> Regulation:
    """The regulation in force on a day.

    Raises:
        NoRegulationError: none is.
    """
    return _parsed(regulation_version(at).text)


def regulation_version(at: date) -> RegulationView:
    """The version of the regulation in force on a day.

    Raises:
        NoRegulationError: none is.
    """
    row = (
        RegulationVersion.objects.filter(in_force_from__lte=at).order_by("-in_force_from", "-version").first()
    )
    if row is None:
        raise NoRegulationError(
            "No regulation is in force on {day}.",
            day=at.isoformat(),
            advice="Load one that is in force by then.",
        )
    return _version(row)


def regulation_versions() -> list[RegulationView]:
    """Every loaded version, newest first."""
    return [_version(row) for row in RegulationVersion.objects.order_by("-version")]


def gate_facts(stream: str) -> list[GateFactView]:
    """The facts entered for a stream's start, oldest first."""
    return [
        GateFactView(row.stream, row.kind, row.on, row.note, row.entered_at, row.entered_by)
        for row in GateFact.objects.filter(stream=stream).order_by("on", "pk")
    ]


def person(person_id: UUID | str) -> PersonView:
    """A person by identifier.

    Raises:
        NoSuchPersonError: there is none.
    """
    try:
        row = _people().filter(pk=UUID(str(person_id))).first()
    except ValueError:
        row = None
    if row is None:
        raise NoSuchPersonError("There is no such person.")
    return _person(row)


def people() -> list[PersonView]:
    """Everybody, by name."""
    return [_person(row) for row in _people().order_by("name")]


def person_by_username(username: str) -> PersonView:
    """The person an account belongs to.

    Raises:
        NoSuchPersonError: there is no such account.
    """
    row = _people().filter(accounts__username=username).first()
    if row is None:
        raise NoSuchPersonError(
            "There is no account of that name.", advice="List people with: rejent person list DIR"
        )
    return _person(row)


def person_of_token(text: str, *, clock: Clock) -> PersonView | None:
    """The person a bearer token belongs to; nothing if it is unknown, expired or revoked, or the person has left."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    row = (
        Token.objects.filter(digest=digest, revoked_at__isnull=True, expires_at__gt=clock.now())
        .select_related("person")
        .first()
    )
    if row is None:
        return None
    found = _person(row.person)
    return found if found.active(civil_date(clock.now())) else None


def buildings() -> list[str]:
    """The buildings' names, in order."""
    return list(Building.objects.order_by("name").values_list("name", flat=True))


def places() -> list[PlaceView]:
    """Every place, by building and name."""
    return [
        PlaceView(row.pk, row.building.name, row.name, row.kind)
        for row in Place.objects.select_related("building").order_by("building__name", "name")
    ]


@lru_cache(maxsize=16)
def _parsed(text: str) -> Regulation:
    return load(text)


def _version(row: RegulationVersion) -> RegulationView:
    return RegulationView(row.version, row.sha256, row.in_force_from, row.loaded_at, row.text)


def _people() -> QuerySet[Person]:
    return Person.objects.prefetch_related("roles")


def _person(row: Person) -> PersonView:
    roles = frozenset(held.role for held in row.roles.all())
    return PersonView(row.pk, row.name, row.post, roles, row.joined_on, row.left_on)
