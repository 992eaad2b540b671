"""Authorisations that follow one another, who may issue them, and in whose place."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from rejent.access import authorisation_queries, checks, queries, services
from rejent.access.errors import AccessRefusedError, AuthorisationRefusedError, RenewedError
from rejent.access.models import Authorisation
from rejent.access.rules.decision import Rule
from rejent.kernel.clock import ManualClock, local_midnight
from rejent.office import services as office
from rejent.office.models import Account
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.access.conftest import Issue, People

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


@pytest.fixture
def deputising(source: str, clock: ManualClock) -> str:
    """A camera of an office like Miedziana Góra's: the deputy decides in the head's absence."""
    text = example("elblag").replace(
        'head = "Prezydent Miasta"', 'head = "Prezydent Miasta"\ndeputy = "Zastępca Prezydenta"'
    )
    text = text.replace("[streams.video.handover]", "[streams.video.handover]\ndeputy_in_absence = true", 1)
    office.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=clock, actor="")
    return source


def test_a_renewal_follows_without_a_gap(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Same person, acts and sources, a number of its own, from the day after; at midnight one takes over from the other."""
    viewer, head = person("viewer"), person("head")
    former = issue(viewer, source_ids=[source], valid_until=TODAY + 2 * DAY)
    renewed = services.renew_authorisation(
        former.number, valid_until=TODAY + 400 * DAY, clock=clock, actor=str(head.id)
    )
    assert (renewed.follows, renewed.valid_from, renewed.source_ids) == (
        former.number,
        TODAY + 3 * DAY,
        frozenset({source}),
    )
    (entered,) = [
        act
        for act in registers.acts(names=["authorisation.issued"]).acts
        if act.facts and "follows" in act.facts
    ]
    assert entered.facts is not None
    assert (entered.facts["follows"], entered.facts["gap_days"]) == (former.number, 0)
    midnight = local_midnight(TODAY + 3 * DAY)
    for instant in (midnight - timedelta(microseconds=1), midnight):
        clock.advance(instant - clock.now())
        assert queries.may(viewer, "recordings", source, clock=clock).allowed
    assert list(checks.findings(clock)) == []


def test_a_late_renewal_states_the_days_between(person: People, issue: Issue, clock: ManualClock) -> None:
    """It begins today, never in the past, and its record says how many days lie between."""
    viewer = person("viewer")
    former = issue(viewer, valid_until=TODAY + DAY)
    clock.advance(5 * DAY)
    renewed = services.renew_authorisation(former.number, valid_until=None, clock=clock, actor="")
    assert renewed.valid_from == TODAY + 5 * DAY
    entered = registers.acts(names=["authorisation.issued"]).acts[0]
    assert entered.facts is not None
    assert entered.facts["gap_days"] == 3


def test_what_cannot_be_renewed_is_refused(person: People, issue: Issue, clock: ManualClock) -> None:
    """A revoked one, one without an end, one renewed already; nor does a renewal overlap, end early or reach back."""
    viewer = person("viewer")
    endless, revoked = issue(viewer), issue(viewer, valid_until=TODAY + DAY)
    services.revoke_authorisation(revoked.number, clock=clock, actor="")
    for number in (endless.number, revoked.number):
        with pytest.raises(AuthorisationRefusedError):
            services.renew_authorisation(number, valid_until=None, clock=clock, actor="")
    former = issue(viewer, valid_until=TODAY + 9 * DAY)
    for first, last in (
        (TODAY + 9 * DAY, None),
        (None, TODAY + 9 * DAY),
        (TODAY + 20 * DAY, TODAY + 19 * DAY),
    ):
        with pytest.raises(AuthorisationRefusedError):
            services.renew_authorisation(
                former.number, valid_from=first, valid_until=last, clock=clock, actor=""
            )
    renewed = services.renew_authorisation(former.number, valid_until=None, clock=clock, actor="")
    with pytest.raises(RenewedError) as refused:
        services.renew_authorisation(former.number, valid_until=None, clock=clock, actor="")
    assert renewed.number in str(refused.value)
    services.revoke_authorisation(renewed.number, clock=clock, actor="")
    again = services.renew_authorisation(former.number, valid_until=None, clock=clock, actor="")
    assert again.follows == former.number


