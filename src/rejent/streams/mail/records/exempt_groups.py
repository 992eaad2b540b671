"""Groups of the office's directory whose members are exempt: asked for when a journal names them, and by keepers afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.errors import SourceRefusedError
from rejent.kernel.clock import Clock
from rejent.kernel.errors import RejentError
from rejent.office.sign_in.clients import open_directory
from rejent.retention.rounds.round import forget, last_done, note_done
from rejent.streams.mail.messages.addresses import read_address
from rejent.streams.mail.sources import GROUPED, groups_of

STREAM = "mail"
UNREAD = "mail-exempt-groups"
"""Kind of the alarm, and the beginning of the name under which it is noted of a journal."""
_EVERY = timedelta(minutes=10)
"""Between two questions of one process: a group changes seldom, and each member is a question."""
_asked: dict[str, datetime] = {}


@dataclass(frozen=True, slots=True)
class Grouped:
    """Addresses of groups and their members in normal form; ``unread`` counts members of whom no address can be kept."""

    addresses: frozenset[str] = field(repr=False)
    unread: int

    def trait(self) -> str:
        """Return them as a journal keeps them."""
        return ",".join(sorted(self.addresses))


def find_grouped(groups: Iterable[str]) -> Grouped:
    """Return the addresses of groups and their members.

    Raises SourceRefusedError: no directory is set; WayAwayError, NotProvenError: it does not answer, has no such group, or one names nobody.
    """
    directory = open_directory(settings.INSTALLATION)
    if directory is None:
        raise SourceRefusedError(
            "No directory is set, whose groups could be exempt.", advice="State [ldap] in rejent.toml."
        )
    named, unread = set[str](), 0
    for one in groups:
        found = directory.group_addresses(one)
        unread += found.without
        for written in found.addresses:
            address = read_address(written)
            if address is None or "," in address:  # a journal keeps a list that commas part
                unread += 1
            else:
                named.add(address)
    return Grouped(frozenset(named), unread)


def refresh_groups(*, clock: Clock) -> int:
    """Ask the directory anew who the members of exempt groups are; return of how many journals that changed.

    What was known stays where it does not answer, and nobody is taken out while a member cannot be read; both are noted for the alarm. Raises as
    `find_grouped`, once every journal was tried.
    """
    changed, failed = 0, list[RejentError]()
    for source in catalog.sources(STREAM):
        groups, now = groups_of(source.traits), clock.now()
        last = _asked.get(source.id)
        if not groups or (last is not None and now < last):
            continue
        _asked[source.id] = now + _EVERY
        known = source.traits.get(GROUPED, "")
        try:
            found = find_grouped(groups)
        except RejentError as error:
            failed.append(error)
            note_done(_name_note(source.id), clock)
            continue
        if found.unread:
            note_done(_name_note(source.id), clock)
            found = replace(found, addresses=found.addresses | frozenset(filter(None, known.split(","))))
        else:
            forget(_name_note(source.id))
        if found.trait() != known:
            catalog_services.change_source(
                source.id, clock=clock, actor="", credentials_box=settings.VAULT.credentials, traits={GROUPED: found.trait()}
            )  # fmt: skip
            changed += 1
    if failed:
        raise failed[0]
    return changed


def find_unread(_now: datetime) -> dict[str, object] | None:
    """Return, for the alarm, of how many journals an exempt group could not be read whole."""
    count = sum(
        bool(groups_of(source.traits)) and last_done(_name_note(source.id)) is not None
        for source in catalog.sources(STREAM)
    )
    return {"count": count} if count else None


def _name_note(source_id: str) -> str:
    return f"{UNREAD} {source_id}"
