"""Every page as every role: who enters, who is refused with a reason, and what the markup never holds."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rejent.catalog import queries as found
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.views import PersonView
from rejent.registers.signing import checkpoints
from rejent.retention.models import Alarm
from rejent.web.route_permissions import may_enter
from tests.certificates import Authority
from tests.unit.web.conftest import ROLES, Browser, NoBox

PLAIN_PAGES = (
    "start", "find", "viewings", "watches", "sources", "source-new", "storage", "due", "destructions", "holds", "hold-new",
    "ledger", "authorisations", "authorisation-new", "people", "person-new", "stations", "regulation", "promises", "preferences",
    "mfa_index", "protocols", "faults", "fault-new", "agreement-new", "absences", "absence-new", "statements",
    "supervision",
)  # fmt: skip
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*(\ssrc=|application/json))|javascript:", re.IGNORECASE
)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_enters_its_pages_and_is_refused_the_others(
    role: str, browser: Browser, people: dict[str, PersonView]
) -> None:
    """A page opens exactly where the table of doors says so; elsewhere the refusal says who decides."""
    client = browser(role)
    for door in PLAIN_PAGES:
        response = client.get(reverse(door))
        text = response.content.decode()
        assert "Traceback" not in text
        if may_enter(people[role], door) and (door != "find" or role == "viewer"):
            assert response.status_code == 200, (role, door)
        else:
            assert response.status_code == 403, (role, door)
            assert "Kto decyduje" in text


@pytest.mark.parametrize("language", ["pl", "en"])
def test_no_page_holds_script_or_style_and_each_is_in_its_language(
    language: str, browser: Browser, source: str
) -> None:
    """Pages carry no inline script, style or handler, forbid them by policy, and are in one language."""
    client = browser("head")
    client.cookies["django_language"] = language
    for address in [*map(reverse, ("start", "sources", "holds", "hold-new", "ledger", "authorisations", "protocols", "regulation")),
                    reverse("source", args=[source]), reverse("entry", args=[1])]:  # fmt: skip
        response = client.get(address)
        text = response.content.decode()
        assert response.status_code == 200, address
        assert not INLINE.search(text), address
        assert f'<html lang="{language}"' in text
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"


def test_a_stranger_is_sent_to_the_entrance(source: str) -> None:  # noqa: ARG001 - an office must be there
    """Whoever is not signed in gets the sign-in page, and comes back to what they wanted."""
    response = Client(headers={"host": "localhost"}).get("/holds/new")
    assert response.status_code == 302
    assert response.headers["Location"] == "/account/login/?next=/holds/new"
    assert Client(headers={"host": "localhost"}).get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "address", ["/account/signup/", "/account/password/reset/", "/nowhere", "/viewings/x"]
)
def test_what_is_not_offered_is_not_there(address: str, browser: Browser) -> None:
    """Signing up, resetting a password by mail and unknown addresses answer alike: nothing is here."""
    response = browser("head").get(address)
    assert response.status_code == 404
    assert "Pod tym adresem" in response.content.decode()


def test_somebody_who_left_is_refused_though_signed_in(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """An open session ends with the person's time in the office."""
    client = browser("clerk")
    services.person_left(people["clerk"].id, clock=clock, actor="")
    clock.advance(timedelta(days=1))
    assert client.get("/").status_code in {302, 403}


def test_an_excluded_place_is_refused_with_the_provision(browser: Browser) -> None:
    """A camera in a sanitary room is refused on the form, with the article that forbids it."""
    given = {
        "name": "X",
        "building": "Ratusz",
        "place": "wc",
        "kind": "toilet",
        "address": "rtsp://192.0.2.9/",
        "transport": "tcp",
    }
    response = browser("administrator").post(reverse("source-new"), given)
    assert response.status_code == 200
    assert "22²" in response.content.decode()


def test_the_administrator_changes_the_address_of_a_camera(browser: Browser, source: str) -> None:
    """The form takes the new address with its password, shows neither again, and a wrong one is said beside it."""
    client, address = browser("administrator"), reverse("source-address", args=[source])
    assert address in client.get(reverse("source", args=[source])).content.decode()
    refused = client.post(address, {"address": "rtsp:/nowhere", "transport": "tcp"})
    assert refused.status_code == 200
    assert "To nie jest adres" in refused.content.decode()
    given = {"address": "rtsp://viewer:Klucz-8@192.0.2.8/hol", "transport": "udp"}
    page = client.post(address, given, follow=True).content.decode()
    assert "192.0.2.8/hol" in page
    assert "Klucz-8" not in page
    changed = browser("iod").get(reverse("ledger")).content.decode()
    assert "Klucz-8" not in changed
    assert re.search(r'Zmiana adresu lub hasła źródła <a href="[^"]*">„Hol na parterze”</a>', changed)


def test_a_form_drops_no_authority_that_a_camera_is_held_against(
    browser: Browser, source: str, clock: ManualClock, tmp_path: Path
) -> None:
    """It stays with another encrypted address; one in the clear is refused, for nobody would notice."""
    given, authority = {"transport": "tcp"}, Authority(tmp_path).file.read_text()
    catalog.change_source(
        source,
        address="rtsps://192.0.2.7/hol",
        traits={"authority": authority},
        clock=clock,
        actor="",
        credentials_box=NoBox(),
    )
    client, address = browser("administrator"), reverse("source-address", args=[source])
    refused = client.post(address, {"address": "rtsp://192.0.2.7/hol", **given})
    assert "rtsps albo https" in refused.content.decode()
    assert client.post(address, {"address": "https://192.0.2.8/hol", **given}).status_code == 302
    assert found.source(source).traits["authority"] == authority


def test_the_address_of_a_camera_is_changed_by_the_administrator_alone(browser: Browser, source: str) -> None:
    """Whoever may not add a camera neither finds the form on its page nor opens it."""
    address = reverse("source-address", args=[source])
    client = browser("guard")
    assert address not in client.get(reverse("source", args=[source])).content.decode()
    assert client.get(address).status_code == 403


def test_an_entry_younger_than_the_last_checkpoint_says_when_its_proof_comes(browser: Browser) -> None:
    """Before a checkpoint covers it, the page of an entry says how long to wait instead of proving nothing."""
    assert "Dowód będzie gotowy" in browser("iod").get(reverse("entry", args=[0])).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_checked_entry_says_so(browser: Browser, clock: ManualClock, settings: Any) -> None:
    """Three steps match, the witness who is not set up is not claimed, and the proof file is handed out."""
    checkpoints.checkpoint(settings.LEDGER, clock=clock)
    client = browser("iod")
    text = client.get(reverse("entry", args=[0])).content.decode()
    assert text.count("state-recording") == 3
    assert text.count("nie sprawdzono") == 1
    proof = client.get(reverse("entry-proof", args=[0]))
    assert proof.content.startswith(b"c2sp.org/tlog-proof@v1")


def test_who_runs_the_machine_reads_that_a_stranger_holds_the_recorders_slot(
    browser: Browser, clock: ManualClock
) -> None:
    """The start page names session and role; it opens whatever somebody wrote into the alarm's row."""
    facts = {"role": "stranger", "session": 4711}
    alarm = Alarm.objects.create(kind="recorder-slot", subject="", raised_at=clock.now(), facts=facts)
    client = browser("administrator")
    text = client.get(reverse("start")).content.decode()
    assert "należy zakończyć sesję 4711 roli stranger" in text
    Alarm.objects.filter(pk=alarm.pk).update(facts={})
    assert client.get(reverse("start")).status_code == 200
