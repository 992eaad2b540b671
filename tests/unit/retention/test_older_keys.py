"""The folder of keys put back from an older copy, as a whole: what was dead dies again, what nobody opens is not sealed to, what nothing holds goes."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from rejent.catalog import queries
from rejent.retention import services
from rejent.retention.checks import findings
from rejent.retention.destruction.proof import MISSING_FOR
from rejent.retention.models import Destruction, Survivor
from rejent.streams.calls.catalog.models import Call
from rejent.vault.age.recipients import Recipient
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.retention.one_call import NOON, PAST_TERM, office_of_one_call


@pytest.fixture
def office(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office with a minute of a call."""
    return office_of_one_call(tmp_path, ended=True)


def copy(office: RecordingOffice, to: str = "copy") -> None:
    """Somebody copies the folder of keys."""
    shutil.copytree(office.folder / "keys", office.folder / to)


def put_back(office: RecordingOffice, copied: str = "copy") -> None:
    """And puts it back."""
    shutil.rmtree(office.folder / "keys")
    shutil.copytree(office.folder / copied, office.folder / "keys")
    office.keys = KeyStore.open(office.folder / "keys", FileRoot(), office.clock)


def held(office: RecordingOffice) -> str:
    """Somebody needs the call; the hold's number."""
    return services.place_hold(
        source_id=office.sources["line"], start=NOON, end=NOON + MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    ).number  # fmt: skip


def test_a_key_that_lives_again_is_destroyed_again(office: RecordingOffice) -> None:
    """Within a day; its destruction stays as it was proven."""
    copy(office)
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).destroyed_segments == 1
    (proven,) = Destruction.objects.values()
    put_back(office)
    assert "retention.key-alive" in {found.code for found in findings(office.keeping)}
    office.clock.advance(timedelta(days=1))
    services.keep_once(office.keeping)
    record = office.keys.day_record(office.sources["line"], NOON.date())
    assert record is not None
    assert record.destroyed_at is not None
    assert list(Destruction.objects.values()) == [proven]
    assert list(findings(office.keeping)) == []


def test_nothing_more_is_sealed_to_a_key_that_nobody_has(office: RecordingOffice) -> None:
    """The next round makes other keys for the days to come, and says so."""
    copy(office)
    services.keep_once(office.keeping)
    line, tomorrow = office.sources["line"], NOON.date() + timedelta(days=1)
    before = queries.recipient(line, tomorrow)
    put_back(office)
    done = services.keep_once(office.keeping)
    assert any(f"source {line}, {tomorrow}" in told for told in done.failed)
    after = queries.recipient(line, tomorrow)
    assert after is not None
    assert after != before
    assert office.keys.record_by_recipient(Recipient.parse(after)) is not None
    assert services.keep_once(office.keeping).failed == []


def test_what_a_lost_key_of_survivors_kept_goes_with_its_hold(office: RecordingOffice) -> None:
    """Nobody opens it any more; its rows, its object and the numbers of its call do not stay for that."""
    number = held(office)
    copy(office)
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    put_back(office)
    services.keep_once(office.keeping)
    assert len(list(office.store.objects())) == 1
    services.end_hold(number, reason="over", clock=office.clock, ledger=None, actor="cli")
    office.clock.advance(timedelta(days=1))
    assert services.keep_once(office.keeping).failed == []
    assert list(office.store.objects()) == []
    assert Call.objects.get().caller == ""
    assert list(findings(office.keeping)) == []


def test_held_evidence_waits_for_a_key_that_is_not_there(office: RecordingOffice) -> None:
    """For a day the newer folder may come back; then it is kept as ever."""
    office.folder.joinpath("empty").mkdir()
    KeyStore.create(office.folder / "empty" / "keys", FileRoot(), office.clock)
    copy(office)
    held(office)
    office.go_to(PAST_TERM)
    put_back(office, "empty/keys")
    done = services.keep_once(office.keeping)
    assert any("is not in the key store" in told for told in done.failed)
    office.clock.advance(MISSING_FOR - MINUTE)
    services.keep_once(office.keeping)
    put_back(office)
    services.keep_once(office.keeping)
    assert list(Survivor.objects.values_list("lost", flat=True)) == [False]
    assert services.keep_once(office.keeping).failed == []
