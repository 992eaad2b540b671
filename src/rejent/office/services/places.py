"""Buildings and places; a kind that is never covered is refused with the rule that says so."""

from django.db import transaction

from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.plain_text import is_plain
from rejent.office.acts import PLACE_ADDED
from rejent.office.errors import ExcludedPlaceError, NoRegulationError, PlaceRefusedError
from rejent.office.models import Building, Place
from rejent.office.queries import verified_regulation
from rejent.office.regulation.vocabulary import PlaceKind
from rejent.registers.services import enter

_LONGEST = 120
_BUILDING_UNNAMED = "A building needs a name of at most {longest} characters."
_PLACE_UNNAMED = "A place needs a name of at most {longest} characters."


def add_building(name: str) -> int:
    """Return the identifier of the building of this name, entered if it was not. Raises PlaceRefusedError."""
    building, _ = Building.objects.get_or_create(name=_named(name, _BUILDING_UNNAMED))
    return building.pk


def add_place(building: str, name: str, kind: str, *, clock: Clock, actor: str) -> int:
    """Return the identifier of the place of this name in the building, entered if it was not.

    Raises PlaceRefusedError, ExcludedPlaceError.
    """
    if kind not in set(PlaceKind):
        covered = " ".join(each for each in PlaceKind if not each.excluded)
        raise PlaceRefusedError(
            "{kind} is no kind of place.", kind=kind, advice="Known are: {known}.", known=covered
        )
    require_coverable(PlaceKind(kind), clock)
    called = _named(name, _PLACE_UNNAMED)
    with transaction.atomic():
        house = add_building(building)
        place, new = Place.objects.get_or_create(building_id=house, name=called, defaults={"kind": kind})
        if not new and place.kind != kind:
            raise PlaceRefusedError(
                "That place is entered as one of the kind {known}, not {kind}.",
                known=place.kind,
                kind=kind,
                advice="Give the same kind, or another name.",
            )
        if new:
            record, subject = {"place": place.pk, "kind": kind}, f"place:{place.pk}"
            enter(PLACE_ADDED, actor=actor, subject=subject, record=record, at=clock.now(), row=place)
    return place.pk


def require_coverable(kind: PlaceKind, clock: Clock) -> None:
    """Refuse a kind of place that the statute, or the regulation in force, never lets a source cover.

    Raises ExcludedPlaceError.
    """
    rule = str(kind.rule) if kind.rule else _excluded_by_regulation(kind, clock)
    if rule:
        raise ExcludedPlaceError(
            "Nothing may be recorded in a place of the kind {kind}: {rule}",
            kind=kind.value,
            rule=rule,
            advice="Choose another place for the source.",
        )


def _excluded_by_regulation(kind: PlaceKind, clock: Clock) -> str:
    try:
        streams = verified_regulation(civil_date(clock.now())).streams.values()
    except NoRegulationError:
        return ""
    return next(
        (rules.places.clause or "regulation" for rules in streams if kind in rules.places.excluded), ""
    )


def _named(name: str, template: str) -> str:
    called = name.strip()
    if not called or len(called) > _LONGEST:
        raise PlaceRefusedError(template, longest=_LONGEST)
    if not is_plain(called):
        raise PlaceRefusedError("A name may hold no invisible characters.", advice="Type it anew.")
    return called
