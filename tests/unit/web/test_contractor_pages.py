"""What opens to a maintenance contractor, while a fault is open under an agreement."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse

from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock, local_midnight
from rejent.office.people import maintenance
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.web.route_permissions import KNOWN, SIGNED_IN, route_permissions
from rejent.web.urls import urlpatterns
from tests.unit.web.conftest import Browser, NoBox, text_of
from tests.unit.web.contracted import DAY, TODAY, agreed, broken, firm, service

__all__ = ["firm", "service"]


def test_a_contractor_gets_in_by_a_fault_and_an_agreement_and_is_out_at_once(
    browser: Browser, service: Callable[[], Client], firm: PersonView
) -> None:
    """Before, nothing opens and the page says why; meanwhile state and storage; closed, the session itself is over."""
    early = service()
    assert early.get(reverse("sources")).status_code == 403
    assert "otwarta jest awaria" in text_of(early.get(reverse("sources")))
    begins = text_of(early.get(reverse("start")))
    assert "otwarta jest awaria" in begins
    assert 'class="button" href="/sources"' not in begins
    agreed(browser, firm)
    assert early.get(reverse("sources")).status_code == 403
    number = broken(browser)
    client = service()
    for door in ("sources", "storage", "faults", "start"):
        assert client.get(reverse(door)).status_code == 200
    begins = text_of(client.get(reverse("start")))
    assert number in begins
    assert f'class="button" href="{reverse("sources")}"' in begins
    closed = browser("administrator").post(
        reverse("fault-close", args=[number]), {"outcome": "Wymieniono dysk."}
    )
    assert closed.status_code == 302
    after = client.get(reverse("sources"))
    assert after.status_code == 302
    assert after.headers["Location"].startswith("/account/login/")
    over = "Awaria jest zamknięta: dostęp na czas naprawy się skończył."
    for _ in range(2):
        assert over in text_of(client.get(after.headers["Location"]))
    assert over not in text_of(Client(headers={"host": "localhost"}).get(after.headers["Location"]))
    again = service()
    again.logout()
    assert over not in text_of(again.get(reverse("account_login")))


def test_a_contractor_is_out_when_the_agreement_ends(
    browser: Browser, service: Callable[[], Client], firm: PersonView, clock: ManualClock
) -> None:
    """By itself at local midnight, with the next page; by hand at once, and the session is over."""
    agreed(browser, firm, until="21.11.2026")
    broken(browser)
    client = service()
    clock.advance(local_midnight(TODAY + DAY) - clock.now() - timedelta(microseconds=1))
    assert client.get(reverse("sources")).status_code == 200
    clock.advance(timedelta(microseconds=1))
    assert client.get(reverse("sources")).status_code == 403
    assert "wygasła" in text_of(browser("head").get(reverse("faults")))
    clock.advance(-DAY / 2)
    assert client.get(reverse("sources")).status_code == 200
    (entered,) = maintenance.agreements()
    assert browser("iod").post(reverse("agreement-end", args=[entered.id])).status_code == 302
    out = client.get(reverse("sources"))
    assert out.status_code == 302
    assert "Awaria jest zamknięta" not in text_of(client.get(out.headers["Location"]))
    assert browser("iod").post(reverse("agreement-end", args=[99])).status_code == 404


def test_a_contractor_sees_no_pictures_no_people_and_no_other_page(
    browser: Browser,
    service: Callable[[], Client],
    firm: PersonView,
    people: dict[str, PersonView],
    source: str,
) -> None:
    """Every door but those of the machine stays shut, live and recordings too; no name of the office stands anywhere."""
    agreed(browser, firm)
    broken(browser)
    client = service()
    open_to_them = {"sources", "storage", "faults"}
    for pattern in urlpatterns:
        door = str(getattr(pattern, "name", ""))
        if (
            door not in route_permissions()
            or route_permissions()[door] in {SIGNED_IN, KNOWN}
            or "<" in str(pattern.pattern)
        ):
            continue
        status = client.get(f"/{pattern.pattern}").status_code
        if route_permissions()[door] not in {"anyone", "nobody"}:
            assert (status == 200) is (door in open_to_them), (door, status)
    assert client.get(reverse("live")).status_code == 403
    assert "Ta rola nigdy nie ma wglądu" in text_of(client.get(reverse("find")))
    shown = [text_of(client.get(reverse(door))) for door in (*open_to_them, "start")]
    shown.append(text_of(client.get(reverse("source", args=[source]))))
    for text in shown:
        for person in people.values():
            assert person.name not in text
        assert "OR.1431" not in text
    assert "UP/7/2026" not in "".join(shown)


def test_a_fault_of_one_camera_opens_that_camera_only(
    browser: Browser, service: Callable[[], Client], firm: PersonView, source: str
) -> None:
    """Other cameras are not listed, opened or switched; the named one may be switched off, and the ledger says by whom."""
    other = "0" * 32
    agreed(browser, firm)
    broken(browser, source)
    client = service()
    assert "Hol na parterze" in text_of(client.get(reverse("sources")))
    assert client.get(reverse("source", args=[source])).status_code == 200
    assert client.get(reverse("source", args=[other])).status_code == 403
    assert client.post(reverse("source-switch", args=[other]), {"on": "0"}).status_code == 403
    assert client.post(reverse("source-switch", args=[source]), {"on": "0"}).status_code == 302
    (entered,) = registers.acts(names=["source.switched-off"]).acts
    assert entered.actor == str(firm.id)
    assert client.get(reverse("source-address", args=[source])).status_code == 403


def test_a_fault_of_one_camera_names_no_other_where_storage_is_told(
    browser: Browser, service: Callable[[], Client], firm: PersonView, source: str, clock: ManualClock
) -> None:
    """The page of storage names what is at fault; the administrator reads every camera there."""
    catalog.add_source(
        stream="video",
        name="Parking",
        address="rtsp://192.0.2.8:554/parking",
        building="Ratusz",
        place="parking",
        kind="outside",
        clock=clock,
        actor="",
        credentials_box=NoBox(),
    )
    catalog.read_storage(SimpleNamespace(used=10**9, free=10**9), clock)
    agreed(browser, firm)
    broken(browser, source)
    assert "Parking" in text_of(browser("administrator").get(reverse("storage")))
    told = text_of(service().get(reverse("storage")))
    assert "Hol na parterze" in told
    assert "Parking" not in told


def test_who_enters_faults_and_agreements(browser: Browser, firm: PersonView) -> None:
    """The administrator opens a fault but enters no agreement; supervision sees both; what is missing is said at its field."""
    assert browser("administrator").get(reverse("agreement-new")).status_code == 403
    assert browser("secretary").get(reverse("fault-new")).status_code == 403
    assert browser("clerk").get(reverse("faults")).status_code == 403
    refused = browser("iod").post(reverse("agreement-new"), {"number": "UP/7/2026"})
    assert refused.status_code == 422
    assert maintenance.agreements() == []
    for lacking in (
        {"source": "machine", "description": " "},
        {"source": "", "description": "Brak zasilania."},
    ):
        assert browser("administrator").post(reverse("fault-new"), lacking).status_code == 422
    agreed(browser, firm)
    number = broken(browser)
    told = text_of(browser("secretary").get(reverse("faults")))
    for words in (number, "UP/7/2026", "Serwisant Przykładowy", "obowiązuje", "Osoba administrator"):
        assert words in told, words
    address = reverse("fault-close", args=[number])
    assert browser("administrator").post(address, {"outcome": ""}).status_code == 422
    assert browser("administrator").post(address, {"outcome": "Działa."}).status_code == 302
    assert "Zamknięto" in text_of(browser("administrator").get(address))
