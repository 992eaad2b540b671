"""Who may open the socket of the live wall, and when it has to close."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.views import PersonView
from rejent.ops.serving.asgi import application
from rejent.streams.cameras.pages import live_socket as live
from rejent.web.signing_in.sessions import SessionStore
from tests.unit.web.conftest import Browser

pytestmark = pytest.mark.django_db


def cookie(client: Client) -> str:
    """The session's cookie as a browser sends it."""
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def scope(client: Client, source: str, path: str = "/live/ws", host: str = "localhost") -> dict[str, Any]:
    """What the server says of a page that asks for a source's live picture."""
    headers = {"host": host, "origin": f"http://{host}", "cookie": cookie(client)}
    return {
        "type": "websocket",
        "path": path,
        "query_string": f"sources={source}".encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """The first thing the socket says; the page leaves at once."""
    coming = [{"type": "websocket.connect"}, {"type": "websocket.disconnect"}]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    async_to_sync(application)(asked, receive, send)
    return said[0]


@pytest.mark.parametrize(
    ("wanted", "path", "host"),
    [
        ("0" * 32, "/live/ws", "localhost"),
        ("", "/live/ws", "localhost"),
        (None, "/live", "localhost"),
        (None, "/live/ws", "office.example"),
    ],
    ids=["unknown source", "no source", "another address", "a host that is not ours"],
)
def test_a_socket_that_no_page_of_ours_would_open_is_refused(
    browser: Browser, source: str, wanted: str | None, path: str, host: str
) -> None:
    """It is closed, not failed, before anything is looked up that its owner may not see."""
    asked = scope(browser("guard"), source if wanted is None else wanted, path, host)
    assert answer(asked)["type"] == "websocket.close"


@pytest.mark.parametrize("origin", ["", "null", "http://[::1", "http://office.example"])
def test_a_socket_of_another_page_is_refused(browser: Browser, source: str, origin: str) -> None:
    """Whatever stands for the page's origin, also what is none; the cookie alone opens nothing."""
    asked = scope(browser("guard"), source)
    assert answer(asked)["type"] == "websocket.accept"
    asked["headers"] = [(name, value) for name, value in asked["headers"] if name != b"origin"]
    asked["headers"].append((b"origin", origin.encode()))
    assert answer(asked) == {"type": "websocket.close", "code": live.REFUSED}


def test_a_clerk_without_authorisation_is_refused(browser: Browser, source: str) -> None:
    """Being signed in is not enough."""
    assert answer(scope(browser("clerk"), source))["type"] == "websocket.close"


def test_the_wall_closes_when_the_session_no_longer_counts(
    browser: Browser, source: str, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """A password set anew, and a session that ran out, end what is being watched, as they end pages."""
    wall = live._wall(scope(browser("guard"), source))
    assert wall is not None
    assert live._may_still(wall)
    office.set_password(people["guard"].id, "another quiet long river", clock=clock, actor="")
    assert not live._may_still(wall)

    again = live._wall(scope(browser("guard"), source))
    assert again is not None
    session = SessionStore(again.session)
    session.set_expiry(-1)
    session.save()
    assert not live._may_still(again)
    assert get_user_model().objects.filter(person_id=people["guard"].id, is_active=True).exists()
