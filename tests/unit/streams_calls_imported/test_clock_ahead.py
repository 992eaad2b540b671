"""A clock that is put ahead for a moment: nothing that an exchange told is forgotten, missed or refused for good by it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.catalog import services
from rejent.cli.storage.rounds import keep_round
from rejent.kernel.clock import civil_date
from rejent.retention.clock import confirm_clock, watch_clock
from rejent.retention.rounds.round import Keeping, boot_id
from rejent.streams.calls.catalog.models import CallRecord, PbxFile
from rejent.streams.calls.receiving.imported.folder_import import RECORD_WITHIN
from rejent.streams.calls.receiving.imported.process import current_rules
from rejent.streams.calls.retention.chores import forget_ended_records
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from tests.unit.streams_calls_imported.conftest import Pbx
from tests.unit.streams_calls_imported.pbx_sounds import wav


@pytest.fixture
def told(pbx: Pbx) -> Pbx:
    """A call of which the exchange told, and whose recording is still to come; keepers believe the clock."""
    pbx.clock.confirmed = False
    watch_clock(pbx.clock, boot_id())
    pbx.clock.advance(timedelta(hours=1))
    watch_clock(pbx.clock, boot_id())
    pbx.record("soon.wav", seconds=2)
    pbx.look()
    return pbx


def test_no_number_goes_before_a_keeper_has_looked_at_the_clock(told: Pbx) -> None:
    """The first round after the step believes it no more than those behind; once the term is over it goes."""
    told.clock.step(timedelta(days=60))
    assert forget_ended_records(clock=told.clock) == 0
    assert watch_clock(told.clock, boot_id()).blocks
    assert forget_ended_records(clock=told.clock) == 0
    told.clock.step(-timedelta(days=60))
    assert CallRecord.objects.get().caller
    told.clock.advance(timedelta(days=60))
    assert forget_ended_records(clock=told.clock) == 1


def test_no_call_is_missed_by_it(told: Pbx, settings: Any, tmp_path: Path) -> None:
    """What is entered as missing stays so; a round waits until the hour is really over."""
    keys = KeyStore.create(tmp_path / "keys", FileRoot(), told.clock)
    settings.KEEPING = lambda: Keeping(clock=told.clock, store=told.store, keys=keys)
    told.clock.step(timedelta(hours=5))
    keep_round(told.clock)
    assert CallRecord.objects.get().state == "expected"
    told.clock.step(-timedelta(hours=5))
    told.clock.advance(timedelta(hours=2))
    keep_round(told.clock)
    assert CallRecord.objects.get().state == "missing"


@pytest.mark.parametrize("by", [timedelta(days=60), timedelta(days=-20_000)])
def test_nothing_is_taken_over_or_refused_by_it(told: Pbx, by: timedelta) -> None:
    """A file would be past its term for good, and a record of no time; both wait, however far the clock is off."""
    assert current_rules(told.clock) is not None
    told.clock.step(by)
    assert current_rules(told.clock) is None
    told.clock.step(-by)
    assert current_rules(told.clock) is not None


def test_after_days_without_power_only_what_would_be_over_waits(told: Pbx) -> None:
    """Whether such a clock is right nobody knows yet: calls of today are taken over, and no file is refused for good by it."""
    watch_clock(told.clock, "another")
    today = civil_date(told.clock.now())
    told.clock.step(timedelta(days=60))
    rules = current_rules(told.clock)
    assert rules is not None
    assert rules.unsure(today)
    assert not rules.unsure(civil_date(told.clock.now()))
    told.rules = replace(rules, directions=told.rules.directions)
    told.drop("old.wav", wav(2), ago=timedelta(days=59).total_seconds())
    told.drop("new.wav", wav(3))
    assert told.settle() == 0
    services.store_day_keys(
        told.line, {civil_date(told.clock.now()): told.identity.recipient.text}, clock=told.clock
    )
    told.clock.advance(RECORD_WITHIN)
    assert told.settle() == 1
    assert not PbxFile.objects.filter(cause="past-term").exists()
    confirm_clock_now(told)
    sure = current_rules(told.clock)
    assert sure is not None
    assert (sure.ended(today), sure.unsure(today)) == (True, False)


def confirm_clock_now(pbx: Pbx) -> None:
    """A person says that the clock is right."""
    assert watch_clock(pbx.clock, boot_id()).blocks
    confirm_clock(pbx.clock, "person")
