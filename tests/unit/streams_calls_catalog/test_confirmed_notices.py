"""Employees who say that they read out what they must: once, in time, and for the one call they mean."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.errors import NoSuchCallError, NoticeRefusedError
from rejent.streams.calls.catalog.models import CallNotice
from tests.unit.catalog.conftest import START
from tests.unit.streams_calls_catalog.announced import heard, marked
from tests.unit.streams_calls_catalog.checked import codes


def test_an_employee_confirms_an_outgoing_call_once_and_in_time(
    announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """Who and when is entered; not of incoming calls, not after a day, not of calls that are not there."""
    outgoing, incoming = announced_call(1, direction="outgoing"), announced_call(2)
    call_services.confirm_read(outgoing, "person-1", clock=clock)
    call_services.confirm_read(outgoing, "person-1", clock=clock)
    assert marked(outgoing) == "employee"
    (act,) = registers.entered(["call.announced"])
    assert act.actor == "person-1"
    with pytest.raises(NoticeRefusedError):
        call_services.confirm_read(incoming, "person-1", clock=clock)
    with pytest.raises(NoSuchCallError):
        call_services.confirm_read("f" * 32, "person-1", clock=clock)
    clock.advance(timedelta(seconds=2 * 86400))
    with pytest.raises(NoticeRefusedError):
        call_services.confirm_read(announced_call(3, START, direction="outgoing"), "person-1", clock=clock)


@pytest.mark.parametrize("own", ["101", "+48105550101", "10 555 01 01"])
def test_an_employee_says_so_by_both_numbers_and_the_call_is_found(
    announced_call: Callable[..., str], clock: ManualClock, own: str
) -> None:
    """The newest unconfirmed call of the day from that extension to that number; the numbers beside it go."""
    older = announced_call(
        1, START - timedelta(hours=3), direction="outgoing", caller="105550101", called="107770201"
    )
    newer = announced_call(
        2, START - timedelta(hours=1), direction="outgoing", caller="105550101", called="107770201"
    )
    other = announced_call(
        3, START - timedelta(hours=1), direction="outgoing", caller="105550101", called="107770299"
    )
    call_services.note_read(own, "10 777 02 01", "person-1", clock=clock)
    assert call_services.match_heard(clock=clock) == 1
    assert [marked(name) for name in (older, newer, other)] == ["no", "employee", "no"]
    row = CallNotice.objects.get()
    assert (row.by, row.start, row.caller, row.called) == ("person-1", START, "", "")
    clock.advance(timedelta(seconds=5))
    call_services.note_read(own, "10 777 02 01", "person-1", clock=clock)
    call_services.match_heard(clock=clock)
    assert marked(older) == "employee"
    assert codes() == []


@pytest.mark.parametrize(("caller", "says"), [("105550112", "no"), ("12", "employee")])
def test_a_digit_or_two_stand_for_no_longer_number(
    announced_call: Callable[..., str], clock: ManualClock, caller: str, says: str
) -> None:
    """Nobody confirms the calls of a tenth of their colleagues; an extension that is so short stands for itself."""
    name = announced_call(
        1, START - timedelta(hours=1), direction="outgoing", caller=caller, called="107770201"
    )
    for own in ("2", "12"):
        call_services.note_read(own, "10 777 02 01", "person-1", clock=clock)
    call_services.match_heard(clock=clock)
    assert marked(name) == says


def test_what_an_employee_says_of_no_call_is_forgotten(announced_line: str, clock: ManualClock) -> None:
    """It is kept for a day, with whom and when, and belongs to no call."""
    assert announced_line
    call_services.note_read("101", "10 777 02 01", "person-1", clock=clock)
    assert call_services.match_heard(clock=clock) == 0
    clock.advance(timedelta(days=2))
    call_services.match_heard(clock=clock)
    assert not CallNotice.objects.exists()


def test_words_about_no_call_hold_up_no_others(
    announced_line: str,
    announced_call: Callable[..., str],
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many wait before it, evidence finds its call; and of one employee only so many may wait."""
    monkeypatch.setattr("rejent.streams.calls.catalog.services.notices.AT_ONCE", 2)
    monkeypatch.setattr("rejent.streams.calls.catalog.services.notices.MOST_CONFIRMED", 3)
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        call_services.note_read("101", "10 777 02 99", "person-1", clock=clock)
    with pytest.raises(NoticeRefusedError):
        call_services.note_read("101", "10 777 02 99", "person-1", clock=clock)
    call_services.note_read("102", "10 777 02 99", "person-2", clock=clock)
    name = announced_call(1, clock.now())
    call_services.note_heard(heard(announced_line, start=clock.now()), clock=clock)
    assert call_services.match_heard(clock=clock) == 1
    assert marked(name) == "service"


@pytest.mark.parametrize(
    "numbers", [("", "107770201"), ("101", "withheld"), ("me", "107770201"), ("101", "")]
)
def test_what_is_no_number_is_refused(
    announced_line: str, clock: ManualClock, numbers: tuple[str, str]
) -> None:
    """Nothing is noted."""
    assert announced_line
    with pytest.raises(NoticeRefusedError):
        call_services.note_read(*numbers, "person-1", clock=clock)
    assert not CallNotice.objects.exists()


@pytest.mark.parametrize("called", ["600555777", "600555778"])
def test_a_hundredth_word_tells_nothing_of_a_call(
    announced_call: Callable[..., str], clock: ManualClock, monkeypatch: pytest.MonkeyPatch, called: str
) -> None:  # fmt: skip
    """Whether a colleague called a number cannot be told from how many one may say: what found its call counts as well."""
    monkeypatch.setattr("rejent.streams.calls.catalog.services.notices.MOST_CONFIRMED", 3)
    announced_call(direction="outgoing", caller="105550123", called="600555777")
    clock.advance(timedelta(minutes=10))
    for number in ("700555001", "700555002", called):
        clock.advance(timedelta(seconds=1))
        call_services.note_read("123", number, "person-1", clock=clock)
    assert call_services.match_heard(clock=clock) == (called == "600555777")
    with pytest.raises(NoticeRefusedError):
        call_services.note_read("123", "700555003", "person-1", clock=clock)
