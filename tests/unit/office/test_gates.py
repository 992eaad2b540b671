"""When a stream may start."""

from datetime import date, timedelta

import pytest

from rejent.office.regulation.gates import EnteredFact, FactKind, GateState
from rejent.office.regulation.loading import example, load
from rejent.office.regulation.sections import activation
from rejent.office.regulation.vocabulary import StreamName

TODAY = date(2026, 11, 21)
PLESZEW = load(example("pleszew"))
BOLESLAWIEC = load(example("boleslawiec"))
ELBLAG = load(example("elblag"))


def facts(**days):
    """Entered facts, each kind written with underscores and its day."""
    return [EnteredFact(FactKind(kind.replace("_", "-")), day) for kind, day in days.items()]


def states(result):
    """The state of each condition by name."""
    return {condition.name: condition.state.value for condition in result.conditions}


def days(result):
    """The first day on which each condition is met, by name."""
    return {condition.name: condition.met_from for condition in result.conditions}


def test_nothing_starts_without_facts():
    """With nothing entered every condition is missing and no day can be named."""
    result = activation(PLESZEW, StreamName.VIDEO, [], TODAY)
    assert states(result) == {
        "in-force": "missing",
        "staff-told": "missing",
        "places-marked": "missing",
    }
    assert not result.open
    assert set(days(result).values()) == {None}


def test_cameras_start_two_full_weeks_after_the_notice():
    """With staff told on 1 November the stream may start on 16 November, whatever day the regulation names."""
    entered = facts(
        in_force=date(2026, 11, 2), staff_told=date(2026, 11, 1), places_marked=date(2026, 11, 10)
    )
    assert activation(PLESZEW, StreamName.VIDEO, entered, date(2026, 11, 16)).open
    too_early = activation(PLESZEW, StreamName.VIDEO, entered, date(2026, 11, 15))
    assert not too_early.open
    assert days(too_early)["staff-told"] == date(2026, 11, 16)
    assert states(too_early)["staff-told"] == "waiting"


def test_plates_must_hang_a_day_before():
    """Plates put up today open the gate tomorrow."""
    entered = facts(in_force=date(2026, 10, 1), staff_told=date(2026, 10, 1), places_marked=TODAY)
    result = activation(PLESZEW, StreamName.VIDEO, entered, TODAY)
    assert states(result)["places-marked"] == "waiting"
    assert days(result)["places-marked"] == TODAY + timedelta(days=1)
    assert activation(PLESZEW, StreamName.VIDEO, entered, TODAY + timedelta(days=1)).open


def test_what_is_missing_says_since_when_and_by_which_rule():
    """A missing fact is missing since the regulation came into force, and quotes the statute."""
    result = activation(PLESZEW, StreamName.VIDEO, facts(in_force=date(2026, 10, 1)), TODAY)
    (told, marked) = result.missing
    assert told.missing_since == marked.missing_since == date(2026, 10, 1)
    assert "2 tygodnie przed jego uruchomieniem" in str(told.law)
    assert "jeden dzień przed jego uruchomieniem" in str(marked.law)


def test_calls_need_a_basis_a_way_around_and_an_announcement():
    """Call recording stays shut until basis, unrecorded route and announcement are entered."""
    common = facts(in_force=date(2026, 9, 1), staff_told=date(2026, 9, 1))
    result = activation(BOLESLAWIEC, StreamName.CALLS, common, TODAY)
    assert [condition.name for condition in result.missing] == [
        "legal-basis",
        "unrecorded-route",
        "announcement-ready",
    ]
    entered = common + facts(
        legal_basis=date(2026, 10, 1),
        unrecorded_route=date(2026, 10, 2),
        announcement_ready=date(2026, 10, 3),
    )
    result = activation(BOLESLAWIEC, StreamName.CALLS, entered, TODAY)
    assert result.open
    assert days(result)["announcement-ready"] == date(2026, 10, 3)


@pytest.mark.parametrize("stream", [StreamName.MAIL, StreamName.ACTIVITY, StreamName.NETWORK])
def test_a_stream_without_retention_stays_off(stream):
    """Mail and activity of an office that set no period do not start, notices or not."""
    entered = facts(
        in_force=date(2026, 9, 1), staff_told=date(2026, 9, 1), necessity_assessed=date(2026, 9, 1)
    )
    result = activation(ELBLAG, stream, entered, TODAY)
    assert [condition.name for condition in result.missing] == ["retention"]
    assert result.missing[0].state is GateState.MISSING


def test_mail_waits_for_the_assessment_that_it_must_be_monitored():
    """Without it nothing starts, whatever else is entered."""
    result = activation(
        ELBLAG, StreamName.MAIL, facts(in_force=date(2026, 9, 1), staff_told=date(2026, 9, 1)), TODAY
    )
    assert [condition.name for condition in result.missing] == ["retention", "necessity-assessed"]


def test_a_stream_the_regulation_does_not_know_never_starts():
    """An office of calls alone has no cameras to start."""
    result = activation(BOLESLAWIEC, StreamName.VIDEO, [], TODAY)
    assert states(result) == {"provided": "missing"}


def test_test_installations_open_with_facts_thirty_days_old():
    """Every fact entered thirty days back opens every stream that has a retention."""
    back = TODAY - timedelta(days=30)
    entered = [EnteredFact(kind, back) for kind in FactKind]
    assert activation(PLESZEW, StreamName.VIDEO, entered, TODAY).open
    assert activation(BOLESLAWIEC, StreamName.CALLS, entered, TODAY).open
