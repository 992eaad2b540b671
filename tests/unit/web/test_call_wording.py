"""Pages speak of calls in words of calls: which one, when, how long, listened to and not watched, and who confirmed what."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from rejent.access import queries as access
from rejent.access import services
from rejent.access.viewings import protocols
from rejent.kernel.clock import ManualClock
from rejent.kernel.intervals import Interval
from rejent.office import queries as people
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.catalog.views import CallView, KnownBy, Notice, NoticeKind
from rejent.streams.calls.pages.announcement_words import notice_lines
from rejent.streams.calls.pages.call_line import CallAxis, call_line
from rejent.streams.calls.pages.words import length_of, way_words, when_called
from rejent.web.words import acts
from rejent.web.words.acts import facts_in_words
from rejent.web.words.wording import lasting
from tests.unit.web.conftest import text_of
from tests.unit.web.test_call_pages import CALL, START, search, somebody
from tests.unit.web.test_call_pages import call as call  # noqa: PLC0414 - a fixture
from tests.unit.web.test_call_pages import line as line  # noqa: PLC0414 - a fixture
from tests.unit.web.test_call_pages import opened as opened  # noqa: PLC0414 - a fixture
from tests.unit.web.test_call_pages import viewer as viewer  # noqa: PLC0414 - a fixture
from tests.unit.web.test_call_pages import workshop as workshop  # noqa: PLC0414 - a fixture
from tests.unit.web.test_timeline import _segment

HELD = {"case": "OR.1", "basis": "sąd", "review_on": "1.12.2026"}
Opened = tuple[Client, UUID]

pytestmark = pytest.mark.usefixtures("call")


def test_a_call_is_as_long_on_every_page() -> None:
    """Its length is what its two clock times differ by, in the list as on its own page, though packets came later."""
    start, over = START + timedelta(milliseconds=700), START + timedelta(seconds=32, milliseconds=400)
    call = CallView(CALL, "line", START.date(), start, over, "incoming", "", "", destroyed=False)
    told = SimpleNamespace(start=start, end=over + timedelta(seconds=1))
    whole = _segment(0, 60, "sealed")
    segment = SimpleNamespace(start=start, end=told.end, interval=type(whole.interval)(start, told.end))
    axis = CallAxis.of(told, call)  # type: ignore[arg-type]  # of a viewing only its times matter
    with translation.override("en"):
        line = call_line(
            axis,
            segments=[segment],  # type: ignore[list-item]  # of a segment only its times matter
            legs=[],
            holds=(),
            seen=(),
            readable=[],
            began=start,
        )
        assert line.summary.startswith("Length: 32\u00a0s.")
        (recorded,) = line.course
        assert (recorded.length_words, when_called(call)[-8:]) == ("32\u00a0s", "10:00:32")
        assert recorded.words.startswith("10:00:00–10:00:32,")
    assert length_of(call) == 32


def test_a_held_call_is_told_by_itself(opened: Opened) -> None:
    """Form, page, list and ledger say which call is held, with the times of the call; its page leads back to it."""
    client, viewing = opened
    way = reverse("viewing", args=[viewing])
    assert f'href="{way}"' in client.get(reverse("call-hold", args=[CALL])).content.decode()
    page = text_of(client.post(reverse("call-hold", args=[CALL]), HELD, follow=True))
    assert f'href="{way}"' in page
    assert "21.11.2026 10:00:12" in page
    assert "10:00:13" not in page
    row = text_of(client.get(reverse("holds")))
    assert "10:00:00–10:00:12" in row
    assert "jedna rozmowa" in row
    assert "Rozmowę zabezpiecza się na jej stronie." in row
    assert reverse("hold-new") not in row
    (act,) = registers.entered(["hold.placed"])
    with translation.override("pl"):
        sentence = acts.act_views([act], links=False)[0].sentence
    assert "jeden zapis z 21.11.2026 10:00:00 źródła „Sekretariat”" in sentence
    assert " do " not in sentence


def test_a_hold_is_led_back_to_nothing_that_is_closed(opened: Opened, clock: ManualClock) -> None:
    """Once the viewing is over the way leads to the form that opens the call; who may not hear it reads that it is one call."""
    client, viewing = opened
    client.post(reverse("call-hold", args=[CALL]), HELD)
    services.close_viewing(viewing, clock=clock, actor="")
    page = reverse("hold", args=[retention.holds()[0].number])
    assert f'href="{reverse("call-open", args=[CALL])}"' in client.get(page).content.decode()
    _, head = somebody("head", clock)
    assert "jedna rozmowa" in text_of(head.get(page))
    assert reverse("call-open", args=[CALL]) not in text_of(head.get(page))


def test_the_page_says_who_confirmed_the_announcement_and_when(opened: Opened, clock: ManualClock) -> None:
    """The employee by name, with date and time."""
    client, viewing = opened
    person, _ = somebody("guard", clock)
    read = Notice(NoticeKind.OUTGOING, KnownBy.EMPLOYEE, START, 0.0, completed=True, by=str(person.id))
    call_services.record_notices(CALL, [read], clock=clock)
    said = "potwierdzona przez pracownika; Osoba guard, 21.11.2026 10:00:00"
    assert said in text_of(client.get(reverse("viewing", args=[viewing])))
    assert "Osoba" not in notice_lines([Notice("incoming", "found", START, 2.0, completed=True)], str)[0]


def test_what_was_not_heard_is_said_not_to_be() -> None:
    """A clause that an exchange told of and that took no time has no instant; that it was not heard to its end stands there."""
    (said,) = notice_lines([Notice("clause", KnownBy.PBX, START, 0.0, completed=False)], str)
    assert said.endswith("nie do końca")


def test_the_protocol_of_a_call_is_of_listening(opened: Opened, clock: ManualClock) -> None:
    """While it is open, written, checked and finished; the register of protocols names the call."""
    client, viewing = opened
    number = access.viewing(viewing).number
    write, title = reverse("protocol-write", args=[number]), f"Protokół z odsłuchania rozmowy {number}"
    waiting = text_of(client.get(write))
    services.close_viewing(viewing, clock=clock, actor="")
    texts = dict.fromkeys(protocols.protocol(number).fields, "Treść.")
    told = [
        waiting,
        text_of(client.get(write)),
        text_of(client.post(write, texts)),
    ]
    assert f"{title}: dokończ go" in text_of(client.get(reverse("start")))
    services.finish_protocol(
        number, texts, person=people.person(str(access.viewing(viewing).person_id)), clock=clock
    )
    told.append(text_of(client.get(reverse("protocol", args=[number]))))
    for page in told:
        assert title in page
        assert "odtworzeni" not in page.partition("<main")[2].lower()
        assert "obejrza" not in page
    assert "„Sekretariat”, rozmowa z 21.11.2026 10:00" in text_of(client.get(reverse("protocols")))


def test_the_register_says_that_one_call_was_opened(opened: Opened) -> None:
    """Not a source, and nothing of playing pictures."""
    assert opened
    (act,) = registers.entered(["viewing.opened"])
    with translation.override("pl"):
        sentence = acts.act_views([act], links=False)[0].sentence
    assert sentence.startswith("Odtworzenie O-2026-1: Osoba viewer; jeden zapis źródła „Sekretariat”;")


def test_supervision_reads_of_listening(opened: Opened, clock: ManualClock) -> None:
    """The week counts what was listened to; the list of viewings names the call."""
    _, viewing = opened
    services.note_seen(viewing, START, START + timedelta(seconds=4), "call", clock=clock)
    _, iod = somebody("iod", clock)
    week = text_of(iod.get(reverse("supervision")))
    assert week.count("1 odsłuch, przekazano: 4 sekundy.") == 2
    assert "obejrzano" not in week
    assert "Sekretariat, rozmowa z 21.11.2026 10:00" in text_of(iod.get(reverse("viewings")))


def test_before_a_call_is_heard_the_ban_is_on_copying(viewer: Client) -> None:
    """Nothing is said of pictures or of a screen."""
    page = text_of(viewer.get(reverse("call-open", args=[CALL])))
    assert "kopiowanie i nagrywanie odsłuchiwanej rozmowy jest zabronione" in page
    assert "ekranu" not in page
    assert "obok ogląda" not in page


def test_the_announcement_has_a_column_of_its_own(viewer: Client) -> None:
    """Between direction and length."""
    page = text_of(search(viewer))
    heads = [part.partition("</th>")[0] for part in page.split('<th scope="col">')[1:]]
    assert heads[3:5] == ["Kierunek", "Zapowiedź"]


def test_sources_say_of_a_line_what_a_line_has(line: str, clock: ManualClock) -> None:
    """How its calls come and when the last one did; no picture and no camera's clock."""
    _, client = somebody("administrator", clock)
    for page in (reverse("sources"), reverse("source", args=[line])):
        text = text_of(client.get(page))
        assert "przekazuje je centrala (SIPREC)" in text
        assert "dziś 10:00" in text
        assert "Ostatni obraz" not in text
        assert "Zegar kamery" not in text
    assert "Sekretariat" in text_of(client.get(f"{reverse('sources')}?large"))


