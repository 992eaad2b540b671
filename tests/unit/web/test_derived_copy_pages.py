"""A copy for a recorded person: its plan, its derived copy, its package, its receipt."""

import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from rejent.access import services as access
from rejent.cases import services as cases
from rejent.cases.copies import queries
from rejent.cases.views import Kind
from rejent.cases.views import State as Outcome
from rejent.evidence.verifier.command import SHOWN, check_path, report, status
from rejent.formats.mp4.reader import scan
from rejent.formats.source import BytesSource
from rejent.kernel.clock import OFFICE_ZONE, ManualClock, civil_date
from rejent.office.views import PersonView
from rejent.streams.cameras.player.workshop import derived_workshop
from rejent.web.signing_in.sessions import kept_as
from tests.printed import words_of
from tests.unit.cases.application import entered
from tests.unit.formats.clips import clip
from tests.unit.formats.written import content_of, fragments_of
from tests.unit.retention.office import RecordingOffice
from tests.unit.web.conftest import Browser, body_of, text_of
from tests.unit.web.copied import START, copy, decided, made, office, write_carrier

__all__ = ["copy", "decided", "office"]


@pytest.fixture
def installed(settings: Any, tmp_path: Path) -> None:
    """A folder of the installation that files pass through."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)


@pytest.fixture
def filmed(office: RecordingOffice, source: str) -> RecordingOffice:
    """The office with four seconds of real pictures."""
    film = clip("h264", (320, 180))
    content = content_of(film.parameters, fragments_of(film.parameters, film.units))
    office.record(source, START, b"", seconds=4, pictures=(content, scan(BytesSource(content))))
    return office


@pytest.fixture
def granted(people: dict[str, PersonView], filmed: RecordingOffice, source: str) -> Iterator[str]:
    """The number of a recorded person's application for access to these seconds, consented to."""
    clock = filmed.clock
    today = civil_date(clock.now())
    case = entered(
        clock, source, kind=Kind.RIGHT, right="access", identity="document", event_first=today, received_on=today,
        times=(START, START + timedelta(seconds=4)),
    )  # fmt: skip
    given: dict[str, Any] = {
        "reasons": "",
        "basis": "art. 15 RODO",
        "knowledge": None,
        "person": people["head"],
    }
    cases.decide_case(case.number, Outcome.GRANTED, clock=clock, ledger=None, **given)
    yield case.number
    derived_workshop().close()
    derived_workshop.cache_clear()


@pytest.fixture
def watching(
    browser: Browser, people: dict[str, PersonView], source: str, clock: ManualClock, granted: str
) -> Client:
    """The browser of a viewer who opened those seconds."""
    client = browser("viewer")
    access.open_viewing(
        person=people["viewer"], source_id=source, start=START, end=START + timedelta(seconds=4), purpose="bezpieczenstwo",
        case=granted, session=kept_as(str(client.session.session_key)), clock=clock, acknowledged=True,
    )  # fmt: skip
    return client


