"""A copy from the case's page to the register, as administrator, clerk, head and commission see it."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pikepdf import Stream
from PIL import Image

from rejent.access import services as access
from rejent.cases import services as cases
from rejent.cases.copies import queries
from rejent.cases.copies.views import State
from rejent.cases.views import Kind
from rejent.cases.views import State as Outcome
from rejent.catalog import services as catalog
from rejent.content import photos
from rejent.evidence.verifier.command import SHOWN, check_path, report, status
from rejent.formats.mp4.reader import scan
from rejent.formats.source import BytesSource
from rejent.kernel.civil_time import clock_time
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.streams.cameras.player.workshop import derived_workshop
from rejent.vault.context import VaultContext
from rejent.web.signing_in.sessions import kept_as
from tests.certificates import office_seal
from tests.printed import claims_of, opened, words_of
from tests.unit.cases.application import entered
from tests.unit.formats.clips import clip
from tests.unit.formats.written import content_of, fragments_of
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.web.conftest import NOON, Browser, regulation_with, text_of

START = NOON - timedelta(hours=1)
TAKER = {"recipient": "asp. Jan Testowy", "post": "dzielnicowy", "body": "Komenda Powiatowa Policji"}


@pytest.fixture(scope="module", autouse=True)
def no_child_left() -> Iterator[None]:
    """The process that decodes photos ends with the module."""
    yield
    photos.workshop().close()
    photos.workshop.cache_clear()


@pytest.fixture
def office(clock: ManualClock, tmp_path: Path, settings: Any) -> RecordingOffice:
    """The office's vault and keys."""
    settings.VAULT = VaultContext(
        "0" * 32, tmp_path / "vault", tmp_path / "keys", tmp_path / "secrets", "", clock
    )
    (tmp_path / "vault").mkdir()
    catalog.adopt_volume(settings.VAULT.create())
    return RecordingOffice(tmp_path, clock, settings.VAULT.store, settings.VAULT.keys)


@pytest.fixture
def decided(people: dict[str, PersonView], source: str, clock: ManualClock, office: RecordingOffice) -> str:
    """The number of a disclosure of three recorded minutes that was consented to."""
    for place in range(3):
        office.record(source, START + place * MINUTE, b"MARK%d" % place)
    today = civil_date(clock.now())
    case = entered(
        clock,
        source,
        kind=Kind.DISCLOSURE,
        event_first=today,
        received_on=today,
        times=(START, START + 3 * MINUTE),
    )
    given: dict[str, Any] = {"reasons": "", "basis": "§ 6", "knowledge": None, "person": people["head"]}
    cases.decide_case(case.number, Outcome.GRANTED, clock=clock, ledger=None, **given)
    return case.number


def made(client: Client, case: str, **changed: str) -> Any:
    """What the form of a copy answers."""
    (hold,) = retention.holds()
    given = {
        "hold": hold.number,
        "start": "",
        "end": "",
        "medium": "dvd",
        "carrier": "SN 7",
        "bag": "B-12",
        "kept_in": "sejf",
    }
    return client.post(reverse("copy-new", args=[case]), given | changed)


@pytest.fixture
def copy(browser: Browser, decided: str) -> str:
    """The number of a copy that the administrator made."""
    answer = made(browser("administrator"), decided)
    assert answer.status_code == 302, text_of(answer)
    return next(queries.every_copy()).number


def test_the_case_leads_to_its_copy(browser: Browser, decided: str) -> None:
    """One primary action: make it, then hand it over; who may not make it is not led there."""
    administrator, clerk = browser("viewer"), browser("clerk")
    assert f"Wniosek {decided}: sporządź kopię" in text_of(browser("administrator").get(reverse("start")))
    assert "Anna Przykładowa" not in text_of(
        browser("administrator").get(reverse("copy-new", args=[decided]))
    )
    address = reverse("copy-new", args=[decided])
    assert address in text_of(administrator.get(reverse("case", args=[decided])))
    assert address not in text_of(clerk.get(reverse("case", args=[decided])))
    assert clerk.get(address).status_code == 403
    refused = made(browser("administrator"), decided, start="9:00", end="9:10")
    assert refused.status_code == 422
    assert "wykracza poza to" in text_of(refused)
    assert made(browser("administrator"), decided, start="11:00:10", end="11:00:20").status_code == 302
    page = text_of(clerk.get(reverse("case", args=[decided])))
    assert reverse("copy", args=["K-2026-1"]) in page
    assert reverse("copy-hand-over", args=["K-2026-1"]) in page


