"""Pages of every kind of stream: each route has its permission, each name its page, and nobody enters without a right."""

from collections.abc import Iterator, Sequence
from itertools import product
from uuid import UUID

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from rejent.access.rules.administration import ADMINISTRATION
from rejent.kernel.clock import ManualClock
from rejent.web.route_permissions import KNOWN, SIGNED_IN, Page, may_enter
from rejent.web.stream_parts import PAGES, ROUTES
from tests.contract.streams.conftest import PROOF, Kind
from tests.people import add_person
from tests.unit.web.conftest import clock

__all__ = ["clock"]


def test_every_route_has_its_permission(kind: Kind) -> None:
    """No page of a kind is open to anyone, and each asks for an act that the rules know."""
    routes = kind.of(ROUTES)
    assert routes
    assert {page.opens_to for page in routes} <= {SIGNED_IN, KNOWN, *ADMINISTRATION}


def test_every_page_that_others_link_to_is_there(kind: Kind) -> None:
    """The finder, the live pictures, the links of the side column, and the pages of sources."""
    routes, pages = kind.of(ROUTES), kind.of(PAGES)
    added = pages.sources.add[0] if pages.sources.add else ""
    linked = [pages.finder, pages.live, added, pages.sources.change, *(place.route for place in pages.places)]
    linked += [route for route, _ in pages.alarms.values()]
    assert [name for name in linked if name and not _addresses(routes, name)] == []


def test_the_templates_of_sources_are_there(kind: Kind) -> None:
    """Each stands in the kind's own folder."""
    sources = kind.of(PAGES).sources
    named = [name for name in (sources.table, sources.facts, sources.more) if name]
    assert named
    assert [name for name in named if not (kind.path / "templates" / name).is_file()] == []


def test_no_page_of_a_kind_opens_without_a_right(kind: Kind, db: None, clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """A stranger sees none, and somebody whose role gives no right to it none that asks for one or shows a recording.

    Routes of the proof are no routes of this process; it asks for its page in its own.
    """
    routes = kind.of(ROUTES)
    if kind.folder == PROOF:
        assert [page.name for page in routes if may_enter(None, str(page.name))] == []
        return
    employee = add_person(
        "Osoba bez roli", post="", roles=["employee"], username="employee", password="długie hasło bez roli", clock=clock, actor=""
    )  # fmt: skip
    stranger, known = (Client(headers={"host": "localhost"}) for _ in range(2))
    known.force_login(get_user_model().objects.get(person_id=employee.id))
    opened = []
    for page in routes:
        name, permission = str(page.name), page.opens_to
        address = reverse(name, kwargs=_addresses(routes, name)[0])
        answer = stranger.get(address)
        if answer.status_code != 302 or "next=" not in answer["Location"]:
            opened.append((name, "stranger", answer.status_code))
        asks_more = permission in ADMINISTRATION or (permission == KNOWN and page.showing)
        if asks_more and (status := known.get(address).status_code) not in {403, 404}:
            opened.append((name, "employee", status))
    assert opened == []


def _addresses(routes: Sequence[Page], name: str) -> list[dict[str, object]]:
    """Return arguments under which a page has an address, of this kind or of the program."""
    return [found for urlconf in (routes, None) for found in _arguments(urlconf, name)]


def _arguments(urlconf: Sequence[Page] | None, name: str) -> Iterator[dict[str, object]]:
    for candidates in get_resolver(urlconf).reverse_dict.getlist(name):
        for _, parameters in candidates[0]:
            for values in product((UUID(int=0), 1, "0" * 32, "csv"), repeat=len(parameters)):
                given = dict(zip(parameters, values, strict=True))
                try:
                    reverse(name, urlconf=urlconf, kwargs=given)
                except NoReverseMatch:
                    continue
                yield given
                break
