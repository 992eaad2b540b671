"""What somebody tries who wants to see more than they may: forged forms, links and sessions of others, identifiers by hand."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as office_settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from rejent.access import queries
from rejent.access import services as access
from rejent.catalog import queries as catalog
from rejent.catalog import services as cameras
from rejent.kernel.clock import ManualClock
from rejent.kernel.errors import NotFoundError
from rejent.office import services as office
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.web.route_permissions import route_permissions
from rejent.web.signing_in.sessions import kept_as
from tests.unit.web.conftest import Browser, NoBox

PASSWORD = "a long and quiet river"
NOBODYS = UUID(int=0)
Span = tuple[datetime, datetime]
Open = Callable[..., str]


def addresses() -> Iterator[str]:
    """Every page with something in place of its parameters."""
    resolver = get_resolver()
    for door in sorted(route_permissions()):
        (_, parameters), *_ = resolver.reverse_dict.getlist(door)[0][0]
        samples = product(*([1, NOBODYS, "csv"] for _ in parameters))
        for sample in (dict(zip(parameters, each, strict=True)) for each in samples):
            try:
                yield reverse(door, kwargs=sample)
                break
            except NoReverseMatch:
                continue
        else:
            raise AssertionError(f"no address for {door}")


@pytest.fixture
def opened(people: dict[str, PersonView], source: str, recording: Span, clock: ManualClock) -> Open:
    """Opens a viewing for somebody in the session of their browser; its address."""

    def open_viewing(client: Client, role: str = "viewer", source_id: str = source) -> str:
        viewing = access.open_viewing(
            person=people[role],
            source_id=source_id,
            start=recording[0],
            end=recording[1],
            purpose="bezpieczenstwo",
            case="OR.1431.17.2026",
            session=kept_as(str(client.session.session_key)),
            clock=clock,
            acknowledged=True,
        )
        return reverse("viewing", args=[viewing.id])

    return open_viewing


@pytest.mark.parametrize(
    ("role", "methods"),
    [
        ("head", ("POST", "PUT", "PATCH", "DELETE")),
        ("administrator", ("POST",)),
        ("viewer", ("POST",)),
    ],
)
def test_no_form_is_taken_from_a_page_of_somebody_else(
    role: str, methods: tuple[str, ...], browser: Browser, people: dict[str, PersonView]
) -> None:
    """Every address refuses every unsafe method without the token of its own form, and nothing is entered."""
    client = Client(
        enforce_csrf_checks=True, headers={"host": "localhost", "origin": "https://elsewhere.example", "accept": "application/json"}
    )  # fmt: skip
    client.force_login(get_user_model().objects.get(person_id=people[role].id))
    before = registers.tree_head().size
    for address, method in product(addresses(), methods):
        answer = client.generic(method, address, "reason=x&case=x", "application/x-www-form-urlencoded")
        assert answer.status_code == 403, (method, address)
    assert registers.tree_head().size == before
    assert browser(role).post(reverse("preferences"), {}).status_code != 403, "the check is what refused"


@pytest.mark.parametrize("role", ["head", "administrator", "iod"])
def test_a_link_changes_nothing_wherever_it_leads(role: str, browser: Browser, clock: ManualClock) -> None:  # noqa: ARG001 - an office
    """Whatever is only read, by whoever may do most, leaves at most the entry that it was read or refused."""
    client, before = browser(role), registers.tree_head().size
    for address in addresses():
        assert client.get(address, {"next": "//elsewhere.example"}).status_code != 500, address
    entered = {act.act for act in registers.acts(limit=1000).acts if act.index >= before}
    assert entered <= {"ledger.exported", "authorisations.exported", "access.refused", "session.ended"}


@pytest.mark.usefixtures("people")
def test_a_session_that_somebody_else_began_is_not_gone_on_with() -> None:
    """Signing in makes a new session, whatever cookie the browser came with: one out of the air or one that was handed to it."""
    planted = Client(headers={"host": "localhost"})
    planted.get(reverse("account_login"))
    planted.session.save()
    for key in (planted.session.session_key, "a" * 32):
        victim = Client(headers={"host": "localhost"})
        victim.cookies[office_settings.SESSION_COOKIE_NAME] = key
        answer = victim.post(reverse("account_login"), {"login": "viewer", "password": PASSWORD})
        assert answer.status_code == 302
        assert victim.cookies[office_settings.SESSION_COOKIE_NAME].value != key
        attacker = Client(headers={"host": "localhost"})
        attacker.cookies[office_settings.SESSION_COOKIE_NAME] = key
        assert attacker.get(reverse("preferences")).status_code == 302


def test_a_copied_session_ends_with_its_owners(people: dict[str, PersonView]) -> None:
    """After signing out the cookie opens nothing any more, wherever it was carried to; scripts and other sites never had it."""
    owner = Client(headers={"host": "localhost"})
    owner.post(reverse("account_login"), {"login": people["viewer"].username, "password": PASSWORD})
    cookie = owner.cookies[office_settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    thief = Client(headers={"host": "localhost"})
    thief.cookies[office_settings.SESSION_COOKIE_NAME] = cookie.value
    assert thief.get(reverse("preferences")).status_code == 200
    assert owner.post(reverse("account_logout")).status_code == 302
    assert thief.get(reverse("preferences")).status_code == 302


@pytest.mark.parametrize(
    ("passed", "status"), [(timedelta(hours=7, minutes=59), 200), (timedelta(hours=8), 302)]
)
def test_a_session_ends_after_eight_hours(
    people: dict[str, PersonView], passed: timedelta, status: int
) -> None:
    """A cookie that was left behind or copied opens nothing the next morning, although nobody signed out."""
    client = Client(headers={"host": "localhost"})
    client.post(reverse("account_login"), {"login": people["viewer"].username, "password": PASSWORD})
    assert client.get(reverse("preferences")).status_code == 200
    assert Session.objects.update(expire_date=F("expire_date") - passed) == 1
    assert client.get(reverse("preferences")).status_code == status


def test_cookies_travel_encrypted_where_pages_do(
    monkeypatch: pytest.MonkeyPatch, people: dict[str, PersonView]
) -> None:
    """An office whose pages are served over TLS marks both cookies so that no plain request carries them."""
    for setting in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        monkeypatch.setattr(office_settings, setting, True)
    client = Client(headers={"host": "localhost"})
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": people["viewer"].username, "password": PASSWORD})
    assert all(client.cookies[name]["secure"] for name in (office_settings.SESSION_COOKIE_NAME, "csrftoken"))


def test_a_link_to_a_viewing_opens_for_nobody_else_and_never_again(browser: Browser, opened: Open) -> None:
    """Sent to a colleague, to a stranger, or taken up in a later session, the same address shows nothing.

    Its own viewer is led to the protocol of what has ended, and nobody else is.
    """
    owner = browser("viewer")
    base = opened(owner)
    (segment, *_) = owner.get(f"{base}/index.json").json()["segments"]
    piece = f"{base}/media/{segment['id']}?from=39600&to=39610"
    links = [base, f"{base}/index.json", f"{base}/still?t=39600", piece]
    assert owner.get(base).status_code == 200
    for link in links:
        assert browser("head").get(link).status_code == 404
        assert Client(headers={"host": "localhost"}).get(link).status_code == 302
    owner.post(reverse("account_logout"))
    assert owner.get(base).status_code == 302
    again = browser("viewer")
    assert {again.get(link).status_code for link in links[1:]} == {404}
    led = again.get(base)
    assert led.status_code == 302
    assert led.headers["Location"] == reverse("protocol-write", args=[queries.viewings()[0].number])
    for link in links:
        assert browser("head").get(link).status_code == 404


def test_a_piece_fetched_before_is_not_fetched_after_the_end(
    browser: Browser, opened: Open, settings: Any
) -> None:
    """A recorded request is worth nothing once the viewing has ended, and what was handed out may not be kept."""
    client = browser("viewer")
    base = opened(client)
    segment = client.get(f"{base}/index.json").json()["segments"][0]["id"]
    reached: list[object] = []

    def opener(found: object, _: object) -> object:
        reached.append(found)
        raise NotFoundError("The vault of this test is empty.")

    settings.OPENER = opener
    piece = f"{base}/media/{segment}?from=39600&to=39610"
    assert client.get(f"{base}/index.json").headers["Cache-Control"] == "no-store"
    client.get(piece)
    assert reached, "before the end it leads to the recording"
    reached.clear()
    client.post(f"{base}/close")
    for link in (piece, f"{base}/still?t=39600", f"{base}/index.json"):
        assert client.get(link).status_code == 403
    assert reached == []


def test_identifiers_by_hand_open_nothing_of_another_source(
    browser: Browser, opened: Open, source: str, recording: Span, settings: Any
) -> None:  # fmt: skip
    """A segment of another camera or of another hour does not belong to the viewing, however well it is known."""
    client, reached = browser("viewer"), []
    settings.OPENER = reached.append
    base = opened(client)
    other = cameras.add_source(
        stream="video", name="Parking", address="rtsp://192.0.2.8/p", building="Ratusz", place="parking", kind="outside",
        clock=settings.CLOCK, actor="", credentials_box=NoBox(),
    )  # fmt: skip
    (first, *_) = catalog.segments(source, *recording)
    strangers = [
        copied(first, other, recording[0]),
        copied(first, source, recording[0] - timedelta(days=1)),
    ]
    for segment_id in strangers:
        assert client.get(f"{base}/media/{segment_id}?from=39600&to=39610").status_code == 404
    for position in ("-1", "nan", "inf", "1e400", "86401", "39590", "", "x"):
        assert client.get(f"{base}/still", {"t": position}).status_code in {400, 404}, position
    assert reached == []


def copied(segment: Any, source: str, start: datetime) -> UUID:
    """Book a minute like another; its identifier."""
    from uuid import uuid4

    identifier = uuid4()
    made = cameras.FinishedSegment(
        id=identifier,
        source_id=source,
        day=start.date(),
        start=start,
        end=start + timedelta(minutes=1),
        run="run-2",
        object_name=f"{source}/{identifier}.age",
        bytes=1000,
        sha256=f"{identifier.int:064x}",
        recipient="age1day",
        units=1500,
        index=b"",
        traits={"clock_offset_s": 0.0, "codec": segment.traits["codec"], "width": 1920, "height": 1080},
    )
    cameras.book_segments([made], ManualClock(start + timedelta(minutes=2)))
    return identifier


def test_two_tabs_are_one_person_and_end_together(browser: Browser, opened: Open) -> None:
    """A viewing open in two tabs is one viewing: what one ends the other has lost, and signing out ends both."""
    tab = browser("viewer")
    other = Client(headers={"host": "localhost"})
    other.cookies[office_settings.SESSION_COOKIE_NAME] = tab.cookies[
        office_settings.SESSION_COOKIE_NAME
    ].value
    base = opened(tab)
    assert other.get(f"{base}/index.json").status_code == 200
    assert other.post(f"{base}/close").status_code == 302
    assert tab.get(f"{base}/index.json").status_code == 403
    assert len(registers.acts(names=["viewing.closed"]).acts) == 1
    assert other.post(reverse("account_logout")).status_code == 302
    assert tab.get(reverse("preferences")).status_code == 302


@pytest.mark.usefixtures("recording")
def test_a_right_to_the_live_picture_opens_no_recording(
    browser: Browser, source: str, people: dict[str, PersonView]
) -> None:
    """A guard who sees the wall is refused the form, the form's target, and the viewing of somebody else; a viewer's same form opens."""
    guard = browser("guard")
    assert queries.visible_sources(people["guard"], "live", clock=office_settings.CLOCK) == {source}
    form = {
        "source": source, "day": "dziś", "time": "11:00:30", "purpose": "bezpieczenstwo", "case": "OR.1",
        "acknowledged": "on",
    }  # fmt: skip
    assert '<form class="panel"' not in guard.get(reverse("find")).content.decode()
    assert guard.post(reverse("find"), form).status_code == 403
    refused = [
        act.facts or {}
        for act in registers.acts(names=["access.refused"], actor=str(people["guard"].id)).acts
    ]
    assert [facts["rule"] for facts in refused] == ["role-excluded"] * 2
    assert {facts.get("source") or facts["page"] for facts in refused} == {source, "/find"}
    answer = browser("viewer").post(reverse("find"), form)
    assert answer.status_code == 302
    base = answer.headers["Location"].partition("?")[0]
    assert guard.get(f"{base}/still?t=39600").status_code == 404
    assert not queries.viewings(person_id=people["guard"].id)


@pytest.mark.parametrize(
    ("roles", "status"),
    [(["guard"], 302), (["employee"], 302), (["viewer", "guard"], 403), (["viewer", "iod"], 403)],
)
def test_a_role_changed_in_mid_view_ends_the_view(
    roles: list[str], status: int, browser: Browser, opened: Open, people: dict[str, PersonView]
) -> None:
    """Who loses a role has to sign in anew; who gets one that bars is refused at the next piece, by the roles of that moment."""
    client = browser("viewer")
    base = opened(client)
    assert client.get(f"{base}/index.json").status_code == 200
    office.set_roles(people["viewer"].id, roles, clock=office_settings.CLOCK, actor=str(people["head"].id))
    for link in (f"{base}/index.json", f"{base}/still?t=39600"):
        assert client.get(link, headers={"accept": "application/json"}).status_code == status
