"""The side column: groups of links to the pages open to a person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.access.rules.decision import may_administer
from rejent.access.viewings import protocols
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.web.route_permissions import may_enter
from rejent.web.stream_parts import PAGES, Place


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
        _("Recordings"),
        (
            ("sources", _("Sources"), "device-cctv"),
            ("storage", _("Storage"), "database"),
            ("cases", _("Applications"), "clock"),
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


def navigation(person: PersonView | None, path: str) -> Iterator[Group]:
    """Yield the groups of places open to a person; the one a path lies under is marked."""
    if person is None:
        return
    owed = list(_owed(person, path))
    there = any(link.current for link in owed)
    for title, places in _groups():
        links = [
            Link(place.title, address, place.icon, _under(path, address) and not there)
            for place in places
            if may_enter(person, place.route) and place.shown(person)
            for address in [reverse(place.route)]
        ]
        if not title:
            links += owed
        if links:
            yield Group(title, links)


def _groups() -> Iterator[tuple[str | Promise, Sequence[Place]]]:
    """Yield every group with its places, those of streams after the start."""
    (first, *others) = (
        (
            title,
            [
                Place(route=route, title=name, icon=icon, shown=_SHOWN.get(route, _always))
                for route, name, icon in places
            ],
        )
        for title, places in _PLACES
    )
    yield first
    yield from ((pages.group, pages.places) for __, pages in PAGES.items())
    yield from others


def _owed(person: PersonView, path: str) -> Iterator[Link]:
    if number := protocols.unfinished(person.id):
        address = reverse("protocol-write", args=[number])
        yield Link(_("Protocol to finish"), address, "file-text", path == address)


def _always(_person: PersonView) -> bool:
    return True


def _has_protocols(person: PersonView) -> bool:
    """Return whether some authorisation could leave a person protocols; who supervises viewings sees everybody's."""
    return may_administer(person.roles, "see-viewings").allowed or any(
        access.barring_refusal(person, "recordings", stream, clock=settings.CLOCK) is None for stream in PAGES
    )


def _is_watched(_person: PersonView) -> bool:
    there = {*office.streams(civil_date(settings.CLOCK.now())), *catalog.streams(removed=True).values()}
    return any(pages.live and stream in there for stream, pages in PAGES.items())


_SHOWN = {"protocols": _has_protocols, "watches": _is_watched}


def _under(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(f"{address.rstrip('/')}/"))
