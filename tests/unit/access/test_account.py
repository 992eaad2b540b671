"""What was handed out in a viewing, what its browser says it presented, and what becomes of both when somebody edits the database."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rejent.access import queries, services
from rejent.access.errors import AccessRefusedError, NoSuchViewingError
from rejent.access.models import SeenInterval, Viewing
from rejent.access.views import ViewingView
from rejent.kernel.clock import ManualClock
from rejent.kernel.intervals import Interval
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.rollback import rollback_guard
from tests.unit.access.protocols_written import codes, viewer
from tests.unit.access.test_viewings import open_viewing

__all__ = ["viewer"]

Edit = Callable[[ViewingView], object]


@pytest.fixture
def viewing(viewer: PersonView, source: str, clock: ManualClock) -> ViewingView:
    """An open viewing of which sixteen seconds and, a minute later, eight more were handed out."""
    opened = open_viewing(viewer, source, clock)
    for first, last in ((0, 16), (60, 68)):
        given = part(opened, first, last)
        services.note_seen(opened.id, given.start, given.end, "clip", clock=clock)
    return opened


def part(viewing: ViewingView, first: float, last: float) -> Interval:
    """An interval of a viewing, in seconds from its beginning."""
    return Interval(viewing.start + timedelta(seconds=first), viewing.start + timedelta(seconds=last))


def report(viewing: ViewingView, viewer: PersonView, *parts: tuple[float, float]) -> None:
    """Report as the viewer's browser does."""
    told = [part(viewing, first, last) for first, last in parts]
    services.note_presented(viewing.id, told, person_id=viewer.id, session="session")


def closed(viewing: ViewingView, clock: ManualClock) -> dict[str, object]:
    """End a viewing; what its act tells."""
    services.close_viewing(viewing.id, clock=clock, actor="")
    (act,) = registers.acts(names=["viewing.closed"]).acts
    assert act.facts is not None
    return dict(act.facts)


def test_what_a_browser_reports_stands_beside_what_was_handed_out(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """Reports add up, each second once, and change nothing of what was handed out; closing enters both."""
    report(viewing, viewer, (0, 1))
    report(viewing, viewer, (1, 2), (60, 61))
    report(viewing, viewer, (0, 1))
    assert queries.presented_stretches(viewing.id) == [part(viewing, 0, 2), part(viewing, 60, 61)]
    assert queries.seen_stretches(viewing.id) == [part(viewing, 0, 16), part(viewing, 60, 68)]
    found = queries.viewing(viewing.id)
    assert (found.seen_s, found.presented_s) == (24, 3)
    told = closed(viewing, clock)
    assert told["presented"] == [
        [one.start.isoformat(), one.end.isoformat()] for one in (part(viewing, 0, 2), part(viewing, 60, 61))
    ]
    assert "altered" not in told
    assert codes(clock) == []


def test_nothing_counts_as_presented_that_was_not_handed_out(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """A browser that reports a whole hour presented what it was given."""
    report(viewing, viewer, (-600, 3600))
    assert queries.presented_stretches(viewing.id) == queries.seen_stretches(viewing.id)
    assert codes(clock) == []


def test_a_browser_that_reports_nothing_is_not_one_that_presented_nothing(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """Nothing is known before the first report; an empty one says that nothing was shown."""
    assert queries.viewing(viewing.id).presented_s is None
    report(viewing, viewer)
    assert queries.viewing(viewing.id).presented_s == 0
    assert closed(viewing, clock)["presented"] == []


def test_only_the_viewers_own_browser_reports_and_only_until_the_end(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """Another session's report is refused like a viewing that is not there; after the end nothing is taken any more."""
    with pytest.raises(NoSuchViewingError):
        services.note_presented(viewing.id, [], person_id=viewer.id, session="another")
    closed(viewing, clock)
    with pytest.raises(AccessRefusedError):
        report(viewing, viewer, (0, 1))
    assert queries.viewing(viewing.id).presented_s is None


def _delete_one(viewing: ViewingView) -> None:
    SeenInterval.objects.filter(viewing=viewing.id).order_by("pk")[0].delete()


def _delete_all(viewing: ViewingView) -> None:
    SeenInterval.objects.filter(viewing=viewing.id).delete()
    Viewing.objects.filter(pk=viewing.id).update(noted=0, noted_tag=b"", presented=None)


def _shorten(viewing: ViewingView) -> None:
    SeenInterval.objects.filter(viewing=viewing.id).update(end=viewing.start + timedelta(seconds=1))


def _report_less(viewing: ViewingView) -> None:
    Viewing.objects.filter(pk=viewing.id).update(presented=[])


def _spoil_the_count(viewing: ViewingView) -> None:
    Viewing.objects.filter(pk=viewing.id).update(noted=2**31 - 1)


EDITS = [_delete_one, _delete_all, _shorten, _report_less, _spoil_the_count]


@pytest.mark.parametrize("edit", EDITS)
def test_an_account_that_was_edited_hands_out_nothing_more_and_the_closing_says_so(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock, edit: Edit
) -> None:
    """Whoever writes the database takes nothing away unseen from what a protocol says: no piece follows, fsck and the act tell."""
    report(viewing, viewer, (0, 1))
    edit(viewing)
    with pytest.raises(LedgerMismatchError):
        services.note_seen(viewing.id, viewing.start, viewing.end, "clip", clock=clock)
    with pytest.raises(LedgerMismatchError):
        report(viewing, viewer, (0, 1))
    assert "seen-altered" in codes(clock)
    assert closed(viewing, clock)["altered"] is True
    assert queries.viewing(viewing.id).altered
    assert "seen-altered" in codes(clock)


def test_an_account_that_was_edited_after_the_end_is_named(viewing: ViewingView, clock: ManualClock) -> None:
    """What the closing bound stays bound."""
    closed(viewing, clock)
    _shorten(viewing)
    assert {"differs-from-ledger", "seen-altered"} <= set(codes(clock))


@pytest.mark.django_db(transaction=True)
def test_an_earlier_state_of_an_account_that_is_put_back_is_refused(
    viewing: ViewingView, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A running program remembers how far it had come: rows and tag of a minute ago are not those of now."""
    monkeypatch.setattr(rollback_guard, "on_shrunk", lambda: None)
    monkeypatch.setattr(rollback_guard, "_newest", {})
    monkeypatch.setattr(rollback_guard, "_size", 0)
    row = Viewing.objects.get(pk=viewing.id)
    services.note_seen(viewing.id, viewing.start + timedelta(minutes=30), viewing.end, "clip", clock=clock)
    SeenInterval.objects.filter(viewing=viewing.id).order_by("-pk")[0].delete()
    Viewing.objects.filter(pk=viewing.id).update(noted=row.noted, noted_tag=row.noted_tag)
    with pytest.raises(LedgerMismatchError):
        services.note_seen(viewing.id, viewing.start, viewing.end, "clip", clock=clock)
    assert closed(viewing, clock)["altered"] is True
