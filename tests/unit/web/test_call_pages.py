"""From the search for a call to its sound: numbers only in what is posted, one call a viewing, every piece asked anew."""

import html
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.access import authorisation_queries, services
from rejent.access import queries as access
from rejent.access.viewings import protocols
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.kernel.telephone import readable_number
from rejent.office import queries as people
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.retention.services import place_hold
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.turns import PartyTurn
from rejent.streams.calls.catalog.views import NamedParties
from rejent.streams.calls.pages.shell import calls_as_items
from rejent.streams.calls.player import workshop as player
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.recipients import Identity
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import SealedReader
from tests.annexes import BOLESLAWIEC_2, find_missing
from tests.people import add_person
from tests.printed import words_of
from tests.spoken_call import finished, recorded
from tests.unit.streams_calls.player.test_services import heard
from tests.unit.web.conftest import NOON, text_of

START = NOON - timedelta(hours=2)
CALL, OTHER = "0a" * 16, "0b" * 16
SECONDS = 12
CALLER, CALLED = "+48225550123", "+48745550100"

pytestmark = pytest.mark.usefixtures("call")


@pytest.fixture
def line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line of an office whose calls may be heard at any computer, under a protocol."""
    text = example("boleslawiec").replace('stations = "listed"\n', "")
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return call_services.add_line(
        name="Sekretariat",
        stated=StatedLine(siprec="127.0.0.1:5060", numbers=("+4874555",)),
        clock=clock,
        actor="",
    )


@pytest.fixture
def call(line: str, clock: ManualClock, settings: Any) -> str:
    """A call of twelve seconds; its object lies sealed in memory. Another call of the line runs at the same time."""
    identity, objects = Identity.generate(), {}
    for name in (CALL, OTHER):
        begun = call_services.BegunCall(name, line, date(2026, 11, 21), START, "incoming", CALLER, CALLED)
        call_services.begin_call(begun, clock=clock)
        for kept in recorded(name, START, SECONDS):
            sealed = seal(kept.content, [identity.recipient])
            segment = finished(line, kept, sealed, "age1day")
            objects[segment.object_name] = sealed
            catalog.book_segments([segment], clock)
        call_services.end_call(name, START + timedelta(seconds=SECONDS), "bye", clock=clock)
    settings.OPENER = lambda segment, _: SealedReader(MemorySource(objects[segment.object_name]), [identity])
    return CALL


@pytest.fixture(scope="module", autouse=True)
def workshop() -> Iterator[None]:
    """The processes that decode end with the module."""
    yield
    player.workshop().close()
    player.workshop.cache_clear()


def somebody(role: str, clock: ManualClock, name: str = "") -> tuple[PersonView, Client]:
    """Somebody of a role, and a browser in which they are signed in."""
    person = add_person(
        f"Osoba {role}", post="", roles=[role], username=name or role, password="a long and quiet river", clock=clock, actor="",
    )  # fmt: skip
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(person_id=person.id))
    return person, client


@pytest.fixture
def viewer(line: str, clock: ManualClock) -> Client:
    """The browser of somebody who may hear calls."""
    person, client = somebody("viewer", clock)
    services.issue_authorisation(
        person_id=person.id, acts=["recordings"], stream="calls", source_ids=[line], valid_from=date(2026, 11, 21),
        valid_until=None, clock=clock, actor="",
    )  # fmt: skip
    return client


def search(client: Client, **known: str) -> Any:
    """Look for a call by what is known."""
    return client.post(reverse("calls"), {"caller": "22 555 01 23", "called": "0100", **known})


@pytest.fixture
def opened(viewer: Client) -> tuple[Client, UUID]:
    """An open viewing of the call."""
    return viewer, opened_for(viewer, "jakosc-obslugi")


def opened_for(viewer: Client, purpose: str) -> UUID:
    """Open a viewing of the call."""
    stated = {"purpose": purpose, "case": "OR.1431.17.2026", "acknowledged": "on"}
    answer = viewer.post(reverse("call-open", args=[CALL]), stated)
    assert answer.status_code == 302, text_of(answer)
    return access.viewings()[0].id


def piece(client: Client, viewing: UUID, start: float, end: float) -> Any:
    """Ask for a piece of the sound."""
    return client.get(reverse("viewing-sound", args=[viewing]), {"from": str(start), "to": str(end)})


def test_a_call_is_found_and_its_numbers_are_in_no_address(viewer: Client) -> None:
    """Both calls of that minute are offered, numbers in groups; every link names the call, never a number."""
    page = text_of(search(viewer))
    assert "+48 22 555 01 23" in page
    assert page.count(reverse("call-open", args=[CALL])) == 1
    assert page.count(reverse("call-open", args=[OTHER])) == 1
    for address in [part.partition('"')[0] for part in page.split('href="')[1:]]:
        assert "55501" not in address
    assert "55501" not in str([act.facts for act in registers.entered(["calls.searched"])])


def test_hits_tell_seconds_and_how_far_they_are_from_the_hour(viewer: Client) -> None:
    """The form folds away; with a date each hit tells its time to the second, and how far that is from the hour given."""
    page = text_of(search(viewer, day="21.11.2026", time="9:50"))
    assert "Znaleziono 2 rozmowy" in page
    assert '<th scope="row" class="nowrap digits">10:00:00</th>' in page
    assert "10\xa0min później" in page
    assert '<details class="panel fold sought-form">' in page
    assert '<details class="panel fold sought-form" open>' in text_of(viewer.get(reverse("calls")))
    (act,) = registers.entered(["calls.searched"])
    assert act.facts is not None
    assert (act.facts["count"], act.facts["shown"], act.facts["more"]) == (2, 2, False)


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"called": ""}, "dwie dane spośród"),
        ({"time": "12:00"}, "także datę"),
        ({"day": "31.11.2026"}, "Nie ma dnia 31.11.2026"),
    ],
)
def test_what_is_missing_is_said_at_its_field(viewer: Client, known: dict[str, str], says: str) -> None:
    """Too few facts, an hour without a date, a date that does not exist; what was typed stays."""
    answer = search(viewer, **known)
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert "22 555 01 23" in text_of(answer)


def test_an_hour_that_does_not_fit_finds_nothing_and_says_what_to_do(viewer: Client) -> None:
    """No hit is no error."""
    answer = search(viewer, day="20.11.2026", time="12:00")
    assert answer.status_code == 200
    assert "Żadna nagrana rozmowa nie pasuje" in text_of(answer)


@pytest.mark.parametrize("role", ["iod", "administrator", "head", "clerk"])
def test_whoever_may_not_hear_calls_learns_nothing_of_them(role: str, clock: ManualClock) -> None:
    """The search is refused; a call that exists and one that does not look the same."""
    _, client = somebody(role, clock)
    assert client.get(reverse("calls")).status_code == 403
    assert search(client).status_code == 403
    answers = [client.get(reverse("call-open", args=[name])) for name in (CALL, "ef" * 16)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert reverse("calls") not in text_of(client.get(reverse("start")))


def test_the_call_is_drawn_and_told_with_what_is_missing(opened: tuple[Client, UUID]) -> None:
    """Both parties' envelopes, the loss and the pause in words, without a script; no number in the title."""
    client, viewing = opened
    page = text_of(client.get(reverse("viewing", args=[viewing])))
    assert "Strona dzwoniąca: utracono po drodze: 50 pakietów" in page
    assert "Strona 2: wstrzymano według centrali" in page
    assert page.count('class="voice"') == 2
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert "555" not in title
    index = json.loads(
        page.partition('<script id="index" type="application/json">')[2].partition("</script>")[0]
    )
    assert index["length"] == pytest.approx(SECONDS, abs=0.2)
    assert index["hours"][0] == "10"
    assert {span["kind"] for span in index["spans"]} == {"recorded", "fault", "planned"}


