"""The newest entries of things, and whether they count: made by the program, and with no later one that was seen or noted."""

import hmac
from collections.abc import Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import connection

from rejent.kernel.acts import is_by_recorder
from rejent.ledger.entry_keys import Role, Tagged
from rejent.registers.guard.rollback import rollback_guard

_PIECE = 500
"""Things that are asked for at once."""
_NEWEST = (
    'SELECT thing, "index", salt, digest, leaf, tag, act, subject FROM registers_entry WHERE "index" IN '
    '(SELECT MAX("index") FROM registers_entry WHERE thing IN ({places}) GROUP BY thing)'
)


class Bound(NamedTuple):
    """An entry, as far as it binds the row of its thing."""

    place: int
    salt: bytes | None
    digest: bytes | None
    leaf: bytes
    tag: bytes
    act: str
    subject: str

    def counts(self, thing: str, *, signer: Role, noted: bool) -> bool:
        """Return whether it bears the tag of whoever may enter such things, and is no earlier one than was seen; its place is remembered then."""
        return self.is_tagged(thing, signer=signer) and rollback_guard.is_newest(
            thing, self.place, noted=noted
        )

    def is_tagged(self, thing: str, *, signer: Role) -> bool:
        """Return whether it bears the tag of whoever may enter such things."""
        head = self.place, self.leaf, thing, self.digest, self.act, self.subject
        return is_tagged(head, self.tag, signer=signer)


def is_tagged(head: tuple[Any, ...], tag: Any, *, signer: Role | None = None) -> bool:
    """Return whether an entry bears the tag of ``signer``; by default of whoever may enter its act.

    ``head`` are its columns in the order of `Tagged`, as the database gave them.
    """
    place, leaf, thing, digest, act, subject = head
    role = _signer(act) if signer is None else signer
    try:
        one = Tagged(place, bytes(leaf), thing, _bytes(digest), act, subject)
        return bool(settings.ENTRY_KEYS.verifies(bytes(tag), one, signer=role))
    except (TypeError, ValueError):
        return False


@lru_cache(maxsize=1024)
def _signer(act: str) -> Role:
    return Role.RECORDER if is_by_recorder(act) else Role.OFFICE


def newest_entries(things: Sequence[str]) -> dict[str, Bound]:
    """Return the newest entry of each thing that has any."""
    found = {}
    with connection.cursor() as cursor:
        for start in range(0, len(things), _PIECE):
            some = things[start : start + _PIECE]
            cursor.execute(_NEWEST.format(places=",".join(["%s"] * len(some))), some)
            for thing, index, salt, digest, leaf, tag, act, subject in cursor.fetchall():
                held = _bytes(salt), _bytes(digest), bytes(leaf), bytes(tag)
                found[thing] = Bound(index, *held, act, subject)
    return found


def noted_things(kind: str) -> set[str]:
    """Return the things of a kind of which an entry was noted."""
    places = settings.NEWEST_PLACES
    return set() if places is None else set(places.of_kind(kind))


def noted_entries(kind: str, *, signer: Role) -> dict[str, Bound | None]:
    """Return the newest entry of each noted thing of a kind; None where it is hidden: somebody altered or deleted it, or took it to another thing."""
    noted = noted_things(kind)
    entries = newest_entries(sorted(noted))
    return {
        thing: entry
        if (entry := entries.get(thing)) is not None and entry.counts(thing, signer=signer, noted=True)
        else None
        for thing in noted
    }


def standing_places(kind: str, *, signer: Role) -> dict[str, int]:
    """Return where the newest entries of the noted things of a kind stand by the database, as it is now."""
    entries = newest_entries(sorted(noted_things(kind)))
    return {thing: each.place for thing, each in entries.items() if each.is_tagged(thing, signer=signer)}


def head_of(row: Any) -> str:
    """Return what stands beside the record of an act: its name, actor, subject and instant."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{row.act}\0{row.actor}\0{row.subject}\0{at}"


def is_erased(row: Any) -> bool:
    """Return whether the program itself erased the record of an entry that has none."""
    tag = settings.ENTRY_KEYS.erasure_tag(row.index, head_of(row))
    return hmac.compare_digest(bytes(row.tag)[-len(tag) :], tag)


def erased_at(place: int) -> bool:
    """Return whether the program itself erased the record of the entry at a place."""
    row = apps.get_model("registers", "Entry").objects.filter(pk=place, facts__isnull=True).first()
    return row is not None and is_erased(row)


def _bytes(held: Any) -> bytes | None:
    return None if held is None else bytes(held)