def test_the_page_of_a_copy_says_what_is_in_it(browser: Browser, copy: str) -> None:
    """Period, content, carrier, bag, place, the end of its life, its digest."""
    page = text_of(browser("clerk").get(reverse("copy", args=[copy])))
    digest = queries.copy(copy).digest
    for words in ("Hol na parterze", "nagrania: 3", "płyta DVD, SN 7", "B-12", "sejf", "21.02.2027", digest):
        assert words in page


def test_the_package_of_a_copy_leaves_for_its_carrier(
    browser: Browser, copy: str, tmp_path: Path, settings: Any
) -> None:
    """Whoever may make the copy gets a ZIP file that verifies under the office's key; nothing of it stays, and it is entered first."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)
    address = reverse("copy-package", args=[copy])
    assert browser("clerk").post(address).status_code == 403
    assert address not in text_of(browser("clerk").get(reverse("copy", args=[copy])))
    assert registers.acts(names=["evidence.packed"]).acts == []
    administrator = browser("administrator")
    assert address in text_of(administrator.get(reverse("copy", args=[copy])))
    answer = administrator.post(address)
    package = tmp_path / f"{copy}.zip"
    package.write_bytes(b"".join(answer))
    assert int(answer["Content-Length"]) == package.stat().st_size
    verdict = check_path(package, stated_key=str(settings.LEDGER.verifier()), number=copy)
    assert status(verdict) == SHOWN, verdict.findings
    assert len(registers.acts(names=["evidence.packed"]).acts) == 1
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize("size", ["a7", "disc", "tape"])
def test_a_label_states_what_the_regulation_names(browser: Browser, copy: str, size: str) -> None:
    """The four items of Pleszew § 7 sec. 1, the beginning of the digest, and a code that machines read; nobody's name."""
    label = browser("administrator").get(reverse("copy-label", args=[copy, size])).content
    words, digest = words_of(label), queries.copy(copy).digest
    for told in (f"Kopia {copy}", "21.11.2026", "Hol na parterze", "Data wykonania kopii", digest[:4]):
        assert told in words
    assert "Osoba administrator" not in words
    drawn = subprocess.run(
        ["pdftoppm", "-r", "200", "-png"], input=label, capture_output=True, check=True
    ).stdout
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(drawn)))
    entry = queries.copy(copy).made_entry
    assert code.text.split("\n") == [
        "REJENT", "Urząd Miasta i Gminy Pleszew", copy, digest[:16], f"#{entry}"
    ]  # fmt: skip


def test_a_copy_is_handed_over_after_a_page_to_check_it(browser: Browser, copy: str, decided: str) -> None:
    """The register has it with the regulation's columns, and its paper has room for the signatures."""
    clerk, address = browser("clerk"), reverse("copy-hand-over", args=[copy])
    assert clerk.post(address, {**TAKER, "case": decided, "recipient": ""}).status_code == 422
    check = text_of(clerk.post(address, {**TAKER, "case": decided}))
    assert "Sprawdź przed przekazaniem" in check
    assert queries.copy(copy).state is State.KEPT
    clerk.post(address, {**TAKER, "case": decided, "confirmed": "1"})
    assert queries.copy(copy).state is State.HANDED
    page = text_of(clerk.get(reverse("register", args=["disclosures"])))
    for words in (
        "Lp.",
        "Wnioskodawca",
        "Podpis odbierającego nośnik",
        "Podpis wydającego nośnik",
        "asp. Jan Testowy",
    ):
        assert words in page
    paper = words_of(clerk.post(reverse("hand-over-document", args=[copy])).content)
    assert "Komenda Powiatowa Policji" in paper
    exported = clerk.post(reverse("register-export", args=["disclosures", "csv"]))
    assert "Sposób załatwienia wniosku" in b"".join(exported).decode()
    again = text_of(clerk.get(address, follow=True))
    assert "Kopię przekazano albo zniszczono wcześniej." in again


