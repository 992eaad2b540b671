"""What differs today: gathered from the registers, the inventory, the regulation and the documents it makes."""

from collections.abc import Mapping, Sequence
from datetime import date

from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.notices.agreement.rules import Comparison, Difference, differences
from rejent.notices.documents.views import Document
from rejent.notices.models import Plate
from rejent.notices.plates import queries as plates
from rejent.notices.publication import queries as publications
from rejent.notices.publication.bundle import area_names, edition_of, plate_digests
from rejent.notices.queries import DAYS, MADE_OF, day_and_installation, documents_of_today
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.office.regulation.gates import FactKind
from rejent.office.views import PlaceView
from rejent.registers.guard.memory import VerifiedOnce


def found(clock: Clock) -> list[Difference]:
    """Return every difference about every stream today; nothing while no regulation is in force.

    They are remembered until something of what is compared is entered.
    """
    return list(_found.get(day_and_installation(clock), lambda: _compared(clock)))


def _compared(clock: Clock) -> tuple[Difference, ...]:
    day = civil_date(clock.now())
    try:
        streams = office.verified_regulation(day).streams
    except NoRegulationError:
        return ()
    documents = documents_of_today(clock)
    return tuple(each for stream in streams for each in differences(compared(stream, day, documents)))


_found = VerifiedOnce[tuple[Difference, ...]](*MADE_OF, Plate, most=DAYS)


def compared(stream: str, day: date, every: Sequence[Document]) -> Comparison:
    """Return everything that is compared about a stream on a day, for which these documents are made. Raises `NoRegulationError`."""
    version = office.version_in_force(day)
    documents = [each for each in every if each.stream == stream]
    conditions = office.gates(stream, day).conditions
    return Comparison(
        stream=stream,
        day=day,
        rules=office.verified_regulation(day).streams[stream],
        version=version.version,
        in_force_from=version.in_force_from,
        is_marked=any(each.name == FactKind.PLACES_MARKED for each in conditions),
        covered=_covered(stream),
        known=office.places(),
        plates=[each for each in plates.plates() if stream in each.streams],
        plate_digests=plate_digests(documents),
        area_names=area_names(documents),
        edition=edition_of(documents),
        publications=[each for each in publications.standing(day) if stream in each.editions],
    )


def _covered(stream: str) -> Mapping[PlaceView, date]:
    """Return the places that sources of a stream cover that are switched on, with the day of the first."""
    known = {(place.building, place.name): place for place in office.places()}
    first: dict[PlaceView, date] = {}
    for source in catalog.sources(stream, with_secret_places=True):
        place = known.get((source.building, source.place))
        if place is not None and source.switched_on:
            added = civil_date(source.added_at)
            first[place] = min(first.get(place, added), added)
    return first