def test_a_piece_of_the_sound_is_entered_as_heard(opened: tuple[Client, UUID], clock: ManualClock) -> None:
    """What leaves is exactly as long as was asked for, and stands in the viewing and in its closing."""
    client, viewing = opened
    answer = piece(client, viewing, 2, 5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/mp4")
    assert answer.content[4:8] == b"ftyp"
    (seen,) = access.seen(viewing)
    assert (seen.kind, seen.end - seen.start) == ("sound", timedelta(seconds=3))
    assert seen.start == START + timedelta(seconds=2)
    services.close_viewing(viewing, clock=clock, actor="")
    (closed,) = registers.entered(["viewing.closed"])
    assert closed.facts is not None
    assert closed.facts["seen"] == [[seen.start.isoformat(), seen.end.isoformat()]]


def test_every_piece_is_asked_for_anew(opened: tuple[Client, UUID], clock: ManualClock) -> None:
    """Once the authorisation is revoked nothing more is heard; nothing is entered of what was refused."""
    client, viewing = opened
    assert piece(client, viewing, 0, 1).status_code == 200
    number = authorisation_queries.authorisations()[0].number
    services.revoke_authorisation(number, clock=clock, actor="")
    assert piece(client, viewing, 5, 6).status_code == 403
    assert len(access.seen(viewing)) == 1


def test_pieces_fit_together_without_a_seam(opened: tuple[Client, UUID]) -> None:
    """A packet that reaches over the edge of a piece is heard to its end: two pieces are, sample by sample, the one of both."""
    first, second, both = (heard(piece(*opened, *span).content) for span in ((1, 3), (3, 5), (1, 5)))
    assert [first[side] + second[side] for side in (0, 1)] == [both[0], both[1]]
    assert max(map(abs, both[1])) > 1000


@pytest.mark.parametrize("span", [(-1, 2), (5, 4000), (float("nan"), 2)])
def test_nothing_outside_the_call_is_handed_out(
    opened: tuple[Client, UUID], span: tuple[float, float]
) -> None:
    """A position that is none of the call is refused."""
    client, viewing = opened
    assert piece(client, viewing, *span).status_code in {400, 422}
    assert access.seen(viewing) == []


def test_a_viewing_of_a_call_shows_no_pictures_and_no_other_call(opened: tuple[Client, UUID]) -> None:
    """The addresses of the camera player hand out nothing of the line."""
    client, viewing = opened
    segment = call_queries.segments_of(call_queries.call(OTHER).source_id, OTHER, START)[0]
    addresses = [
        reverse("viewing-index", args=[viewing]),
        f"{reverse('viewing-media', args=[viewing, segment.id])}?from=36000&to=36005",
        f"{reverse('viewing-still', args=[viewing])}?t=36001",
    ]
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]
    assert access.seen(viewing) == []