def test_its_delivery_stands_on_the_page_and_in_the_register(
    browser: Browser, copy: str, decided: str, clock: ManualClock
) -> None:
    """Entered with its number and times; what cannot be read or has not come is refused where it stands."""
    clerk, address = browser("clerk"), reverse("copy-deliver", args=[copy])
    assert clerk.post(address, {"way": "post"}).status_code == 404
    clerk.post(reverse("copy-hand-over", args=[copy]), {**TAKER, "case": decided, "confirmed": "1"})
    today = civil_date(clock.now())
    given = {
        "way": "e-delivery",
        "reference": "AE:PL-9",
        "sent_on": "dziś",
        "sent_time": clock_time(clock.now()),
    }
    for wrong in (
        {},
        {**given, "sent_time": "25:61"},
        {**given, "sent_on": ""},
        {**given, "received_on": f"{today + timedelta(days=1):%d.%m.%Y}", "received_time": "12"},
    ):
        answer = clerk.post(address, wrong)
        assert (answer.status_code, queries.hand_over(copy).deliveries) == (422, ())  # type: ignore[union-attr]
    assert "Ta chwila jeszcze nie nadeszła." in text_of(answer)
    assert clerk.post(address, given).status_code == 302
    said = "ysłano przez e-Doręczenia, AE:PL-9, "
    assert said in text_of(clerk.get(reverse("copy", args=[copy])))
    assert said in text_of(clerk.get(reverse("register", args=["disclosures"])))
    assert "P-2026-1: wysłano (przez e-Doręczenia)" in text_of(browser("iod").get(reverse("ledger")))
    assert browser("guard").post(address, given).status_code == 403


def test_the_register_has_the_regulations_columns(browser: Browser, copy: str) -> None:
    """Pleszew § 7 sec. 5, on screen and as files."""
    client = browser("iod")
    titles = [
        "Numer porządkowy kopii", "Okres, którego dotyczy nagranie", "Źródło", "Data wykonania kopii", "Dane sporządzającego",
        "Podpis sporządzającego", "Informacje o udostępnieniu lub zniszczeniu",
    ]  # fmt: skip
    page = text_of(client.get(reverse("copies")))
    table = b"".join(client.post(reverse("register-export", args=["copies-video", "csv"]))).decode()
    book = words_of(client.post(reverse("register-export", args=["copies-video", "pdf"])).content)
    for title in titles:
        assert title in page
        assert title in table
    assert copy in book
    assert table.splitlines()[0].count(";") == len(titles) - 1


@pytest.fixture
def by_protocol(people: dict[str, PersonView], clock: ManualClock) -> None:  # noqa: ARG001 - after the first regulation
    """A regulation by which a protocol is signed."""
    regulation_with(clock, {'documents = ["register"]': 'documents = ["protocol"]'})


