"""Makes a small office for the browser tests: people of each role, two cameras, a few recorded minutes, a hold, an application.

Run as a process of its own, for the past is made under another clock: ``python -m tests.browser.office DIR``.
"""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rejent.kernel.clock import ManualClock, SystemClock, civil_date, local_midnight
from rejent.office.regulation.loading import example
from rejent.streams.cameras.simulated.clip import Coding
from tests.named import allowed_name
from tests.people import add_person

if TYPE_CHECKING:
    from rejent.streams.cameras.simulated.history import RecordedMinute

HALL = "Hol na parterze"
PASSWORD = "cicha rzeka o świcie 7"
ROLES = ("guard", "viewer", "clerk", "head", "deputy", "administrator", "iod", "secretary", "employee")


def make(directory: Path) -> None:
    """Fill an empty folder; yesterday from 8:00 three minutes are recorded, then two missing, then two again."""
    begun = local_midnight(civil_date(SystemClock().now()) - timedelta(days=1)) + timedelta(hours=6)
    os.environ["REJENT_CLOCK"] = begun.isoformat()
    regulation = directory.parent / "regulation.toml"
    text = example("pleszew").replace("live = []  ", 'position = "head"\nlive = ["guard", "viewer"]  ')
    regulation.write_text(text, encoding="utf-8")
    from rejent.ops.commands import init

    init.create(directory, str(regulation), test=True)
    from django.conf import settings

    clock = ManualClock(begun)
    settings.CLOCK = settings.VAULT.clock = clock
    _people(clock)
    _recordings(clock)
    _drawn(clock)
    _to_end(clock)


def _to_end(clock: ManualClock) -> None:
    """An absence that is to come, an agreement in force and an open fault: what a page asks about before it is ended."""
    from rejent.office import queries, services

    day = civil_date(clock.now())
    head = queries.person_by_username("head").id
    services.enter_absence(head, day + timedelta(days=100), None, clock=clock, actor="cli")
    firm = add_person(
        "Osoba contractor", post="firma", roles=["contractor"], username="contractor", password=PASSWORD, clock=clock,
        actor="cli",
    )  # fmt: skip
    services.add_agreement(
        number="UP.1.2026", party="Serwis", concluded_on=day, valid_from=day, valid_until=None, people=[firm.id],
        clock=clock, actor="cli",
    )  # fmt: skip
    services.open_fault(
        description="Dysk zgłasza błędy odczytu.", source="", stream="", clock=clock, actor="cli"
    )


def _drawn(clock: ManualClock) -> None:
    """A viewing of the week before that was drawn for review, as far as pages show it."""
    from rejent.access.models import Draw, SampledViewing, Viewing
    from rejent.access.supervision.weeks import Week
    from rejent.catalog import queries as catalog
    from rejent.office import queries as office

    viewer, now = office.person_by_username("viewer"), clock.now()
    source = catalog.source_by_name("Parking").id
    Viewing.objects.create(
        number="O-2025-1", person_id=viewer.id, source_id=source, start=now - timedelta(days=8), end=now - timedelta(days=7),
        purpose="bhp", case="OR.1431.16.2026", session="s", opened_at=now - timedelta(days=7), closed_at=now, expires_at=now,
    )  # fmt: skip
    week = Week.at(now).after(-1)
    draw = Draw.objects.create(week=str(week), size=1, population=1, percent=5, least=3, at=now)
    SampledViewing.objects.create(draw=draw, number="O-2025-1")


def _people(clock: ManualClock) -> None:
    from rejent.access import services as access
    from rejent.devices import services as devices

    made = {
        role: add_person(
            f"Osoba {role}",
            post=role,
            roles=[role],
            username=role,
            password=PASSWORD,
            clock=clock,
            actor="cli",
        )
        for role in ROLES
    }
    devices.enrol_station(
        name="Kasa nr 3", place="parter", address="", fingerprint="ab" * 32, expires_at=clock.now() + timedelta(days=300),
        clock=clock, actor="cli",
    )  # fmt: skip
    for role, acts in (("guard", ["live"]), ("viewer", ["live", "recordings"])):
        access.issue_authorisation(
            person_id=made[role].id, acts=acts, stream="video", source_ids=None, valid_from=civil_date(clock.now()),
            valid_until=None, clock=clock, actor=str(made["head"].id),
        )  # fmt: skip
    _unconfirmed(clock)


