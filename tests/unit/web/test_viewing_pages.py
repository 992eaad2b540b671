"""From the search form to the player and its media: purpose first, one person, one session, every hand-out entered."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rejent.access import queries as access
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import ManualClock, civil_date
from rejent.kernel.errors import NotFoundError
from rejent.office.views import PersonView
from rejent.retention import queries as retained
from rejent.retention import services as retention
from rejent.streams.cameras.player import services as playback
from rejent.streams.cameras.player.services import Piece
from tests.unit.web.conftest import Browser

Span = tuple[datetime, datetime]


def _asked(source: str, **changed: str) -> dict[str, str]:
    given = {
        "source": source,
        "day": "dziś",
        "time": "11:00:30",
        "purpose": "bezpieczenstwo",
        "case": "OR.1431.17.2026",
        "acknowledged": "on",
    }
    return {**given, **changed}


def _opened(client: Client, source: str, **changed: str) -> str:
    response = client.post(reverse("find"), _asked(source, **changed))
    assert response.status_code == 302, response.content.decode()
    return str(response.headers["Location"])


def _finish(client: Client) -> None:
    """End the newest viewing and finish its protocol, so that the next one opens."""
    number = access.viewings()[0].number
    client.post(reverse("protocol-end", args=[number]))
    texts = {"findings": "Nic.", "follow-up": "Nic.", "confirmed": "1"}
    assert client.post(reverse("protocol-write", args=[number]), texts).status_code == 302


@pytest.mark.usefixtures("recording")
def test_a_minute_is_found_and_opened_at_that_second(browser: Browser, source: str) -> None:
    """The form leads straight to the player, standing at the second that was asked for."""
    client = browser("viewer")
    address = _opened(client, source)
    assert address.endswith("?t=39630")
    text = client.get(address).content.decode()
    assert "Hol na parterze, 21 listopada 2026" in text
    assert "Przebieg doby" in text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"purpose": ""}, "Wybierz cel"),
        ({"case": " "}, "znak sprawy"),
        ({"case": "OR.1\u202e7"}, "znaków niewidocznych"),
        ({"day": "31.11.2026"}, "Nie ma dnia 31.11.2026"),
        ({"day": "22.11.2026"}, "przyszłości"),
        ({"time": "11:30"}, "Hol na parterze"),
    ],
)
@pytest.mark.usefixtures("recording")
def test_what_is_missing_is_said_at_its_field(
    changed: dict[str, str], says: str, browser: Browser, source: str
) -> None:
    """Nothing opens without purpose, case, a day that exists, or a recording; the form keeps what was typed."""
    response = browser("viewer").post(reverse("find"), _asked(source, **changed))
    assert response.status_code == 422
    assert says in response.content.decode()
    assert "OR.1431" in response.content.decode() or "case" in changed


@pytest.mark.usefixtures("recording")
def test_a_flagged_purpose_is_not_offered(browser: Browser, source: str) -> None:
    """A purpose outside the statute's list is neither offered nor accepted until there is a position on it."""
    client = browser("viewer")
    assert "konfliktowych" not in client.get(reverse("find")).content.decode()
    assert client.post(reverse("find"), _asked(source, purpose="konflikty")).status_code == 422


def test_the_repeated_hour_is_asked_about(browser: Browser, source: str, clock: ManualClock) -> None:
    """In the night with two hours from 2 to 3 the form offers both instead of choosing."""
    assert clock.now().month == 11
    response = browser("viewer").post(reverse("find"), _asked(source, day="25.10.2026", time="2:25"))
    text = response.content.decode()
    assert response.status_code == 422
    assert "letni" in text
    assert "zimowy" in text


@pytest.mark.usefixtures("source", "recording")
def test_who_holds_no_authorisation_finds_nothing(browser: Browser) -> None:
    """A role alone opens no recording."""
    for role in ("head", "administrator", "iod", "guard"):
        response = browser(role).get(reverse("find"))
        assert "upoważnie" in response.content.decode()
        assert '<form class="panel"' not in response.content.decode()


