"""What is being looked at ends with the right to it: the live wall, an open viewing, and being signed in."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import Client
from django.urls import reverse

from rejent.access import authorisation_queries
from rejent.access import queries as access
from rejent.access import services as access_services
from rejent.kernel.clock import ManualClock, local_midnight
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.streams.cameras.pages import live_socket as live
from rejent.web.signing_in.sessions import kept_as
from tests.unit.web.conftest import Browser
from tests.unit.web.test_live_socket import scope
from tests.unit.web.test_viewing_pages import _opened
from tests.waiting import CEILING_S

Change = Callable[[PersonView, ManualClock], None]


def authorisation_revoked(person: PersonView, clock: ManualClock) -> None:
    """The head takes the authorisation back."""
    (held,) = authorisation_queries.authorisations(person_id=person.id)
    access_services.revoke_authorisation(held.number, clock=clock, actor="")


def role_lost(person: PersonView, clock: ManualClock) -> None:
    """The person is something else from now on."""
    office.set_roles(person.id, ["clerk"], clock=clock, actor="")


def left(person: PersonView, clock: ManualClock) -> None:
    """The person leaves the office."""
    office.person_left(person.id, clock=clock, actor="")


def password_reset(person: PersonView, clock: ManualClock) -> None:
    """Somebody sets the password anew."""
    office.set_password(person.id, "another quiet long river", clock=clock, actor="")


def regulation_changed(person: PersonView, clock: ManualClock) -> None:  # noqa: ARG001 - a change like the others
    """A version of the regulation that names nobody comes into force."""
    text = example("pleszew").replace('recordings = ["viewer"]', "recordings = []")
    office.activate_regulation(text, in_force_from=date(2026, 3, 1), clock=clock, actor="")


CHANGES: dict[str, Change] = {
    change.__name__: change
    for change in (authorisation_revoked, role_lost, left, password_reset, regulation_changed)
}
SIGNED_OUT = {"role_lost", "left", "password_reset"}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.usefixtures("recording")
def test_an_open_viewing_stands_until_the_right_ends(
    browser: Browser, people: dict[str, PersonView], source: str, clock: ManualClock, name: str
) -> None:
    """The player's question is answered with nothing while it may go on, then with the rule or the entrance, as is every piece."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    assert client.get(f"{base}/standing").status_code == 204
    CHANGES[name](people["viewer"], clock)
    for address in (f"{base}/standing", f"{base}/index.json", f"{base}/still?t=39630"):
        answer = client.get(address, headers={"accept": "application/json"})
        assert answer.status_code == (302 if name in SIGNED_OUT else 403), address
    assert access_services.close_ended_viewings(clock=clock) == 1


@pytest.mark.parametrize("name", [name for name in CHANGES if name in SIGNED_OUT])
def test_who_is_signed_in_is_so_no_more(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock, name: str
) -> None:
    """The next page is the entrance, in every browser of the person; others stay where they are."""
    own, second, other = browser("viewer"), browser("viewer"), browser("guard")
    CHANGES[name](people["viewer"], clock)
    for client in (own, second):
        answer = client.get(reverse("start"))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")
    assert other.get(reverse("start")).status_code == 200