def test_a_viewing_of_a_call_ends_at_its_protocol(opened: tuple[Client, UUID]) -> None:
    """Who listened writes down what was heard, as the regulation demands."""
    client, viewing = opened
    number = access.viewing(viewing).number
    answer = client.post(reverse("viewing-close", args=[viewing]))
    assert answer.headers["Location"] == reverse("protocol-write", args=[number])
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.usefixtures("call")
def test_the_protocol_of_listening_begins_with_what_is_known(viewer: Client, clock: ManualClock) -> None:
    """Date, hour, both numbers and the line stand in it; on paper it has every field of annex 2 of Bolesławiec."""
    client, viewing = viewer, opened_for(viewer, "bezpieczenstwo-informacji")
    number = access.viewing(viewing).number
    services.note_seen(viewing, START, START + timedelta(seconds=4), "call", clock=clock)
    services.close_viewing(viewing, clock=clock, actor="")
    write = reverse("protocol-write", args=[number])
    page = client.get(write).content.decode()
    begun = html.unescape(page)
    for named in ("Osoby prowadzące rozmowę", "Lokalizacja zdarzenia", "Przyczyny wystąpienia zdarzenia"):
        assert named in begun
    assert f"Strona dzwoniąca: {readable_number(CALLER)}" in begun
    assert f"Sekretariat, {readable_number(CALLED)}" in begun
    assert "Osoba odsłuchująca" in begun
    fields = protocols.protocol(number).fields
    texts = {field: f"Treść {place}." for place, field in enumerate(fields)}
    person = people.person(str(access.viewing(viewing).person_id))
    services.finish_protocol(number, texts, person=person, clock=clock)
    printed = words_of(client.post(reverse("protocol-document", args=[number])).content)
    assert find_missing(printed, BOLESLAWIEC_2) == []
    filled = (
        "1. Data rozmowy 21.11.2026 Godzina rozmowy 10:00:00–10:00:12 2. Osoby prowadzące rozmowę (imię, nazwisko, stanowisko służbowe) oraz dane rozmówcy lub rodzaj sprawy Treść 0.",
        "3. Lokalizacja zdarzenia (np. nr telefonu) Treść 1.", "7. Postępowanie wyjaśniające Treść 5.", "Osoba viewer", readable_number(CALLED),
    )  # fmt: skip
    assert [said for said in filled if said not in printed] == []