@pytest.mark.parametrize("way", ["siprec", "siprecs", "mirror", "folder"])
def test_every_way_by_which_calls_come_has_words(way: str) -> None:
    """Also in Polish."""
    with translation.override("pl"):
        assert way_words(f"{way}://x") not in {"", way_words("rtsp://x")}


def test_the_digests_of_an_announcement_are_told_apart(line: str, clock: ManualClock) -> None:
    """The page of the act names the digest of the text and that of the sound, each once."""
    told: dict[str, Any] = {
        "text": "Rozmowa jest nagrywana.",
        "sound": plain_wav(bytes(8000)),
        "language": "pl",
    }
    call_services.set_announcement(
        line, "incoming", **told, made_by="uploaded", valid_from=clock.now(), clock=clock, actor=""
    )
    (act,) = registers.entered(["announcement.set"])
    with translation.override("pl"):
        names = [name for name, _ in facts_in_words(act)]
    assert len(names) == len(set(names))
    assert {"skrót treści", "skrót dźwięku"} <= set(names)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [(21.9, 31.2, "10 sekund"), (11.0, 31.9, "20 sekund"), (5.1, 5.6, "poniżej sekundy")],
)
def test_a_length_agrees_with_the_clock_times_beside_it(start: float, end: float, said: str) -> None:
    """Between 11 and 31 lie twenty seconds, whatever fractions of them were heard."""
    part = Interval(START + timedelta(seconds=start), START + timedelta(seconds=end))
    assert lasting(part) == said
