"""Groups of the office's directory whose members are exempt: asked for when a journal names them, and by keepers afterwards."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.errors import SourceRefusedError
from rejent.kernel.clock import Clock
from rejent.office.sign_in.clients import open_directory
from rejent.streams.mail.messages.addresses import read_address
from rejent.streams.mail.sources import GROUPED, groups_of

STREAM = "mail"
_EVERY = timedelta(minutes=10)
"""Between two questions of one process: a group changes seldom, and each member is a question."""
_asked: dict[str, datetime] = {}


def find_grouped(groups: Iterable[str]) -> str:
    """Return the addresses of groups and their members, as a journal keeps them.

    Raises SourceRefusedError: no directory is set; WayAwayError, NotProvenError: it does not answer, or has no such group.
    """
    directory = open_directory(settings.INSTALLATION)
    if directory is None:
        raise SourceRefusedError(
            "No directory is set, whose groups could be exempt.", advice="State [ldap] in rejent.toml."
        )
    named = {read_address(each) for one in groups for each in directory.group_addresses(one)}
    return ",".join(sorted(each for each in named if each))


def refresh_groups(*, clock: Clock) -> int:
    """Ask the directory anew who the members of exempt groups are; return of how many journals that changed.

    What was known stays where it does not answer. Raises as `find_grouped`.
    """
    changed = 0
    for source in catalog.sources(STREAM):
        groups, now = groups_of(source.traits), clock.now()
        last = _asked.get(source.id)
        if not groups or (last is not None and now < last):
            continue
        _asked[source.id] = now + _EVERY
        if (grouped := find_grouped(groups)) != source.traits.get(GROUPED):
            catalog_services.change_source(
                source.id, clock=clock, actor="", credentials_box=settings.VAULT.credentials, traits={GROUPED: grouped}
            )  # fmt: skip
            changed += 1
    return changed
