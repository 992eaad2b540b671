"""A commission from its appointment to its signed protocol, as head and members see it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pikepdf import Stream
from PIL import Image

from rejent.cases.copies import queries, rules
from rejent.cases.copies.views import State
from rejent.content import photos
from rejent.office.views import PersonView
from tests.booked import every_copy
from tests.certificates import office_seal
from tests.printed import claims_of, opened, words_of
from tests.unit.retention.office import RecordingOffice
from tests.unit.web.conftest import NOON, Browser, text_of
from tests.unit.web.copied import copy, decided, hand_over, made, office, prepare, written

__all__ = ["copy", "decided", "office", "written"]


@pytest.fixture(scope="module", autouse=True)
def no_child_left() -> Iterator[None]:
    """The process that decodes photos ends with the module."""
    yield
    photos.workshop().close()
    photos.workshop.cache_clear()


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


def test_what_is_destroyed_is_chosen_and_judged_before_it_is_checked(
    browser: Browser, written: str, decided: str, people: dict[str, PersonView], office: RecordingOffice
) -> None:
    """Only the copy whose page led here is ticked, else those still in the office; a maker among the members is refused at once."""
    second = {"start": "11:00:00", "end": "11:01:00"}
    assert made(browser("administrator"), decided, **second).status_code == 302
    copy = written
    other = next(one.number for one in every_copy() if one.number != copy)
    hand_over(browser("clerk"), copy, decided, office.clock)
    office.clock.advance(datetime(2027, 2, 21, 11, tzinfo=NOON.tzinfo) - office.clock.now())
    head, address = browser("head"), reverse("commission-new")
    page = text_of(head.get(reverse("copy", args=[copy])))
    assert f"{address}?copy={copy}" in page
    for asked, ticked in ((f"?copy={copy}", copy), ("", other)):
        form = text_of(head.get(address + asked))
        assert re.findall(r'name="copies" value="([^"]+)"[^>]* checked', form) == [ticked]
    assert "co najmniej: 2; bez osoby, która sporządziła niszczoną kopię" in form
    assert f"{copy}: Hol na parterze" in form
    assert "przekazano 21.11.2026" in form
    maker = [str(people[role].id) for role in ("clerk", "administrator")]
    refused = head.post(address, {"copies": [other], "members": maker})
    assert refused.status_code == 422
    check = text_of(
        head.post(
            address, {"copies": [other], "members": [str(people[one].id) for one in ("clerk", "employee")]}
        )
    )
    assert f"{other}: " in check
    assert f"{copy}: " not in check


MEMBERS = ("clerk", "employee")


@pytest.fixture
def appointed(browser: Browser, written: str, people: dict[str, PersonView], office: RecordingOffice) -> str:
    """The address of a commission of two that is to destroy the copy on its last day."""
    copy = written
    head, clock, new = browser("head"), office.clock, reverse("commission-new")
    assert "Żadnej kopii" in text_of(head.get(new))
    clock.advance(datetime(2027, 2, 21, 11, tzinfo=NOON.tzinfo) - clock.now())
    assert copy in text_of(head.get(reverse("start")))
    given = {"copies": [copy], "members": [str(people[role].id) for role in MEMBERS]}
    alone = {**given, "members": given["members"][:1], "confirmed": "1"}
    assert "2 osoby" in text_of(head.post(new, alone))
    assert "Sprawdź przed powołaniem" in text_of(head.post(new, given))
    head.post(new, {**given, "confirmed": "1"})
    return reverse("commission", args=["B-2027-1"])


def destruction_form(copy: str, read: str = "sn-7") -> dict[str, str]:
    """What a member says of the carrier of a copy: the sign that they read off it, and how it was destroyed."""
    (one,) = queries.copy(copy).carriers
    return {f"sign-{one.key}": read, f"how-{one.key}": "pocięto w niszczarce"}


def test_a_commission_confirms_one_by_one(browser: Browser, copy: str, appointed: str) -> None:
    """Each member finds it on their start page and says how; the last word destroys, and nothing is taken from it afterwards."""
    employee, clerk = browser("employee"), browser("clerk")
    assert appointed in text_of(employee.get(reverse("start")))
    assert browser("guard").get(appointed).status_code == 403
    assert f'class="back" href="{reverse("start")}"' in text_of(employee.get(appointed))
    assert employee.post(appointed, {"confirmed": "1"}).status_code == 422
    assert "SN 7" not in text_of(employee.get(appointed))
    other = employee.post(appointed, destruction_form(copy, "SN 8"))
    assert (other.status_code, "ma inne oznaczenie" in text_of(other)) == (422, True)
    check = text_of(employee.post(appointed, destruction_form(copy)))
    assert "Paczki wydane bez kodu (1) otworzy każdy, kto je ma." in check
    assert "Nikt już nie otworzy" not in check
    employee.post(appointed, {**destruction_form(copy), "confirmed": "1"})
    assert queries.copy(copy).state is State.KEPT
    told = text_of(employee.get(photographed(browser, copy)))
    assert "Zdjęcie zniszczonego nośnika kopii" in told
    removing = re.findall(r'href="(/files/[^"]+/remove)"', told)
    assert len(removing) == 1
    last = text_of(clerk.post(appointed, {}))
    assert "To ostatnie potwierdzenie" in last
    assert "Paczki wydane bez kodu (1) otworzy każdy, kto je ma." in last
    assert "Nikt już nie otworzy" not in last
    assert clerk.post(reverse("commission-document", args=["B-2027-1"])).status_code == 404
    clerk.post(appointed, {"confirmed": "1"})
    assert queries.copy(copy).state is State.DESTROYED
    assert "Czego komisja nie zniszczyła" in text_of(browser("head").get(appointed))
    for role in ("employee", "head"):
        answer = browser(role).post(removing[0], {"reason": "omyłka", "confirmed": "1"})
        assert (answer.status_code, "zdjęcia zostają przy protokole" in text_of(answer)) == (400, True)
    assert "zniszczono 21.02.2027, komisja B-2027-1" in text_of(browser("iod").get(reverse("copies")))


def test_the_protocol_of_a_commission_is_printed_with_its_photo_and_sealed(
    browser: Browser, copy: str, appointed: str, office: RecordingOffice, settings: Any
) -> None:
    """F-10: copy, how its carrier was destroyed and a picture of it, who confirmed; by the office's seal, too."""
    browser("employee").post(appointed, {**destruction_form(copy), "confirmed": "1"})
    photographed(browser, copy)
    browser("clerk").post(appointed, {"confirmed": "1"})
    protocol = reverse("commission-document", args=["B-2027-1"])
    settings.INSTALLATION = replace(
        settings.INSTALLATION, directory=office.folder, seal=office_seal(office.folder)
    )
    sealed = text_of(browser("employee").post(protocol, {"seal": "1"}, follow=True))
    assert "zawiera niezmienione pismo B-2027-1/1" in sealed
    document = browser("head").post(protocol).content
    with opened(document) as pdf:
        images = [one for one in pdf.objects if isinstance(one, Stream) and one.get("/Subtype") == "/Image"]
    assert len(images) == 1
    assert claims_of(document)["accessible"] == "1"
    wanted = (
        copy, f"Zdjęcie zniszczonego nośnika kopii {copy}", "pocięto w niszczarce", "Osoba clerk", "Osoba employee",
        "Protokół zniszczenia B-2027-1", "Członkowie komisji porównali nośniki", queries.copy(copy).digest[:20], "Paczki wydane bez kodu (1)",
    )  # fmt: skip
    assert [words for words in wanted if words not in words_of(document)] == []


def test_what_is_missing_for_a_commission_is_said_before_its_form(
    browser: Browser, written: str, decided: str, office: RecordingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that is being handed over is not offered, with what to do; where too few people can be members, there is no form to fill in."""
    prepare(browser("clerk"), written, decided)
    office.clock.advance(datetime(2027, 2, 21, 11, tzinfo=NOON.tzinfo) - office.clock.now())
    head, address = browser("head"), reverse("commission-new")
    page = text_of(head.get(address))
    assert f"Kopia {written} jest w trakcie przekazywania (P-2026-1)" in page
    assert 'name="copies"' not in page
    browser("clerk").post(reverse("hand-over-withdraw", args=[written]), {"reason": "nikt nie przyjechał"})
    assert 'name="copies"' in text_of(head.get(address))
    monkeypatch.setattr(rules, "LEAST_MEMBERS", 100)
    lacking = text_of(head.get(address))
    assert "Komisja ma co najmniej tylu członków: 100; wybrać można: " in lacking
    assert 'name="members"' not in lacking
