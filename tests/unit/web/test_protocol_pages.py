"""Protocols in the pages: written by the viewer, looked at again, finished, positioned on, noted, printed."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from rejent.access import services as access
from rejent.access.models import Protocol
from rejent.access.viewings import protocols
from rejent.access.views import ProtocolState
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries
from rejent.registers.signing import checkpoints
from rejent.web.registers import protocols as protocol_pages
from tests.printed import claims_of, words_of
from tests.unit.web.conftest import ROLES, Browser, text_of

SHORT = {"findings": "Nikt nie wchodzi.", "follow-up": "Nic."}
ANNEX = ["event-time", "parties", "place", "breach", "causes", "actions", "proceedings"]
FULL = {field: f"Treść {place}." for place, field in enumerate(ANNEX, 1)}
OVERSEERS = {"head", "deputy", "iod", "secretary"}

Open = Callable[[], str]


@pytest.fixture
def open_one(
    people: dict[str, PersonView], source: str, recording: tuple[datetime, datetime], clock: ManualClock
) -> Open:
    """Opens a viewing of the viewer; its number."""

    def opened() -> str:
        viewing = access.open_viewing(
            person=people["viewer"], source_id=source, start=recording[0], end=recording[1],
            purpose="bezpieczenstwo", case="OR.1431.7.2026", session="s", clock=clock, acknowledged=True,
        )  # fmt: skip
        access.note_seen(viewing.id, *recording, "clip", clock=clock)
        return viewing.number

    return opened


@pytest.fixture
def closed(open_one: Open, clock: ManualClock) -> Open:
    """The same, ended."""

    def ended() -> str:
        number = open_one()
        access.close_viewing(protocols.protocol(number).viewing_id, clock=clock, actor="")
        return number

    return ended


def test_a_viewing_that_ended_is_one_line_of_the_start_page(
    browser: Browser, open_one: Open, clock: ManualClock
) -> None:
    """Its beginning and its end stand together, with both times; one that is open stands alone."""
    number = open_one()
    clock.advance(timedelta(minutes=7))
    access.close_viewing(protocols.protocol(number).viewing_id, clock=clock, actor="")
    page = text_of(browser("head").get(reverse("start")))
    happened = page[page.index('id="happened"') :]
    assert happened.count(number) == 1
    assert "dziś 12:00–12:07" in happened


@pytest.fixture
def finished(closed: Open, people: dict[str, PersonView], clock: ManualClock) -> Open:
    """The same, with its protocol finished."""

    def done() -> str:
        number = closed()
        texts = FULL if "breach" in protocols.protocol(number).fields else SHORT
        access.finish_protocol(number, texts, person=people["viewer"], clock=clock)
        return number

    return done


@pytest.fixture
def staged(people: dict[str, PersonView], clock: ManualClock) -> None:
    """From now on the regulation asks for the fields of Bolesławiec's annex 2 and the head's position."""
    assert people
    keys = f"protocol_fields = {ANNEX}\nposition = 'head'\n".replace("'", '"')
    text = example("pleszew").replace('second_person = "for-', f'{keys}second_person = "for-', 1)
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")


def test_the_way_from_the_end_of_a_viewing_to_its_finished_protocol(
    browser: Browser, open_one: Open, clock: ManualClock
) -> None:
    """The menu and the start page lead there; a draft is kept, what is missing is said, the check page comes before the act."""
    client, number = browser("viewer"), open_one()
    write = reverse("protocol-write", args=[number])
    start = client.get(reverse("start")).content.decode()
    assert start.count(write) >= 2
    assert "Protokół do zakończenia" in start
    assert re.findall(r'<a class="button" href="([^"]+)"', start) == [write]
    page = client.get(write).content.decode()
    assert "Odtworzenie trwa" in page
    assert "Sprawdź przed zakończeniem" not in page
    assert client.post(reverse("protocol-end", args=[number])).status_code == 302
    assert client.post(write, {"findings": "Nikt", "draft": "1"}).status_code == 302
    assert "Nikt</textarea>" in client.get(write).content.decode()
    wrong = client.post(write, {**SHORT, "follow-up": " "})
    assert wrong.status_code == 422
    assert "Nic tu nie wpisano" in wrong.content.decode()
    checked = client.post(write, SHORT)
    assert checked.status_code == 200
    assert "Potwierdź i zakończ" in checked.content.decode()
    assert protocols.protocol(number).state is ProtocolState.UNFINISHED
    changed = client.post(write, {**SHORT, "change": "1"}).content.decode()
    assert "Nikt nie wchodzi.</textarea>" in changed
    done = client.post(write, {**SHORT, "confirmed": "1"}, follow=True).content.decode()
    assert "Protokół zakończono." in done
    assert "Nikt nie wchodzi." in done
    assert "11:00:00–11:02:00" in done
    assert protocols.unfinished(protocols.protocol(number).person_id) == ""
    assert "Protokół do zakończenia" not in client.get(reverse("start")).content.decode()
    assert clock.now() == protocols.protocol(number).finished_at


def test_a_further_recording_is_refused_with_the_way_to_the_protocol(
    browser: Browser, closed: Open, source: str
) -> None:
    """The search page itself says which protocol is owed and leads to it."""
    client, number = browser("viewer"), closed()
    refused = client.get(reverse("find"))
    assert refused.status_code == 403
    text = refused.content.decode()
    assert number in text
    assert reverse("protocol-write", args=[number]) in text
    given = {"source": source, "day": "dziś", "time": "11:00:30", "purpose": "bezpieczenstwo", "case": "A", "acknowledged": "on"}  # fmt: skip
    assert client.post(reverse("find"), given).status_code == 403
    told = [act.facts["rule"] for act in queries.acts(names=["access.refused"]).acts if act.facts]
    assert "protocol-unfinished" in told


def test_the_second_window_is_told_and_its_text_is_not_lost(browser: Browser, closed: Open) -> None:
    """What the second window had typed stands in the form of a note; what is finished stays as it was."""
    client, number = browser("viewer"), closed()
    write = reverse("protocol-write", args=[number])
    assert client.post(write, {**SHORT, "confirmed": "1"}).status_code == 302
    late = client.post(write, {"findings": "Jednak ktoś.", "follow-up": "Nic.", "confirmed": "1"})
    assert late.status_code == 409
    assert "Jednak ktoś.</textarea>" in late.content.decode()
    assert protocols.protocol(number).texts == SHORT
    assert len(queries.acts(names=["protocol.finished"]).acts) == 1


@pytest.mark.parametrize("role", ROLES)
def test_a_protocol_is_its_viewers_and_who_supervises(role: str, browser: Browser, finished: Open) -> None:
    """Others are told that there is none; nobody but the viewer writes, nobody but who decides states a position."""
    number, client = finished(), browser(role)
    sees = role in OVERSEERS | {"viewer"}
    page = client.get(reverse("protocol", args=[number]))
    assert page.status_code == (200 if sees else 404)
    assert ("Nikt nie wchodzi." in page.content.decode()) is sees
    listed = client.get(reverse("protocols"))
    assert (number in listed.content.decode()) is sees
    assert client.post(reverse("register-export", args=["protocols", "csv"])).status_code == (
        200 if role in OVERSEERS else 403
    )
    assert client.post(reverse("protocol-document", args=[number])).status_code == (200 if sees else 404)
    written = client.post(reverse("protocol-write", args=[number]), SHORT).status_code
    assert written == (409 if role == "viewer" else 403 if sees else 404)
    ended = client.post(reverse("protocol-end", args=[number])).status_code
    assert ended == (302 if role == "viewer" else 403 if sees else 404)
    noted = client.post(reverse("protocol-note", args=[number]), {"note": "Uwaga."}).status_code
    assert noted == (302 if role in {"viewer", "head", "deputy"} else 403 if sees else 404)


def test_a_draft_is_the_viewers_alone(browser: Browser, closed: Open) -> None:
    """Supervision sees that a protocol is unfinished, not what stands in its draft, on the page and in the file."""
    number = closed()
    write = reverse("protocol-write", args=[number])
    browser("viewer").post(write, {"findings": "Zapisek roboczy", "draft": "1"})
    for role in OVERSEERS:
        client = browser(role)
        page = client.get(reverse("protocol", args=[number])).content.decode()
        assert "do zakończenia" in page
        assert "Zapisek roboczy" not in page
        response: Any = client.post(reverse("register-export", args=["protocols", "csv"]))
        assert "Zapisek" not in b"".join(response.streaming_content).decode()
        assert client.get(write).status_code == 403


@pytest.mark.usefixtures("staged")
def test_the_head_finds_what_waits_and_states_the_position_once(browser: Browser, finished: Open) -> None:
    """It stands on the head's start page, the deputy reads why it is not theirs, and after the act nothing waits."""
    number = finished()
    page = reverse("protocol", args=[number])
    head, deputy = browser("head"), browser("deputy")
    assert ": zajmij stanowisko" in head.get(reverse("start")).content.decode()
    assert ": zajmij stanowisko" not in deputy.get(reverse("start")).content.decode()
    assert "powierza stanowisko" in deputy.get(page).content.decode()
    stated = reverse("protocol-position", args=[number])
    assert deputy.post(stated, {"position": "Nic."}).status_code == 403
    assert browser("iod").post(stated, {"position": "Nic."}).status_code == 403
    assert head.post(stated, {"position": " "}).status_code == 422
    assert (
        "Dalszych czynności nie będzie."
        in head.post(stated, {"position": "Dalszych czynności nie będzie."}, follow=True).content.decode()
    )
    assert head.post(stated, {"position": "Jednak."}).status_code == 409
    assert ": zajmij stanowisko" not in head.get(reverse("start")).content.decode()


