"""One viewing of several sources: the right to each is asked apart, and what was seen is told by source."""

import pytest

from rejent.access import checks, queries, services
from rejent.access.errors import AccessRefusedError, ViewingRefusedError
from rejent.access.models import SeenInterval, Viewing
from rejent.access.rules.decision import Rule
from rejent.access.supervision import queries as supervision
from rejent.access.supervision.weeks import Week
from rejent.access.viewings import account, paging, volume
from rejent.access.views import ViewingView
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.guarded_rows import unguarded
from tests.unit.access.conftest import NOON, Issue, People, add_camera
from tests.unit.access.test_second_person import ask
from tests.unit.access.test_viewings import HOUR, open_viewing


@pytest.fixture
def stairs(source: str, clock: ManualClock) -> str:  # noqa: ARG001 - the second camera
    """Another camera of the office."""
    return add_camera("Stairs", clock)


@pytest.fixture
def viewer(person: People, issue: Issue, source: str, stairs: str) -> PersonView:
    """Somebody with an authorisation for each of the two cameras."""
    somebody = person("viewer")
    issue(somebody, source_ids=[source])
    issue(somebody, source_ids=[stairs])
    return somebody


def go_on(viewing: ViewingView, person: PersonView, clock: ManualClock) -> tuple[str, ...]:
    """Return the sources that a viewing goes on with."""
    return queries.open_viewing_for(viewing.id, person, "session", clock=clock).source_ids


def test_it_names_every_source_and_by_which_right(
    viewer: PersonView, source: str, stairs: str, clock: ManualClock
) -> None:
    """The entry binds all of them, and is about the first; whoever asks for the viewings of either finds it."""
    viewing = open_viewing(viewer, source, clock, further=[stairs])
    assert viewing.source_ids == (source, stairs) == go_on(viewing, viewer, clock)
    (opened,) = registers.acts(names=["viewing.opened"]).acts
    assert opened.facts is not None
    assert opened.subject == f"source:{source}"
    assert (opened.facts["sources"], opened.facts["authorisation"]) == (
        [source, stairs],
        "U-2026-1, U-2026-2",
    )
    for each in (source, stairs):
        assert [one.id for one in paging.viewings(source_id=each).rows] == [viewing.id]
    assert paging.viewings(source_id="0" * 32).rows == []
    (use,) = supervision.uses(Week.of(civil_date(NOON)).interval)
    assert (use.source_ids, use.viewings) == ((source, stairs), 1)
    assert supervision.unused_authorisations(civil_date(NOON)) == []
    with unguarded():
        Viewing.objects.update(further=[])
    assert {finding.code for finding in checks.findings(clock)} == {"access.differs-from-ledger"}


def test_a_source_whose_right_ends_leaves_it_and_the_last_one_ends_it(
    viewer: PersonView, source: str, stairs: str, clock: ManualClock
) -> None:
    """Whichever of them it is, the first included; the keeper closes what nobody may go on with."""
    viewing = open_viewing(viewer, source, clock, further=[stairs])
    services.revoke_authorisation("U-2026-1", clock=clock, actor="")
    assert go_on(viewing, viewer, clock) == (stairs,)
    assert [one.source_ids for one in queries.open_viewings(clock=clock)] == [(stairs,)]
    assert services.close_ended_viewings(clock=clock) == 0
    services.revoke_authorisation("U-2026-2", clock=clock, actor="")
    with pytest.raises(AccessRefusedError):
        go_on(viewing, viewer, clock)
    assert services.close_ended_viewings(clock=clock) == 1
    assert queries.viewing(viewing.id).source_ids == (source, stairs)


def test_what_nobody_may_see_is_left_out_when_it_is_opened(
    viewer: PersonView, source: str, stairs: str, clock: ManualClock
) -> None:
    """Where nothing is left the attempt is refused, and entered; the request to a second person names what would be opened."""
    services.revoke_authorisation("U-2026-1", clock=clock, actor="")
    assert ask(viewer, source, clock, further=[stairs]).source_ids == (stairs,)
    assert open_viewing(viewer, source, clock, further=[stairs]).source_ids == (stairs,)
    services.revoke_authorisation("U-2026-2", clock=clock, actor="")
    with pytest.raises(AccessRefusedError) as refused:
        ask(viewer, source, clock, further=[stairs])
    assert refused.value.decision.rule is Rule.REVOKED
    assert len(registers.acts(names=["access.refused"]).acts) == 1


def test_what_is_opened_item_by_item_is_opened_alone(
    viewer: PersonView, source: str, stairs: str, clock: ManualClock
) -> None:
    """An item is of one source, so that there are no others beside it."""
    with pytest.raises(ViewingRefusedError) as refused:
        open_viewing(viewer, source, clock, further=[stairs], item="call")
    assert "no single items" in str(refused.value)
    assert not Viewing.objects.exists()


def test_what_was_seen_is_counted_and_bound_by_source(
    viewer: PersonView, source: str, stairs: str, clock: ManualClock
) -> None:
    """The same minutes of two cameras are twice the time; the end tells which lie in which, and an edit of that is noticed."""
    viewing = open_viewing(viewer, source, clock, further=[stairs])
    start = viewing.start
    for source_id in (source, stairs, stairs):
        services.note_seen(viewing.id, start, start + HOUR / 2, "clip", clock=clock, source_id=source_id)
    assert volume.handed(viewer.id, clock=clock).hour_s == HOUR.total_seconds()
    assert queries.viewing(viewing.id).seen_s == HOUR.total_seconds()
    (use,) = supervision.uses(Week.of(civil_date(NOON)).interval)
    assert use.seen_s == pytest.approx(HOUR.total_seconds())
    assert list(checks.findings(clock)) == []
    services.close_viewing(viewing.id, clock=clock, actor="")
    (closed,) = registers.acts(names=["viewing.closed"]).acts
    assert closed.facts is not None
    assert [source_id for *_, source_id in closed.facts["seen"]] == [source, stairs]
    rows = account.by_source(SeenInterval.objects.order_by("pk"))
    assert {each: len(found) for each, found in rows.items()} == {source: 1, stairs: 1}
    with unguarded():
        SeenInterval.objects.filter(source_id=stairs).update(source_id=source)
    assert "access.seen-altered" in {finding.code for finding in checks.findings(clock)}
