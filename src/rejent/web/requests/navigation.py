"""The side column: what a person does daily, and groups that open on the other pages open to them; nine entries in view."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.access.rules.decision import may_administer
from rejent.access.viewings import protocols
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView
from rejent.web.route_permissions import may_enter
from rejent.web.stream_parts import PAGES, Place
from rejent.web.words.sources import recordings_title, streams_there


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
    folded: bool = False

    @property
    def opened(self) -> bool:
        """Return whether a folded group shows its places at once, as one of them is the page."""
        return any(link.current for link in self.links)


MOST_IN_VIEW = 9
"""Places and titles of folded groups that a person has in view; who has no more places has no folds."""

_PLACES = (
    ("", (("start", _("Start"), "home"),)),
    (
        lazy(recordings_title, str)(),
        (
            ("sources", _("Sources"), "device-cctv"),
            ("storage", _("Storage"), "database"),
            ("cases", _("Applications"), "clock"),
            ("holds", _("Holds"), "lock"),
            ("copies", _("Copies"), "file-text"),
            ("due", _("Due for destruction"), "hourglass"),
            ("destructions", _("Destroyed"), "shredder"),
        ),
    ),
    (
        _("Supervision"),
        (
            ("supervision", _("Week of supervision"), "shield-check"),
            ("ledger", _("Register of actions"), "book-2"),
            ("registers", _("Registers"), "printer"),
            ("viewings", _("Viewings"), "eye"),
            ("protocols", _("Protocols"), "list-check"),
            ("watches", _("Live watching"), "device-tv"),
            ("promises", _("Promises"), "certificate"),
        ),
    ),
    (
        _("Office"),
        (
            ("authorisations", _("Authorisations"), "user-check"),
            ("people", _("People"), "users"),
            ("statements", _("Written statements"), "signature"),
            ("absences", _("Absences"), "calendar"),
            ("faults", _("Faults"), "tool"),
            ("breaches", _("Breaches and incidents"), "alert-triangle"),
            ("stations", _("Stations"), "server-2"),
            ("notices", _("Telling people"), "speakerphone"),
            ("regulation", _("Regulation"), "gavel"),
            ("missing", _("What is still missing"), "circle-dashed"),
        ),
    ),
)


_DAILY: Mapping[str, tuple[str, ...]] = {
    RoleName.PROTECTION_OFFICER: ("supervision", "ledger"),
    RoleName.SECRETARY: ("cases", "supervision"),
    RoleName.HEAD: ("cases", "protocols", "authorisations"),
    RoleName.DEPUTY: ("cases", "protocols", "authorisations"),
    RoleName.ADMINISTRATOR: ("sources", "people"),
    RoleName.IT_UNIT: ("sources", "storage"),
}
"""The pages of a role's everyday, in view as long as there is room; besides those on which recordings and live pictures begin."""


def navigation(person: PersonView | None, path: str) -> list[Group]:
    """Return the groups of places open to a person, the daily ones first; the one a path lies under is marked."""
    if person is None:
        return []
    owed = list(_owed(person, path))
    there = any(link.current for link in owed)
    open_to = [
        (title, [place for place in places if may_enter(person, place.route) and place.shown(person)])
        for title, places in _groups()
    ]
    filled = [(title, places) for title, places in open_to if places]
    everyday = _everyday(person, filled, MOST_IN_VIEW - len(owed))
    in_view = [place for _, places in filled for place in places if place.route in everyday]
    groups = [Group("", [*_links(in_view, path, marked=not there), *owed])] if everyday else []
    for title, places in filled:
        rest = [place for place in places if place.route not in everyday]
        if rest:
            groups.append(Group(title, _links(rest, path, marked=not there), folded=bool(everyday)))
    if not everyday:
        groups[0].links.extend(owed)
    return groups


def _everyday(
    person: PersonView, groups: Sequence[tuple[str | Promise, Sequence[Place]]], room: int
) -> list[str]:
    places = [place for _, places in groups for place in places]
    if len(places) <= room:
        return []
    found = ["start", *(place.route for place in places if place.begins)]
    for route in (route for role, routes in _DAILY.items() if role in person.roles for route in routes):
        if route not in found and len(found) + len(groups) - 1 < room:
            found.append(route)
    return found


def _links(places: Iterable[Place], path: str, *, marked: bool) -> list[Link]:
    return [
        Link(
            place.title,
            address,
            place.icon,
            _under(path, address) and marked,
        )
        for place in places
        for address in [reverse(place.route)]
    ]


def _groups() -> Iterator[tuple[str | Promise, Sequence[Place]]]:
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
        yield Link(_("Protocol to finish"), address, "pencil", path == address)


def _always(_person: PersonView) -> bool:
    return True


def _has_protocols(person: PersonView) -> bool:
    """Return whether some authorisation could leave a person protocols; who supervises viewings sees everybody's."""
    return may_administer(person.roles, "see-viewings").allowed or any(
        access.barring_refusal(person, "recordings", stream, clock=settings.CLOCK) is None for stream in PAGES
    )


def _is_watched(_person: PersonView) -> bool:
    there = streams_there()
    return any(pages.live and stream in there for stream, pages in PAGES.items())


def _has_registers(person: PersonView) -> bool:
    acts = (
        "see-copies",
        "see-ledger",
        "see-authorisations",
        "see-cases",
        "see-statements",
        "see-notices",
        "see-holds",
        "see-due",
    )
    return any(may_administer(person.roles, act).allowed for act in acts)


_SHOWN = {"protocols": _has_protocols, "watches": _is_watched, "registers": _has_registers}


def _under(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(f"{address.rstrip('/')}/"))
