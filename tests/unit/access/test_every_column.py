"""Each column of the office and of access, changed by hand in the database: which finding of fsck names it.

A column that nothing names stands in `UNNAMED` with its reason, so that a new one cannot be forgotten.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from rejent.access import checks as access_checks
from rejent.access import services
from rejent.access.models import HandedOut, LiveWatch, SeenInterval, Viewing
from rejent.access.services import supervision as supervising
from rejent.access.supervision.samples import CLOSES_AFTER, Outcome
from rejent.access.supervision.weeks import Week
from rejent.devices import services as devices
from rejent.kernel.clock import ManualClock
from rejent.ledger.location import LedgerLocation
from rejent.office import checks as office_checks
from rejent.office import services as office
from rejent.office.breaches import services as breaches
from rejent.office.regulation.loading import example
from rejent.registers.signing.checkpoints import checkpoint
from tests.unit.access.conftest import NOON, Issue, People, add_camera
from tests.unit.access.protocols_written import SHORT
from tests.unit.access.test_second_person import answer, ask
from tests.unit.access.test_viewings import open_viewing

TODAY = NOON.date()
DAY = timedelta(days=1)
TABLES = [model for app in ("office", "access") for model in apps.get_app_config(app).get_models()]

_NAME = "a name that nothing reads"
_OWN = "somebody's own setting: it opens nothing"
_DJANGO = "of the account's base class: nothing reads it"

UNNAMED: dict[str, dict[str, str]] = {
    "Building": {"name": "what a place's building is called: its places are bound to its row"},
    "Account": {
        "first_name": _NAME,
        "last_name": _NAME,
        "email": "tells that two accounts may be one human's, and opens nothing",
        "last_login": "signing in is an act of its own",
        "is_superuser": _DJANGO,
        "is_staff": _DJANGO,
        "date_joined": _DJANGO,
        "language": _OWN,
        "theme": _OWN,
        "letter_keys": _OWN,
        "sessions_ended": "another number ends every session of the account, and opens none",
    },
    "SecondAsked": {
        "expires_at": "nobody's answer counts for longer: when it was given is bound",
    },
}


def findings(clock: ManualClock) -> set[tuple[str, str]]:
    """What fsck finds of the office and of access."""
    found = [*office_checks.findings(clock), *access_checks.findings(clock)]
    return {(one.code, str(one.facts)) for one in found}


@pytest.fixture
def office_name() -> str:
    """An office whose viewings leave protocols and have guests."""
    return "pleszew"


@pytest.fixture
def filled(source: str, person: People, issue: Issue, clock: ManualClock, tmp_path: Path) -> None:
    """An office that holds a row in every table, each made by the program."""
    stated = 'position = "head"\nsecond_person = "for-unauthorised"'
    text = (
        example("pleszew")
        .replace("live = []  ", 'live = ["viewer"]  ')
        .replace('second_person = "for-unauthorised"', stated, 1)
    )
    office.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=clock, actor="")
    head, viewer, clerk, firm = (person(role) for role in ("head", "viewer", "clerk", "contractor"))
    _of_the_office(str(head.id), (viewer.id, clerk.id, firm.id), source, clock)
    issue(viewer, acts=["recordings", "live"], source_ids=[source], valid_until=TODAY + 60 * DAY)
    revoked = issue(person("viewer"))
    services.revoke_authorisation(revoked.number, clock=clock, actor=str(head.id))
    viewing = open_viewing(viewer, source, clock)
    services.note_seen(
        viewing.id, NOON - timedelta(minutes=50), NOON - timedelta(minutes=40), "clip", clock=clock
    )
    services.enter_guest(
        viewing.id,
        person=viewer,
        session="session",
        name="Ktoś",
        function="policja",
        reason="rozpoznaje rower",
        clock=clock,
    )
    clock.advance(timedelta(minutes=3))
    services.close_viewing(viewing.id, clock=clock, actor=str(viewer.id))
    services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    services.state_position(viewing.number, "Bez uwag.", person=head, clock=clock)
    services.append_note(viewing.number, "Uwaga.", person=viewer, clock=clock)
    services.stop_live(services.watch_live(viewer, [source], "session", clock=clock), clock=clock)
    second = person("viewer")
    issue(second)
    answer(ask(second, source, clock), viewer, clock, agrees=False)
    _supervised(person, viewing.number, clock, tmp_path)


def _of_the_office(head: str, people: Sequence[uuid.UUID], source: str, clock: ManualClock) -> None:
    """What the office enters of people, places and firms."""
    viewer, clerk, firm = people
    absence = office.enter_absence(head, TODAY + DAY, TODAY + 4 * DAY, clock=clock, actor=head)
    office.end_absence(absence.id, clock=clock, actor=head)
    fault = office.open_fault(source=source, stream="video", description="Brak.", clock=clock, actor=head)
    office.close_fault(fault.number, outcome="Działa.", clock=clock, actor=head)
    breach = breaches.open_breach(
        found_at=clock.now(),
        facts="Zgubiono nośnik.",
        personal_data=True,
        incident=False,
        clock=clock,
        actor=head,
    )
    breaches.change_breach(breach.number, {"effects": "Żadne."}, clock=clock, actor=head)
    days = {"concluded_on": date(2026, 1, 1), "valid_from": date(2026, 1, 1), "valid_until": date(2027, 1, 1)}
    office.add_agreement(number="U/1", party="Firma", people=[firm], clock=clock, actor=head, **days)
    office.end_agreement("U/1", clock=clock, actor=head)
    office.enter_statement(viewer, TODAY - DAY, clock=clock, actor=head)
    until = clock.now() + 300 * DAY
    listed = devices.enrol_station(
        name="Kasa",
        place="p",
        address="192.0.2.1",
        fingerprint="ab" * 32,
        expires_at=until,
        clock=clock,
        actor="cli",
    )
    devices.revoke_device(listed.id, reason="Stara.", clock=clock, actor="cli")
    office.create_token(viewer, label="", days=5, clock=clock, actor="cli")
    office.link_identity(clerk, way="oidc", issuer="https://p.example", subject="s1", clock=clock, actor=head)
    office.enter_gate("video", "staff-told", TODAY, note="", clock=clock, actor=head)


def _supervised(person: People, number: str, clock: ManualClock, folder: Path) -> None:
    """The week is closed and drawn from, its viewing reviewed, its report kept."""
    place = LedgerLocation(folder=folder / "ledger", key=folder / "key", origin="rejent/test")
    clock.advance(Week.at(clock.now()).interval.end + CLOSES_AFTER - clock.now())
    add_camera("Later", clock)
    checkpoint(place, clock=clock)
    supervising.draw_samples(clock=clock)
    officer = person("iod")
    supervising.review_viewing(number, reviewer=officer, outcome=next(iter(Outcome)), note="Ok.", clock=clock)
    supervising.keep_weekly_reports(lambda _week: b"report", clock=clock)


def changed(field: "models.Field[Any, Any]", value: Any, others: list[Any]) -> Iterator[Any]:
    """Values that differ from the one a row holds and that its column takes."""
    if field.is_relation:
        yield from [other for other in others if other != value] or [_nobodys(value)]
    elif field.choices:
        yield from (choice for choice, _ in field.choices if choice != value)
    else:
        yield from _others(field, value)
    if field.null and value is not None:
        yield None


def _nobodys(key: Any) -> Any:
    """A key of no row: the database looks at it when the change is committed, which it is not here."""
    return uuid.uuid4() if isinstance(key, uuid.UUID) else 977


def _others(field: "models.Field[Any, Any]", value: Any) -> list[Any]:
    if field.name == "sign_in":
        return [other for other in ("confirmed", "given") if other != value]
    instant, day = value or NOON, value or TODAY
    by_kind: dict[type, Callable[[], list[Any]]] = {
        models.BooleanField: lambda: [not value],
        models.DateTimeField: lambda: [instant - 3 * DAY, instant + DAY],
        models.DateField: lambda: [day + 5 * DAY, day - DAY],
        models.UUIDField: lambda: [uuid.uuid4()],
        models.JSONField: lambda: [{"other": "text"} if isinstance(value, dict) else ["other"]],
        models.BinaryField: lambda: [b"x" * 32],
        models.IntegerField: lambda: [(value or 0) + 77],
        models.FloatField: lambda: [value + 77],
    }
    made = next((make for kind, make in by_kind.items() if isinstance(field, kind)), None)
    return made() if made else [f"x{value}"[: field.max_length]]


def named(model: type[models.Model], field: "models.Field[Any, Any]", clock: ManualClock) -> set[str]:
    """The codes of what fsck finds once a column of some row holds something else; none where nothing names it."""
    related: Any = field.related_model
    others = list(related.objects.values_list("pk", flat=True)) if field.is_relation else []
    codes = set()
    for row in model._default_manager.order_by("pk"):
        for value in changed(field, getattr(row, field.attname), others):
            try:
                with transaction.atomic():
                    model._default_manager.filter(pk=row.pk).update(**{field.attname: value})
                    codes |= {code for code, _ in findings(clock)}
                    transaction.set_rollback(True)
            except IntegrityError:
                continue
            if codes:
                return codes
    return codes


@pytest.mark.usefixtures("filled")
def test_each_column_is_named_or_told_not_to_be(clock: ManualClock) -> None:
    """A sound office has no finding; whatever is changed by hand has one, but for the columns that are told here."""
    assert findings(clock) == set()
    unnamed, codes = {}, set()
    for model in TABLES:
        assert model._default_manager.exists(), model
        by_column = {
            field.name: named(model, field, clock)
            for field in model._meta.concrete_fields
            if not field.primary_key
        }
        unnamed[model.__name__] = {name for name, found in by_column.items() if not found}
        codes |= {(model.__name__, code) for found in by_column.values() for code in found}
    assert {name: columns for name, columns in unnamed.items() if columns} == {
        name: set(columns) for name, columns in UNNAMED.items()
    }
    assert {(name, code) for name, code in codes if code.endswith("check-unfinished")} == set()
    assert findings(clock) == set()


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("model", [LiveWatch, HandedOut, SeenInterval], ids=lambda model: model.__name__)
def test_a_row_that_is_taken_away_is_missed(model: type[models.Model], clock: ManualClock) -> None:
    """That somebody watched, what was seen, and how much was handed out."""
    model._default_manager.all().delete()
    assert findings(clock) != set()


@pytest.mark.usefixtures("filled")
def test_a_viewing_lasts_no_longer_than_was_entered(clock: ManualClock) -> None:
    """Its end stands in the act that opened it."""
    Viewing.objects.update(expires_at=NOON + DAY)
    assert "access.differs-from-ledger" in {code for code, _ in findings(clock)}