def test_one_call_is_held_from_its_page(opened: tuple[Client, UUID], line: str) -> None:
    """The way leads from the player to a form without numbers, and to a hold of this call alone; its page says so."""
    client, viewing = opened
    page = client.get(reverse("viewing", args=[viewing]))
    assert reverse("call-hold", args=[CALL]) in page.content.decode()
    form = client.get(reverse("call-hold", args=[CALL]) + "?case=OR.1")
    assert "Sekretariat" in text_of(form)
    assert readable_number(CALLER) not in form.content.decode()
    given = {"case": "OR.1", "basis": "sąd", "review_on": "1.12.2026"}
    assert client.post(reverse("call-hold", args=[CALL]), given | {"basis": ""}).status_code == 422
    held = client.post(reverse("call-hold", args=[CALL]), given)
    (hold,) = retention.holds()
    assert held.headers["Location"] == reverse("hold", args=[hold.number])
    assert (hold.source_id, hold.item, hold.start) == (line, CALL, START)
    assert "jedna rozmowa" in text_of(client.get(held.headers["Location"]))
    assert client.get(reverse("call-hold", args=["00" * 16])).status_code == 404


def test_the_term_silences_what_may_not_be_heard_any_more(
    opened: tuple[Client, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past its term nothing leaves, though the object is still there."""
    client, viewing = opened

    def gone(*_: object, **__: object) -> list[Any]:
        return []

    monkeypatch.setattr(retention, "readable", gone)
    assert piece(client, viewing, 0, 1).status_code == 404
    assert access.seen(viewing) == []


def test_a_refused_call_is_opened_by_nobody_unless_it_is_held(
    viewer: Client, line: str, clock: ManualClock
) -> None:
    """Until a keeper withdraws it, no address leads to it; what a hold keeps can be opened for its proceedings."""
    page = reverse("call-open", args=[OTHER])
    why = {"purpose": "jakosc-obslugi", "case": "OR.1431.17.2026", "acknowledged": "on"}
    call_services.refuse_call(line, OTHER, "key", 3.0, clock=clock)
    assert viewer.get(page).status_code == 404
    assert viewer.post(page, why).status_code == 404
    assert access.viewings() == []
    place_hold(
        source_id=line, start=START, end=NOON, case="OR.1431.1.2026", basis="sąd", review_on=date(2026, 12, 1),
        clock=clock, ledger=None, actor="", item=OTHER,
    )  # fmt: skip
    assert viewer.post(page, why).status_code == 302


def test_nothing_opens_without_purpose_and_case(viewer: Client) -> None:
    """The form says what is missing."""
    answer = viewer.post(reverse("call-open", args=[CALL]), {"purpose": "", "case": "", "acknowledged": "on"})
    assert answer.status_code == 422
    assert "Wybierz cel" in text_of(answer)
    assert access.viewings() == []


def test_who_a_call_was_passed_on_to_stands_wherever_its_parties_stand(
    viewer: Client, clock: ManualClock
) -> None:
    """Among the hits, where the call is opened, beside what is heard and in the draft of the protocol, never as the number that was dialled; found by either number."""
    later = PartyTurn("called", "+48745550177", START + timedelta(seconds=5))
    joined = PartyTurn("joined", "+48745550188", START + timedelta(seconds=9))
    named = NamedParties(CALL, CALLER, CALLED, "incoming", (later, joined))
    call_services.name_parties(named, clock=clock)
    assert reverse("call-open", args=[CALL]) in text_of(search(viewer, called="0188"))
    hits = text_of(search(viewer, called="0177"))
    (dialled,) = re.findall(r'data-title="Numer wybrany"[^>]*>(.*?)</td>', hits)
    assert "01 00" in dialled
    assert "01 77" not in dialled
    assert reverse("call-open", args=[OTHER]) not in hits
    pages = [hits, text_of(viewer.get(reverse("call-open", args=[CALL])))]
    viewing = opened_for(viewer, "jakosc-obslugi")
    pages.append(text_of(viewer.get(reverse("viewing", args=[viewing]))))
    for page in pages:
        assert "+48 74 555 01 00" in page
        assert "po stronie wywołanej od 10:00:05: +48 74 555 01 77" in page
        assert "obok pozostałych od 10:00:09: +48 74 555 01 88" in page
    item = calls_as_items([CALL])[CALL]
    assert item.first_texts is not None
    drafted = item.first_texts("Sekretariat")["parties"]
    assert "Strona wywołana: +48 74 555 01 00\n" in drafted
    assert "Kolejni uczestnicy: po stronie wywołanej od 10:00:05: +48 74 555 01 77, obok " in drafted
