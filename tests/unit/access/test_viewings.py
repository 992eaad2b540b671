"""Authorisations, viewings and live pictures as they are entered."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from rejent.access import authorisation_queries, queries, services
from rejent.access.errors import (
    AccessRefusedError,
    AuthorisationRefusedError,
    NoSuchAuthorisationError,
    NoSuchViewingError,
    ViewingRefusedError,
)
from rejent.access.rules.decision import Rule
from rejent.access.viewings import paging, protocols
from rejent.access.views import ViewingView
from rejent.kernel.clock import ManualClock
from rejent.office import queries as office_queries
from rejent.office import services as office
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.access.conftest import NOON, Issue, People, add_camera

HOUR = timedelta(hours=1)


def open_viewing(person: PersonView, source: str, clock: ManualClock, **changed: object) -> ViewingView:
    """Open the hour before noon for a purpose that the regulation lists."""
    given: dict[str, object] = {
        "start": NOON - HOUR,
        "end": NOON,
        "purpose": next(iter(queries.purposes("video", clock=clock))),
        "case": "OR.1431.7.2026",
        "session": "session",
        "acknowledged": True,
    }
    return services.open_viewing(person=person, source_id=source, clock=clock, **{**given, **changed})  # type: ignore[arg-type]  # each value has its parameter's type


def finished(viewing: ViewingView, person: PersonView, clock: ManualClock) -> None:
    """End a viewing and finish its protocol, so that the person may open the next."""
    services.close_viewing(viewing.id, clock=clock, actor=str(person.id))
    texts = dict.fromkeys(protocols.protocol(viewing.number).fields, "Nothing was found.")
    services.finish_protocol(viewing.number, texts, person=person, clock=clock)


def acts(name: str) -> list[str]:
    """The subjects of the acts of one name, newest first."""
    return [entry.subject for entry in registers.acts(names=[name]).acts]


def test_an_authorisation_is_numbered_found_and_entered(
    person: People, issue: Issue, clock: ManualClock
) -> None:
    """Numbers run from one in each year, and the register tells of whom, what and how long."""
    viewer = person("viewer")
    first, second = issue(viewer), issue(viewer, valid_until=date(2026, 12, 1))
    assert (first.number, second.number) == ("U-2026-1", "U-2026-2")
    assert authorisation_queries.authorisations(viewer.id) == [second, first]
    assert authorisation_queries.authorisations(valid_at=datetime(2026, 12, 2, 1, tzinfo=UTC)) == [first]
    (entered, _) = registers.acts(names=["authorisation.issued"]).acts
    assert entered.facts == {
        "number": "U-2026-2",
        "person": str(viewer.id),
        "acts": "recordings",
        "stream": "video",
        "from": "2026-11-21",
        "until": "2026-12-01",
        "sources": None,
    }
    assert entered.at == clock.now()


def test_nobody_authorises_themselves(person: People, issue: Issue) -> None:
    """Who issues authorisations gets theirs from somebody else, and nothing is left of the attempt."""
    head = person("head", "viewer")
    with pytest.raises(AccessRefusedError) as refused:
        issue(head, actor=str(head.id))
    assert refused.value.decision.rule is Rule.OWN
    assert authorisation_queries.authorisations() == []
    assert issue(head, actor=str(person("head").id)).person_id == head.id


@pytest.mark.parametrize(
    "changed",
    [
        {"acts": []},
        {"acts": ["sound"]},
        {"source_ids": []},
        {"valid_until": date(2026, 11, 20)},
        {"valid_from": date(2026, 12, 2), "valid_until": date(2026, 12, 1)},
    ],
)
def test_an_authorisation_that_would_allow_nothing_is_refused(
    person: People, issue: Issue, changed: dict[str, object]
) -> None:
    """No act, no source, or a period that is over: nothing is entered, and no number is used up."""
    viewer = person("viewer")
    with pytest.raises(AuthorisationRefusedError):
        issue(viewer, **changed)
    assert issue(viewer).number == "U-2026-1"


def test_a_role_the_regulation_does_not_name_is_not_authorised(person: People, issue: Issue) -> None:
    """Guards get the live picture only; the administrator gets neither by being the administrator."""
    guard = person("guard")
    assert issue(guard, acts=["live"]).acts == {"live"}
    for somebody, acts_ in (
        (guard, ["recordings"]),
        (person("administrator"), ["recordings"]),
        (person("iod"), ["live"]),
    ):
        with pytest.raises(AuthorisationRefusedError):
            issue(somebody, acts=acts_)


def test_a_named_source_is_seen_and_no_other(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """An authorisation for one camera opens that camera; one for the stream opens later cameras too."""
    other = add_camera("Back door", clock)
    narrow, wide = person("viewer"), person("viewer")
    issue(narrow, source_ids=[source])
    issue(wide)
    later = add_camera("Stairs", clock)
    assert queries.visible_sources(narrow, "recordings", clock=clock) == {source}
    assert queries.visible_sources(wide, "recordings", clock=clock) == {source, other, later}
    assert queries.visible_sources(wide, "live", clock=clock) == set()
    assert queries.may(narrow, "recordings", other, clock=clock).rule is Rule.OTHER_SOURCE


def test_an_authorisation_ends_at_the_local_midnight_after_its_last_day(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """The last day counts in the office's zone: at 23:59:59 it opens, a second later it does not."""
    viewer = person("viewer")
    issue(viewer, valid_until=date(2026, 11, 21))
    clock.advance(datetime(2026, 11, 21, 22, 59, 59, tzinfo=UTC) - clock.now())
    assert queries.may(viewer, "recordings", source, clock=clock).allowed
    clock.advance(timedelta(seconds=1))
    assert queries.may(viewer, "recordings", source, clock=clock).rule is Rule.EXPIRED