@pytest.mark.usefixtures("by_protocol")
def test_a_protocol_is_signed_or_sealed(
    browser: Browser, copy: str, decided: str, settings: Any, tmp_path: Path
) -> None:
    """Drawn by both it stands on a paper of its own number; the office's seal is added to the plain one; of a file signed elsewhere only what was compared is said."""
    clerk = browser("clerk")
    given = {**TAKER, "case": decided, "declared": "on", "confirmed": "1"}
    clerk.post(reverse("copy-hand-over", args=[copy]), given)
    address, page = reverse("hand-over-sign", args=[copy]), reverse("copy", args=[copy])
    drawn = "[[[20,150],[300,60],[500,240],[900,140]]]"
    for wrong in (
        {},
        {"giver": drawn},
        {"giver": drawn, "receiver": "[[[1,1]]]"},
        {"giver": drawn, "receiver": "[[[1e9,0]]]"},
    ):
        assert clerk.post(address, wrong).status_code == 422, wrong
    assert clerk.post(address, {"giver": drawn, "receiver": drawn}).status_code == 302
    plain = clerk.post(reverse("hand-over-document", args=[copy])).content
    scan = b"\xff\xd8\xff" + bytes(50)
    signed = plain + b"\n9 0 obj <</Type/Sig>> endobj\n%%EOF\n"
    for name, content in (
        ("skan.jpg", scan),
        ("podpisany.pdf", signed),
        ("inny.pdf", plain[:-9] + b"zmienione\n%%EOF\n"),
    ):
        sent = {"about": "hand-over:P-2026-1", "role": "signed", "file": SimpleUploadedFile(name, content)}
        assert clerk.post(reverse("file-attach"), sent).headers["Location"] == page
    evidence = SimpleUploadedFile("dowod.xml", b'<?xml version="1.0"?><DowodDoreczenia/>')
    clerk.post(reverse("file-attach"), {"about": "hand-over:P-2026-1", "role": "delivery", "file": evidence})
    told = text_of(clerk.get(page))
    assert "Zachowane przy przekazaniu" in told
    assert "dowód doręczenia · XML" in told
    assert "Opatrz pieczęcią" not in told
    assert told.count("zaczyna się od pisma P-2026-1/1, bajt w bajt") == 1
    assert told.count("zaczyna się od pisma P-2026-1/2, bajt w bajt") == 1
    assert told.count("nie zawiera pisma z programu bajt w bajt") == 2
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path, seal=office_seal(tmp_path))
    assert "Opatrz pieczęcią" in text_of(clerk.get(page))
    assert "Opatrz pieczęcią" not in text_of(browser("iod").get(page))
    assert browser("iod").post(reverse("hand-over-document", args=[copy]), {"seal": "1"}).status_code == 403
    sealed = text_of(clerk.post(reverse("hand-over-document", args=[copy]), {"seal": "1"}, follow=True))
    assert "Pismo opatrzono pieczęcią" in sealed
    assert sealed.count("zaczyna się od pisma P-2026-1/2, bajt w bajt") == 2
    (place,) = re.findall(r'href="(/files/[^"]+)"[^<]*<svg[^<]*<use[^<]*</svg><bdi>Protokół', told)
    document = b"".join(clerk.get(place).streaming_content)
    assert "Podpisano na ekranie" in words_of(document)
    assert claims_of(document)["archive"] == "2A"
    acts = registers.acts(names=["case.paper-made"], subject="hand-over:P-2026-1").acts
    assert sha256(document).hexdigest() in [act.facts["sha256"] for act in acts if act.facts]
    assert browser("guard").get(address).status_code == 403


def test_a_wrongly_attached_file_is_removed_with_its_reason(browser: Browser, decided: str) -> None:
    """After a page to check it; what stays is that it was removed, by whom and why. Others find no way to it."""
    clerk, page = browser("clerk"), reverse("case", args=[decided])
    file = SimpleUploadedFile("obcy.pdf", b"%PDF-1.7\nobcy")
    clerk.post(reverse("file-attach"), {"about": f"case:{decided}", "role": "filed", "file": file})
    (address,) = re.findall(r'href="(/files/[^"]+/remove)"', text_of(clerk.get(page)))
    assert address in text_of(browser("head").get(page))
    assert "obcy.pdf" in text_of(clerk.get(address))
    assert clerk.post(address, {"reason": " "}).status_code == 422
    assert "Sprawdź przed usunięciem" in text_of(clerk.post(address, {"reason": "inna sprawa"}))
    assert "obcy.pdf" in text_of(clerk.get(page))
    for role in ("administrator", "guard"):
        assert browser(role).post(address, {"reason": "x", "confirmed": "1"}).status_code == 403
    told = text_of(clerk.post(address, {"reason": "inna sprawa", "confirmed": "1"}, follow=True))
    assert "obcy.pdf" not in told
    assert re.search(r"Złożony z wnioskiem · usunięto [\d., :]+, Osoba clerk: inna sprawa", told)
    assert clerk.get(address).status_code == 404


