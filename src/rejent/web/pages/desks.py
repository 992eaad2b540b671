"""Whose lines stand on a person's desk: every subject of the pages and every kind of stream, one line each."""

from collections.abc import Iterator

from rejent.web.cases import listing as cases
from rejent.web.cases.copies import waiting as copies
from rejent.web.desk import Desk
from rejent.web.notices import overview as notices
from rejent.web.pages import holds, regulation, sources, storage
from rejent.web.people import authorisations, duties, people
from rejent.web.player import presence
from rejent.web.registers import protocols
from rejent.web.registers.books import register_pages
from rejent.web.stream_parts import PAGES
from rejent.web.supervision import oversight

_DESKS = (
    sources.DESK,
    storage.DESK,
    presence.DESK,
    protocols.DESK,
    cases.DESK,
    copies.DESK,
    holds.DESK,
    duties.DESK,
    oversight.DESK,
    authorisations.DESK,
    regulation.DESK,
    notices.DESK,
    register_pages.DESK,
    people.DESK,
)


def desks() -> Iterator[Desk]:
    """Yield every subject's desk; what stands first comes first among equals."""
    yield from _DESKS
    yield from (pages.desk for _, pages in PAGES.items())