def _unconfirmed(clock: ManualClock) -> None:
    """Somebody whose authorisation ends soon and whose account nobody has confirmed, though they chose a password."""
    from rejent.access import services as access
    from rejent.office import services
    from rejent.office.models import Account

    person = services.add_person(
        "Osoba niepotwierdzona", post="inspektor", roles=["viewer"], username="new", password=PASSWORD, clock=clock,
        actor="cli",
    )  # fmt: skip
    account = Account.objects.get(person_id=person.id)
    services.change_own_password(account, f"{PASSWORD} własne", clock=clock)
    today = civil_date(clock.now())
    access.issue_authorisation(
        person_id=person.id, acts=["recordings"], stream="video", source_ids=None, valid_from=today,
        valid_until=today + timedelta(days=20), clock=clock, actor="cli",
    )  # fmt: skip


def _recordings(clock: ManualClock) -> None:
    from django.conf import settings

    from rejent.catalog import services as catalog
    from rejent.retention import services as retention
    from rejent.streams.cameras.simulated.history import MINUTE, Stretch, book_stretch

    sources = [
        catalog.add_source(
            stream="video", name=allowed_name(name), address=address, building="Ratusz", place=name.lower(), kind="hall", clock=clock,
            actor="cli", credentials_box=settings.VAULT.credentials,
        )
        for name, address in ((HALL, "rtsp://127.0.0.1:2/none"), ("Parking", "rtsp://127.0.0.1:1/none"))
    ]  # fmt: skip
    retention.keep_once(settings.KEEPING())
    eight = clock.now() + timedelta(hours=2)
    for start, minutes in ((eight, 3), (eight + 5 * MINUTE, 2)):
        starts = [start + number * MINUTE for number in range(minutes)]
        book_stretch(Stretch(sources[0], start, [_minute(one) for one in starts]), clock)
    retention.place_hold(
        source_id=sources[0], start=eight + MINUTE, end=eight + 2 * MINUTE, case="OR.1431.17.2026",
        basis="Wniosek, który wpłynął tego dnia.", review_on=civil_date(clock.now()) + timedelta(days=90), clock=clock, ledger=None,
        actor="cli",
    )  # fmt: skip
    _application(clock, sources[0], eight)
    settings.CLOCK = settings.VAULT.clock = SystemClock()
    retention.keep_once(settings.KEEPING())
    retention.confirm_clock(settings.CLOCK, "cli")
    retention.keep_once(settings.KEEPING())


def _application(clock: ManualClock, source: str, start: datetime) -> None:
    """An application that waits for its decision."""
    from rejent.cases import services
    from rejent.cases.views import Applicant, Application, Channel, Kind
    from rejent.kernel.intervals import Interval

    day = civil_date(clock.now())
    services.enter_case(
        Application(
            kind=Kind.PRESERVATION, stream="video", channel=Channel.POST, received_on=day, event_first=day, event_last=day,
            interval=Interval(start, start + timedelta(minutes=2)), about=start, applicant=Applicant("Anna Przykładowa"),
            details={"place": "hol", "description": "Zaginęła teczka.", "purpose": "zawiadomienie"},
            source_ids=frozenset({source}),
        ),
        clock=clock, ledger=None, actor="cli",
    )  # fmt: skip


def _minute(start: datetime) -> "RecordedMinute":
    """A minute of twelve pictures a second, each with its own time burnt in."""
    from rejent.streams.cameras.simulated.history import recorded_minute

    return recorded_minute(start, coding=Coding(width=480, height=270, rate=12, group=24, bits=300_000))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