def photographed(browser: Browser, copy: str) -> str:
    """The address of the commission, once a member has attached a photo of the carrier, and nobody else could."""
    held = BytesIO()
    Image.new("RGB", (640, 480), "red").save(held, "JPEG")
    told = {"about": "commission:B-2027-1", "of": copy, "role": "photo"}
    for role, answered in (("guard", 403), ("employee", 302)):
        file = SimpleUploadedFile("IMG_0001.jpg", held.getvalue())
        assert browser(role).post(reverse("file-attach"), {**told, "file": file}).status_code == answered
    broken = SimpleUploadedFile("IMG_0002.jpg", held.getvalue()[:200])
    answer = browser("employee").post(reverse("file-attach"), {**told, "file": broken}, follow=True)
    assert "Nie można odczytać zdjęcia" in text_of(answer)
    (shown,) = re.findall(r'<img src="(/files/[^"]+)"', text_of(answer))
    assert browser("guard").get(shown).status_code == 403
    picture = browser("employee").get(shown)
    assert picture.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert b"".join(picture.streaming_content) == held.getvalue()
    return reverse("commission", args=["B-2027-1"])


def test_a_commission_confirms_one_by_one(
    browser: Browser,
    copy: str,
    people: dict[str, PersonView],
    office: RecordingOffice,
    settings: Any,
) -> None:
    """The head appoints, each member finds it on their start page, the last word destroys, only then there is a protocol to be signed."""
    head, clock = browser("head"), office.clock
    assert "Żadnej kopii" in text_of(head.get(reverse("commission-new")))
    clock.advance(datetime(2027, 2, 21, 11, tzinfo=NOON.tzinfo) - clock.now())
    assert copy in text_of(head.get(reverse("start")))
    members = [str(people[role].id) for role in ("clerk", "employee")]
    given = {"copies": [copy], "members": members}
    assert "2 osoby" in text_of(
        head.post(reverse("commission-new"), {**given, "members": members[:1], "confirmed": "1"})
    )
    assert "Sprawdź przed powołaniem" in text_of(head.post(reverse("commission-new"), given))
    head.post(reverse("commission-new"), {**given, "confirmed": "1"})
    address = reverse("commission", args=["B-2027-1"])
    assert address in text_of(browser("employee").get(reverse("start")))
    assert browser("guard").get(address).status_code == 403
    assert f'class="back" href="{reverse("start")}"' in text_of(browser("employee").get(address))
    assert browser("employee").post(address, {"confirmed": "1"}).status_code == 422
    browser("employee").post(address, {copy: "pocięto w niszczarce", "confirmed": "1"})
    assert queries.copy(copy).state is State.KEPT
    told = text_of(browser("employee").get(photographed(browser, copy)))
    assert "Zdjęcie zniszczonego nośnika kopii" in told
    removing = re.findall(r'href="(/files/[^"]+/remove)"', told)
    assert len(removing) == 1
    check = text_of(browser("clerk").post(address, {}))
    assert "To ostatnie potwierdzenie" in check
    protocol = reverse("commission-document", args=["B-2027-1"])
    assert browser("clerk").post(protocol).status_code == 404
    browser("clerk").post(address, {"confirmed": "1"})
    assert queries.copy(copy).state is State.DESTROYED
    for role in ("employee", "head"):
        answer = browser(role).post(removing[0], {"reason": "omyłka", "confirmed": "1"})
        assert (answer.status_code, "zdjęcia zostają przy protokole" in text_of(answer)) == (400, True)
    settings.INSTALLATION = replace(
        settings.INSTALLATION, directory=office.folder, seal=office_seal(office.folder)
    )
    sealed = text_of(browser("employee").post(protocol, {"seal": "1"}, follow=True))
    assert "zaczyna się od pisma B-2027-1/1, bajt w bajt" in sealed
    document = browser("head").post(protocol).content
    with opened(document) as pdf:
        images = [one for one in pdf.objects if isinstance(one, Stream) and one.get("/Subtype") == "/Image"]
    assert len(images) == 1
    assert claims_of(document)["accessible"] == "1"
    paper = words_of(document)
    for words in (
        copy,
        f"Zdjęcie zniszczonego nośnika kopii {copy}",
        "pocięto w niszczarce",
        "Osoba clerk",
        "Osoba employee",
        "Protokół zniszczenia B-2027-1",
        "Członkowie komisji potwierdzili, że nośniki",
    ):
        assert words in paper
    assert "zniszczono 21.02.2027, komisja B-2027-1" in text_of(browser("iod").get(reverse("copies")))


