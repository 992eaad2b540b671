"""A decided disclosure of three recorded minutes and a copy of it, for tests of pages."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rejent.cases import services as cases
from rejent.cases.views import Kind
from rejent.cases.views import State as Outcome
from rejent.catalog import services as catalog
from rejent.kernel.clock import Clock, ManualClock, civil_date, clock_time
from rejent.office.views import PersonView
from rejent.retention import queries as retention
from rejent.vault.context import VaultContext
from tests.booked import every_copy
from tests.printed import words_of
from tests.unit.cases.application import entered
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.web.conftest import NOON, Browser, text_of

START = NOON - timedelta(hours=1)
TAKER = {"recipient": "asp. Jan Testowy", "post": "dzielnicowy", "body": "Komenda Powiatowa Policji"}


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
    given = {"hold": hold.number, "start": "", "end": ""}
    return client.post(reverse("copy-new", args=[case]), given | changed)


@pytest.fixture
def copy(browser: Browser, decided: str) -> str:
    """The number of a copy that the administrator made."""
    answer = made(browser("administrator"), decided)
    assert answer.status_code == 302, text_of(answer)
    return every_copy()[0].number


CARRIER = {"medium": "dvd", "sign": "SN 7", "bag": "B-12", "place": "sejf"}


def write_carrier(maker: Client, copy: str, **changed: str) -> Any:
    """What the form of a carrier answers, of the newest package."""
    address = reverse("copy-written", args=[copy])
    package = re.findall(r'<option value="(\d+)"', text_of(maker.get(address)))
    return maker.post(address, {**CARRIER, "package": package[0] if package else "", **changed})


@pytest.fixture
def written(browser: Browser, copy: str, tmp_path: Path, settings: Any) -> str:
    """The number of that copy, its package taken and written to a disc."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)
    maker = browser("administrator")
    b"".join(maker.post(reverse("copy-package", args=[copy]), {"case": ""}))
    assert write_carrier(maker, copy).status_code == 302
    return copy


def prepare(giver: Client, copy: str, case: str, **changed: str) -> str:
    """Prepare the hand-over of a copy and print its paper; the paper's words."""
    giver.post(reverse("copy-hand-over", args=[copy]), {**TAKER, "case": case, "confirmed": "1", **changed})
    return words_of(giver.post(reverse("hand-over-document", args=[copy])).content)


def hand_over(giver: Client, copy: str, case: str, clock: Clock, **changed: str) -> None:
    """Hand a copy over, step by step: prepared, printed, signed on paper, handed now."""
    prepare(giver, copy, case, **changed)
    today = f"{civil_date(clock.now()):%d.%m.%Y}"
    signed = giver.post(reverse("hand-over-signed", args=[copy]), {"signing": "paper", "signed_on": today})
    assert signed.status_code == 302, text_of(signed)
    given = {"handed_on": today, "handed_time": clock_time(clock.now(), seconds=False), "confirmed": "1"}
    done = giver.post(reverse("hand-over-done", args=[copy]), given)
    assert done.status_code == 302, text_of(done)
