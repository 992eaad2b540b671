"""Keys of survivors that keep nothing: they die too, once the term is over and no hold reaches their date."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from rejent.retention import services
from rejent.retention.checks import findings
from rejent.retention.models import Destruction, Survivor
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.views import REFUSED
from rejent.vault.keys.key_store import HOLD
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.retention.one_call import CALL, NOON, PAST_TERM, office_of_one_call


@pytest.fixture
def office(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office with a minute of a call."""
    return office_of_one_call(tmp_path)


def held(office: RecordingOffice) -> str:
    """Somebody needs the call; the hold's number."""
    return services.place_hold(
        source_id=office.sources["line"], start=NOON, end=NOON + MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    ).number  # fmt: skip


def end(office: RecordingOffice, number: str) -> None:
    """Nobody needs it any more; two days pass."""
    services.end_hold(number, reason="over", clock=office.clock, ledger=None, actor="cli")
    for _ in range(3):
        assert services.keep_once(office.keeping).failed == []
        office.clock.advance(timedelta(days=1))


def living(office: RecordingOffice) -> list[str]:
    """The living keys of survivors."""
    return [each.id for each in office.keys.alive() if each.kind == HOLD]


def test_the_key_of_a_withdrawn_survivor_dies(office: RecordingOffice) -> None:
    """A refused call that a hold kept beyond its term is withdrawn when the hold ends; a copy of its object opens no more."""
    call_services.refuse_call(office.sources["line"], CALL, "key", 70, clock=office.clock)
    call_services.end_call(CALL, NOON + MINUTE, REFUSED, clock=office.clock)
    number = held(office)
    office.go_to(PAST_TERM)
    services.keep_once(office.keeping)
    assert len(living(office)) == 1
    end(office, number)
    assert list(office.store.objects()) == []
    assert living(office) == []
    assert list(findings(office.keeping)) == []


def test_a_key_that_a_killed_keeper_had_made_dies(
    office: RecordingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made and not noted yet; the hold ends before the next round, and nothing is found wrong."""
    call_services.end_call(CALL, NOON + MINUTE, "bye", clock=office.clock)
    number = held(office)
    office.go_to(PAST_TERM)

    def killed(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Destruction, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            services.keep_once(office.keeping)
    assert len(living(office)) == 1
    assert not Survivor.objects.exists()
    end(office, number)
    assert living(office) == []
    assert list(findings(office.keeping)) == []