@pytest.fixture
def granted(people: dict[str, PersonView], office: RecordingOffice, source: str) -> Iterator[str]:
    """The number of a recorded person's application for access to four seconds of real pictures, consented to."""
    clock = office.clock
    film = clip("h264", (320, 180))
    content = content_of(film.parameters, fragments_of(film.parameters, film.units))
    office.record(source, START, b"", seconds=4, pictures=(content, scan(BytesSource(content))))
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
    assert made(maker, granted, medium="none").status_code == 302
    (first,) = queries.of_case(granted)
    page, editor = reverse("copy", args=[first.number]), reverse("copy-redact", args=[first.number])
    shown = text_of(maker.get(page))
    assert reverse("copy-package", args=[first.number]) not in shown
    assert "inni są zakryci" in shown
    assert shown.count(f'class="button" href="{editor}"') == 1
    assert maker.post(reverse("copy-package", args=[first.number])).status_code != 200
    assert "w otwartym odtworzeniu" in text_of(maker.get(editor))
    assert "w otwartym odtworzeniu" in text_of(maker.get(reverse("copy-part", args=[first.number, 1])))
    assert clerk.get(editor).status_code == 403
    assert editor in text_of(browser("viewer").get(reverse("case", args=[granted])))
    assert watching.get(reverse("copy-part", args=[first.number, 1])).headers["Media-Length"] == "4000"
    empty = {"fill": "solid", "regions": [], "spans": []}
    for wrong, act in (({"fill": "solid"}, "keep"), (empty, "make")):
        refused = maker.post(editor, {"plan": json.dumps(wrong), "act": act})
        assert refused.status_code == 422, text_of(refused)
    plan = empty | {"spans": [{"effect": "black", "party": 0, "reason": "person", "start": 0, "end": 1000}]}
    assert maker.post(editor, {"plan": json.dumps(plan), "act": "keep"}).status_code == 302
    assert '"effect": "black"' in text_of(maker.get(editor))
    answer = maker.post(editor, {"plan": json.dumps(plan), "act": "make", "medium": "usb"})
    second = queries.derived_from(first.number)[0].number
    assert answer["Location"] == reverse("copy", args=[second])
    told = f"pochodna z zakrytymi fragmentami; oryginał nienaruszony, numer {first.number}"
    assert told in text_of(maker.get(reverse("copy", args=[second])))
    assert told in words_of(maker.get(reverse("copy-label", args=[second, "a7"])).content).replace("\n", " ")
    package = tmp_path / "second.zip"
    package.write_bytes(b"".join(maker.post(reverse("copy-package", args=[second])).streaming_content))  # type: ignore[attr-defined]
    verdict = check_path(package, stated_key=str(settings.LEDGER.verifier()), number=second)
    assert status(verdict) == SHOWN, verdict.findings
    assert queries.copy(first.number).digest in "".join(report(verdict, "pl"))
    names = ZipFile(package).namelist()
    assert [name for name in names if name.endswith(".mp4")] == [f"data/derived/{second}-001.mp4"]
    handed = {"case": granted, "recipient": "Anna Przykładowa", "remarks": "", "confirmed": "1"}
    assert clerk.post(reverse("copy-hand-over", args=[second]), handed).status_code == 302
    assert queries.hand_over(second).documents == ("receipt",)  # type: ignore[union-attr]
    assert clerk.post(reverse("hand-over-document", args=[second])).status_code == 200
    assert queries.hand_over(first.number) is None
    assert clerk.get(reverse("copy-hand-over", args=[first.number])).status_code == 302