def test_a_copy_for_a_recorded_person_leaves_as_a_derived_one_alone(
    browser: Browser, watching: Client, granted: str, settings: Any, tmp_path: Path
) -> None:
    """Its plan is kept, wrong ones are refused, the derived copy is packed, verifies as derived, and is handed over to the person by receipt."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)
    maker, clerk = browser("administrator"), browser("clerk")
    assert made(maker, granted).status_code == 302
    (first,) = queries.of_case(granted)
    page, editor = reverse("copy", args=[first.number]), reverse("copy-redact", args=[first.number])
    shown = text_of(maker.get(page))
    assert reverse("copy-package", args=[first.number]) not in shown
    assert "inni są zakryci" in shown
    assert shown.count(f'class="button" href="{editor}"') == 1
    assert maker.post(reverse("copy-package", args=[first.number])).status_code != 200
    assert "w otwartym odtworzeniu" in text_of(maker.get(editor))
    assert "w otwartym odtworzeniu" in text_of(maker.get(reverse("copy-part", args=[first.number, 1])))
    assert (
        clerk.get(editor).status_code,
        editor in text_of(browser("viewer").get(reverse("case", args=[granted]))),
    ) == (403, True)
    assert watching.get(reverse("copy-part", args=[first.number, 1])).headers["Media-Length"] == "4000"
    empty = {"fill": "solid", "regions": [], "spans": []}
    for wrong, act in (({"fill": "solid"}, "keep"), (empty, "make")):
        refused = maker.post(editor, {"plan": json.dumps(wrong), "act": act})
        assert refused.status_code == 422, text_of(refused)
    plan = empty | {"spans": [{"effect": "black", "party": 0, "reason": "person", "start": 0, "end": 1000}]}
    assert maker.post(editor, {"plan": json.dumps(plan), "act": "keep"}).status_code == 302
    assert '"effect": "black"' in text_of(maker.get(editor))
    answer = maker.post(editor, {"plan": json.dumps(plan), "act": "make"})
    second = queries.derived_from(first.number)[0].number
    assert answer["Location"] == reverse("copy", args=[second])
    told = f"pochodna z zakrytymi fragmentami; oryginał nienaruszony, numer {first.number}"
    assert told in text_of(maker.get(reverse("copy", args=[second])))
    assert told in words_of(maker.post(reverse("copy-label", args=[second, "a7"])).content).replace("\n", " ")
    package = tmp_path / "second.zip"
    package.write_bytes(body_of(maker.post(reverse("copy-package", args=[second]))))
    verdict = check_path(package, stated_key=str(settings.LEDGER.verifier()), number=second)
    assert status(verdict) == SHOWN, verdict.findings
    assert queries.copy(first.number).digest in "".join(report(verdict, "pl"))
    names = ZipFile(package).namelist()
    assert [name for name in names if name.endswith(".mp4")] == [f"data/derived/{second}-001.mp4"]
    assert maker.post(reverse("copy-export", args=[first.number])).status_code != 200
    assert reverse("copy-export", args=[second]) in text_of(maker.get(reverse("copy", args=[second])))
    answer = maker.post(reverse("copy-export", args=[second]))
    exported = ZipFile(BytesIO(body_of(answer)))
    content = ZipFile(package).read(f"data/derived/{second}-001.mp4")
    film = exported.read(f"{second}-001.mp4")
    assert film.startswith(content)
    assert film[len(content) + 4 :].startswith(b"meta")
    assert write_carrier(maker, second, medium="usb").status_code == 302
    handed = {"case": granted, "recipient": "Anna Przykładowa", "remarks": "", "confirmed": "1"}
    assert clerk.post(reverse("copy-hand-over", args=[second]), handed).status_code == 302
    assert queries.hand_over(second).documents == ("receipt",)  # type: ignore[union-attr]
    assert queries.hand_over(first.number) is None
    lacking = text_of(clerk.get(reverse("copy-hand-over", args=[first.number])))
    assert "Przed tym krokiem brakuje" in lacking
    assert '<form class="panel form"' not in lacking


def test_the_editor_counts_from_the_asked_instant(watching: Client, browser: Browser, granted: str) -> None:
    """Of a copy that is cut between two key pictures: what stands before the asked instant is on no axis, and in no export's beginning."""
    maker = browser("administrator")
    begin = (START + timedelta(seconds=3)).astimezone(OFFICE_ZONE)
    assert made(maker, granted, start=f"{begin:%H:%M:%S}").status_code == 302
    (first,) = queries.of_case(granted)
    assert first.parts[0].interval.start < first.interval.start == START + timedelta(seconds=3)
    shown = text_of(watching.get(reverse("copy-redact", args=[first.number])))
    assert 'data-parts="1,0,1000;"' in shown
    assert 'data-length="1000"' in shown
    assert f'data-start="{first.interval.start.timestamp() * 1000:.0f}"' in shown
    assert watching.get(reverse("copy-part", args=[first.number, 1])).headers["Media-Length"] == "1000"


@pytest.mark.usefixtures("installed")
def test_an_export_begins_at_the_asked_instant(
    browser: Browser, people: dict[str, PersonView], filmed: RecordingOffice, source: str
) -> None:
    """Where players begin: the file says the same instant, not that of the key picture before."""
    clock, maker, begin = filmed.clock, browser("administrator"), START + timedelta(seconds=3)
    today = civil_date(clock.now())
    case = entered(
        clock, source, kind=Kind.DISCLOSURE, event_first=today, received_on=today, times=(START, START + timedelta(seconds=4))
    )  # fmt: skip
    given: dict[str, Any] = {"reasons": "", "basis": "§ 6", "knowledge": None, "person": people["head"]}
    cases.decide_case(case.number, Outcome.GRANTED, clock=clock, ledger=None, **given)
    asked = f"{begin.astimezone(OFFICE_ZONE):%H:%M:%S}"
    assert made(maker, case.number, start=asked).status_code == 302
    (first,) = queries.of_case(case.number)
    assert first.parts[0].interval.start < begin
    answer = maker.post(reverse("copy-export", args=[first.number]))
    film = ZipFile(BytesIO(body_of(answer))).read(f"{first.number}-001.mp4")
    (ticks,) = struct.unpack_from(">Q", film, film.rindex(b"cstb") + 12)
    assert datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10) == begin
