"""What a drill counts and judges, and how rtpengine is spoken to."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.streams.calls.practice.drill import exchange
from rejent.streams.calls.practice.drill.exchange import DrillError
from rejent.streams.calls.practice.drill.measurements import (
    HandOverCounts,
    Phase,
    Placed,
    evaluate,
    order_facts,
    percentile,
    read_times,
)
from rejent.streams.calls.practice.rtpengine import MAX_DEPTH, decoded, encoded

TOLD = """Date_ms;response_time_ms;rtd_no
244.001;40;invite
436.001;32;invite
1252;0;bye
half a line;
"""


def phase(name: str, times: tuple[float, ...], ended: int | None = None, back_s: float | None = 0.0) -> Phase:
    """A part of a drill in which two calls were placed."""
    return Phase(name, Placed(2, times, len(times) if ended is None else ended), HandOverCounts(), back_s)


def test_what_sipp_wrote_is_read() -> None:
    """Times from INVITE to 200 are collected, ends in order counted, heads and torn lines passed over."""
    assert read_times(TOLD, 2) == Placed(2, (32.0, 40.0), 1)
    assert read_times("", 3) == Placed(3, (), 0)


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [((), 0.95, 0.0), ((7.0,), 0.95, 7.0), (tuple(range(1, 101)), 0.95, 95), (tuple(range(1, 21)), 0.95, 19)],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: tuple[float, ...], share: float, found: float
) -> None:
    """It is the smallest that so many of them do not exceed."""
    assert percentile(values, share) == found


@pytest.mark.parametrize(
    ("disturbed", "passed"),
    [
        (phase("killed", (30.0, 530.0)), True),
        (phase("killed", (30.0, 531.0)), False),
        (phase("killed", (30.0,), 1), False),
        (phase("killed", (30.0, 30.0), 1), False),
        (phase("killed", (30.0, 30.0), back_s=None), False),
    ],
)
def test_a_drill_is_passed_only_if_nobody_noticed(disturbed: Phase, *, passed: bool) -> None:
    """A call too late, not set up or not ended in order, or a recorder that never came back: each fails the drill."""
    assert evaluate([phase("well", (30.0, 30.0)), disturbed], 500.0).passed is passed


def test_a_drill_in_which_nothing_was_set_up_is_not_passed() -> None:
    """Without a single call there is no usual time to compare with, and every call is lost."""
    result = evaluate([phase("well", ()), phase("killed", ())], 500.0)
    assert (result.passed, result.lost, result.added_ms) == (False, 8, 0.0)
    assert phase("well", ()).row["max_ms"] == 0.0


def test_missing_programs_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install."""
    monkeypatch.setattr(shutil, "which", lambda _name, **_options: None)
    with pytest.raises(DrillError) as refused:
        exchange.find_programs()
    assert str(refused.value).endswith("apt install kamailio sip-tester")
    with pytest.raises(DrillError) as refused:
        exchange.find_programs(relay=True)
    assert str(refused.value).endswith("apt install kamailio sip-tester rtpengine-daemon")


VALUES = st.recursive(
    st.integers(-(2**40), 2**40) | st.binary(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.binary(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_encoded_is_decoded_to_the_same(value: object) -> None:
    """Numbers, texts, lists and tables survive the way to rtpengine and back."""
    assert decoded(encoded(value)) == value  # type: ignore[arg-type] # hypothesis makes what it takes


@given(st.binary(max_size=60) | st.text(alphabet="ilde0123456789:x-", max_size=40).map(str.encode))
def test_no_reply_breaks_the_reader(text: bytes) -> None:
    """Whatever arrives is a value or a ValueError, in bounded depth."""
    try:
        value = decoded(text)
    except ValueError:
        return
    assert isinstance(value, int | bytes | list | dict)


def test_a_reply_nested_without_end_is_refused() -> None:
    """Depth is bounded before the interpreter's own bound is met."""
    with pytest.raises(ValueError, match="deep"):
        decoded(b"l" * (MAX_DEPTH + 2))
    with pytest.raises(ValueError, match="cut short"):
        decoded(b"9:abc")


def test_a_part_out_of_the_ledger_is_told_in_the_order_of_the_drill() -> None:
    """The ledger sorts names; what a later version adds stands last."""
    row = Phase("killed", Placed(2, (30.0, 40.0), 2), HandOverCounts(recorded=1), 1.9).row
    sorted_names = dict(sorted({**row, "added": 1}.items()))
    assert list(order_facts(sorted_names)) == [*row, "added"]
    assert order_facts(sorted_names) == {**row, "added": 1}
