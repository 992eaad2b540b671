"""Questions about plates."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet

from rejent.kernel.views import view_of
from rejent.notices.acts import PLATE_ENTERED
from rejent.notices.errors import NoSuchPlateError
from rejent.notices.models import Plate
from rejent.notices.plates.rules import in_order, marked_since
from rejent.notices.plates.views import Condition, PlateView, Size
from rejent.office import queries as office
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import first_verified, matching

SERIES = "plates"


def plate(number: str) -> PlateView:
    """Return a plate as it was entered. Raises NoSuchPlateError: there is none; LedgerMismatchError: its row was planted or altered."""
    absent = NoSuchPlateError("There is no plate {number}.", number=number)
    return plate_view(first_verified(_rows().filter(number=number), absent))


def plates(*, down: bool = False) -> tuple[PlateView, ...]:
    """Return the plates by building, place and number; with ``down`` also those that were taken down.

    What was planted or altered is none.
    """
    every = _plates.get("", _read)
    return every if down else tuple(each for each in every if each.down_on is None)


def _read() -> tuple[PlateView, ...]:
    return tuple(in_order(map(plate_view, matching(_rows().order_by("pk")))))


_plates = VerifiedOnce[tuple[PlateView, ...]](Plate)


def due(day: date) -> list[PlateView]:
    """Return the plates to be put up or looked at, in the order in which one walks past them."""
    return [each for each in plates() if each.is_due(day)]


def places_marked(stream: str, day: date) -> Mapping[int, date] | None:
    """Return since when each marked place has been marked for a stream; None where every place counts as marked.

    So it does in a test installation, which hangs no plates; the pages say so.
    """
    if settings.INSTALLATION.test:
        return None
    return marked_since(plates(down=True), office.places(), stream, day)


def plate_view(row: Plate) -> PlateView:
    """Return the row as a view."""
    return view_of(
        PlateView,
        row,
        place=row.place_id,
        building=row.place.building.name,
        place_name=row.place.name,
        streams=tuple(row.streams),
        areas=tuple(row.areas),
        covers=tuple(row.covers),
        size=Size(row.size),
        condition=Condition(row.condition),
    )


def _views(rows: Sequence[Plate]) -> list[PlateView]:
    return [plate_view(row) for row in rows]


def _rows() -> QuerySet[Plate]:
    return Plate.objects.select_related("place__building")


def _search(rows: QuerySet[Plate], words: str) -> QuerySet[Plate]:
    named = Q(number__icontains=words) | Q(place__name__icontains=words) | Q(spot__icontains=words)
    return rows.filter(named | Q(place__building__name__icontains=words))


REGISTER: NumberedRows[Plate] = NumberedRows(
    rows=_rows, views=_views, at="entered_at", begun=(PLATE_ENTERED,), series=SERIES, search=_search
)
"""The register of plates."""
