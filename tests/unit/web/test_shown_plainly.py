"""What pages say of ends, bases and causes without being asked: small promises that only a reader would miss."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

import rejent.web
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock, civil_date
from rejent.retention import queries as retention
from rejent.retention import services
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.volume_identity import adopt
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.web.conftest import NOON, Browser, text_of

PARTS = Path(rejent.web.__file__).parent / "static" / "css" / "parts.css"
HOUR = timedelta(hours=1)


@pytest.fixture
def kept(source: str, clock: ManualClock, tmp_path: Path) -> RecordingOffice:
    """The office with keys and a store, and a minute that its camera recorded an hour ago."""
    (tmp_path / "vault").mkdir()
    keys, store = KeyStore.create(tmp_path / "keys", FileRoot(), clock), DiskStore(tmp_path / "vault")
    catalog.adopt_volume(adopt(store, "0" * 32))
    office = RecordingOffice(tmp_path, clock, store, keys)
    office.record(source, NOON - HOUR, b"kept")
    return office


def test_the_start_page_says_until_when_recordings_can_still_be_used(
    browser: Browser, kept: RecordingOffice, source: str
) -> None:
    """On the last day alone, to whom the list opens, with the hours left; before it and once it is over, nothing."""
    term = retention.term(source, civil_date(NOON), kept.clock)
    assert term is not None
    client = browser("head")
    told = f'href="{reverse("due")}"><strong>Dziś ostatni dzień istnienia: 1 doba nagrań'
    kept.go_to(term.readable_until - 25 * HOUR)
    assert told not in text_of(client.get(reverse("start")))
    kept.go_to(term.readable_until - 2 * HOUR)
    page = text_of(client.get(reverse("start")))
    assert told in page
    assert re.search(r"Nagranie istnieje do końca dnia: [^<]*, do północy\. Jeszcze 2 godziny\.", page), page
    assert told not in text_of(browser("guard").get(reverse("start")))
    kept.go_to(term.readable_until)
    assert told not in text_of(client.get(reverse("start")))


def test_a_destruction_names_its_basis_its_act_and_how_long_had_been_recorded(
    browser: Browser, kept: RecordingOffice
) -> None:
    """The rule in words with its clause, the entry that proves it, and the time recorded in place of objects."""
    kept.clock.advance(timedelta(days=100))
    services.keep_once(kept.keeping)
    (gone,) = retention.destructions()
    row = text_of(browser("iod").get(reverse("destructions"))).partition("<tbody>")[2]
    assert re.search(r'<td data-title="Podstawa">[^<]*najdłużej[^<]*§', row), row
    assert f'<a href="{reverse("entry", args=[gone.done_entry])}">' in row
    assert re.search(r">1\smin · ", row), row


@pytest.mark.parametrize(("held_s", "told"), [(120, ("2 min", "2 min")), (90, ("2 min 30 s", "1 min 30 s"))])
def test_a_destruction_counts_what_it_removed_and_says_what_holds_kept(
    browser: Browser, kept: RecordingOffice, source: str, held_s: int, told: tuple[str, str]
) -> None:
    """Of four recorded minutes those under a hold live on, whole segments and parts of one alike; they count once the hold is gone."""
    for place in (1, 2, 3):
        kept.record(source, NOON - HOUR + place * MINUTE, b"M%d" % place)
    hold = services.place_hold(
        source_id=source, start=NOON - HOUR, end=NOON - HOUR + timedelta(seconds=held_s), case="OR.1", basis="wniosek",
        review_on=civil_date(NOON + timedelta(days=200)), clock=kept.clock, ledger=None, actor="",
    )  # fmt: skip
    kept.clock.advance(timedelta(days=100))
    services.keep_once(kept.keeping)
    (gone,) = retention.destructions()
    lengths = retention.destroyed_lengths([gone])[gone.number]
    assert (lengths.destroyed_s, lengths.kept_s) == (240 - held_s, held_s)
    row = text_of(browser("iod").get(reverse("destructions"))).partition("<tbody>")[2].replace("\xa0", " ")
    assert f">{told[0]} · " in row, row
    assert f"zachowano dla zabezpieczeń: {told[1]}<" in row, row
    services.end_hold(hold.number, reason="Sprawa zakończona.", clock=kept.clock, ledger=None, actor="")
    services.keep_once(kept.keeping)
    found = retention.destructions()
    lengths_of = retention.destroyed_lengths(found)
    assert sum(each.destroyed_s for each in lengths_of.values()) == 240
    assert lengths_of[gone.number].destroyed_s == 240 - held_s


def test_the_date_that_was_understood_is_marked_in_the_calendar(
    browser: Browser, recording: tuple[datetime, datetime], source: str
) -> None:
    """Read back in words and marked among the days, before any script runs."""
    page = text_of(browser("viewer").get(reverse("find"), {"source": source, "day": "dziś"}))
    assert recording
    assert "Zrozumiana data: sobota, 21 listopada 2026 r." in page
    (marked,) = re.findall(r'<a class="cell"[^>]*aria-current="date"', page)
    assert 'data-day="21.11.2026"' in marked


def test_causes_in_the_list_to_be_read_from_afar_are_large(
    browser: Browser, source: str, clock: ManualClock
) -> None:
    """The cause stands in the large table, where small text is set at 24 pixels or more."""
    catalog.report_health(
        [
            catalog.HealthReport(
                source, "stopped", "storage-full", clock.now() - HOUR, None, None, "", {}, 0.0
            )
        ],
        clock,
    )
    page = text_of(browser("administrator").get(f"{reverse('sources')}?large"))
    table = page[page.index('class="cards large"') :].partition("</table>")[0]
    assert source in table
    assert re.search(r'<span class="small">[^<]+</span>', table)
    size = re.search(
        r"^\.large :is\(small, \.small\) \{ font-size: var\(--size-(\d+)\)", PARTS.read_text(), re.MULTILINE
    )
    assert size is not None
    assert int(size[1]) >= 24


def test_a_fault_is_reported_by_the_words_people_use(browser: Browser) -> None:
    """The button of the list and of the form."""
    client = browser("administrator")
    for route in ("faults", "fault-new"):
        assert re.search(r"Zgłoś awarię</(a|button)>", text_of(client.get(reverse(route)))), route
