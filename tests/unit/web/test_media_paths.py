"""No way to a recording's pictures but a viewing: its session, its person, its station, its time, its measure."""

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as office_settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

import rejent
from rejent.access import authorisation_queries
from rejent.access import queries as access
from rejent.access import services as access_services
from rejent.devices import services as devices
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.streams.cameras.player import services as playback
from rejent.streams.cameras.player.services import Piece
from tests.unit.web.conftest import Browser
from tests.unit.web.test_viewing_pages import _opened

DIGEST, OTHER = "ab" * 32, "cd" * 32
HEADER, PROXY = "x-station-certificate", "10.0.0.1"
CONTENT = b"pictures of people"
Seat = Callable[..., Client]


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Recordings that can be cut and decoded; the instants that were opened."""
    reached: list[datetime] = []

    def clip(_segments: object, start: datetime, *_rest: object, **_more: object) -> Piece:
        reached.append(start)
        return Piece("avc1.640028", b"", CONTENT, (), start, start)

    def still(_segment: object, at: datetime, *_rest: object) -> tuple[bytes, datetime]:
        reached.append(at)
        return CONTENT, at

    monkeypatch.setattr(playback, "clip", clip)
    monkeypatch.setattr(playback, "still", still)
    return reached


def links_of(client: Client, base: str) -> list[str]:
    """Every address that hands out something of a viewing's recording."""
    segment = client.get(f"{base}/index.json").json()["segments"][0]["id"]
    return [f"{base}/media/{segment}?from=39600&to=39610", f"{base}/still?t=39600", f"{base}/index.json"]


def told(answer: Any) -> str:
    """What a refusal says to a script."""
    return unescape(answer.json()["error"])


@pytest.fixture
def seat(people: dict[str, PersonView], settings: Any, clock: ManualClock) -> Seat:
    """Browsers on listed computers and others, behind the office's proxy; one session can be carried to another seat."""
    settings.INSTALLATION = replace(
        settings.INSTALLATION, trusted_proxies=(PROXY,), station_header=HEADER, client_certificates=False
    )
    for name, digest in (("Kasa", DIGEST), ("Sekretariat", OTHER)):
        devices.enrol_station(
            name=name, place="", address="", fingerprint=digest, expires_at=clock.now() + timedelta(days=300),
            clock=clock, actor="",
        )  # fmt: skip

    def at(certificate: str = "", session: Client | None = None) -> Client:
        shown = {HEADER: certificate} if certificate else {}
        client = Client(
            headers={"host": "localhost", "x-forwarded-for": "192.0.2.7", **shown}, REMOTE_ADDR=PROXY
        )
        if session is None:
            client.force_login(get_user_model().objects.get(person_id=people["viewer"].id))
        else:
            name = office_settings.SESSION_COOKIE_NAME
            client.cookies[name] = session.cookies[name].value
        return client

    return at


@pytest.mark.usefixtures("recording")
def test_nothing_of_a_recording_is_kept_by_anybody_on_the_way(
    browser: Browser, source: str, pictures: list[datetime]
) -> None:
    """Pieces, stills, the index and refusals forbid every cache, and nothing lets a browser ask whether they changed."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    links = links_of(client, base)
    answers = [client.get(link) for link in (*links, base, f"{base}/guests")]
    client.post(f"{base}/close")
    refused = [client.get(link) for link in links]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.status_code for answer in refused} == {403}
    for answer in (*answers, *refused):
        assert answer.headers["Cache-Control"] == "no-store"
        assert not {"ETag", "Last-Modified", "Expires", "Accept-Ranges"} & set(answer.headers)
    assert len(pictures) == 2


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "QUERY"])
@pytest.mark.usefixtures("recording")
def test_no_other_method_reaches_a_picture(
    method: str, browser: Browser, source: str, pictures: list[datetime]
) -> None:
    """Asking for the head alone, or with a method nobody provided for, decodes nothing and notes nothing as seen."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    for link in links_of(client, base):
        answer = client.generic(method, link)
        assert answer.status_code == 405
        assert CONTENT not in answer.content
    assert pictures == []
    assert access.seen_stretches(access.viewings()[0].id) == []


@pytest.mark.parametrize(
    "asked", ["bytes=0-", "bytes=4-8", "bytes=-1", "bytes=0-1,4-5", "bytes=99999-", "seconds=1-2"]
)
@pytest.mark.usefixtures("recording")
def test_asking_for_a_range_gets_the_whole_piece_which_is_noted(
    asked: str, browser: Browser, source: str, pictures: list[datetime]
) -> None:
    """There are no parts of pieces: whatever range is asked for, everything is handed out and everything is noted."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    (piece, *_) = links_of(client, base)
    headers = {"range": asked, "if-range": '"x"', "if-none-match": "*", "if-modified-since": "Sat, 21 Nov 2026 11:00:00 GMT"}  # fmt: skip
    answer = client.get(piece, headers=headers)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert access.viewings()[0].seen_s == 10
    assert len(pictures) == 1


@pytest.mark.usefixtures("recording")
def test_another_session_of_the_same_person_reaches_nothing(
    browser: Browser, source: str, pictures: list[datetime]
) -> None:
    """A second browser of the person, the address copied into it, and the first one after signing out and in again."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    links = links_of(client, base)
    assert {browser("viewer").get(link).status_code for link in links} == {404}
    client.post(reverse("account_logout"))
    assert {client.get(link).status_code for link in links} == {302}
    assert {browser("viewer").get(link).status_code for link in links} == {404}
    assert pictures == []


