"""What callers heard reaches the catalogue, also past what no database takes."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DataError, OperationalError, connection

from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.streams.calls.announcing.process import noted
from rejent.streams.calls.announcing.service import AnnouncingService
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.models import CallNotice
from rejent.streams.calls.catalog.views import HeardBeforehand, KnownBy, Notice, NoticeKind

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon UTC."""
    return ManualClock(NOON)


@pytest.fixture
def source(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line of an office that records calls."""
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("100",))
    return call_services.add_line(name="Switchboard", stated=stated, clock=clock, actor="")


@pytest.fixture
def service(clock: ManualClock) -> Iterator[AnnouncingService]:
    """An announcing that nobody calls."""
    made = AnnouncingService(clock, (0, 0))
    yield made
    made.stop()
    made.run()


def heard(source: str, number: int) -> HeardBeforehand:
    """What one of several callers heard."""
    start = NOON + timedelta(seconds=number)
    notice = Notice(NoticeKind.INCOMING, KnownBy.SERVICE, start, heard_s=9.0, completed=True)
    return HeardBeforehand(source, notice, f"10777020{number}", "100")


def refusing(error: Exception) -> Callable[..., object]:
    """A database that takes no first row."""
    left = [error]

    def execute(go_on: Callable[..., object], sql: str, *given: object) -> object:
        if sql.startswith("INSERT") and left:
            raise left.pop()
        return go_on(sql, *given)

    return execute


def test_what_is_refused_for_good_is_left(
    service: AnnouncingService, source: str, clock: ManualClock
) -> None:
    """The caller after it is kept, and nothing waits."""
    with connection.execute_wrapper(refusing(DataError("cannot contain NUL"))):
        assert noted(service, [heard(source, 1), heard(source, 2)], clock) == []
    assert [row.caller for row in CallNotice.objects.all()] == ["+48107770202"]


def test_what_the_database_does_not_answer_to_waits(
    service: AnnouncingService, source: str, clock: ManualClock
) -> None:
    """Everything is kept, in its order, when it answers again."""
    with connection.execute_wrapper(refusing(OperationalError("server closed the connection"))):
        waiting = noted(service, [heard(source, 1), heard(source, 2)], clock)
    assert len(waiting) == 2
    assert noted(service, waiting, clock) == []
    assert [row.caller for row in CallNotice.objects.order_by("pk")] == ["+48107770201", "+48107770202"]