def ended_by(client: Client, source: str, change: Callable[[], None]) -> dict[str, Any]:
    """What a socket says when a change comes after it was accepted, and nobody closes the page."""
    said: list[dict[str, Any]] = []
    closed = asyncio.Event()
    asked = [{"type": "websocket.connect"}]

    async def receive() -> dict[str, Any]:
        if not asked:
            await closed.wait()
        return asked.pop(0) if asked else {"type": "websocket.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)
        if message["type"] == "websocket.accept":
            await sync_to_async(change)()
        if message["type"] == "websocket.close":
            closed.set()

    async def watched() -> None:
        await asyncio.wait_for(live.live_socket(scope(client, source), receive, send), CEILING_S)

    async_to_sync(watched)()
    return said[-1]


@pytest.mark.parametrize("name", list(CHANGES))
@pytest.mark.django_db
def test_the_live_wall_closes_by_itself(
    browser: Browser,
    people: dict[str, PersonView],
    source: str,
    clock: ManualClock,
    *,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Whatever takes the right, the socket is closed by the program, and that the watching stopped is entered."""
    assert live.RIGHTS_EVERY_S <= 1
    monkeypatch.setattr(live, "RIGHTS_EVERY_S", 0)
    last = ended_by(browser("viewer"), source, lambda: CHANGES[name](people["viewer"], clock))
    assert last == {"type": "websocket.close", "code": live.ENDED}
    assert len(registers.acts(names=["live.stopped"]).acts) == 1


@pytest.mark.parametrize(
    "last", [date(2026, 11, 22), date(2027, 3, 28), date(2027, 10, 31)], ids=["usual", "23 hours", "25 hours"]
)
def test_an_authorisation_ends_at_local_midnight_under_way(
    browser: Browser, people: dict[str, PersonView], source: str, clock: ManualClock, last: date
) -> None:
    """A viewing that runs and a wall that is watched go on until the last instant of the day, whatever its length, and no longer."""
    midnight = local_midnight(last + timedelta(days=1))
    clock.advance(midnight - timedelta(minutes=30) - clock.now())
    (held,) = authorisation_queries.authorisations(person_id=people["viewer"].id)
    access_services.revoke_authorisation(held.number, clock=clock, actor="")
    issued(people, clock, last)
    client = browser("viewer")
    address = viewed(client, people["viewer"], source, clock)
    wall = live._wall(scope(client, source))
    assert wall is not None
    clock.advance(midnight - clock.now() - timedelta(microseconds=1))
    assert client.get(address).status_code == 204
    assert live._may_still(wall)
    clock.advance(timedelta(microseconds=1))
    assert client.get(address).status_code == 403
    assert not live._may_still(wall)


def viewed(client: Client, person: PersonView, source: str, clock: ManualClock) -> str:
    """Open a viewing of the last hour in the client's session; where it is asked whether it stands."""
    now = clock.now()
    viewing = access_services.open_viewing(
        person=person, source_id=source, start=now - timedelta(hours=1), end=now, case="OR.1", clock=clock,
        purpose=next(iter(access.purposes("video", clock=clock))), session=kept_as(client.session.session_key or ""),
        acknowledged=True,
    )  # fmt: skip
    return reverse("viewing-standing", args=[viewing.id])


def issued(people: dict[str, PersonView], clock: ManualClock, last: date) -> None:
    """An authorisation for both acts until a last day."""
    access_services.issue_authorisation(
        person_id=people["viewer"].id, acts=["live", "recordings"], stream="video", source_ids=None,
        valid_from=last, valid_until=last, clock=clock, actor="",
    )  # fmt: skip


def test_renewed_without_a_gap_a_viewing_goes_on_over_midnight(
    browser: Browser, people: dict[str, PersonView], source: str, clock: ManualClock
) -> None:
    """The authorisation that follows takes over at the midnight the former ends, for a viewing and for the wall."""
    last = date(2026, 11, 21)
    midnight = local_midnight(last + timedelta(days=1))
    (held,) = authorisation_queries.authorisations(person_id=people["viewer"].id)
    access_services.revoke_authorisation(held.number, clock=clock, actor="")
    issued(people, clock, last)
    former = authorisation_queries.authorisations(person_id=people["viewer"].id)[0]
    access_services.renew_authorisation(former.number, valid_until=None, clock=clock, actor="")
    clock.advance(midnight - timedelta(minutes=30) - clock.now())
    client = browser("viewer")
    address = viewed(client, people["viewer"], source, clock)
    wall = live._wall(scope(client, source))
    assert wall is not None
    clock.advance(timedelta(hours=1))
    assert client.get(address).status_code == 204
    assert access_services.close_ended_viewings(clock=clock) == 0
    assert live._may_still(wall)
