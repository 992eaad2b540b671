"""Handing a copy over from its page: checked, signed or sealed, delivered, and what was attached wrongly."""

import re
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rejent.cases.copies import queries
from rejent.cases.copies.views import State
from rejent.kernel.clock import ManualClock, civil_date, clock_time
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.certificates import office_seal
from tests.printed import claims_of, words_of
from tests.unit.web.conftest import Browser, regulation_with, text_of
from tests.unit.web.copied import TAKER, copy, decided, hand_over, office, written

__all__ = ["copy", "decided", "office", "written"]


def test_a_copy_is_handed_over_after_a_page_to_check_it(
    browser: Browser, written: str, decided: str, clock: ManualClock
) -> None:
    """The register has it with the regulation's columns, and its paper has room for the signatures."""
    clerk, address = browser("clerk"), reverse("copy-hand-over", args=[written])
    assert clerk.post(address, {**TAKER, "case": decided, "recipient": ""}).status_code == 422
    check = text_of(clerk.post(address, {**TAKER, "case": decided}))
    assert "Sprawdź przed przygotowaniem przekazania" in check
    assert queries.hand_over(written) is None
    hand_over(clerk, written, decided, clock)
    assert queries.copy(written).state is State.HANDED
    page = text_of(clerk.get(reverse("register", args=["disclosures"])))
    for words in ("Lp.", "Wnioskodawca", "Podpis odbierającego nośnik", "Podpis wydającego nośnik"):
        assert words in page
    paper = words_of(clerk.post(reverse("hand-over-document", args=[written])).content)
    assert "Komenda Powiatowa Policji" in paper
    assert "Przekazanie P-2026-1, podpisane." in paper
    exported = clerk.post(reverse("register-export", args=["disclosures", "csv"]))
    assert "Sposób załatwienia wniosku" in b"".join(exported).decode()
    again = text_of(clerk.get(address, follow=True))
    assert "Kopia jest w trakcie przekazywania albo przekazano ją lub zniszczono wcześniej." in again


def test_a_prepared_hand_over_is_printed_by_one_button(browser: Browser, written: str, decided: str) -> None:
    """The next step says that it is prepared, and to print it; nothing else on the page prints the same."""
    clerk, page = browser("clerk"), reverse("copy", args=[written])
    assert "Trzeba przygotować i wydrukować" in text_of(clerk.get(page))
    clerk.post(reverse("copy-hand-over", args=[written]), {**TAKER, "case": decided, "confirmed": "1"})
    told = text_of(clerk.get(page))
    assert "Przekazanie jest przygotowane. Trzeba wydrukować" in told
    assert "Trzeba przygotować" not in told
    assert told.count(reverse("hand-over-document", args=[written])) == 1
    clerk.post(reverse("hand-over-document", args=[written]))
    told = text_of(clerk.get(page))
    assert "Przekazanie jest przygotowane" not in told
    assert told.count(reverse("hand-over-document", args=[written])) == 1


def test_its_delivery_stands_on_the_page_and_in_the_register(
    browser: Browser, written: str, decided: str, clock: ManualClock
) -> None:
    """Entered with its number and times; what cannot be read or has not come is refused where it stands."""
    copy = written
    clerk, address = browser("clerk"), reverse("copy-deliver", args=[copy])
    assert clerk.post(address, {"way": "post"}).status_code == 404
    hand_over(clerk, copy, decided, clock)
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


@pytest.fixture
def by_protocol(people: dict[str, PersonView], clock: ManualClock) -> None:  # noqa: ARG001 - after the first regulation
    """A regulation by which a protocol is signed."""
    regulation_with(clock, {'documents = ["register"]': 'documents = ["protocol"]'})