@pytest.mark.parametrize("stations", ["any", "listed"])
@pytest.mark.usefixtures("recording")
def test_a_session_carried_off_a_station_reaches_nothing(
    stations: str, seat: Seat, source: str, clock: ManualClock, pictures: list[datetime]
) -> None:
    """Whatever the regulation says of stations: what was opened with a certificate goes on with that certificate alone."""
    text = example("pleszew").replace("live = []  ", f'live = ["viewer"]\nstations = "{stations}"  ', 1)
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    client = seat(DIGEST)
    base = _opened(client, source).split("?")[0]
    links = links_of(client, base)
    for thief in (seat("", client), seat(OTHER, client), seat("ef" * 32, client)):
        for link in (*links, base):
            answer = thief.get(link, headers={"accept": "application/json"})
            assert answer.status_code == 403, link
            assert "stanowisk" in told(answer)
        assert thief.post(f"{base}/guests", {"name": "A", "function": "b", "reason": "c"}).status_code == 403
    assert pictures == []
    assert client.get(links[0]).status_code == 200


@pytest.mark.usefixtures("recording")
def test_a_station_struck_off_ends_what_was_opened_at_it_also_where_none_is_demanded(
    seat: Seat, source: str, clock: ManualClock, pictures: list[datetime]
) -> None:
    """The next piece is refused, and the keeper closes the viewing."""
    client = seat(DIGEST)
    base = _opened(client, source).split("?")[0]
    links = links_of(client, base)
    devices.revoke_device(int(access.viewings()[0].station), reason="zgubione", clock=clock, actor="")
    assert {client.get(link).status_code for link in links} == {403}
    assert access_services.close_ended_viewings(clock=clock) == 1
    (closed,) = registers.acts(names=["viewing.closed"]).acts
    assert closed.facts is not None
    assert closed.facts["reason"] == "another-station"
    assert pictures == []


@pytest.mark.usefixtures("recording")
def test_at_midnight_after_the_last_day_a_running_viewing_ends(
    browser: Browser, people: dict[str, PersonView], source: str, clock: ManualClock, pictures: list[datetime]
) -> None:  # fmt: skip
    """A second before midnight a piece comes, at midnight none does, though the viewing has not run out."""
    (held,) = authorisation_queries.authorisations(people["viewer"].id)
    access_services.revoke_authorisation(held.number, clock=clock, actor="")
    access_services.issue_authorisation(
        person_id=people["viewer"].id, acts=["recordings"], stream="video", source_ids=None,
        valid_from=civil_date(clock.now()), valid_until=civil_date(clock.now()), clock=clock,
        actor=str(people["head"].id),
    )  # fmt: skip
    clock.advance(timedelta(hours=11, minutes=59, seconds=59))
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    piece, still, index = links_of(client, base)
    assert client.get(piece).status_code == 200
    clock.advance(timedelta(seconds=1))
    for link in (piece, still, index):
        answer = client.get(link, headers={"accept": "application/json"})
        assert answer.status_code == 403
        assert "wygasło" in told(answer)
    assert len(pictures) == 1


@pytest.mark.usefixtures("recording")
def test_who_takes_too_much_is_refused_in_plain_words_and_supervision_is_told(
    browser: Browser, source: str, clock: ManualClock, pictures: list[datetime]
) -> None:
    """The piece says the measure, the page stays, the attempt is entered once, and the start pages of overseers tell of it."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    viewing = access.viewings()[0]
    access_services.note_seen(
        viewing.id, viewing.start, viewing.start + timedelta(hours=24), "clip", clock=clock
    )
    piece, still, index = links_of(client, base)
    for link in (piece, still, piece):
        answer = client.get(link, headers={"accept": "application/json"})
        assert answer.status_code == 403
        assert "24 h nagrań w ciągu godziny" in told(answer)
        assert "Poczekaj" in answer.json()["now"]
    assert client.get(index).status_code == client.get(base).status_code == 200
    assert len(registers.acts(names=["access.refused"]).acts) == 1
    assert pictures == []
    for role in ("iod", "secretary", "head"):
        assert "Osoba viewer: wyczerpana miara nagrań" in unescape(
            browser(role).get(reverse("start")).content.decode()
        )
    assert "wyczerpana miara" not in browser("administrator").get(reverse("start")).content.decode()
    clock.advance(timedelta(days=8))
    assert "wyczerpana miara" not in browser("iod").get(reverse("start")).content.decode()


def test_few_modules_alone_open_recordings() -> None:
    """Whoever goes through the door to a recording stands here; another one fails the build, and nobody goes past the door.

    Beside what scripts fetch and a call's page there are the keeper's round, which searches calls for announcements, and the check of
    a journal, which looks among the facts of messages for its own; they show nothing to anybody.
    """
    package = Path(rejent.__file__).parent
    through, past, by_name = set(), set(), set()
    for path in package.rglob("*.py"):
        part = path.relative_to(package).as_posix()
        text = path.read_text(encoding="utf-8")
        used = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load)
        }
        if "wiring:open_segment" in text:
            by_name.add(part)
        if used & {"open_for", "open_for_keeper"}:
            through.add(part)
        if "OPENER" in used and not part.startswith("content/"):
            past.add(part)
    assert through == {
        "streams/calls/pages/listening.py",
        "streams/calls/retention/chores.py",
        "streams/cameras/pages/media.py",
        "streams/mail/messages/reading.py",
        "streams/mail/receiving/trial.py",
    }
    assert past == set()
    assert by_name == {"ops/settings.py"}