def left(person: PersonView, clock: ManualClock) -> None:
    """The person leaves."""
    office.person_left(person.id, clock=clock, actor="")


def another_role(person: PersonView, clock: ManualClock) -> None:
    """The person is something the regulation does not name."""
    office.set_roles(person.id, ["clerk"], clock=clock, actor="")


@pytest.mark.parametrize("change", [left, another_role])
def test_everything_is_checked_anew(
    person: People, issue: Issue, clock: ManualClock, change: Callable[[PersonView, ManualClock], None]
) -> None:
    """Who could not be authorised any more is not by renewing either."""
    viewer = person("viewer")
    former = issue(viewer, valid_until=TODAY + DAY)
    change(viewer, clock)
    with pytest.raises((AccessRefusedError, AuthorisationRefusedError)):
        services.renew_authorisation(former.number, valid_until=None, clock=clock, actor="")
    assert len(authorisation_queries.authorisations()) == 1


def test_thirty_days_before_the_end_it_is_on_the_list(
    person: People, issue: Issue, clock: ManualClock
) -> None:
    """The first to end first; revoked, renewed and endless ones are not there, nor those that end later."""
    viewer = person("viewer")
    later = issue(viewer, valid_until=TODAY + 31 * DAY)
    soon = issue(viewer, valid_until=TODAY + 30 * DAY)
    today = issue(viewer, valid_until=TODAY)
    issue(viewer)
    gone, done = issue(viewer, valid_until=TODAY + DAY), issue(viewer, valid_until=TODAY + DAY)
    services.revoke_authorisation(gone.number, clock=clock, actor="")
    services.renew_authorisation(done.number, valid_until=None, clock=clock, actor="")
    assert [one.number for one in authorisation_queries.ending(clock=clock)] == [today.number, soon.number]
    clock.advance(DAY)
    assert [one.number for one in authorisation_queries.ending(clock=clock)] == [soon.number, later.number]


def test_only_whom_the_regulation_names_issues(person: People, issue: Issue, clock: ManualClock) -> None:
    """In Elbląg's kind of office the head does; the deputy, the administrator and a viewer do not, and nothing is left of it."""
    viewer = person("viewer")
    for role, rule in (
        ("deputy", Rule.NOT_ACTING),
        ("administrator", Rule.NOT_ISSUER),
        ("viewer", Rule.NOT_ISSUER),
    ):
        with pytest.raises(AccessRefusedError) as refused:
            issue(viewer, actor=str(person(role).id))
        assert refused.value.decision.rule is rule
    head = person("head")
    office.person_left(head.id, clock=clock, actor="")
    with pytest.raises(AccessRefusedError):
        issue(viewer, actor=str(head.id))
    assert authorisation_queries.authorisations() == []


def test_where_the_regulation_names_the_secretary_the_head_does_not_issue(
    source: str,  # noqa: ARG001 - after the first regulation
    person: People,
    issue: Issue,
    clock: ManualClock,
) -> None:
    """`authorised_by` decides, for each stream by itself."""
    text = example("elblag").replace('authorised_by = "head"', 'authorised_by = "secretary"', 1)
    office.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=clock, actor="")
    viewer = person("viewer")
    with pytest.raises(AccessRefusedError) as refused:
        issue(viewer, actor=str(person("head").id))
    assert refused.value.decision.rule is Rule.NOT_ISSUER
    assert issue(viewer, actor=str(person("secretary").id)).valid(TODAY)