def test_opening_is_entered_with_purpose_and_case_before_anything_is_shown(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """The viewing has a number, and the register tells who opened what, why, for which case, by which authorisation."""
    viewer = person("viewer")
    issue(viewer)
    viewing = open_viewing(viewer, source, clock)
    (entered,) = registers.acts(names=["viewing.opened"]).acts
    assert viewing.number == "O-2026-1"
    assert entered.actor == str(viewer.id)
    assert entered.facts is not None
    assert entered.facts["case"] == "OR.1431.7.2026"
    assert entered.facts["authorisation"] == "U-2026-1"
    assert queries.open_viewing_for(viewing.id, viewer, "session", clock=clock) == viewing


def test_a_refused_attempt_is_entered_and_takes_no_number(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Who tries without the right to it stands in the register with the rule that forbade it (R-ACC-7)."""
    guard, viewer = person("guard"), person("viewer")
    issue(viewer)
    with pytest.raises(AccessRefusedError):
        open_viewing(guard, source, clock)
    with pytest.raises(AccessRefusedError):
        open_viewing(viewer, source, clock, case="  ")
    rules = [entry.facts["rule"] for entry in registers.acts(names=["access.refused"]).acts if entry.facts]
    assert rules == [Rule.CASE_MISSING, Rule.ROLE_EXCLUDED]
    assert open_viewing(viewer, source, clock).number == "O-2026-1"


@pytest.mark.parametrize("span", [timedelta(0), timedelta(seconds=-1), timedelta(days=32)])
def test_a_viewing_spans_an_interval_of_sense(
    person: People, issue: Issue, source: str, clock: ManualClock, span: timedelta
) -> None:
    """Nothing, less than nothing, or more than a month is not opened."""
    viewer = person("viewer")
    issue(viewer)
    with pytest.raises(ViewingRefusedError):
        open_viewing(viewer, source, clock, start=NOON - HOUR, end=NOON - HOUR + span)


@pytest.mark.parametrize("case", ["OR.1\u202e7", "OR.1\n7", "OR\u200b.17"])
def test_a_case_that_would_be_shown_otherwise_than_typed_opens_nothing(
    person: People, issue: Issue, source: str, clock: ManualClock, case: str
) -> None:
    """No sign that turns or hides others gets into the register of viewings."""
    viewer = person("viewer")
    issue(viewer)
    with pytest.raises(ViewingRefusedError):
        open_viewing(viewer, source, clock, case=case)
    assert acts("viewing.opened") == []


def test_a_viewing_opens_for_its_person_in_its_session_only(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Another person, another session, an unknown or senseless identifier: there is no such viewing."""
    viewer, other = person("viewer"), person("viewer")
    issue(viewer)
    issue(other)
    viewing = open_viewing(viewer, source, clock)
    for identifier, somebody, session in (
        (viewing.id, other, "session"),
        (viewing.id, viewer, "another"),
        (uuid4(), viewer, "session"),
        ("nonsense", viewer, "session"),
    ):
        with pytest.raises(NoSuchViewingError):
            queries.open_viewing_for(identifier, somebody, session, clock=clock)


def ended_by_revocation(viewer: PersonView, clock: ManualClock) -> None:
    """The authorisation is revoked."""
    services.revoke_authorisation("U-2026-1", clock=clock, actor=str(viewer.id))


def ended_by_midnight(viewer: PersonView, clock: ManualClock) -> None:  # noqa: ARG001 - the same for every end
    """The authorisation's last day ends while the viewing is open."""
    clock.advance(timedelta(hours=1, minutes=31))


def ended_by_roles(viewer: PersonView, clock: ManualClock) -> None:
    """The person becomes a guard."""
    office.set_roles(viewer.id, ["guard"], clock=clock, actor="")


def ended_by_leaving(viewer: PersonView, clock: ManualClock) -> None:
    """The person leaves the office."""
    office.person_left(viewer.id, clock=clock, actor="")


ENDS: dict[Callable[[PersonView, ManualClock], None], Rule] = {
    ended_by_revocation: Rule.REVOKED,
    ended_by_midnight: Rule.EXPIRED,
    ended_by_roles: Rule.ROLE_EXCLUDED,
    ended_by_leaving: Rule.NOT_OF_OFFICE,
}


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_the_right_ends_the_open_viewing(
    person: People,
    issue: Issue,
    source: str,
    clock: ManualClock,
    end: Callable[[PersonView, ManualClock], None],
) -> None:
    """The next piece is refused, and the next round of the keeper closes the viewing and enters why."""
    clock.advance(datetime(2026, 11, 21, 21, 30, tzinfo=UTC) - clock.now())
    viewer = person("viewer")
    issue(viewer, valid_until=date(2026, 11, 21))
    viewing = open_viewing(viewer, source, clock)
    end(viewer, clock)
    with pytest.raises(AccessRefusedError) as refused:
        queries.open_viewing_for(viewing.id, viewer, "session", clock=clock)
    assert refused.value.decision.rule is ENDS[end]
    assert services.close_ended_viewings(clock=clock) == 1
    assert services.close_ended_viewings(clock=clock) == 0
    (closed,) = registers.acts(names=["viewing.closed"]).acts
    assert closed.facts is not None
    assert closed.facts["reason"] == ENDS[end].value


def test_a_viewing_ends_by_itself(person: People, issue: Issue, source: str, clock: ManualClock) -> None:
    """After its time purpose and case are asked anew."""
    viewer = person("viewer")
    issue(viewer)
    viewing = open_viewing(viewer, source, clock)
    clock.advance(services.viewings.LONGEST)
    with pytest.raises(AccessRefusedError) as refused:
        queries.open_viewing_for(viewing.id, viewer, "session", clock=clock)
    assert refused.value.decision.rule is Rule.VIEWING_ENDED


def test_closing_tells_what_was_seen_each_second_once(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Pieces that adjoin are one part, what was seen twice counts once, a still picture counts for no time."""
    viewer = person("viewer")
    issue(viewer)
    viewing = open_viewing(viewer, source, clock)
    start = viewing.start
    for first, last in ((0, 6), (6, 12), (12.5, 18), (60, 66), (3, 9)):
        services.note_seen(
            viewing.id, start + timedelta(seconds=first), start + timedelta(seconds=last), "clip", clock=clock
        )
    services.note_seen(viewing.id, start, start, "still", clock=clock)
    assert len(queries.seen(viewing.id)) == 4
    assert queries.viewing(viewing.id).seen_s == 24
    services.close_viewing(viewing.id, clock=clock, actor=str(viewer.id))
    services.close_viewing(viewing.id, clock=clock, actor=str(viewer.id))
    (closed,) = registers.acts(names=["viewing.closed"]).acts
    assert closed.actor == str(viewer.id)
    assert closed.facts is not None
    assert closed.facts["seen"] == [
        [start.isoformat(), (start + timedelta(seconds=18)).isoformat()],
        [(start + timedelta(seconds=60)).isoformat(), (start + timedelta(seconds=66)).isoformat()],
    ]
    opened = queries.viewings(person_id=viewer.id)
    assert [(view.number, view.source_id) for view in opened] == [("O-2026-1", source)]


def test_a_part_made_ready_while_the_viewing_was_closed_is_not_handed_out(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """The ledger has told what was seen; a piece that was asked for before and is ready after it is refused."""
    viewer = person("viewer")
    issue(viewer)
    viewing = open_viewing(viewer, source, clock)
    services.close_viewing(viewing.id, clock=clock, actor=str(viewer.id))
    with pytest.raises(AccessRefusedError) as refused:
        services.note_seen(viewing.id, viewing.start, viewing.start + HOUR, "clip", clock=clock)
    assert refused.value.decision.rule is Rule.VIEWING_ENDED
    assert queries.seen(viewing.id) == []


def test_revoking_twice_enters_once_and_an_unknown_number_is_said(
    person: People, issue: Issue, clock: ManualClock
) -> None:
    """The first revocation stands; a number that was never issued is an error."""
    issue(person("viewer"))
    revoked = services.revoke_authorisation("U-2026-1", clock=clock, actor="head")
    clock.advance(HOUR)
    assert services.revoke_authorisation("U-2026-1", clock=clock, actor="other") == revoked
    assert len(acts("authorisation.revoked")) == 1
    with pytest.raises(NoSuchAuthorisationError):
        services.revoke_authorisation("U-2026-9", clock=clock, actor="")


def test_watching_live_is_entered_from_start_to_stop(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """A guard who may is entered when the picture begins and when it ends, once each."""
    guard = person("guard")
    issue(guard, acts=["live"])
    watch = services.watch_live(guard, [source], "session", clock=clock)
    clock.advance(HOUR)
    services.stop_live(watch, clock=clock)
    services.stop_live(watch, clock=clock)
    (seen,) = paging.live_watches().rows
    assert seen.stopped_at == clock.now()
    assert seen.source_ids == (source,)
    assert len(acts("live.started")) == len(acts("live.stopped")) == 1


def test_watching_live_without_the_right_shows_nothing_of_any_source(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """One source that is not theirs refuses the whole wall, and the attempt is entered."""
    other = add_camera("Back door", clock)
    guard = person("guard")
    issue(guard, acts=["live"], source_ids=[source])
    with pytest.raises(AccessRefusedError):
        services.watch_live(guard, [source, other], "session", clock=clock)
    assert paging.live_watches().rows == []
    assert acts("access.refused") == [f"source:{other}"]


@pytest.mark.parametrize("office_name", ["pleszew"])
def test_where_the_regulation_names_nobody_for_the_live_picture_nobody_gets_it(
    person: People, issue: Issue
) -> None:
    """A regulation that is silent on live pictures opens them to nobody."""
    with pytest.raises(
        AuthorisationRefusedError, match="names nobody who may be authorised to see the live picture"
    ):
        issue(person("guard"), acts=["live"])


@pytest.mark.parametrize("office_name", ["pleszew"])
def test_a_purpose_outside_the_statute_cannot_be_chosen(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Flagged purposes are neither offered nor accepted until the data protection officer states a position (R-OPEN-8)."""
    offered = queries.purposes("video", clock=clock)
    rules = office_queries.verified_regulation(date(2026, 11, 21)).streams[StreamName.VIDEO]
    flagged = [purpose.id for purpose in rules.purposes if purpose.id not in offered]
    assert flagged
    viewer = person("viewer")
    issue(viewer)
    with pytest.raises(AccessRefusedError) as refused:
        open_viewing(viewer, source, clock, purpose=flagged[0])
    assert refused.value.decision.rule is Rule.PURPOSE_NOT_LISTED
