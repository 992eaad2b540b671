"""Names and identifiers that callers choose, or that a PBX gives again and again: each recording keeps its own time and its own parties."""

from datetime import UTC, datetime, timedelta

import pytest

from rejent.streams.calls.catalog.lines.parts import PbxFormat, RecordZone
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.receiving.imported.matching import parse_file_name
from tests.unit.streams_calls_imported.conftest import START, WAITS_S, Pbx
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.streams_calls_imported.test_records import CALLER, OURS

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)
AT = datetime(2026, 11, 21, 13, 5, 12, tzinfo=UTC)
FAKED = {
    PbxFormat.ASTERISK: f"in-{OURS}-1-20260823-000000-1.1-20261121-140512-1795.7.wav",
    PbxFormat.YEASTAR: f"20261121140512-1795.7-1-20260823000000-1.1-5-6-Inbound-{OURS}-Inbound.wav",
    PbxFormat.THREE_CX: f"[x]_1-2_20260823000000(9)]_{CALLER}-{OURS}_20261121140512(1795.7).wav",
    PbxFormat.SLICAN: f"20261121_140512_20260823000000_{OURS}.wav",
}
"""Names in which a caller calls themselves what looks like another call of another day."""


@pytest.mark.parametrize("form", FAKED)
def test_a_caller_does_not_choose_when_they_called(form: PbxFormat) -> None:
    """What a telephone says of itself stands for a number at most; time, called number and identifier are the PBX's."""
    call = parse_file_name(FAKED[form], form, RecordZone.LOCAL, NOW)
    assert (call.start.instant, call.called) in {(AT, OURS), (None, "")}
    assert call.record_id in {"1795.7", ""}


@pytest.mark.parametrize("name", FAKED.values())
def test_a_name_with_two_times_tells_none_where_the_form_is_not_known(name: str) -> None:
    """Then the file's own change tells when the call was."""
    assert parse_file_name(name, PbxFormat.CSV, RecordZone.LOCAL, NOW).start.instant is None


def test_a_caller_without_a_number_is_named_and_came_from_outside() -> None:
    """Whoever calls themselves something that is no number is not undecided for that."""
    call = parse_file_name(
        f"in-{OURS}-nobody-in-20261121-140512-1795.7.wav", PbxFormat.ASTERISK, RecordZone.LOCAL, NOW
    )
    assert (call.caller, call.direction, call.start.instant) == ("nobody-in", "incoming", AT)


def test_a_name_that_is_given_again_is_another_call(pbx: Pbx) -> None:
    """Where a PBX writes each call of an extension to one file, none gets the time and the caller of the one before."""
    pbx.record("101.wav")
    pbx.drop("101.wav", wav(2, seed=1))
    assert pbx.settle() == 1
    later = timedelta(minutes=7)
    pbx.clock.advance(later)
    pbx.drop("101.wav", wav(2, seed=2))
    assert pbx.settle() == 0
    pbx.record(
        "101.wav", told=f"{pbx.clock.now() - timedelta(seconds=7):%Y-%m-%d %H:%M:%S}Z", caller="103000201"
    )
    assert pbx.look(1) == 1
    first, second = Call.objects.order_by("start")
    assert (first.caller, second.caller) == (f"+48{CALLER}", "+48103000201")
    assert second.start - first.start == later + timedelta(seconds=WAITS_S)


def test_an_identifier_that_all_calls_share_makes_none_of_them_another(pbx: Pbx) -> None:
    """A column that holds a group of telephones, taken for that of legs, gives no call the beginning of the first of the day."""
    pbx.records.write_text("id,start,caller,called,duration,file,linkedid\n")
    told = [START - timedelta(hours=3), START - timedelta(seconds=2)]
    with pbx.records.open("a") as file:
        for number, at in enumerate(told):
            name = "" if number == 0 else "b.wav"
            file.write(f"{number},{at:%Y-%m-%d %H:%M:%S}Z,10300020{number},{OURS},2,{name},600\n")
    pbx.drop("b.wav", wav(2))
    assert pbx.settle() == 1
    call = Call.objects.get()
    assert (call.start, call.caller) == (told[1], "+48103000201")
