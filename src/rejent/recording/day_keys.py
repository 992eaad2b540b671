"""The public halves of the day keys that a recorder seals with, known before they are needed."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from itertools import product

from rejent.catalog import queries
from rejent.kernel.clock import Clock, civil_date
from rejent.vault.age.recipients import Recipient
from rejent.vault.errors import KeyTextError

DAYS_AHEAD = 7
"""The keeper makes day keys for so many days ahead."""


class DayKeys:
    """The public halves of the day keys, looked up ahead so that no segment waits for the database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[str, date], Recipient] = {}
        self._texts: dict[tuple[str, date], str] = {}

    def __call__(self, source_id: str, day: date) -> Recipient | None:
        """The public half, or nothing if the keeper has made none."""
        return self._known.get((source_id, day))

    def look_ahead(self, source_ids: Iterable[str]) -> None:
        """Learn what these sources need in the days to come, and forget the days before yesterday.

        A key that is another by now is followed, and one that is gone left: the former may be nobody's. What is no key changes nothing.
        """
        today = civil_date(self._clock.now())
        days = [today + timedelta(days=ahead) for ahead in range(-1, DAYS_AHEAD + 1)]
        places = set(product(source_ids, days))
        told = {(source_id, day): text for source_id, day, text in queries.day_keys_from(today)}
        stays = {place for place in places if place[1] < today or place in told}
        known = {place: key for place, key in self._known.items() if place in stays}
        for place in places & told.keys():
            if self._texts.get(place) != told[place]:
                with suppress(KeyTextError):
                    known[place] = Recipient.parse(told[place])
        self._known, self._texts = known, {place: told[place] for place in places & told.keys()}
