"""Rules of plates: which places one marks, since when a place is marked, and how what is entered of one is read."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta

from rejent.kernel.plain_text import is_plain
from rejent.notices.errors import PlateRefusedError
from rejent.notices.plates.views import PlateView
from rejent.office.views import PlaceView

MOST_AREAS = 200
LONGEST_AREA = 240
LONGEST_SPOT = 120
LONGEST_REASON = 200
CHECKED_AFTER = timedelta(days=182)
"""Days after a look, from which the next one is due, unless the office says another day: half a year."""
LATEST_CHECK = timedelta(days=366)


def same_area(name: str) -> str:
    """Return the form by which names of areas are compared: letters and digits alone, in small letters, one blank between words."""
    known = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in known).split())


def names_of(place: PlaceView) -> frozenset[str]:
    """Return the forms by which a plate names a place: alone, and with its building before or after it."""
    ways = (place.name, f"{place.building} {place.name}", f"{place.name} {place.building}")
    return frozenset(map(same_area, ways))


def marks(plate: PlateView, place: PlaceView) -> bool:
    """Return whether a plate marks a place: it hangs there, or names it or its whole building and hangs in that building."""
    if plate.place == place.id:
        return True
    if plate.building != place.building:
        return False
    if place.id in plate.covers:
        return True
    named = set(map(same_area, plate.areas))
    return bool(named & names_of(place)) or same_area(place.building) in named


def marked_since(
    plates: Collection[PlateView], places: Iterable[PlaceView], stream: str, today: date
) -> Mapping[int, date]:
    """Return since when each place that plates mark today has been marked for a stream without a break.

    A plate that took another's place on the day it was taken down goes on from that one.
    """
    known = [plate for plate in plates if stream in plate.streams]
    found = {}
    for place in places:
        of_place = [plate for plate in known if marks(plate, place)]
        since = _unbroken([plate for plate in of_place if plate.stands(today)], of_place)
        if since is not None:
            found[place.id] = since
    return found


def _unbroken(hanging: Collection[PlateView], ever: Collection[PlateView]) -> date | None:
    since = min((plate.up_since for plate in hanging if plate.up_since), default=None)
    for plate in sorted(ever, key=lambda each: each.down_on or date.min, reverse=True):
        if since and plate.up_since and plate.down_on and plate.up_since < since <= plate.down_on:
            since = plate.up_since
    return since


def read_areas(text: str) -> list[str]:
    """Return the areas printed on a plate, one a line, each once. Raises `PlateRefusedError`."""
    lines = dict.fromkeys(" ".join(line.split()) for line in text.splitlines())
    areas = [line for line in lines if line]
    if len(areas) > MOST_AREAS:
        raise PlateRefusedError("A plate names at most {most} places.", most=MOST_AREAS, part="areas")
    for each in areas:
        _require_text(each, LONGEST_AREA, "areas")
    return areas


def read_line(text: str, longest: int, part: str) -> str:
    """Return a line of text as it is kept. Raises `PlateRefusedError`: it is too long, or holds what nobody sees."""
    line = " ".join(text.split())
    _require_text(line, longest, part)
    return line


def _require_text(text: str, longest: int, part: str) -> None:
    if len(text) > longest:
        raise PlateRefusedError("The text is longer than {longest} characters.", longest=longest, part=part)
    if not is_plain(text):
        raise PlateRefusedError(
            "The text may hold no invisible characters.", advice="Type it anew.", part=part
        )


def require_up_since(day: date, today: date) -> None:
    """Raise `PlateRefusedError` for a day that has not come."""
    if day > today:
        raise PlateRefusedError(
            "{day} has not come yet.",
            day=day.isoformat(),
            advice="Enter the plate once it hangs.",
            part="up_since",
        )


def next_check(asked: date | None, today: date) -> date:
    """Return the day of the next look: as asked, else after half a year.

    Raises `PlateRefusedError`: it is past, or more than a year away.
    """
    if asked is None:
        return today + CHECKED_AFTER
    if not today < asked <= today + LATEST_CHECK:
        raise PlateRefusedError(
            "The next look at a plate is between tomorrow and a year from now.", part="next_check_on"
        )
    return asked


def in_order(plates: Iterable[PlateView]) -> Iterator[PlateView]:
    """Yield plates as one walks past them: by building, place and number."""
    yield from sorted(plates, key=lambda plate: (plate.building, plate.place_name, plate.number))