@pytest.mark.usefixtures("deputising")
def test_the_deputy_issues_in_the_heads_absence_and_the_entry_says_in_whose_place(
    person: People, issue: Issue, clock: ManualClock
) -> None:
    """Revoking is open to the deputy at any time, and says so too while the head is away."""
    viewer, head, deputy = person("viewer"), person("head"), person("deputy")
    with pytest.raises(AccessRefusedError) as refused:
        issue(viewer, actor=str(deputy.id))
    assert refused.value.decision.rule is Rule.NOT_ACTING
    office.enter_absence(head.id, TODAY, TODAY, clock=clock, actor="")
    issued = issue(viewer, actor=str(deputy.id))
    assert issued.in_place_of == str(head.id)
    services.revoke_authorisation(issued.number, clock=clock, actor=str(deputy.id))
    told = registers.acts(names=["authorisation.issued", "authorisation.revoked"]).acts
    assert [act.facts["in_place_of"] for act in told if act.facts] == [str(head.id)] * 2
    clock.advance(DAY)
    with pytest.raises(AccessRefusedError):
        issue(viewer, actor=str(deputy.id), valid_from=TODAY + DAY)
    assert list(checks.findings(clock)) == []
    Authorisation.objects.update(in_place_of="")
    assert "access.differs-from-ledger" in {one.code for one in checks.findings(clock)}


class HalfDays(ManualClock):
    """A clock by which half a day passes with each look at it."""

    def now(self) -> datetime:
        """The instant before it passes."""
        told = super().now()
        self.advance(DAY / 2)
        return told


@pytest.mark.usefixtures("deputising")
def test_what_the_deputy_decides_before_midnight_is_entered_as_decided_then(
    person: People, clock: ManualClock
) -> None:
    """Right, place and entry are of one instant, though the absence is over a moment later."""
    viewer, head, deputy = person("viewer"), person("head"), person("deputy")
    office.enter_absence(head.id, TODAY, TODAY, clock=clock, actor="")
    issued = services.issue_authorisation(
        person_id=viewer.id,
        acts=["recordings"],
        stream="video",
        source_ids=None,
        valid_from=TODAY,
        valid_until=None,
        clock=HalfDays(clock.now()),
        actor=str(deputy.id),
    )
    assert (issued.in_place_of, issued.issued_at) == (str(head.id), clock.now())


@pytest.mark.usefixtures("deputising")
def test_nobody_authorises_themselves_by_any_way(person: People, issue: Issue, clock: ManualClock) -> None:
    """As the deputy who acts, by renewing, as the issuer of what somebody else enters, by a second account that shares something."""
    head, deputy = person("head"), person("deputy", "viewer")
    held = issue(deputy, valid_until=TODAY + DAY)
    office.enter_absence(head.id, TODAY, None, clock=clock, actor="")
    actor = str(deputy.id)
    second = person("viewer")
    for username in (deputy.username, second.username):
        Account.objects.filter(username=username).update(email="Zastepca@urzad.example")
    for attempt in (
        lambda: issue(deputy, actor=actor),
        lambda: issue(deputy, actor="cli", issuer=actor),
        lambda: issue(second, actor=actor),
        lambda: services.renew_authorisation(held.number, valid_until=None, clock=clock, actor=actor),
        lambda: services.renew_authorisation(
            held.number, valid_until=None, clock=clock, actor="cli", issuer=actor
        ),
    ):
        with pytest.raises(AccessRefusedError) as refused:
            attempt()
        assert refused.value.decision.rule is Rule.OWN
    assert authorisation_queries.authorisations() == [held]


def test_nobody_sees_anything_before_their_statement(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Where the regulation asks for one: neither listed nor opened; entered, both, and an open viewing of it goes on."""
    text = example("elblag").replace(
        "[streams.video.notices]", "[streams.video.notices]\nnew_staff_statement = true"
    )
    office.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=clock, actor="")
    viewer = person("viewer")
    issue(viewer)
    refused = queries.may(viewer, "recordings", source, clock=clock)
    assert refused.rule is Rule.STATEMENT_MISSING
    assert queries.visible_sources(viewer, "recordings", clock=clock) == set()
    office.enter_statement(viewer.id, TODAY, clock=clock, actor="")
    assert queries.may(viewer, "recordings", source, clock=clock).allowed
    assert queries.visible_sources(viewer, "recordings", clock=clock) == {source}