@pytest.mark.usefixtures("recording")
def test_the_index_tells_the_day(browser: Browser, source: str) -> None:
    """Recordings, gaps and segments stand at their elapsed second of the day."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    index = client.get(f"{base}/index.json").json()
    assert index["length"] == 86400
    assert len(index["hours"]) == 24
    assert [(one["start"], one["end"]) for one in index["segments"]] == [
        (39600.0, 39660.0),
        (39660.0, 39720.0),
    ]
    recorded = [span for span in index["spans"] if span["kind"] == "recorded"]
    assert [(span["start"], span["end"]) for span in recorded] == [(39600.0, 39720.0)]


@pytest.mark.usefixtures("recording")
def test_a_viewing_is_its_persons_and_its_sessions(browser: Browser, source: str) -> None:
    """Neither somebody else nor the same person in another browser can go on with a viewing; the person finds its protocol there."""
    base = _opened(browser("viewer"), source).split("?")[0]
    own, other = browser("viewer"), browser("head")
    assert other.get(base).status_code == 404
    assert own.get(base).headers["Location"] == reverse("protocol-write", args=[access.viewings()[0].number])
    for client in (own, other):
        assert client.get(f"{base}/index.json").status_code == 404
        assert client.get(f"{base}/still?t=39600").status_code == 404


@pytest.mark.usefixtures("recording")
def test_an_open_viewing_is_found_again_in_its_own_session(browser: Browser, source: str) -> None:
    """Whoever left the player for another page comes back by the menu; another browser can only end it."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    write = reverse("protocol-write", args=[access.viewings()[0].number])
    for page in (write, reverse("start"), reverse("holds"), reverse("find")):
        text = client.get(page).content.decode()
        assert f'class="going-on" href="{base}"' in text
        assert "Wróć do odtworzenia" in text
    assert 'class="going-on"' not in client.get(base).content.decode()
    elsewhere = browser("viewer").get(write).content.decode()
    assert f'href="{base}"' not in elsewhere
    assert "Zakończ odtworzenie" in elsewhere


@pytest.mark.usefixtures("recording")
def test_an_ended_viewing_hands_out_nothing(
    browser: Browser, source: str, people: dict[str, PersonView]
) -> None:
    """After its end, by button or by time, a viewing refuses with its reason."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    assert client.post(f"{base}/close").status_code == 302
    refused = client.get(f"{base}/index.json", headers={"accept": "application/json"})
    assert refused.status_code == 403
    assert refused.json()["error"]
    assert access.viewings(person_id=people["viewer"].id)[0].closed_at is not None


@pytest.mark.usefixtures("recording")
def test_time_ends_a_viewing(browser: Browser, source: str, clock: ManualClock) -> None:
    """The longest viewing ends by itself; its page leads to its protocol, finished or not."""
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    clock.advance(timedelta(hours=3))
    assert client.get(f"{base}/index.json").status_code == 403
    written = client.get(base, follow=True)
    assert written.request["PATH_INFO"] == reverse("protocol-write", args=[access.viewings()[0].number])
    assert access.viewings()[0].closed_at is not None
    _finish(client)
    read = client.get(base, follow=True)
    assert read.request["PATH_INFO"] == reverse("protocol", args=[access.viewings()[0].number])


def test_past_its_term_only_the_held_part_of_a_day_is_handed_out(
    browser: Browser, source: str, recording: Span, clock: ManualClock, settings: Any
) -> None:  # fmt: skip
    """A hold on the second minute keeps that minute open in a viewing of the day, and nothing of the first."""
    start, end = recording
    second = start + timedelta(minutes=1)
    retention.place_hold(
        source_id=source, start=second, end=end, case="OR.1", basis="art. 22", review_on=date(2027, 6, 1),
        clock=clock, ledger=None, actor="",
    )  # fmt: skip
    term = retained.term(source, civil_date(start), clock)
    assert term is not None
    clock.advance(term.key_dead_by - clock.now() - timedelta(minutes=10))
    client = browser("viewer")
    base = _opened(client, source, day="21.11.2026").split("?")[0]
    opened = []

    def opener(segment: SegmentView, _: object) -> None:
        opened.append(segment.start)
        raise NotFoundError("The vault of this test is empty.")

    settings.OPENER = opener
    first, last = [one["id"] for one in client.get(f"{base}/index.json").json()["segments"]]
    clock.advance(timedelta(minutes=20))
    for refused in ("still?t=39630", f"media/{first}?from=39600&to=39630"):
        assert client.get(f"{base}/{refused}").status_code == 404
    assert opened == []
    for held in ("still?t=39690", f"media/{last}?from=39660&to=39690"):
        client.get(f"{base}/{held}")
    assert opened == [second, second]


def test_a_held_second_opens_that_second_and_no_more(
    browser: Browser, source: str, recording: Span, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Past the term, index, pieces and stills end where the hold does, however much around it is asked for."""
    start, _ = recording
    held = start + timedelta(seconds=10)
    term = retained.term(source, civil_date(start), clock)
    assert term is not None
    retention.place_hold(
        source_id=source, start=held, end=held + timedelta(seconds=1), case="OR.1", basis="art. 22",
        review_on=date(2027, 6, 1), clock=clock, ledger=None, actor="",
    )  # fmt: skip
    clock.advance(term.key_dead_by - clock.now())
    client = browser("viewer")
    base = _opened(client, source, day="21.11.2026").split("?")[0]
    (only,) = client.get(f"{base}/index.json").json()["segments"]
    assert (only["start"], only["end"]) == (39610.0, 39611.0)
    asked = []

    def clip(_segments: object, first: datetime, past: datetime, *_rest: object, **_more: object) -> Piece:
        asked.append((first, past))
        return Piece("avc1.640028", b"", b"", (), first, first)

    monkeypatch.setattr(playback, "clip", clip)
    for span, status in (("39600&to=39630", 200), ("39610.9&to=39640.9", 200), ("39611&to=39641", 404)):
        assert client.get(f"{base}/media/{only['id']}?from={span}").status_code == status
    assert asked == [
        (held, held + timedelta(seconds=1)),
        (held + timedelta(seconds=0.9), held + timedelta(seconds=1)),
    ]
    assert client.get(f"{base}/still?t=39609.5").status_code == 404
    assert [(part.start, part.end) for part in access.seen_stretches(base.split("/")[-1])] == [
        (held, held + timedelta(seconds=1))
    ]