@pytest.mark.usefixtures("by_protocol")
def test_a_protocol_is_signed_or_sealed(
    browser: Browser, written: str, decided: str, settings: Any, tmp_path: Path
) -> None:
    """Drawn by both it stands on a paper of its own number; the office's seal is added to the plain one; of a file signed elsewhere only what was compared is said."""
    clerk, copy = browser("clerk"), written
    clerk.post(reverse("copy-hand-over", args=[copy]), {**TAKER, "case": decided, "confirmed": "1"})
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
    assert "dowód doręczenia · XML" in told
    assert "Opatrz pieczęcią" not in told
    assert told.count("zawiera niezmienione pismo P-2026-1/1") == 1
    assert told.count("zawiera niezmienione pismo P-2026-1/2") == 1
    assert told.count("nie zawiera niezmienionego pisma z programu") == 2
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path, seal=office_seal(tmp_path))
    assert "Opatrz pieczęcią" in text_of(clerk.get(page))
    assert "Opatrz pieczęcią" not in text_of(browser("iod").get(page))
    assert browser("iod").post(reverse("hand-over-document", args=[copy]), {"seal": "1"}).status_code == 403
    sealed = text_of(clerk.post(reverse("hand-over-document", args=[copy]), {"seal": "1"}, follow=True))
    assert "Pismo opatrzono pieczęcią" in sealed
    assert sealed.count("zawiera niezmienione pismo P-2026-1/2") == 2
    (place,) = re.findall(r'href="(/files/[^"]+)"[^<]*<svg[^<]*<use[^<]*</svg><bdi>Protokół', told)
    document = b"".join(clerk.get(place).streaming_content)
    assert "Podpisano na ekranie" in words_of(document)
    assert claims_of(document)["archive"] == "2A"
    acts = registers.acts(names=["case.paper-made"], subject="hand-over:P-2026-1").acts
    assert sha256(document).hexdigest() in [act.facts["sha256"] for act in acts if act.facts]
    assert browser("guard").get(address).status_code == 403


@pytest.mark.usefixtures("by_protocol")
def test_nothing_is_offered_to_be_signed_once_it_was_handed_over(
    browser: Browser, written: str, decided: str, clock: ManualClock
) -> None:
    """Before that the screen takes both signatures."""
    clerk, page = browser("clerk"), reverse("copy", args=[written])
    clerk.post(reverse("copy-hand-over", args=[written]), {**TAKER, "case": decided, "confirmed": "1"})
    assert "Podpisz na ekranie" in text_of(clerk.get(page))
    clerk.post(reverse("hand-over-document", args=[written]))
    today = f"{civil_date(clock.now()):%d.%m.%Y}"
    clerk.post(reverse("hand-over-signed", args=[written]), {"signing": "paper", "signed_on": today})
    given = {"handed_on": today, "handed_time": clock_time(clock.now(), seconds=False), "confirmed": "1"}
    clerk.post(reverse("hand-over-done", args=[written]), given)
    assert queries.copy(written).state is State.HANDED
    assert "Podpisz na ekranie" not in text_of(clerk.get(page))


@pytest.mark.usefixtures("by_protocol")
def test_a_paper_that_names_another_carrier_is_not_said_to_be_signed(
    browser: Browser, written: str, decided: str, clock: ManualClock
) -> None:
    """Once the carrier was changed, the paper is printed again before it counts as signed; so it is with what says the same again."""
    clerk, maker, copy = browser("clerk"), browser("administrator"), written
    clerk.post(reverse("copy-hand-over", args=[copy]), {**TAKER, "case": decided, "confirmed": "1"})
    document, address = (reverse(name, args=[copy]) for name in ("hand-over-document", "hand-over-signed"))
    signed = {"signing": "paper", "signed_on": "dziś"}

    def carry(sign: str) -> None:
        clock.advance(timedelta(minutes=1))
        (before,) = queries.copy(copy).carriers
        maker.post(reverse("copy-unwritten", args=[copy, before.key]), {"reason": "uszkodzony"})
        given = {"package": before.package, "medium": before.medium.value, "sign": sign, "place": "szafa 2"}
        assert maker.post(reverse("copy-written", args=[copy]), given).status_code == 302
        clock.advance(timedelta(minutes=1))

    carry("P-1")
    assert clerk.post(document).status_code == 200
    carry("P-2")
    refused = clerk.post(address, signed)
    assert refused.status_code == 422
    assert "po wydrukowaniu tego dokumentu" in text_of(refused)
    carry("P-1")
    assert clerk.post(document).status_code == 200
    assert clerk.post(address, signed).status_code == 302


def test_a_wrongly_attached_file_is_removed_with_its_reason(browser: Browser, decided: str) -> None:
    """After a page to check it; what stays is that it was removed, by whom and why. Others find no way to it."""
    clerk, page = browser("clerk"), reverse("case", args=[decided])
    file = SimpleUploadedFile("obcy.pdf", b"%PDF-1.7\nobcy")
    clerk.post(reverse("file-attach"), {"about": f"case:{decided}", "role": "filed", "file": file})
    assert "PDF · 13\xa0B · " in text_of(clerk.get(page))
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