@pytest.mark.usefixtures("staged")
def test_older_protocols_that_wait_are_told_together(
    browser: Browser, finished: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where more wait than are told one by one, a last line leads to all of them; where none is left out, there is no such line."""
    finished()
    finished()
    rest = f"{reverse('protocols')}?state=waiting"
    assert rest not in browser("head").get(reverse("start")).content.decode()
    monkeypatch.setattr(protocol_pages, "MOST_WAITING", 1)
    page = browser("head").get(reverse("start")).content.decode()
    assert page.count(": zajmij stanowisko</strong>") == 1
    assert rest in page
    assert "O-2026-1" in browser("head").get(rest).content.decode()


def test_for_who_has_left_the_head_is_led_to_the_protocol(
    browser: Browser, closed: Open, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """The start page tells of it; the page says in whose place it is finished."""
    number = closed()
    office.person_left(people["viewer"].id, clock=clock, actor="")
    client, write = browser("head"), reverse("protocol-write", args=[number])
    assert write in client.get(reverse("start")).content.decode()
    done = client.post(write, {**SHORT, "confirmed": "1"}, follow=True).content.decode()
    assert "w zastępstwie osoby" in done


@pytest.mark.usefixtures("staged")
def test_the_document_says_both_stages_where_its_proof_is_and_that_it_left(
    browser: Browser, finished: Open, people: dict[str, PersonView], clock: ManualClock, settings: Any
) -> None:
    """Archival and accessible; fields, position, notes, entry and checkpoint; the same bytes a second time."""
    number = finished()
    access.state_position(number, "Zawiadomić policję.", person=people["head"], clock=clock)
    access.append_note(number, "Godzina 11:01.", person=people["viewer"], clock=clock)
    checkpoints.checkpoint(settings.LEDGER, clock=clock)
    client, address = browser("viewer"), reverse("protocol-document", args=[number])
    first = client.post(address)
    document = first.content
    assert client.post(address).content == document
    claims = claims_of(document)
    assert (claims["archive"], claims["accessible"]) == ("2A", "1")
    assert number in claims["title"]
    text = words_of(document)
    entry = protocols.entry_of_protocol(number)
    assert entry is not None
    wanted = [
        "Protokół odtworzenia", "Osoba viewer", "11:00:00–11:02:00", "OR.1431.7.2026", "1. Data i godzina zdarzenia", "Treść 7.",
        "Stanowisko co do dalszych czynności (Burmistrz)", "Zawiadomić policję.", "Adnotacja 1", "Godzina 11:01.", "data i podpis",
    ]  # fmt: skip
    places = [text.index(words) for words in wanted]
    assert places == sorted(places)
    assert f"Wpis {entry.index} w rejestrze" in text
    covering = checkpoints.first_checkpoint_over(entry.index)
    assert covering is not None
    assert covering.root.hex() in text.replace(" ", "")
    assert len(queries.acts(names=["protocol.exported"]).acts) == 2


def test_the_list_of_viewings_leads_to_their_protocols(browser: Browser, closed: Open) -> None:
    """Supervision goes from a viewing to what it left; a viewing from before there were protocols leads nowhere."""
    number, client = closed(), browser("iod")
    address = reverse("protocol", args=[number])
    assert address in client.get(reverse("viewings")).content.decode()
    Protocol.objects.all().delete()
    text = client.get(reverse("viewings")).content.decode()
    assert number in text
    assert address not in text


def test_an_unfinished_protocol_is_not_printed(browser: Browser, closed: Open) -> None:
    """There is nothing to sign yet, and nothing is entered."""
    address = reverse("protocol-document", args=[closed()])
    assert browser("viewer").post(address).status_code == 400
    assert queries.acts(names=["protocol.exported"]).acts == []


def test_the_register_leaves_as_a_table_and_as_a_book_with_an_act_each(
    browser: Browser, finished: Open
) -> None:
    """Number, when, recording, purpose and case, people, state, text, commitment, entry."""
    number, client = finished(), browser("secretary")
    response: Any = client.post(reverse("register-export", args=["protocols", "csv"]))
    table = io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"), newline="")
    (row,) = csv.DictReader(table, delimiter=";")
    entry = protocols.entry_of_protocol(number)
    assert entry is not None
    assert row["Numer protokołu"] == number
    assert row["Wpis w dzienniku"] == str(entry.index)
    assert entry.leaf.hex() in row.values()
    assert "Nikt nie wchodzi." in row["Treść"]
    document = client.post(reverse("register-export", args=["protocols", "pdf"])).content
    assert "Rejestr protokołów" in words_of(document)
    assert number in words_of(document)
    told = [act.facts for act in queries.acts(names=["registers.exported"]).acts]
    assert [facts["register"] for facts in told if facts] == ["protocols", "protocols"]


@pytest.mark.parametrize("number", ["O-2026-9", "nonsense", "O-2026-1%27", "%F0%9F%98%80"])
def test_an_unknown_number_is_not_there(number: str, browser: Browser) -> None:
    """Neither read nor written, whoever asks."""
    for role in ("viewer", "head"):
        client = browser(role)
        assert client.get(f"/protocols/{number}").status_code == 404
        assert client.post(f"/protocols/{number}/write", SHORT).status_code in {403, 404}
        assert Protocol.objects.count() == 0


def test_the_register_is_narrowed_by_how_far_protocols_have_come(
    browser: Browser, finished: Open, closed: Open
) -> None:
    """Each choice shows its own; an unknown one shows all."""
    done, client = finished(), browser("iod")
    owed = closed()
    seen = {
        state: [
            number
            for number in (done, owed)
            if number in client.get(f"/protocols?state={state}").content.decode()
        ]
        for state in ("", "unfinished", "waiting", "complete", "nonsense")
    }
    assert seen == {
        "": [done, owed],
        "unfinished": [owed],
        "waiting": [],
        "complete": [done],
        "nonsense": [done, owed],
    }
