"""Where a person may go, in groups, as the side column shows it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.access import protocols
from rejent.access import queries as access
from rejent.access.rules import may_administer
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.office.vocabulary import StreamName
from rejent.web.route_permissions import may_enter


@dataclass(frozen=True, slots=True)
class Link:
    """One place to go."""

    title: str | Promise
    address: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Places that belong together."""

    title: str | Promise
    links: list[Link]


_PLACES = (
    ("", (("start", _("Start"), "home"),)),
    (
        _("Picture"),
        (
            ("live", _("Live picture"), "layout-grid"),
            ("find", _("Find a recording"), "search"),
        ),
    ),
    (
        _("Calls"),
        (
            ("calls", _("Find a call"), "phone"),
            ("announcement-read", _("Announcement read"), "circle-check"),
            ("refused-numbers", _("Refusals of recording"), "x"),
            ("completeness", _("Completeness of calls"), "list-check"),
        ),
    ),
    (
        _("Recordings"),
        (
            ("sources", _("Sources"), "device-cctv"),
            ("storage", _("Storage"), "database"),
            ("holds", _("Holds"), "lock"),
            ("due", _("Due for destruction"), "hourglass"),
            ("destructions", _("Destroyed"), "shredder"),
        ),
    ),
    (
        _("Supervision"),
        (
            ("supervision", _("Week of supervision"), "shield-check"),
            ("ledger", _("Register of actions"), "book-2"),
            ("viewings", _("Viewings"), "eye"),
            ("protocols", _("Protocols"), "list-check"),
            ("watches", _("Live watching"), "layout-grid"),
            ("promises", _("Promises"), "certificate"),
        ),
    ),
    (
        _("Office"),
        (
            ("authorisations", _("Authorisations"), "user-check"),
            ("people", _("People"), "users"),
            ("statements", _("Written statements"), "file-text"),
            ("absences", _("Absences"), "calendar"),
            ("faults", _("Faults"), "settings"),
            ("stations", _("Stations"), "server-2"),
            ("regulation", _("Regulation"), "gavel"),
        ),
    ),
)
_SEEING = {
    "live": ("live", (StreamName.VIDEO,)),
    "find": ("recordings", (StreamName.VIDEO,)),
    "calls": ("recordings", (StreamName.CALLS,)),
    "protocols": ("recordings", (StreamName.VIDEO, StreamName.CALLS)),
}
"""What may be seen behind a door, and of which streams."""


def navigation(person: PersonView | None, path: str) -> Iterator[Group]:
    """The groups of places open to a person; the one a path lies under is marked."""
    if person is None:
        return
    owed = list(_owed(person, path))
    there = any(link.current for link in owed)
    for title, places in _PLACES:
        links = [
            Link(name, address, icon, _under(path, address) and not there)
            for door, name, icon in places
            if may_enter(person, door) and _could_see(person, door)
            for address in [reverse(door)]
        ]
        if not title:
            links += owed
        if links:
            yield Group(title, links)


def _owed(person: PersonView, path: str) -> Iterator[Link]:
    """The way to the protocol that a person has to finish, where one waits."""
    if number := protocols.unfinished(person.id):
        address = reverse("protocol-write", args=[number])
        yield Link(_("Protocol to finish"), address, "file-text", path == address)


def _could_see(person: PersonView, door: str) -> bool:
    """Whether some authorisation could show the person something there; true for places without recordings, if they serve.

    Who supervises viewings has something to see among their protocols.
    """
    if door == "announcement-read":
        return "outgoing" in office.announced_directions(StreamName.CALLS, civil_date(settings.CLOCK.now()))
    if door == "watches":
        return StreamName.VIDEO in {
            *office.streams(civil_date(settings.CLOCK.now())),
            *catalog.streams(removed=True).values(),
        }
    if door in {"completeness", "refused-numbers"}:
        return StreamName.CALLS in office.streams(civil_date(settings.CLOCK.now()))
    seen = _SEEING.get(door)
    if seen is None or (door == "protocols" and may_administer(person.roles, "see-viewings").allowed):
        return True
    act, streams = seen
    return any(access.barred(person, act, stream, clock=settings.CLOCK) is None for stream in streams)


def _under(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(f"{address.rstrip('/')}/"))