def test_all_pictures_handed_out_are_noted(
    browser: Browser, source: str, recording: Span, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """What decoding needs of before counts as seen, as does the rest of the last fragment; of a segment past its term nothing goes out for that."""
    start, _ = recording
    leads = []

    def clip(
        segments: list[SegmentView], first: datetime, past: datetime, *_rest: object, **more: Any
    ) -> Piece:
        leads.append((more["lead"], segments[0]))
        second = timedelta(seconds=1)
        return Piece("avc1.640028", b"", b"", (), first - 2 * second, past + second)

    monkeypatch.setattr(playback, "clip", clip)
    client = browser("viewer")
    base = _opened(client, source, day="21.11.2026").split("?")[0]
    segment = client.get(f"{base}/index.json").json()["segments"][0]["id"]
    assert client.get(f"{base}/media/{segment}?from=39610&to=39620").status_code == 200
    (seen,) = access.seen_stretches(base.split("/")[-1])
    assert (seen.start, seen.end) == (start + timedelta(seconds=8), start + timedelta(seconds=21))
    ((lead, view),) = leads
    assert lead(view)
    term = retained.term(source, civil_date(start), clock)
    assert term is not None
    clock.advance(term.key_dead_by - clock.now())
    assert not lead(view)


@pytest.mark.usefixtures("recording")
def test_a_still_is_noted_with_the_second_that_it_shows(
    browser: Browser, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is that of the key picture before the moment that was asked for."""
    monkeypatch.setattr(playback, "still", lambda _, at, *__: (b"picture", at - timedelta(seconds=3)))
    client = browser("viewer")
    base = _opened(client, source).split("?")[0]
    assert client.get(f"{base}/still?t=39640").content == b"picture"
    (seen,) = access.seen_stretches(base.split("/")[-1])
    assert ((seen.start.minute, seen.start.second), seen.length) == ((0, 37), timedelta(seconds=1))


@pytest.mark.parametrize("held_minutes", [1, 2])
def test_the_player_says_what_is_held_instead_of_a_day_of_destruction(
    held_minutes: int, browser: Browser, source: str, recording: Span, clock: ManualClock
) -> None:
    """Below the picture stand the hold's number, its review and, of a part, its times; after the term no day is promised."""
    end = recording[1]
    held = end - timedelta(minutes=held_minutes)
    retention.place_hold(
        source_id=source, start=held, end=end, case="OR.1", basis="art. 22", review_on=date(2026, 12, 5),
        clock=clock, ledger=None, actor="",
    )  # fmt: skip
    client = browser("viewer")
    words = client.get(_opened(client, source).split("?")[0]).content.decode()
    part = "" if held_minutes == 2 else "11:01:00–11:02:00, "
    assert (
        f"Zabezpieczone: Z-2026-1, {part}do zdjęcia zabezpieczenia (przegląd do: sobota, 5 grudnia 2026 r.)"
        in words
    )
    assert ("Nagranie istnieje do końca dnia" in words) == (held_minutes == 1)
    _finish(client)
    clock.advance(timedelta(days=40))
    words = client.get(
        _opened(client, source, day="21.11.2026", time="11:01:30").split("?")[0]
    ).content.decode()
    assert f"Zabezpieczone: Z-2026-1, {part}" in words
    assert "Nagranie istnieje do końca dnia" not in words


def test_the_live_wall_needs_an_authorisation(browser: Browser, source: str) -> None:
    """A guard who holds one sees the wall; the head, who holds none, reads who issues it."""
    wall = browser("guard").get(reverse("live"))
    assert wall.status_code == 200
    assert source in wall.content.decode()
    assert "Zabezpiecz" not in wall.content.decode()
    refused = browser("head").get(reverse("live"))
    assert refused.status_code == 403
    assert "Upoważnienia" in refused.content.decode()
