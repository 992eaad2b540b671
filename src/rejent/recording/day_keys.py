"""Public halves of the day keys that a recorder seals with, read ahead."""

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import product

from rejent.catalog import queries
from rejent.kernel.clock import civil_date
from rejent.vault.age.recipients import Recipient
from rejent.vault.errors import KeyTextError

DAYS_AHEAD = 7
"""Days for which the keeper makes day keys ahead."""


class DayKeys:
    """Public halves of the day keys, read ahead so that no segment waits for the database; ``now`` is the time recorded in.

    ``late`` returns of which past days of these sources recordings may still come; it may wait for the database.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        late: Callable[[Collection[str]], set[tuple[str, date]]] = lambda _: set(),
    ) -> None:
        self._now, self._late = now, late
        self._known: dict[tuple[str, date], Recipient] = {}
        self._texts: dict[tuple[str, date], str] = {}

    def __call__(self, source_id: str, day: date) -> Recipient | None:
        """Return the public half, or None if the keeper has made none."""
        return self._known.get((source_id, day))

    def look_ahead(self, source_ids: Collection[str]) -> None:
        """Read the keys of these sources for the coming days, and forget the days before yesterday to which nothing comes late.

        A replaced key is followed, a removed one dropped, as its private half may be lost; a malformed one changes nothing.
        """
        today = civil_date(self._now())
        days = [today + timedelta(days=ahead) for ahead in range(-1, DAYS_AHEAD + 1)]
        late = self._late(source_ids)
        places = set(product(source_ids, days)) | late
        since = min((day for _, day in late), default=today)
        texts = {(source_id, day): text for source_id, day, text in queries.day_keys_from(since)}
        stays = {place for place in places if place[1] < since or place in texts}
        known = {place: key for place, key in self._known.items() if place in stays}
        for place in places & texts.keys():
            if self._texts.get(place) != texts[place]:
                with suppress(KeyTextError):
                    known[place] = Recipient.parse(texts[place])
        self._known, self._texts = known, {place: texts[place] for place in places & texts.keys()}
