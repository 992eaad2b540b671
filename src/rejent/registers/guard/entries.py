"""The newest entries of things, and whether they count: made by the program, and with no later one that was seen or noted."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from rejent.ledger.entry_keys import Role
from rejent.registers.guard.rollback import rollback_guard

_PIECE = 500
"""Things that are asked for at once."""
_NEWEST = (
    'SELECT thing, "index", salt, digest, leaf, tag FROM registers_entry WHERE "index" IN '
    '(SELECT MAX("index") FROM registers_entry WHERE thing IN ({places}) GROUP BY thing)'
)


class Bound(NamedTuple):
    """An entry, as far as it binds the row of its thing."""

    place: int
    salt: bytes | None
    digest: bytes | None
    leaf: bytes
    tag: bytes

    def counts(self, thing: str, *, signer: Role, noted: bool) -> bool:
        """Return whether it bears the tag of whoever may enter such things, and is no earlier one than was seen; its place is remembered then."""
        tagged = settings.ENTRY_KEYS.verifies(
            self.tag, self.place, self.leaf, thing, self.digest, signer=signer
        )
        return tagged and rollback_guard.is_newest(thing, self.place, noted=noted)


def newest_entries(things: Sequence[str]) -> dict[str, Bound]:
    """Return the newest entry of each thing that has any."""
    found = {}
    with connection.cursor() as cursor:
        for start in range(0, len(things), _PIECE):
            some = things[start : start + _PIECE]
            cursor.execute(_NEWEST.format(places=",".join(["%s"] * len(some))), some)
            for thing, index, salt, digest, leaf, tag in cursor.fetchall():
                found[thing] = Bound(index, _bytes(salt), _bytes(digest), bytes(leaf), bytes(tag))
    return found


def noted_entries(kind: str, *, signer: Role) -> dict[str, Bound | None]:
    """Return the newest entry of each noted thing of a kind; None where it is hidden: somebody altered or deleted it, or took it to another thing."""
    places = settings.NEWEST_PLACES
    noted = {} if places is None else places.of_kind(kind)
    entries = newest_entries(list(noted))
    return {
        thing: entry
        if (entry := entries.get(thing)) is not None and entry.counts(thing, signer=signer, noted=True)
        else None
        for thing in noted
    }


def _bytes(held: Any) -> bytes | None:
    return None if held is None else bytes(held)
